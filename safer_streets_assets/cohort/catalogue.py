"""The tables that the cohort stage makes: what their columns mean, and whose rows they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from safer_streets_assets.cohort.believed import cohort_sql
from safer_streets_assets.cohort.optional_fields import not_agreed
from safer_streets_assets.intake.fields import value_type
from safer_streets_assets.policy import AgreedField, Policy
from safer_streets_assets.policy.sources import IDENTIFYING, PERSON_ID, YES_NO
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

CRN_FINDINGS = {
    "source": ColumnDoc("VARCHAR", "Source of the rows with the CRN"),
    "person_id": ColumnDoc("VARCHAR", "Pseudonym of the CRN; missing when it is malformed"),
    "finding": ColumnDoc("VARCHAR", "What is said of the CRN, or of the row without one"),
    "row_count": ColumnDoc(
        "BIGINT", "Rows of the source under the CRN, the latest version of each"
    ),
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
        yield replace(table, crn_columns=("crn_sent", "crn_meant"), goes_with="person_pseudonyms")
    for name in policy.dpia.sources:
        if name in policy.sources or name != followed_in(policy):
            yield _conformed(policy, name)
    for name, made in policy.dpia.cohort.tables.items():
        yield StoredTable(
            "research",
            name,
            made.title,
            {column: ColumnDoc(one.type, one.says) for column, one in made.columns.items()},
            pseudonym=PERSON_ID,
            made_from=tuple(made.made_from),
            query=cohort_sql(policy, name),
        )
    agreed = [policy.dpia.people_source, *policy.sources]
    with_crns = dict.fromkeys(n for n in agreed if policy.sources[n].crn_field is not None)
    people = tuple(f"{policy.sources[name].conformed.table}.{PERSON_ID}" for name in with_crns)
    born = tuple(
        f"{policy.sources[name].conformed.table}.{column}"
        for name in [policy.dpia.people_source]
        for column in policy.sources[name].conformed.adds
    )
    yield StoredTable(
        "research",
        "crn_findings",
        "Near misses, people under two CRNs, and malformed CRNs",
        CRN_FINDINGS,
        pseudonym="person_id",
        origins={
            "person_id": people,
            "finding": (*people, *born),
            "row_count": people,
        },
    )


def followed_in(policy: Policy) -> str | None:
    """The source in which people are looked for after the programme; None where there is none. Its
    table is not made before it is agreed."""
    return policy.dpia.reoffending.source if policy.dpia.reoffending is not None else None


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
    missing = not_agreed(source)
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
