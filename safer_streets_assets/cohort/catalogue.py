"""The tables that the cohort stage makes: what their columns mean, and whose rows they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from safer_streets_assets.cohort.believed import linked_cohort_sql
from safer_streets_assets.cohort.optional_fields import not_agreed
from safer_streets_assets.intake.fields import value_type
from safer_streets_assets.policy import AgreedField, Policy
from safer_streets_assets.policy.sources import IDENTIFYING, PERSON_ID, YES_NO
from safer_streets_assets.stores.sql_files import read_sql
from safer_streets_assets.stores.stored_table import ColumnDoc, StoredTable
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
    "gender": ColumnDoc("VARCHAR", "Gender by the source that the policy believes"),
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
    "sentence_date": ColumnDoc("DATE", "Date of sentence of the CRC case that it is linked with"),
    "start_date": ColumnDoc("DATE", "Start of the programme"),
    "days_to_start": ColumnDoc("BIGINT", "Days from disposal to start"),
    "sessions_attended": ColumnDoc("BIGINT", "Sessions attended by CRC's spreadsheet"),
    "outcome": ColumnDoc("VARCHAR", "Outcome by CRC's spreadsheet"),
    "outcome_date": ColumnDoc("DATE", "Date of the outcome"),
    "not_in_latest_spreadsheet": NOT_IN_LATEST,
    "stage_number": ColumnDoc("INTEGER", "Furthest stage of the funnel reached, from 1"),
    "stage_reached": ColumnDoc("VARCHAR", "Furthest stage of the funnel reached"),
}

ROW_LINKS = {
    "source": ColumnDoc("VARCHAR", "Source of the row"),
    "person_id": PERSON,
    "month": ColumnDoc("VARCHAR", "Month of the sentence, interview or session, YYYY-MM"),
    "link_result": ColumnDoc("VARCHAR", "Whether the row links to the cohort"),
    "gender": ColumnDoc("VARCHAR", "Gender as the row has it; missing in surveys and check-ins"),
    "borough": ColumnDoc("VARCHAR", "Borough as the row has it; missing in surveys and check-ins"),
    "age_band": ColumnDoc("VARCHAR", "Age band by the row; missing in surveys and check-ins"),
    "offence": ColumnDoc("VARCHAR", "Offence as the row has it; missing in surveys and check-ins"),
    "delivery": ColumnDoc("VARCHAR", "Delivery by CRC; missing in surveys and check-ins"),
}

SOURCE_CONFLICTS = {
    "person_id": PERSON,
    "characteristic": ColumnDoc("VARCHAR", "Gender, borough, age, date of sentence or offence"),
    "believed": ColumnDoc("VARCHAR", "The source that the policy believes on it"),
    "nps_says": ColumnDoc("VARCHAR", "What NPS states"),
    "crc_says": ColumnDoc("VARCHAR", "What CRC states"),
    "differs": ColumnDoc("BOOLEAN", "Whether they differ"),
}

CRN_FINDINGS = {
    "source": ColumnDoc("VARCHAR", "Source of the rows with the CRN"),
    "person_id": ColumnDoc("VARCHAR", "Pseudonym of the CRN; missing when it is malformed"),
    "finding": ColumnDoc("VARCHAR", "What is said of the CRN, or of the row without one"),
    "row_count": ColumnDoc(
        "BIGINT", "Rows of the source under the CRN, the latest version of each"
    ),
}
_WITH_CRNS = ("court_cases", "programme_cases", "attendee_responses", "facilitator_checkins")


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
        yield replace(table, crn_columns=("crn_sent", "crn_meant"), goes_with="person_pseudonyms")
    for name in policy.dpia.sources:
        if name in policy.sources or name != policy.dpia.reoffending.source:
            yield _conformed(policy, name)
    yield StoredTable(
        "research",
        "linked_cohort",
        "One row a person NPS sent, with the furthest stage of the funnel reached",
        LINKED_COHORT,
        pseudonym="person_id",
        made_from=("court_cases", "programme_cases"),
        query=linked_cohort_sql(policy),
    )
    for name, title, columns, made_from in (
        (
            "row_links",
            "Whether each row of a source links to the cohort",
            ROW_LINKS,
            (*_WITH_CRNS[1:], "linked_cohort"),
        ),
        (
            "source_conflicts",
            "What NPS and CRC say of the same person",
            SOURCE_CONFLICTS,
            ("court_cases", "programme_cases"),
        ),
    ):
        yield StoredTable(
            "research",
            name,
            title,
            columns,
            pseudonym="person_id",
            made_from=made_from,
            query=read_sql("cohort", name),
        )
    people = tuple(f"{table}.person_id" for table in _WITH_CRNS)
    yield StoredTable(
        "research",
        "crn_findings",
        "Near misses, people under two CRNs, and malformed CRNs",
        CRN_FINDINGS,
        pseudonym="person_id",
        origins={
            "person_id": people,
            "finding": (*people, "court_cases.age_at_disposal"),
            "row_count": people,
        },
    )


def _conformed(policy: Policy, name: str) -> StoredTable:
    """The conformed table of a source; of one that is not agreed it is there, and empty."""
    source = policy.dpia.sources[name]
    return StoredTable(
        "research",
        source.conformed.table,
        f"{source.title}, conformed",
        conformed_columns(policy if name in policy.sources else policy.with_agreement(name), name),
        pseudonym=None if source.anonymous else PERSON_ID,
        sources=(name,),
    )


def conformed_columns(policy: Policy, source_name: str) -> dict[str, ColumnDoc]:
    """The columns of a source's conformed table: agreed fields that identify nobody, and extras."""
    source = policy.sources[source_name]
    fields = {
        field.name: _doc(field) for field in source.fields if field.field_class not in IDENTIFYING
    }
    missing = not_agreed(source_name, source)
    fields |= {
        name: ColumnDoc(kind, "Not agreed: always missing") for name, kind in missing.items()
    }
    found = {} if source.anonymous else {PERSON_ID: PERSON}
    found |= {n: ColumnDoc(one.type, one.says) for n, one in source.conformed.adds.items()}
    found |= fields
    if source.shape == "cumulative" and not source.anonymous:
        found["not_in_latest"] = NOT_IN_LATEST
    return found


def _doc(field: AgreedField) -> ColumnDoc:
    kind = "BOOLEAN" if field.codes == YES_NO else value_type(field)
    return ColumnDoc(kind, f"{field.purpose} ({field.field_class})")
