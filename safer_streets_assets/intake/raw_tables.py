"""The raw tables of the restricted store: agreed fields only, as sent, one table a source.

They follow the policy: a source or a field that was agreed since the tables were made is added when
they are next opened for writing. What is no longer agreed is erased (`retention.no_longer_agreed`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import duckdb

from safer_streets_assets.intake.drop_order import ensure_order
from safer_streets_assets.intake.erased_people import ERASED_PERSON, ensure_marks
from safer_streets_assets.intake.fields import CRN_KEY
from safer_streets_assets.intake.readers import GuidanceSheet, ReadDrop
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.stores.queries import columns_in, transaction
from safer_streets_assets.stores.sql_files import quoted_name, read_sql

ROW_KEYS = {"drop_id": "drop_id VARCHAR", "row_number": "row_number BIGINT"}
"""The columns of every raw table that say which row of which drop it is, with their types."""


def ensure_raw_tables(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Makes what intake keeps in the restricted store, with a raw table for each agreed source.

    A field that was agreed since is added to its table, and missing in the rows that are there. All
    of it is one transaction.
    """
    with transaction(connection):
        connection.execute(read_sql("intake", "restricted"))
        ensure_marks(connection)
        there = columns_there(connection, "restricted")
        for name, source in policy.sources.items():
            _ensure_table(connection, name, source, there.get(raw_table(name), ()))
        ensure_order(connection, policy)


def _ensure_table(
    connection: duckdb.DuckDBPyConnection, name: str, source: Source, there: Collection[str]
) -> None:
    table, columns = f"restricted.{raw_table(name)}", raw_columns(source)
    if not there:
        own = [f"{column} NOT NULL" for column in ROW_KEYS.values()]
        own += [f"{quoted_name(column)} VARCHAR" for column in columns]
        connection.execute(f"CREATE TABLE {table} ({', '.join(own)})")
        return
    for column in columns:
        if column not in there:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {quoted_name(column)} VARCHAR")


def has_every_field(connection: duckdb.DuckDBPyConnection, policy: Policy) -> bool:
    """Whether every agreed source has its table with every agreed field; reading will do."""
    there = columns_there(connection, "restricted")
    return all(
        set(raw_columns(source)) <= set(there.get(raw_table(name), ()))
        for name, source in policy.sources.items()
    )


def columns_there(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[str]]:
    """Table of a store's main schema to the columns it has, in their order."""
    found: dict[str, list[str]] = {}
    for column in columns_in(connection, database):
        if column.schema == "main":
            found.setdefault(column.table, []).append(column.name)
    return found


def raw_table(source: str) -> str:
    """The name of a source's raw table."""
    return f"{source}_raw"


def raw_columns(source: Source) -> list[str]:
    """The columns of a source's raw table after its keys."""
    return [*(field.name for field in source.fields), *([CRN_KEY] if source.crn_field else [])]


def guidance_sheets(connection: duckdb.DuckDBPyConnection, drop_id: str) -> list[GuidanceSheet]:
    """The sheets of a loaded drop that were left out as guidance; the restricted store is attached,
    and may be of before they were kept with their rows."""
    if "guidance_rows" not in columns_there(connection, "restricted").get("loaded_drops", ()):
        return []
    rows = connection.execute(
        "SELECT unnest(guidance_sheets), unnest(guidance_rows) FROM restricted.loaded_drops "
        "WHERE drop_id = ? AND guidance_rows IS NOT NULL",
        [drop_id],
    ).fetchall()
    return [GuidanceSheet(number, count) for number, count in rows]


def load_staged(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    source: Source,
    *,
    drop_id: str,
    arrived_at: datetime,
    saved_at: int = 0,
    drop: ReadDrop,
    position_date: date | None,
    stated_position: date | None = None,
    in_file_order: bool = False,
) -> None:
    """Writes the staged rows, the rows set aside and the drop's line in one transaction.

    A drop that is loaded already is written anew, so that a second try gives the same tables. The
    good rows keep the order of the file: they are sorted unless `in_file_order` says that `staged`
    gives them so.
    """
    columns = ", ".join(quoted_name(column) for column in raw_columns(source))
    sent = ", ".join(
        f"{quoted_name(field.name)} := {quoted_name(field.name)}" for field in source.fields
    )
    table = f"restricted.{raw_table(name)}"
    order = "" if in_file_order else "ORDER BY row_number"
    with transaction(connection):
        for target in (table, "restricted.set_aside_rows", "restricted.loaded_drops"):
            connection.execute(f"DELETE FROM {target} WHERE drop_id = ?", [drop_id])
        connection.execute(
            f"INSERT INTO {table} (drop_id, row_number, {columns}) "
            f"SELECT ?, row_number, {columns} FROM staged WHERE len(reasons) = 0 {order}",
            [drop_id],
        )
        connection.execute(
            "INSERT INTO restricted.set_aside_rows "
            "(drop_id, source, row_number, reasons, values_sent, problems) "
            "SELECT ?, ?, row_number, reasons, "
            f"CASE WHEN list_contains(reasons, '{ERASED_PERSON}') THEN '{{}}'::JSON "
            f"ELSE to_json(struct_pack({sent})) END, problems "
            "FROM staged WHERE len(reasons) > 0 ORDER BY row_number",
            [drop_id, name],
        )
        connection.execute(
            "INSERT INTO restricted.loaded_drops BY NAME "
            "SELECT ? AS drop_id, ? AS source, ? AS arrived_at, ? AS saved_at, "
            "? AS position_date, ? AS format, count(*) AS rows_read, "
            "count(*) FILTER (len(reasons) = 0) AS rows_loaded, "
            "? AS dropped_headers, ? AS stated_position, ?::INTEGER AS sheet_number, "
            "?::INTEGER[] AS guidance_sheets, ?::BIGINT[] AS guidance_rows FROM staged",
            [
                drop_id,
                name,
                arrived_at,
                saved_at,
                position_date,
                drop.format,
                [column.shown for column in drop.dropped],
                stated_position,
                drop.sheet,
                [sheet.number for sheet in drop.guidance] or None,
                [sheet.rows for sheet in drop.guidance] or None,
            ],
        )
