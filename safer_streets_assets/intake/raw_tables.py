"""The raw tables of the restricted store: agreed fields only, as sent, one table a source."""

from __future__ import annotations

from datetime import date, datetime

import duckdb

from safer_streets_assets.intake.erased import ERASED_PERSON, ensure_marks
from safer_streets_assets.intake.fields import CRN_KEY
from safer_streets_assets.intake.order import ensure_order
from safer_streets_assets.intake.readers import ReadDrop
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.stores.queries import transaction
from safer_streets_assets.stores.sql_files import quoted_name, read_sql


def ensure_raw_tables(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Makes what intake keeps in the restricted store, with a raw table for each agreed source."""
    connection.execute(read_sql("intake", "restricted"))
    ensure_marks(connection)
    for name, source in policy.sources.items():
        columns = ["drop_id VARCHAR NOT NULL", "row_number BIGINT NOT NULL"]
        columns += [f"{quoted_name(column)} VARCHAR" for column in raw_columns(source)]
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS restricted.{raw_table(name)} ({', '.join(columns)})"
        )
    ensure_order(connection, policy)


def raw_table(source: str) -> str:
    """The name of a source's raw table."""
    return f"{source}_raw"


def raw_columns(source: Source) -> list[str]:
    """The columns of a source's raw table after its keys."""
    has_crn = any(field.kind == "crn" for field in source.fields)
    return [*(field.name for field in source.fields), *([CRN_KEY] if has_crn else [])]


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
            "? AS dropped_headers, ? AS stated_position, ?::INTEGER AS sheet_number FROM staged",
            [
                drop_id,
                name,
                arrived_at,
                saved_at,
                position_date,
                drop.format,
                list(drop.dropped_headers),
                stated_position,
                drop.sheet,
            ],
        )
