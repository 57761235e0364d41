"""The register of breaches: when detected, who has to hear of it by when, decision, lessons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from safer_streets_assets.accountability.clocks import left_until
from safer_streets_assets.accountability.errors import RegisterError
from safer_streets_assets.accountability.tables import (
    BREACHES,
    CLOCKS,
    Entry,
    close,
    insert,
    new_id,
    refuse_unless_open,
)
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.queries import one_number, transaction


@dataclass(frozen=True)
class RunningClock:
    """Somebody who has to hear of a breach and has not, and nobody decided that they need not."""

    breach_id: str
    clock: str
    told: str
    due_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether the time has run out."""
        return now > self.due_at

    def shown(self, now: datetime) -> str:
        """How much time is left, in words."""
        return f"{self.breach_id}, {self.told}: {left_until(self.due_at, now)}"


def add_breach(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    detected_at: datetime,
    what: str,
    entry: Entry,
) -> str:
    """Records a breach and starts its clocks when it was detected (UTC); returns its id.

    Hours are hours gone by: a clock that runs over the change of summer time is as long as any.

    Raises:
        RegisterError: the time lies in the future.
    """
    if detected_at > entry.at:
        raise RegisterError("The breach was detected in the future; correct the time.")
    breach_id = new_id(BREACHES)
    with transaction(connection):
        insert(
            connection,
            BREACHES,
            breach_id=breach_id,
            detected_at=detected_at,
            what=what,
            recorded_by=entry.by,
            recorded_at=entry.at,
        )
        for clock in policy.dpia.accountability.breach_clocks:
            insert(
                connection,
                CLOCKS,
                breach_id=breach_id,
                clock=clock.name,
                told=clock.told,
                due_at=detected_at + timedelta(hours=clock.hours),
            )
    return breach_id


def report_breach(
    connection: duckdb.DuckDBPyConnection,
    breach_id: str,
    clock: str,
    reported_at: datetime,
    entry: Entry,
) -> None:
    """Records that somebody was told of a breach, which stops their clock.

    Raises:
        RegisterError: the breach is closed or has no such clock, the clock was stopped by a report
            already, or the time lies before the breach or in the future.
    """
    _refuse_stopped(connection, breach_id, clock)
    too_early = one_number(
        connection,
        "SELECT count(*) FROM registers.breaches WHERE breach_id = ? AND detected_at > ?",
        [breach_id, reported_at],
    )
    if too_early or reported_at > entry.at:
        raise RegisterError(
            "The time of the report lies before the breach was detected or in the future; correct "
            "it."
        )
    connection.execute(
        "UPDATE registers.breach_clocks SET reported_at = ?, not_reported_because = NULL, "
        "decided_by = ?, decided_at = ? WHERE breach_id = ? AND clock = ?",
        [reported_at, entry.by, entry.at, breach_id, clock],
    )


def decide_not_to_report(
    connection: duckdb.DuckDBPyConnection, breach_id: str, clock: str, reasons: str, entry: Entry
) -> None:
    """Records the decision, with its reasons, that somebody need not be told of a breach.

    Raises:
        RegisterError: the breach is closed or has no such clock, or the clock is stopped already.
    """
    _refuse_stopped(connection, breach_id, clock)
    if all((one.breach_id, one.clock) != (breach_id, clock) for one in running_clocks(connection)):
        raise RegisterError("Why they need not be told of this breach is on record already.")
    connection.execute(
        "UPDATE registers.breach_clocks SET not_reported_because = ?, decided_by = ?, "
        "decided_at = ? WHERE breach_id = ? AND clock = ?",
        [reasons, entry.by, entry.at, breach_id, clock],
    )


def close_breach(
    connection: duckdb.DuckDBPyConnection, breach_id: str, lessons: str, entry: Entry
) -> None:
    """Records the lessons of a breach and closes it.

    Raises:
        RegisterError: there is no such open breach, or somebody has still to be told.
    """
    refuse_unless_open(connection, BREACHES, breach_id)
    if any(one.breach_id == breach_id for one in running_clocks(connection)):
        raise RegisterError(
            "A clock of this breach still runs: record that it was reported, or why it is not, "
            "and close it then."
        )
    close(connection, BREACHES, breach_id, lessons=lessons, closed_at=entry.at)


def running_clocks(connection: duckdb.DuckDBPyConnection) -> list[RunningClock]:
    """The clocks of breaches that run, the one that ends first first."""
    rows = connection.execute(
        "SELECT breach_id, clock, told, due_at FROM registers.breach_clocks "
        "WHERE reported_at IS NULL AND not_reported_because IS NULL "
        "ORDER BY due_at, breach_id, clock"
    ).fetchall()
    return [RunningClock(*row) for row in rows]


def _refuse_stopped(connection: duckdb.DuckDBPyConnection, breach_id: str, clock: str) -> None:
    refuse_unless_open(connection, BREACHES, breach_id)
    rows = connection.execute(
        "SELECT clock, reported_at FROM registers.breach_clocks WHERE breach_id = ? ORDER BY ALL",
        [breach_id],
    ).fetchall()
    clocks = dict(rows)
    if clock not in clocks:
        raise RegisterError(f"The breach has no such clock; use one of {', '.join(clocks)}.")
    if clocks[clock] is not None:
        raise RegisterError("It is on record already that they were told of this breach.")
