"""The register of breaches: how severe, who has to hear of it by when, escalation, lessons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from safer_streets_assets.accountability.clocks import left_until
from safer_streets_assets.accountability.errors import RegisterError
from safer_streets_assets.accountability.tables import (
    ASSESSMENTS,
    BREACHES,
    CLOCKS,
    ESCALATIONS,
    Entry,
    close,
    insert,
    new_id,
    refuse_unless_open,
)
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.records.recording import role
from safer_streets_assets.stores.queries import one_number, one_row, transaction


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
    severity: str,
    entry: Entry,
) -> str:
    """Records a breach and starts its clocks when it was detected (UTC); returns its id.

    Hours are hours gone by: a clock that runs over the change of summer time is as long as any.

    Raises:
        RegisterError: the policy has no such severity, or the time lies in the future.
    """
    _refuse_unknown_severity(policy, severity)
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
        _assess(connection, breach_id, severity, entry)
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


def assess_breach(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    breach_id: str,
    severity: str,
    entry: Entry,
) -> None:
    """Records how severe an open breach is; what was thought before stays on record beside it.

    Raises:
        RegisterError: the policy has no such severity, or there is no such open breach.
    """
    _refuse_unknown_severity(policy, severity)
    refuse_unless_open(connection, BREACHES, breach_id)
    with transaction(connection):
        _assess(connection, breach_id, severity, entry)


def _assess(
    connection: duckdb.DuckDBPyConnection, breach_id: str, severity: str, entry: Entry
) -> None:
    """A line of its own, and the newest with the breach, inside the caller's transaction."""
    values = {"severity": severity, "assessed_by": entry.by, "assessed_at": entry.at}
    insert(connection, ASSESSMENTS, breach_id=breach_id, **values)
    connection.execute(
        "UPDATE registers.breaches SET severity = ?, assessed_by = ?, assessed_at = ? "
        "WHERE breach_id = ?",
        [*values.values(), breach_id],
    )


def escalate_breach(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    breach_id: str,
    to: str,
    escalated_at: datetime,
    entry: Entry,
) -> None:
    """Records to which role of the policy a breach was escalated, and when (UTC).

    Raises:
        DecisionError: the policy has no such role.
        RegisterError: there is no such open breach, or the time lies before the breach or in the
            future.
    """
    escalated_to = role(policy, to)
    refuse_unless_open(connection, BREACHES, breach_id)
    _refuse_time(connection, breach_id, escalated_at, entry)
    insert(
        connection,
        ESCALATIONS,
        breach_id=breach_id,
        escalated_to=escalated_to,
        escalated_at=escalated_at,
        recorded_by=entry.by,
        recorded_at=entry.at,
    )


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
    _refuse_time(connection, breach_id, reported_at, entry)
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
        RegisterError: there is no such open breach, the lessons are empty, somebody has still to be
            told, or it is not on record how severe it was or to whom it was escalated.
    """
    if not lessons.strip():
        raise RegisterError("Say what was learnt from this breach; it is closed with its lessons.")
    refuse_unless_open(connection, BREACHES, breach_id)
    if any(one.breach_id == breach_id for one in running_clocks(connection)):
        raise RegisterError(
            "A clock of this breach still runs: record that it was reported, or why it is not, "
            "and close it then."
        )
    _refuse_incomplete(connection, breach_id)
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


def _refuse_unknown_severity(policy: Policy, severity: str) -> None:
    known = policy.dpia.accountability.breach_severities
    if severity not in known:
        raise RegisterError(f"There is no such severity; use one of {', '.join(known)}.")


def _refuse_time(
    connection: duckdb.DuckDBPyConnection, breach_id: str, at: datetime, entry: Entry
) -> None:
    too_early = one_number(
        connection,
        "SELECT count(*) FROM registers.breaches WHERE breach_id = ? AND detected_at > ?",
        [breach_id, at],
    )
    if too_early or at > entry.at:
        raise RegisterError(
            "The time given lies before the breach was detected or in the future; correct it."
        )


def _refuse_incomplete(connection: duckdb.DuckDBPyConnection, breach_id: str) -> None:
    """A breach that an earlier version recorded may have no severity."""
    severity, escalations = one_row(
        connection,
        "SELECT severity, (SELECT count(*) FROM registers.breach_escalations e "
        "WHERE e.breach_id = b.breach_id) FROM registers.breaches b WHERE breach_id = ?",
        [breach_id],
    )
    if severity is None:
        raise RegisterError(
            "How severe this breach was is not on record: record it with safer-streets registers "
            "breaches assess, and close it then."
        )
    if not escalations:
        raise RegisterError(
            "To whom this breach was escalated is not on record: record it with safer-streets "
            "registers breaches escalate, and close it then."
        )
