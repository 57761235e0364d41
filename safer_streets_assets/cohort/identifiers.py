"""Looks for direct identifiers where there may be none: every text column of every table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from safer_streets_assets.intake.crn import in_text_sql
from safer_streets_assets.intake.fields import CRN_KEY, is_missing_sql
from safer_streets_assets.intake.misplaced_values import LEAST_LETTERS
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import AgreedField, Policy, Source
from safer_streets_assets.stores.frames import registered
from safer_streets_assets.stores.queries import StoredColumn, columns_in, one_number
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

ANYWHERE = r"^[a-z]([ .-]?[0-9]){6}$|\p{L}[^\p{L}]+\p{L}"
"""What is an identifier wherever it stands: a CRN, or a name of more than one word."""
KNOWN = "known_identifiers"
"""The temporary table of the identifiers that are held: text, and whether it is one anywhere."""


@dataclass(frozen=True)
class IdentifiersFound:
    """How many values hold an identifier, and in how many columns of how many were looked at."""

    columns: int
    values: int
    tables: tuple[str, ...]


def open_fields(source: Source) -> list[AgreedField]:
    """The fields of a source whose text reaches the research store as it arrived."""
    return [field for field in source.open_texts if field.words is None]


def find_identifiers(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    open_columns: Collection[tuple[str, str]],
    store: str = "research",
) -> IdentifiersFound:
    """Counts values of a store that look like a CRN, or equal a direct identifier that is held.

    The restricted store is attached for reading. Columns named as a field that identifies count,
    too, whatever is in them. A name of one word may be a word that a table of results prints
    (Holm, a method, is a surname): it counts in the `open_columns` (table, column) alone, where
    text stands as it arrived.
    """
    define_known_identifiers(connection, policy)
    columns = _text_columns(connection, store)
    named = {
        field.name
        for source in policy.sources.values()
        for field in source.fields
        if field.field_class == "direct identifier"
    }
    values, tables = 0, set()
    for column in columns:
        anywhere = (column.table, column.name) not in open_columns
        hits = _hits(connection, policy, column.place(store), column.name, anywhere=anywhere)
        hits += int(column.name in named)
        if hits:
            tables.add(f"{column.schema}.{column.table}")
        values += hits
    return IdentifiersFound(len(columns), values, tuple(sorted(tables)))


def identifying_rows_sql(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    table: str,
    open_columns: Collection[tuple[str, str]],
) -> str:
    """The condition that a row of a table of the research store holds an identifier, in SQL; the
    identifiers that are held were just defined by `find_identifiers`."""
    conditions = (
        identifies_sql(policy, _as_text(one.name), anywhere=(table, one.name) not in open_columns)
        for one in _text_columns(connection, "research")
        if (one.schema, one.table) == ("main", table)
    )
    return " OR ".join(conditions) or "false"


def _text_columns(connection: duckdb.DuckDBPyConnection, store: str) -> list[StoredColumn]:
    return [one for one in columns_in(connection, store) if "VARCHAR" in one.type]


def count_identifying(
    connection: duckdb.DuckDBPyConnection, policy: Policy, texts: Collection[str]
) -> int:
    """How many of some texts look like a CRN, or equal a direct identifier that is held."""
    define_known_identifiers(connection, policy)
    looked_at = pd.DataFrame({"text": pd.Series(sorted(texts), dtype=object)})
    with registered(connection, "texts_looked_at", looked_at):
        return _hits(connection, policy, "texts_looked_at", "text", anywhere=True)


def identifies_sql(policy: Policy, column: str, *, anywhere: bool = False) -> str:
    """Whether a text looks like a CRN or is a held identifier, in SQL; these are defined."""
    only = " WHERE is_anywhere" if anywhere else ""
    pattern = quoted_text(in_text_sql(policy.dpia.person_number))
    return (
        f"coalesce(regexp_matches({column}, {pattern}) "
        f"OR lower(trim({column})) IN (SELECT text FROM {KNOWN}{only}), false)"
    )


def _hits(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    place: str,
    column: str,
    *,
    anywhere: bool,
) -> int:
    found = identifies_sql(policy, _as_text(column), anywhere=anywhere)
    return one_number(connection, f"SELECT count(*) FROM {place} AS rows_looked_at WHERE {found}")


def _as_text(column: str) -> str:
    return f"{quoted_name(column)}::VARCHAR"


def define_known_identifiers(
    connection: duckdb.DuckDBPyConnection, policy: Policy, among: str | None = None
) -> None:
    """Puts every direct identifier that is held as text into a temporary table; of a query of texts
    (column `text`) `among` which they are looked for, those that it has.

    Placeholders and words of the policy (a manager may be called as a borough) are none.
    """
    selects: list[str] = []
    for name, source in policy.sources.items():
        selects += _identifying_columns(name, source.anonymous, policy)
    own = ", ".join(quoted_text(word) for word in sorted(policy.own_words))
    plain = "lower(trim(text))"
    asked = f" WHERE {plain} IN (SELECT {plain} FROM ({among}))" if among else ""
    connection.execute(
        # In two steps: in one, the patterns would be held against every text before all but few go.
        f"CREATE OR REPLACE TEMP TABLE held_texts AS SELECT DISTINCT {plain} AS text "
        f"FROM ({' UNION ALL '.join(selects)}) AS held{asked}; "
        f"CREATE OR REPLACE TEMP TABLE {KNOWN} AS "
        f"SELECT text, regexp_matches(text, {quoted_text(ANYWHERE)}) AS is_anywhere "
        "FROM held_texts "
        f"WHERE length(text) >= {LEAST_LETTERS} AND text NOT IN ({own}) "
        f"AND NOT {is_missing_sql('text', policy)}; DROP TABLE held_texts"
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
    columns += [CRN_KEY] if source.crn_field else []
    return [
        f"SELECT {quoted_name(column)} AS text FROM restricted.{raw_table(name)}"
        for column in columns
    ]
