"""What became of a drop, as the ledger and the registers of it have it: counts and codes only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import duckdb

from safer_streets_assets.intake.readers import UnreadableDrop
from safer_streets_assets.intake.reasons import BAD_ROWS, QUARANTINED_FOR, DropRefusedError
from safer_streets_assets.stores.queries import transaction

DropState = Literal["arrived", "loaded", "quarantined", "refused", "held", "released"]


@dataclass(frozen=True)
class Decision:
    """What became of a drop, for the ledger: counts and codes only."""

    state: DropState
    reason: str | None = None
    sentence: str | None = None
    position_date: date | None = None
    format: str | None = None
    rows_read: int | None = None
    rows_loaded: int | None = None
    columns_dropped: int | None = None


def decision_for(error: UnreadableDrop | DropRefusedError) -> Decision:
    """The ledger's line for a drop that cannot be taken in."""
    refused = error.code.startswith("D-") and error.code not in QUARANTINED_FOR
    return Decision("refused" if refused else "quarantined", error.code, str(error))


def record_outcome(
    connection: duckdb.DuckDBPyConnection,
    drop_id: str,
    decision: Decision,
    now: datetime,
    source: str | None = None,
) -> None:
    """Records what became of a drop, with its rows set aside counted by reason.

    `source` corrects the ledger where the drop first lay in another folder; what that one said of
    it stays on record.
    """
    with transaction(connection):
        connection.execute(
            "INSERT OR REPLACE INTO registers.drops_elsewhere "
            "SELECT drop_id, source, reason, ? FROM registers.drops "
            "WHERE drop_id = ? AND source <> ? AND reason IS NOT NULL",
            [now, drop_id, source],
        )
        connection.execute(
            "DELETE FROM registers.drops_elsewhere WHERE drop_id = ? AND source = ?",
            [drop_id, source],
        )
        connection.execute(
            "UPDATE registers.drops SET state = ?, reason = ?, sentence = ?, decided_at = ?, "
            "position_date = ?, format = ?, rows_read = ?, rows_loaded = ?, rows_set_aside = ?, "
            "columns_dropped = ?, source = coalesce(?, source) WHERE drop_id = ?",
            [
                decision.state,
                decision.reason,
                decision.sentence,
                now,
                decision.position_date,
                decision.format,
                decision.rows_read,
                decision.rows_loaded,
                None
                if decision.rows_read is None or decision.rows_loaded is None
                else decision.rows_read - decision.rows_loaded,
                decision.columns_dropped,
                source,
                drop_id,
            ],
        )
        count_set_aside(connection, [drop_id])


def record_elsewhere(
    connection: duckdb.DuckDBPyConnection, drop_id: str, source: str, reason: str, now: datetime
) -> None:
    """Records why a source did not take in a drop that another one is there to take in.

    What is wrong with its rows stays on record where that is why.
    """
    with transaction(connection):
        if reason != BAD_ROWS:
            connection.execute(
                "DELETE FROM registers.refused_rows WHERE drop_id = ? AND source = ?",
                [drop_id, source],
            )
        connection.execute(
            "INSERT OR REPLACE INTO registers.drops_elsewhere VALUES (?, ?, ?, ?)",
            [drop_id, source, reason, now],
        )


def elsewhere_of(connection: duckdb.DuckDBPyConnection, drop_id: str) -> list[tuple[str, str]]:
    """The other folders in which a drop lay, and the code of why each did not take it in."""
    return connection.execute(
        "SELECT source, reason FROM registers.drops_elsewhere WHERE drop_id = ? ORDER BY source",
        [drop_id],
    ).fetchall()


def count_set_aside(connection: duckdb.DuckDBPyConnection, drop_ids: Sequence[str]) -> None:
    """Counts the rows set aside of some drops by reason, on the registers."""
    drops = [list(drop_ids)]
    connection.execute(
        "DELETE FROM registers.set_aside_counts WHERE list_contains(?::VARCHAR[], drop_id)", drops
    )
    connection.execute(
        "INSERT INTO registers.set_aside_counts "
        "SELECT drop_id, reason, count(*) FROM "
        "(SELECT drop_id, unnest(reasons) AS reason FROM restricted.set_aside_rows "
        "WHERE list_contains(?::VARCHAR[], drop_id)) GROUP BY ALL ORDER BY ALL",
        drops,
    )
