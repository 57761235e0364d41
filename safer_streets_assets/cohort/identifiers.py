"""Looks for direct identifiers where there may be none: every text column of every table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from safer_streets_assets.intake.fields import CRN_KEY
from safer_streets_assets.intake.raw_tables import raw_columns, raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.sql_files import quoted_name

CRN_IN_TEXT = r"(^|[^A-Za-z0-9])[A-Za-z][ .-]?([0-9][ .-]?){6}($|[^A-Za-z0-9])"


@dataclass(frozen=True)
class Found:
    """How many values hold an identifier, and in how many columns of how many were looked at."""

    columns: int
    values: int
    tables: tuple[str, ...]


def find_identifiers(
    connection: duckdb.DuckDBPyConnection, policy: Policy, store: str = "research"
) -> Found:
    """Counts values of a store that look like a CRN, or equal a direct identifier that is held.

    The restricted store is attached for reading. Columns named as a field that identifies count,
    too, whatever is in them.
    """
    _define_known(connection, policy)
    columns = connection.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() "
        "WHERE database_name = ? AND data_type LIKE '%VARCHAR%' ORDER BY ALL",
        [store],
    ).fetchall()
    named = {
        field.name
        for source in policy.sources.values()
        for field in source.fields
        if field.field_class == "direct identifier"
    }
    values, tables = 0, set()
    for schema, table, column in columns:
        place = f"{store}.{quoted_name(schema)}.{quoted_name(table)}"
        hits = _hits(connection, place, column)
        hits += int(column in named)
        if hits:
            tables.add(f"{schema}.{table}")
        values += hits
    return Found(len(columns), values, tuple(sorted(tables)))


def count_identifying(
    connection: duckdb.DuckDBPyConnection, policy: Policy, texts: Collection[str]
) -> int:
    """How many of some texts look like a CRN, or equal a direct identifier that is held."""
    _define_known(connection, policy)
    looked_at = pd.DataFrame({"text": pd.Series(sorted(texts), dtype=object)})
    connection.register("texts_looked_at", looked_at)
    try:
        return _hits(connection, "texts_looked_at", "text")
    finally:
        connection.unregister("texts_looked_at")


def _hits(connection: duckdb.DuckDBPyConnection, place: str, column: str) -> int:
    text = f"{quoted_name(column)}::VARCHAR"
    return one_number(
        connection,
        f"SELECT count(*) FROM {place} AS rows_looked_at WHERE regexp_matches({text}, ?) "
        f"OR lower(trim({text})) IN (SELECT text FROM known_identifiers)",
        [CRN_IN_TEXT],
    )


def _define_known(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Puts every direct identifier that is held as text into a temporary table."""
    selects: list[str] = []
    for name, source in policy.sources.items():
        selects += _identifying_columns(name, source.anonymous, policy)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE known_identifiers AS SELECT DISTINCT lower(trim(text)) AS "
        f"text FROM ({' UNION ALL '.join(selects)}) AS held WHERE length(trim(text)) > 3"
    )


def _identifying_columns(name: str, anonymous: bool, policy: Policy) -> Sequence[str]:
    if anonymous:
        return []
    source = policy.sources[name]
    columns = [
        field.name
        for field in source.fields
        if field.field_class == "direct identifier" and field.kind in ("text", "crn")
    ]
    columns += [CRN_KEY] if CRN_KEY in raw_columns(source) else []
    return [
        f"SELECT {quoted_name(column)} AS text FROM restricted.{raw_table(name)}"
        for column in columns
    ]
