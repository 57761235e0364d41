"""Whose, or which drop's, rows go from the restricted store, table by table, in SQL.

The same queries say what would go, and give the rows that stay when the store is rebuilt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import pandas as pd

from safer_streets_assets.intake.crn import normalise_crn
from safer_streets_assets.intake.fields import CRN_KEY
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.policy.person_number import PersonNumber
from safer_streets_assets.retention.holdings.intent import ErasureKind
from safer_streets_assets.retention.traces.blotting import REDACTED, blotted_columns
from safer_streets_assets.retention.traces.fingerprints import Searcher
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.frames import write_frame
from safer_streets_assets.stores.queries import columns_in, one_number, tables_in
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text
from safer_streets_assets.stores.stored_table import StoredTable

_NOTHING = "false"


@dataclass(frozen=True)
class ErasureScope:
    """What is erased: a person by every CRN that is theirs, or drops. The repr holds no CRN."""

    kind: ErasureKind
    crns: Sequence[str] = field(repr=False)
    going_drops: Sequence[str]


def sources_there(
    connection: duckdb.DuckDBPyConnection, policy: Policy, database: str
) -> dict[str, Source]:
    """The sources of the policy, agreed or not any more, that have a raw table."""
    there = set(tables_in(connection, database))
    return {name: s for name, s in policy.dpia.sources.items() if raw_table(name) in there}


def going(
    connection: duckdb.DuckDBPyConnection, policy: Policy, subject: ErasureScope, database: str
) -> dict[str, str]:
    """Table to the condition of the rows that go. Makes temporary tables on the connection."""
    _keep(connection, "going_crns", {"crn": subject.crns})
    _keep(connection, "going_drops", {"drop_id": subject.going_drops})
    there = set(tables_in(connection, database))
    declared = Catalogue(policy).of_store("restricted")
    tables = [table for name, table in declared.items() if name in there]
    if subject.kind == "person":
        _rows_set_aside(connection, policy, subject.crns, database)
        _keep_people(connection, "going", there, database)
        found = {table.name: _with_person(table) for table in tables}
    else:
        _keep_staying(connection, tables, database)
        _keep_people(connection, "staying", there, database)
        found = {table.name: _with_drop(table) for table in tables}
    return {name: condition for name, condition in found.items() if condition is not None}


def _with_person(table: StoredTable) -> str | None:
    """Which rows of a table go with a person, in SQL; None where none does."""
    if table.names_files:
        return _of_drop(table)
    if table.values_column is not None:
        return f"({table.drop_column}, row_number) IN (FROM going_aside)"
    return _anybody(table, "IN", "going")


def _with_drop(table: StoredTable) -> str | None:
    """Which rows go with a drop: its own, and what names people whom no other drop names."""
    if table.drop_column is not None:
        return _of_drop(table)
    return None if table.of_people_alone else _anybody(table, "NOT IN", "staying")


def _of_drop(table: StoredTable) -> str:
    return f"{table.drop_column} IN (FROM going_drops)"


def _anybody(table: StoredTable, operator: str, whose: str) -> str | None:
    """The rows with a CRN, or where they have none with a pseudonym, (not) among those kept."""
    parts = [f"{column} {operator} (FROM {whose}_crns)" for column in table.crn_columns]
    if not parts and table.pseudonym is not None:
        parts = [f"{quoted_name(table.pseudonym)} {operator} (FROM {whose}_people)"]
    return f"({' OR '.join(parts)})" if parts else None


def _keep_people(
    connection: duckdb.DuckDBPyConnection, whose: str, there: Collection[str], database: str
) -> None:
    """Puts the pseudonyms of the CRNs in a temporary table into another one."""
    known = "person_pseudonyms" in there
    pseudonyms = (
        f"{database}.person_pseudonyms"
        if known
        else "(SELECT '' AS person_id, '' AS crn_key WHERE false)"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {whose}_people AS SELECT DISTINCT person_id "
        f"FROM {pseudonyms} WHERE crn_key IN (FROM {whose}_crns)"
    )


def _keep_staying(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[StoredTable], database: str
) -> None:
    """Puts the CRNs that other drops have, too, into a temporary table."""
    union = " UNION ".join(
        f"SELECT {column} FROM {database}.{quoted_name(table.name)} WHERE NOT ({_of_drop(table)})"
        for table in tables
        if table.as_sent
        for column in table.crn_columns
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE staying_crns AS SELECT * FROM "
        f"({union or 'SELECT NULL WHERE false'}) AS t(crn) WHERE crn IS NOT NULL"
    )


def staying_rows(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    subject: ErasureScope,
    searcher: Searcher,
    database: str,
) -> dict[str, str]:
    """Table (as `"main"."table"`) to the query of its rows as they are afterwards.

    A CRN of an erased person in what others wrote is blotted out, and so is every identifier that
    `searcher` finds in what is kept beside the rows, such as the name of a quarantined file. What
    the drops say of their numbers of rows goes down by theirs.
    """
    conditions = going(connection, policy, subject, database)
    declared = Catalogue(policy).of_store("restricted")
    as_sent = [name for name, table in declared.items() if table.as_sent]
    beside = [t for t in tables_in(connection, database) if t not in as_sent]
    blotted = blotted_columns(connection, searcher, beside, database)
    queries = {}
    for table in tables_in(connection, database):
        replaced = blotted.get(table, [])
        if subject.kind == "person" and table in as_sent:
            replaced = list(_without_crns(connection, policy, subject, declared[table], database))
        elif subject.kind == "person" and table == "loaded_drops":
            replaced = [*_fewer_rows(conditions, as_sent, database), *replaced]
        columns = f"* REPLACE ({', '.join(replaced)})" if replaced else "*"
        if table in conditions or replaced:
            condition = conditions.get(table, _NOTHING)
            queries[f'"main".{quoted_name(table)}'] = (
                f"SELECT {columns} FROM {database}.{quoted_name(table)} AS kept "
                f"WHERE NOT coalesce({condition}, false)"
            )
    return queries


def rows_going(
    connection: duckdb.DuckDBPyConnection, conditions: Mapping[str, str], database: str
) -> dict[str, int]:
    """Table to the number of rows that go, of those where any does."""
    counts = {
        table: one_number(
            connection,
            f"SELECT count(*) FROM {database}.{quoted_name(table)} WHERE coalesce({where}, false)",
        )
        for table, where in sorted(conditions.items())
    }
    return {table: count for table, count in counts.items() if count}


def crn_pattern(crns: Collection[str], number: PersonNumber) -> str:
    """A pattern (RE2 and Python) of some CRNs in a text, however they are spaced."""
    separator = r"[\s.\-\x{2010}-\x{2015}\x{2212}\x{a0}]{0,3}"
    return "|".join(rf"\b{separator.join(crn)}\b" for crn in crns if number.fits(crn))


def python_crn_pattern(crns: Collection[str], number: PersonNumber) -> re.Pattern[str]:
    """The same for Python's own engine."""
    text = re.sub(r"\\x\{([0-9a-f]+)\}", lambda m: rf"\u{m[1]:0>4}", crn_pattern(crns, number))
    return re.compile(text or r"(?!)", re.IGNORECASE)


def _without_crns(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    subject: ErasureScope,
    table: StoredTable,
    database: str,
) -> Iterator[str]:
    """The columns of rows as sent that stay, each without a CRN of the person."""
    pattern = crn_pattern(subject.crns, policy.dpia.person_number)
    if not pattern:
        return
    for column in columns_in(connection, database):
        if column.table != table.name or column.type not in ("VARCHAR", "JSON"):
            continue
        if column.name not in (table.drop_column, table.source_column):
            name = quoted_name(column.name)
            yield (
                f"regexp_replace({name}::VARCHAR, {quoted_text(pattern)}, '{REDACTED}', 'gi')"
                f"::{column.type} AS {name}"
            )


def _fewer_rows(
    conditions: Mapping[str, str], as_sent: Collection[str], database: str
) -> Iterator[str]:
    """What a drop says of its numbers of rows, less those that go."""
    counts = {
        table: f"(SELECT count(*) FROM {database}.{quoted_name(table)} AS gone "
        f"WHERE gone.drop_id = kept.drop_id AND coalesce({conditions[table]}, false))"
        for table in as_sent
        if table in conditions
    }
    aside = counts.pop("set_aside_rows", "0")
    loaded = " + ".join(counts.values()) or "0"
    yield f"rows_read - {loaded} - {aside} AS rows_read"
    yield f"rows_loaded - {loaded} AS rows_loaded"


def _rows_set_aside(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    crns: Collection[str],
    database: str,
) -> None:
    """Finds the rows set aside that are about the person: by their CRN, or, where the CRN of the
    row is none, by stating alike every direct identifier of a row that has it, name and date of
    birth among them."""
    number, theirs = policy.dpia.person_number, set[tuple[str, int]]()
    for name, source in sources_there(connection, policy, database).items():
        crn = source.crn_field
        if crn is None:
            continue
        others = [
            f.name
            for f in source.fields
            if f.field_class == "direct identifier" and f.kind in ("text", "date")
        ]
        known = _identifying(connection, name, others, database)
        rows = connection.execute(
            "SELECT drop_id, row_number, values_sent::VARCHAR "
            f"FROM {database}.set_aside_rows WHERE source = ?",
            [name],
        ).fetchall()
        for drop_id, row_number, text in rows:
            values = json.loads(text)
            sent = normalise_crn(values.get(crn.name) or "")
            same = tuple(_plain(values.get(other)) for other in others) in known
            if sent in crns or (not number.fits(sent) and same):
                theirs.add((drop_id, int(row_number)))
    ordered = sorted(theirs)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE going_aside AS "
        "SELECT unnest($drops::VARCHAR[]) AS drop_id, unnest($rows::BIGINT[]) AS row_number",
        {"drops": [d for d, _ in ordered], "rows": [r for _, r in ordered]},
    )


def _identifying(
    connection: duckdb.DuckDBPyConnection, name: str, fields: Sequence[str], database: str
) -> set[tuple[str, ...]]:
    """The direct identifiers of the person's rows in a source that nobody else has; none
    where the source has too few of them."""
    if len(fields) < 2:
        return set()
    listed = ", ".join(map(quoted_name, fields))
    theirs: set[tuple[str, ...]] = set()
    of_others: set[tuple[str, ...]] = set()
    rows = connection.execute(
        f"SELECT DISTINCT {CRN_KEY} IN (FROM going_crns), {listed} "
        f"FROM {database}.{raw_table(name)}"
    ).fetchall()
    for is_theirs, *values in rows:
        (theirs if is_theirs else of_others).add(tuple(map(_plain, values)))
    return {row for row in theirs - of_others if all(row)}


def _plain(text: str | None) -> str:
    return " ".join((text or "").casefold().split())


def _keep(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, Sequence[str]]
) -> None:
    frame = pd.DataFrame({k: pd.Series(list(v), dtype=object) for k, v in columns.items()})
    write_frame(connection, table, frame, dict.fromkeys(columns, "VARCHAR"), temporary=True)
