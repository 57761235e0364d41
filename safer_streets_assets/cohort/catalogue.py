"""The tables that the cohort stage makes: what their columns mean, and whose rows they hold."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.cohort.conformed import CONFORMED
from safer_streets_assets.cohort.optional_fields import not_agreed
from safer_streets_assets.cohort.winning_rows import IDENTIFYING
from safer_streets_assets.policy import AgreedField, Policy
from safer_streets_assets.stores.catalogue import StoredTable
from safer_streets_assets.stores.columns import ColumnDoc
from safer_streets_assets.stores.table_files import declared_tables

PEOPLE_LINE = "restricted/person_pseudonyms"
"""The line of the retention register of what says which CRN is which person."""

PERSON = ColumnDoc("VARCHAR", "Pseudonym: a keyed hash of the CRN")
NOT_IN_LATEST = ColumnDoc("BOOLEAN", "Whether the latest drop of the source no longer has the row")

PSEUDONYMS = {
    "crn_key": ColumnDoc("VARCHAR", "Normalised CRN (direct identifier)"),
    "person_id": PERSON,
}

LINKED_COHORT = {
    "person_id": PERSON,
    "disposal_date": ColumnDoc("DATE", "First eligible disposal; the first when none is eligible"),
    "month": ColumnDoc("VARCHAR", "Month of the disposal, YYYY-MM"),
    "borough": ColumnDoc("VARCHAR", "Borough of residence by NPS: a word of the policy's list"),
    "gender": ColumnDoc("VARCHAR", "Gender as NPS sent it: Male, Female, Other or not known"),
    "age_at_disposal": ColumnDoc("BIGINT", "Age in whole years on the disposal date"),
    "age_band": ColumnDoc("VARCHAR", "Age band of the policy"),
    "offence": ColumnDoc("VARCHAR", "Offence code, five digits"),
    "court": ColumnDoc("VARCHAR", "Court: a word of the policy's list"),
    "sentence": ColumnDoc("VARCHAR", "Resulting sentence: a word of the policy's list"),
    "derived": ColumnDoc("VARCHAR", "Eligibility as E&I derives it: eligible, not eligible"),
    "crc_decision": ColumnDoc(
        "VARCHAR", "CRC's decision: assigned, not assigned, not on spreadsheet"
    ),
    "reason_not_assigned": ColumnDoc("VARCHAR", "Reason code (special category when health)"),
    "one_to_one": ColumnDoc("BOOLEAN", "Whether the person is seen one-to-one"),
    "reason_one_to_one": ColumnDoc("VARCHAR", "Reason code (special category when health)"),
    "delivery": ColumnDoc("VARCHAR", "Group, One-to-one, or Not assigned"),
    "start_date": ColumnDoc("DATE", "Start of the programme"),
    "days_to_start": ColumnDoc("BIGINT", "Days from disposal to start"),
    "sessions_attended": ColumnDoc("BIGINT", "Sessions attended by CRC's spreadsheet"),
    "outcome": ColumnDoc("VARCHAR", "Outcome by CRC's spreadsheet"),
    "outcome_date": ColumnDoc("DATE", "Date of the outcome"),
    "not_in_latest_spreadsheet": NOT_IN_LATEST,
    "stage_number": ColumnDoc("INTEGER", "Furthest stage of the funnel reached, from 1"),
    "stage_reached": ColumnDoc("VARCHAR", "Furthest stage of the funnel reached"),
}

_TYPES = {
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "integer": "BIGINT",
}


def stored_tables(policy: Policy) -> Iterator[StoredTable]:
    """Pseudonyms and the review of CRNs in the restricted store, the rest in the research store."""
    yield StoredTable(
        "restricted",
        "person_pseudonyms",
        "Which CRN is which person",
        PSEUDONYMS,
        crn_columns=("crn_key",),
        pseudonym="person_id",
        line=PEOPLE_LINE,
    )
    for table in declared_tables("cohort", "review_tables"):
        yield StoredTable(
            "restricted",
            table.name,
            table.says,
            table.columns,
            crn_columns=("crn_sent", "crn_meant"),
            goes_with="person_pseudonyms",
        )
    for source, name in CONFORMED.items():
        if source in policy.sources or source != policy.dpia.reoffending.source:
            yield _conformed(policy, source, name)
    yield StoredTable(
        "research",
        "linked_cohort",
        "One row a person NPS sent, with the furthest stage of the funnel reached",
        LINKED_COHORT,
        pseudonym="person_id",
        made_from=("court_cases", "programme_cases"),
    )


def _conformed(policy: Policy, source: str, name: str) -> StoredTable:
    """The conformed table of a source; of one that is not agreed it is there, and empty."""
    agreed = policy if source in policy.sources else policy.with_agreement(source)
    columns = conformed_columns(agreed, source)
    return StoredTable(
        "research",
        name,
        f"{policy.dpia.sources[source].title}, conformed",
        columns,
        pseudonym="person_id" if "person_id" in columns else None,
        sources=(source,),
    )


def conformed_columns(policy: Policy, source_name: str) -> dict[str, ColumnDoc]:
    """The columns of a source's conformed table: agreed fields that identify nobody, and extras."""
    fields = {
        field.name: _doc(field)
        for field in policy.sources[source_name].fields
        if field.field_class not in IDENTIFYING
    }
    missing = not_agreed(source_name, policy.sources[source_name])
    fields |= {
        name: ColumnDoc(kind, "Not agreed: always missing") for name, kind in missing.items()
    }
    match CONFORMED[source_name]:
        case "court_cases":
            age = ColumnDoc("BIGINT", "Age in whole years on the disposal date")
            return {"person_id": PERSON, "age_at_disposal": age, **fields}
        case "programme_cases":
            yes_no = {
                name: ColumnDoc("BOOLEAN", fields[name].description)
                for name in ("assigned", "one_to_one")
            }
            return {"person_id": PERSON, **fields, **yes_no, "not_in_latest": NOT_IN_LATEST}
        case "police_events":
            return {"person_id": PERSON, **fields, "not_in_latest": NOT_IN_LATEST}
        case "attendee_responses":
            number = ColumnDoc("BIGINT", "Number of the response, in the order of the portal's ids")
            return {
                "person_id": PERSON,
                "response_number": number,
                **fields,
                "not_in_latest": NOT_IN_LATEST,
            }
        case "facilitator_checkins":
            attended = ColumnDoc("BOOLEAN", fields["attended"].description)
            return {"person_id": PERSON, **fields, "attended": attended}
        case _:
            return fields


def _doc(field: AgreedField) -> ColumnDoc:
    return ColumnDoc(_TYPES.get(field.kind, "VARCHAR"), f"{field.purpose} ({field.field_class})")
