"""Makes the registers and asks them whether the evaluation is closed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import duckdb

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores.queries import is_there, one_number
from safer_streets_assets.stores.sql_files import read_sql

CLOSED = "closed"


class EvaluationClosedError(SaferStreetsError):
    """Personal data was erased: nothing more is taken in or computed."""


def ensure_registers(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables of the registers that are missing; the store is attached for writing."""
    connection.execute(read_sql("stores", "registers"))


def now_utc() -> datetime:
    """The time now in UTC without an offset, as the registers keep it."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def close_evaluation(connection: duckdb.DuckDBPyConnection, at: datetime) -> None:
    """Records that personal data was erased and nothing more is taken in."""
    connection.execute(
        "INSERT INTO registers.evaluation_events VALUES (?, ?) ON CONFLICT DO NOTHING", [CLOSED, at]
    )


def evaluation_closed(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the evaluation is closed."""
    query = "SELECT count(*) FROM registers.evaluation_events WHERE event = ?"
    return one_number(connection, query, [CLOSED]) > 0


def stopped_stages(connection: duckdb.DuckDBPyConnection, database: str = "registers") -> set[str]:
    """The gates of the stages that will not go on: as the registers know them, or as the research
    store was told; none where the store is not attached or was never told.
    """
    if not has_table(connection, "stopped_stages", database):
        return set()
    if database != "registers":
        rows = connection.execute(f"SELECT gate FROM {database}.stopped_stages").fetchall()
        return {gate for (gate,) in rows}
    gone = withdrawn(connection, "stage")
    lines = connection.execute("SELECT gate, recorded_at FROM registers.stopped_stages").fetchall()
    return {gate for gate, recorded_at in lines if (gate, recorded_at) not in gone}


def withdrawn(connection: duckdb.DuckDBPyConnection, kind: str) -> set[tuple[str, datetime]]:
    """What of a kind was recorded and taken back again: its subject, and when it was recorded.

    Registers that an earlier version made, and that are attached for reading, may lack the table.
    """
    if not has_table(connection, "withdrawals"):
        return set()
    rows = connection.execute(
        "SELECT subject, recorded_at FROM registers.withdrawals WHERE kind = ?", [kind]
    ).fetchall()
    return {(subject, recorded_at) for subject, recorded_at in rows}


def has_table(
    connection: duckdb.DuckDBPyConnection, table: str, database: str = "registers"
) -> bool:
    """Whether an attached store has a table of that name."""
    return has_tables(connection, [table], database)


def has_tables(
    connection: duckdb.DuckDBPyConnection, tables: Collection[str], database: str = "registers"
) -> bool:
    """Whether an attached store has all tables of these names."""
    return all(is_there(connection, database, table) for table in tables)


def refuse_to_go_on_when_closed(connection: duckdb.DuckDBPyConnection) -> None:
    """Raises `EvaluationClosedError` when the evaluation is closed."""
    if evaluation_closed(connection):
        raise EvaluationClosedError(
            "The evaluation is closed and its personal data was erased: drops are refused, nothing "
            "is computed, and the last release stays as it is."
        )
