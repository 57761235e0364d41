"""Reads the ledger: drops by state, rows set aside by reason. Counts only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from datetime import date, datetime

import duckdb

from safer_streets_assets.intake.reasons import DECIDED_FOR_GOOD, row_reasons
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.ids import SHOWN_DIGITS
from safer_streets_assets.stores.queries import one_number, one_row
from safer_streets_assets.stores.registers import ensure_registers

ERASED_SINCE = (
    "EXISTS (FROM registers.deletion_certificates AS gone "
    "WHERE gone.holding = 'quarantine/' || drops.drop_id "
    "AND gone.erased_at >= coalesce(drops.decided_at, drops.arrived_at))"
)
"""Of a line of `registers.drops` as drops: whether the sealed file was erased by its rule since the
drop was decided on. Nothing is to be done about such a drop any more."""


@dataclass(frozen=True)
class LedgerCount:
    """Drops of one source in one state, with their rows and, first come first, their ids.

    What was quarantined, refused or held and is erased since is `erased`, and has no sentence.
    """

    source: str
    state: str
    reason: str | None
    sentence: str | None
    drops: int
    rows_loaded: int
    rows_set_aside: int
    drop_ids: tuple[str, ...] = ()

    @property
    def said(self) -> tuple[tuple[int, str], ...]:
        """What is said of them, and of how many: one by one where a command takes the id."""
        if not self.sentence:
            return ()
        if (first := said_of(self.drop_ids[0], self.sentence)) == self.sentence:
            return ((self.drops, first),)
        return tuple((1, said_of(drop_id, self.sentence)) for drop_id in self.drop_ids)


@dataclass(frozen=True)
class DayOfIntake:
    """The drops of one source that arrived on one day (UTC), and what became of them."""

    day: date
    source: str
    drops: int
    loaded: int
    held: int
    quarantined: int
    refused: int
    rows_loaded: int
    rows_set_aside: int


@dataclass(frozen=True)
class HeldFinding:
    """One reason for which a drop is held; shares in whole percent, None when held by hand."""

    drop_id: str
    source: str
    held_at: datetime
    reason: str
    column: str | None
    percent_before: int | None
    percent_now: int | None


@dataclass(frozen=True)
class SealedDrop:
    """A drop that an operator may decide on: it is in no table, and sealed unless it was erased."""

    drop_id: str
    source: str
    state: str
    reason: str | None
    arrived_at: datetime
    sentence: str | None = None


def ledger_counts(connection: duckdb.DuckDBPyConnection) -> list[LedgerCount]:
    """The ledger counted by source, state, reason and sentence; the registers are attached."""
    rows = connection.execute(
        "SELECT source, CASE WHEN is_gone THEN 'erased' ELSE state END AS now_is, reason, "
        "CASE WHEN NOT is_gone THEN sentence END AS says, count(*), "
        "coalesce(sum(rows_loaded), 0), coalesce(sum(rows_set_aside), 0), "
        "list(drop_id ORDER BY arrived_at, drop_id) "
        f"FROM (SELECT *, state <> 'loaded' AND {ERASED_SINCE} AS is_gone "
        "FROM registers.drops AS drops) GROUP BY source, now_is, reason, says "
        "ORDER BY source, now_is, reason, says"
    ).fetchall()
    return [
        LedgerCount(
            source, state, reason, sentence, drops, int(loaded), int(aside), tuple(drop_ids)
        )
        for source, state, reason, sentence, drops, loaded, aside, drop_ids in rows
    ]


def said_of(drop_id: str, sentence: str) -> str:
    """The sentence of the ledger about a drop, with its id in the commands that it names."""
    return sentence.replace("DROP_ID", drop_id[:SHOWN_DIGITS])


def set_aside_counts(
    connection: duckdb.DuckDBPyConnection, policy: Policy
) -> list[tuple[str, str, int]]:
    """Rows set aside by reason: code, what it means, rows; the registers are attached."""
    rows = connection.execute(
        "SELECT reason, sum(row_count) FROM registers.set_aside_counts "
        "GROUP BY reason ORDER BY reason"
    ).fetchall()
    known = row_reasons(policy)
    return [(reason, known[reason].sentence, int(count)) for reason, count in rows]


def intake_by_day(connection: duckdb.DuckDBPyConnection, days: int = 60) -> list[DayOfIntake]:
    """What became of drops by the day they first arrived and source, latest first."""
    states = ", ".join(
        f"count(*) FILTER (state = '{state}')"
        for state in ("loaded", "held", "quarantined", "refused")
    )
    rows = connection.execute(
        f"SELECT arrived_at::DATE AS day, source, count(*), {states}, "
        "coalesce(sum(rows_loaded), 0)::BIGINT, coalesce(sum(rows_set_aside), 0)::BIGINT "
        "FROM registers.drops GROUP BY day, source "
        "QUALIFY dense_rank() OVER (ORDER BY day DESC) <= ? ORDER BY day DESC, source",
        [days],
    ).fetchall()
    return [DayOfIntake(*row) for row in rows]


def held_findings(connection: duckdb.DuckDBPyConnection) -> list[HeldFinding]:
    """Why drops are held: one line a finding, one a drop that is held by hand."""
    rows = connection.execute(
        "SELECT drops.drop_id, source, decided_at, coalesce(finding, reason), column_name, "
        "percent_before, percent_now FROM registers.drops AS drops "
        "LEFT JOIN registers.drift_findings AS found "
        "ON found.drop_id = drops.drop_id AND drops.reason LIKE 'D-DRIFT-%' "
        "WHERE state = 'held' ORDER BY decided_at, drops.drop_id, found.rowid"
    ).fetchall()
    return [HeldFinding(*row) for row in rows]


@dataclass(frozen=True)
class DropFacts:
    """What is on the ledger of one drop."""

    drop_id: str
    source: str
    state: str
    reason: str | None
    sentence: str | None
    arrived_at: datetime
    decided_at: datetime | None
    position_date: date | None
    format: str | None
    bytes: int
    rows_read: int | None
    rows_loaded: int | None
    rows_set_aside: int | None
    columns_dropped: int | None


def drop_facts(connection: duckdb.DuckDBPyConnection, drop_id: str) -> DropFacts:
    """The ledger's line of a drop that is on it; the registers are attached."""
    columns = ", ".join(field.name for field in fields(DropFacts))
    return DropFacts(
        *one_row(connection, f"SELECT {columns} FROM registers.drops WHERE drop_id = ?", [drop_id])
    )


def set_aside_of(connection: duckdb.DuckDBPyConnection, drop_id: str) -> list[tuple[str, int]]:
    """Rows of a drop set aside, by reason; the registers are attached."""
    return connection.execute(
        "SELECT reason, row_count FROM registers.set_aside_counts WHERE drop_id = ? ORDER BY ALL",
        [drop_id],
    ).fetchall()


def dropped_headers(connection: duckdb.DuckDBPyConnection, drop_id: str) -> list[str]:
    """The columns of a loaded drop outside the agreement; the restricted store is attached."""
    rows = connection.execute(
        "SELECT unnest(dropped_headers) FROM restricted.loaded_drops WHERE drop_id = ?", [drop_id]
    ).fetchall()
    return [header for (header,) in rows]


def every_drop(
    connection: duckdb.DuckDBPyConnection, source: str | None = None
) -> list[tuple[str, str, str, str | None, date | None, int | None, datetime]]:
    """Drops of all sources or one: id, source, state, reason, position date, rows, arrival."""
    return connection.execute(
        "SELECT drop_id, source, state, reason, position_date, rows_loaded, arrived_at "
        "FROM registers.drops WHERE $source IS NULL OR source = $source "
        "ORDER BY source, coalesce(position_date, arrived_at::DATE), arrived_at, drop_id",
        {"source": source},
    ).fetchall()


def sealed_drops(connection: duckdb.DuckDBPyConnection) -> list[SealedDrop]:
    """Drops that are held, released, quarantined or refused, latest first."""
    rows = connection.execute(
        "SELECT drop_id, source, state, reason, arrived_at FROM registers.drops "
        "WHERE state NOT IN ('arrived', 'loaded') ORDER BY arrived_at DESC, source, drop_id"
    ).fetchall()
    return [SealedDrop(*row) for row in rows]


def not_taken_in(connection: duckdb.DuckDBPyConnection, state: str) -> list[SealedDrop]:
    """Drops in a state (quarantined or refused) that are there and that no operator has decided on,
    oldest first."""
    rows = connection.execute(
        "SELECT drop_id, source, state, reason, arrived_at, sentence "
        "FROM registers.drops AS drops "
        "WHERE state = ? AND NOT list_contains(?::VARCHAR[], coalesce(reason, '')) "
        f"AND NOT {ERASED_SINCE} "
        "ORDER BY arrived_at, source, drop_id",
        [state, list(DECIDED_FOR_GOOD)],
    ).fetchall()
    return [SealedDrop(*row) for row in rows]


def drops_digest(connection: duckdb.DuckDBPyConnection) -> str:
    """SHA-256 over the ids of the loaded drops."""
    return hashlib.sha256("\n".join(loaded_drop_ids(connection)).encode()).hexdigest()


def anything_loaded(folder: DataFolder) -> bool:
    """Whether any drop was ever loaded into a data folder, or was released for it."""
    if not folder.database("registers").exists():
        return False
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        return (
            one_number(
                connection,
                "SELECT count(*) FROM registers.drops WHERE state IN ('loaded', 'released')",
            )
            > 0
        )


def loaded_drop_ids(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The drops whose rows are in the tables, in a fixed order."""
    rows = connection.execute(
        "SELECT drop_id FROM registers.drops WHERE state = 'loaded' ORDER BY drop_id"
    ).fetchall()
    return [drop_id for (drop_id,) in rows]
