"""Makes the registers and asks them whether the evaluation is closed."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores.queries import one_number
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
    told = one_number(
        connection,
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = ? "
        "AND schema_name = 'main' AND table_name = 'stopped_stages'",
        [database],
    )
    if not told:
        return set()
    rows = connection.execute(f"SELECT gate FROM {database}.stopped_stages").fetchall()
    return {gate for (gate,) in rows}


def refuse_to_go_on_when_closed(connection: duckdb.DuckDBPyConnection) -> None:
    """Raises `EvaluationClosedError` when the evaluation is closed."""
    if evaluation_closed(connection):
        raise EvaluationClosedError(
            "The evaluation is closed and its personal data was erased: drops are refused, nothing "
            "is computed, and the last release stays as it is."
        )
