"""Reads the ledger: drops by state, rows set aside by reason. Counts only."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from safer_streets_assets.intake.reasons import ROW_REASONS
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import ensure_registers


@dataclass(frozen=True)
class LedgerCount:
    """Drops of one source in one state, with their rows."""

    source: str
    state: str
    reason: str | None
    sentence: str | None
    drops: int
    rows_loaded: int
    rows_set_aside: int


def ledger_counts(connection: duckdb.DuckDBPyConnection) -> list[LedgerCount]:
    """The ledger counted by source, state and reason; the registers are attached."""
    rows = connection.execute(
        "SELECT source, state, reason, any_value(sentence), count(*), "
        "coalesce(sum(rows_loaded), 0), coalesce(sum(rows_set_aside), 0) "
        "FROM registers.drops GROUP BY source, state, reason ORDER BY source, state, reason"
    ).fetchall()
    return [LedgerCount(*row[:4], *(int(number) for number in row[4:])) for row in rows]


def set_aside_counts(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, int]]:
    """Rows set aside by reason: code, what it means, rows; the registers are attached."""
    rows = connection.execute(
        "SELECT reason, sum(row_count) FROM registers.set_aside_counts "
        "GROUP BY reason ORDER BY reason"
    ).fetchall()
    return [(reason, ROW_REASONS[reason].sentence, int(count)) for reason, count in rows]


def anything_loaded(folder: DataFolder) -> bool:
    """Whether any drop was ever loaded into a data folder."""
    if not folder.database("registers").exists():
        return False
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        return bool(loaded_drop_ids(connection))


def loaded_drop_ids(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The drops whose rows are in the tables, in a fixed order."""
    rows = connection.execute(
        "SELECT drop_id FROM registers.drops WHERE state = 'loaded' ORDER BY drop_id"
    ).fetchall()
    return [drop_id for (drop_id,) in rows]
