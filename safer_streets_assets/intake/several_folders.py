"""The same bytes in the folders of several sources: one drop, which each of them judges.

One source takes it in: the first that can, in the order of the policy. Why another did not is on
record beside the ledger's line, and no copy leaves its folder before that is so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import duckdb

from safer_streets_assets.intake.decisions import record_elsewhere
from safer_streets_assets.intake.landing_copies import clear_landing, holds_drop, path_from_hex
from safer_streets_assets.intake.ledger import Arrival

TAKEN_BY_ANOTHER = (
    "drops.source <> arrivals.source AND drops.state IN ('loaded', 'held', 'released')"
)
"""Whether a drop that lies in the folder of one source is there for another one."""


def refused_beside_others(
    connection: duckdb.DuckDBPyConnection, refused: Mapping[str, str], now: datetime
) -> None:
    """Refuses drops in the folder of a `refused` source (with the code of the reason) that are
    there for another one too: with a copy in its folder, or taken in from there."""
    rows = connection.execute(
        "SELECT DISTINCT drop_id, arrivals.source FROM restricted.arrivals AS arrivals "
        "JOIN registers.drops USING (drop_id) "
        "WHERE list_contains($refused::VARCHAR[], arrivals.source) AND ("
        f"{TAKEN_BY_ANOTHER} "
        "OR EXISTS (SELECT 1 FROM restricted.arrivals AS others "
        "WHERE others.drop_id = arrivals.drop_id "
        "AND NOT list_contains($refused::VARCHAR[], others.source))) ORDER BY ALL",
        {"refused": list(refused)},
    ).fetchall()
    for drop_id, source in rows:
        leave(connection, drop_id, source, refused[source], now)


def taken_from_others(connection: duckdb.DuckDBPyConnection, source: str) -> set[str]:
    """Drops in the folder of a source that are loaded, held or released for another one."""
    rows = connection.execute(
        "SELECT DISTINCT drop_id FROM restricted.arrivals AS arrivals "
        "JOIN registers.drops USING (drop_id) WHERE arrivals.source = $1 "
        f"AND {TAKEN_BY_ANOTHER}",
        [source],
    ).fetchall()
    return {drop_id for (drop_id,) in rows}


def leave_to_others(
    connection: duckdb.DuckDBPyConnection,
    arrival: Arrival,
    taken: Collection[str],
    agreed: Iterable[str],
    reason: str,
    now: datetime,
) -> bool:
    """Whether a drop that its source cannot take in is one of those `taken` from the folder of
    another source, or lies in the folder of one that has yet to judge it.

    Then the reason is on record, and the copies in this one's folder are erased.
    """
    if arrival.drop_id not in taken:
        rows = connection.execute(
            "SELECT path FROM restricted.arrivals "
            "WHERE drop_id = $1 AND source <> $2 AND list_contains($3, source)",
            [arrival.drop_id, arrival.source, list(agreed)],
        ).fetchall()
        if not any(holds_drop(path_from_hex(path), arrival.drop_id) for (path,) in rows):
            return False
    leave(connection, arrival.drop_id, arrival.source, reason, now)
    return True


def leave(
    connection: duckdb.DuckDBPyConnection, drop_id: str, source: str, reason: str, now: datetime
) -> None:
    """Records why a source did not take in a drop, and erases the copies in its folder."""
    record_elsewhere(connection, drop_id, source, reason, now)
    clear_landing(connection, drop_id, source)
