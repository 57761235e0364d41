"""Near misses: CRNs that link to nobody, one slip away from exactly one of the source of people.

A slip is one character that is another, or two neighbours swapped. Nothing is guessed: a near miss
links only when an operator has accepted it (`reviews`).
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb
import pandas as pd

from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY
from safer_streets_assets.cohort.reviews import ensure_review_tables
from safer_streets_assets.cohort.winning_rows import make_latest
from safer_streets_assets.intake.fields import CRN_KEY
from safer_streets_assets.intake.raw_tables import raw_columns
from safer_streets_assets.policy import AgreedField, Policy, Source
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.frames import registered
from safer_streets_assets.stores.keys import keyed_digest
from safer_streets_assets.stores.queries import transaction
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text, read_sql

_TYPES = {"text": "VARCHAR", "date": "DATE"}
"""The type of a value, by how it is compared."""

NAMING = "direct identifier"
"""The class of a field with a name; one with a name of staff says so."""

ID_DIGITS = 16


def find_near_misses(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> int:
    """Rebuilds `restricted.near_misses`; returns how many there are, decided on or not.

    Of each row the latest version counts. Two rows contradict each other when both state a
    field of `cohort.same_person` and it differs, or when a date of the row with the near miss that
    is none of these lies before `cohort.begins`. A CRN is a near miss when every
    row with it fits some row of the one CRN that may be meant.

    The restricted store is attached for writing and `person_pseudonyms` is made.

    Raises:
        KeyMissingError: the pseudonym key is not there.
    """
    ensure_review_tables(connection)
    _define_rows(connection, policy)
    key = Keys(folder.keys).read(PSEUDONYM_KEY)
    query = read_sql("cohort", "near_misses").format(**comparison_sql(policy))
    found = connection.execute(query).df()
    pairs = zip(found["crn_sent"], found["crn_meant"], strict=True)
    found["near_miss_id"] = pd.Series(
        [near_miss_id(key, sent, meant) for sent, meant in pairs], dtype=object
    )
    with registered(connection, "found", found), transaction(connection):
        connection.execute("DELETE FROM restricted.near_misses")
        connection.execute("INSERT INTO restricted.near_misses BY NAME SELECT * FROM found")
    return len(found)


def near_miss_id(key: str, sent: str, meant: str) -> str:
    """The opaque name of a near miss: a keyed hash of the two CRNs, the same in every run.

    It begins with letters, or a spreadsheet program would take some for numbers.
    """
    return f"nm-{keyed_digest(key, f'near miss {sent} {meant}')[:ID_DIGITS]}"


def comparison_sql(policy: Policy) -> dict[str, str]:
    """What stands in the braces of the query: what contradicts, and what is the same, in SQL."""
    compared = policy.dpia.cohort.same_person.compared
    return {
        "differs": " OR ".join(f"linking.{name} <> known.{name}" for name in compared),
        "same": ", ".join(
            f"CASE WHEN linking.{name} = known.{name} THEN {quoted_text(_words(name))} END"
            for name in compared
        ),
    }


def _words(name: str) -> str:
    """What a field is called in what people read."""
    return name.replace("_", " ")


def _define_rows(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Puts the latest rows of the source of people, and of the others, into temporary tables."""
    known_name = policy.dpia.people_source
    known = policy.sources[known_name]
    make_latest(connection, policy, known_name)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE known_rows AS SELECT crn, {_compared(known, policy)}, "
        f"{quoted_name(policy.dpia.cohort.begins)} AS begins, {_words_of_name(known)} AS full_name "
        "FROM latest"
    )
    compared = policy.dpia.cohort.same_person.compared
    columns = ", ".join(f"{name} {_TYPES[how]}" for name, how in compared.items())
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE linking_rows (source VARCHAR, row_id BIGINT, crn VARCHAR, "
        f"{columns}, first_date DATE)"
    )
    for name, source in policy.sources.items():
        if name == known_name or CRN_KEY not in raw_columns(source):
            continue
        make_latest(connection, policy, name)
        connection.execute(
            f"INSERT INTO linking_rows SELECT {quoted_text(name)}, row_number() OVER (), crn, "
            f"{_compared(source, policy)}, {_first_date(source, compared)} FROM latest"
        )


def name_field(source: Source) -> str | None:
    """The field of a source with the name of the person it is about; None where it has none."""
    for field in source.fields:
        if field.field_class == NAMING and field.kind == "text" and not field.names_others:
            return field.name
    return None


def _words_of_name(source: Source) -> str:
    """The words of the name on a row, in the order of the alphabet, whichever comes first there."""
    name = name_field(source)
    if name is None:
        return "''"
    words = f"regexp_extract_all(lower(strip_accents({quoted_name(name)})), '[a-z]+')"
    return f"array_to_string(list_sort({words}), ' ')"


def compared_sql(source: Source, policy: Policy) -> dict[str, str]:
    """Each field that is compared to the SQL of what a row states of it, NULL where it states
    nothing or the source has not the field."""
    fields = {field.name: field for field in source.fields}
    return {
        name: _stated(fields[name], policy) if name in fields else f"NULL::{_TYPES[how]}"
        for name, how in policy.dpia.cohort.same_person.compared.items()
    }


def _compared(source: Source, policy: Policy) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in compared_sql(source, policy).items())


def _stated(field: AgreedField, policy: Policy) -> str:
    """A value, or NULL where it is a code or a word that says it is not known."""
    unknown = policy.dpia.unknown_codes.get(field.codes or "", [])
    if field.words is not None:
        unknown = [policy.word_lists[field.words].other]
    column = quoted_name(field.name)
    if not unknown:
        return column
    listed = ", ".join(quoted_text(code) for code in unknown)
    return f"CASE WHEN {column} NOT IN ({listed}) THEN {column} END"


def _first_date(source: Source, compared: Collection[str]) -> str:
    """The first of the dates of a row that something happened on."""
    dates = [
        f"{quoted_name(field.name)}::DATE"
        for field in source.fields
        if field.kind in ("date", "timestamp") and field.name not in compared
    ]
    return f"least({', '.join(dates)})" if dates else "NULL"
