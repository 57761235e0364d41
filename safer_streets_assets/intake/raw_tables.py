"""The raw tables of the restricted store: agreed fields only, as sent, one table a source."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import duckdb
import pandas as pd

from safer_streets_assets.intake.crn import normalise_crn
from safer_streets_assets.intake.fields import CRN_KEY, REASONS_SQL, problems_sql
from safer_streets_assets.intake.readers import ReadDrop
from safer_streets_assets.intake.reasons import DropRefusedError
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.stores.queries import one_row, transaction
from safer_streets_assets.stores.sql_files import quoted_name, read_sql

RAW_KEYS = ("drop_id", "row_number")


def ensure_raw_tables(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Makes what intake keeps in the restricted store, with a raw table for each agreed source."""
    connection.execute(read_sql("intake", "restricted"))
    for name, source in policy.sources.items():
        columns = ["drop_id VARCHAR NOT NULL", "row_number BIGINT NOT NULL"]
        columns += [f"{quoted_name(column)} VARCHAR" for column in raw_columns(source)]
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS restricted.{raw_table(name)} ({', '.join(columns)}, "
            "PRIMARY KEY (drop_id, row_number))"
        )


def raw_table(source: str) -> str:
    """The name of a source's raw table."""
    return f"{source}_raw"


def raw_columns(source: Source) -> list[str]:
    """The columns of a source's raw table after its keys."""
    has_crn = any(field.kind == "crn" for field in source.fields)
    return [*(field.name for field in source.fields), *([CRN_KEY] if has_crn else [])]


def stage_rows(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    policy: Policy,
    drop: ReadDrop,
    identifying: Collection[int] = (),
) -> tuple[int, int]:
    """Judges the rows of one drop in a temporary table `staged`; returns rows read and bad rows.

    `identifying` are the row numbers that name a person where the source is anonymous.
    """
    frame = _frame(source, drop, identifying)
    text = ", ".join(
        f"{quoted_name(column)}::VARCHAR AS {quoted_name(column)}" for column in raw_columns(source)
    )
    connection.register("incoming", frame)
    try:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE staged AS "
            f"SELECT *, {REASONS_SQL} AS reasons FROM (SELECT *, {problems_sql(source, policy)} "
            "AS problems FROM (SELECT row_number::BIGINT AS row_number, is_ragged, is_identifying, "
            f"{text} FROM incoming))"
        )
    finally:
        connection.unregister("incoming")
    rows, bad = one_row(
        connection, "SELECT count(*), count(*) FILTER (len(reasons) > 0) FROM staged"
    )
    return int(rows), int(bad)


def refuse_if_too_many_bad(rows: int, bad: int, policy: Policy) -> None:
    """Raises `DropRefusedError` when the share of bad rows is above the policy's maximum."""
    if rows == 0 or bad / rows > policy.dpia.intake.maximum_bad_row_share:
        raise DropRefusedError("D-BAD-ROWS")


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
) -> None:
    """Writes the staged rows, the rows set aside and the drop's line in one transaction.

    A drop that is loaded already is written anew, so that a second try gives the same tables.
    """
    columns = ", ".join(quoted_name(column) for column in raw_columns(source))
    sent = ", ".join(
        f"{quoted_name(field.name)} := {quoted_name(field.name)}" for field in source.fields
    )
    table = f"restricted.{raw_table(name)}"
    with transaction(connection):
        for target in (table, "restricted.set_aside_rows", "restricted.loaded_drops"):
            connection.execute(f"DELETE FROM {target} WHERE drop_id = ?", [drop_id])
        connection.execute(
            f"INSERT INTO {table} (drop_id, row_number, {columns}) "
            f"SELECT ?, row_number, {columns} FROM staged WHERE len(reasons) = 0 "
            "ORDER BY row_number",
            [drop_id],
        )
        connection.execute(
            "INSERT INTO restricted.set_aside_rows "
            "(drop_id, source, row_number, reasons, values_sent, problems) "
            f"SELECT ?, ?, row_number, reasons, to_json(struct_pack({sent})), problems "
            "FROM staged WHERE len(reasons) > 0 ORDER BY row_number",
            [drop_id, name],
        )
        connection.execute(
            "INSERT INTO restricted.loaded_drops "
            "SELECT ?, ?, ?, ?, ?, ?, count(*), count(*) FILTER (len(reasons) = 0), ? FROM staged",
            [
                drop_id,
                name,
                arrived_at,
                saved_at,
                position_date,
                drop.format,
                list(drop.dropped_headers),
            ],
        )


def position_of(
    connection: duckdb.DuckDBPyConnection, source: Source, policy: Policy, drop: ReadDrop
) -> date | None:
    """The date a drop stands for: what its title says, else the latest date of its good rows."""
    if drop.position_date is not None or source.position_field is None:
        return drop.position_date
    field = source.field_named(source.position_field)
    parse = "parse_date" if field.kind == "date" else "parse_timestamp"
    position: date | None = one_row(
        connection,
        f"SELECT max({parse}({quoted_name(field.name)}))::DATE FROM staged WHERE len(reasons) = 0",
    )[0]
    return position


def _frame(source: Source, drop: ReadDrop, identifying: Collection[int]) -> pd.DataFrame:
    """The rows of a drop as text, with the normalised CRN where the source has one."""
    rows = len(drop.row_numbers)
    ragged = set(drop.ragged_rows)
    data: dict[str, Any] = {
        "row_number": drop.row_numbers,
        "is_ragged": [number in ragged for number in drop.row_numbers],
        "is_identifying": [number in identifying for number in drop.row_numbers],
    }
    for field in source.fields:
        values: Sequence[str | None] = drop.columns.get(field.name) or [None] * rows
        data[field.name] = pd.Series(values, dtype=object)
        if field.kind == "crn":
            known = {text: normalise_crn(text) for text in set(values) if text is not None}
            data[CRN_KEY] = pd.Series(
                [known[text] if text is not None else None for text in values], dtype=object
            )
    return pd.DataFrame(data)
