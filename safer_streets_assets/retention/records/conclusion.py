"""The project's conclusion, what is decided about each holding then, and stages given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.errors import DecisionError
from safer_streets_assets.retention.records.recording import (
    Record,
    not_in_the_future,
    record_withdrawal,
    recorded_now,
    role,
    words,
)
from safer_streets_assets.stores.registers import evaluation_closed, stopped_stages, withdrawn

ERASE: Literal["erase"] = "erase"
KEEP: Literal["keep"] = "keep"
PROJECT = "project"
"""The subject of the conclusion, where it is taken back."""


@dataclass(frozen=True)
class HoldingDecision:
    """What was decided about a holding: erased at once, or kept until a date."""

    holding: str
    decision: Literal["erase", "keep"]
    until: date | None
    why: str
    decided_by: str
    decided_on: date


def record_conclusion(
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    concluded_on: date,
    decided_by: str,
    today: date,
    now: datetime,
) -> None:
    """Records that the project has concluded: everything personal is listed for assessment.

    A second record takes the place of the first. `today` is the date in the policy's time zone.

    Raises:
        DecisionError: the date lies in the future, or the role is none of the policy's.
    """
    day = not_in_the_future(concluded_on, today, "the conclusion")
    by = role(policy, decided_by)
    at = recorded_now(registers, "conclusion", now)
    registers.execute("INSERT INTO registers.conclusions VALUES (?, ?, ?)", [day, by, at])


def conclusion_of(registers: duckdb.DuckDBPyConnection) -> Record | None:
    """The conclusion that was recorded last, unless it was taken back."""
    found = registers.execute(
        "SELECT concluded_on, decided_by, recorded_at FROM registers.conclusions "
        "ORDER BY recorded_at DESC, rowid DESC LIMIT 1"
    ).fetchone()
    if found is None or (PROJECT, found[2]) in withdrawn(registers, "conclusion"):
        return None
    return Record(PROJECT, *found)


def withdraw_conclusion(
    registers: duckdb.DuckDBPyConnection, policy: Policy, why: str, by: str, now: datetime
) -> Record:
    """Takes the conclusion back and returns it; an earlier one does not hold again.

    Raises:
        DecisionError: there is none, erasure has begun, or a role or a line is not as it should be.
    """
    found = conclusion_of(registers)
    if found is None:
        raise DecisionError("No conclusion stands: there is nothing to take back.")
    record_withdrawal(registers, policy, "conclusion", found, why, by, now)
    return found


def record_decision(
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    decided: HoldingDecision,
    now: datetime,
) -> None:
    """Records what was decided about a holding; the latest decision holds.

    The caller has seen to it that the holding is up for assessment.

    Raises:
        DecisionError: a role or a line is not as it should be.
    """
    registers.execute(
        "INSERT INTO registers.holding_decisions VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            decided.holding,
            decided.decision,
            decided.until,
            words(decided.why, "why", policy),
            role(policy, decided.decided_by),
            decided.decided_on,
            recorded_now(registers, "decision", now),
        ],
    )


def holding_decisions(registers: duckdb.DuckDBPyConnection) -> dict[str, HoldingDecision]:
    """Holding to what was decided about it last, unless that was taken back."""
    return {name: decision for name, (decision, _) in _latest_decisions(registers).items()}


def withdraw_decision(
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    holding: str,
    why: str,
    by: str,
    now: datetime,
) -> None:
    """Takes back what was decided about a holding last; nothing decided before holds again.

    Raises:
        DecisionError: nothing is decided about it, erasure has begun, or a role or a line is not
            as it should be.
    """
    found = _latest_decisions(registers).get(holding)
    if found is None:
        raise DecisionError("No decision about this holding stands: there is nothing to take back.")
    decision, at = found
    record = Record(holding, decision.decided_on, decision.decided_by, at)
    record_withdrawal(registers, policy, "decision", record, why, by, now, [holding])


def _latest_decisions(
    registers: duckdb.DuckDBPyConnection,
) -> dict[str, tuple[HoldingDecision, datetime]]:
    rows = registers.execute(
        "SELECT holding, decision, until, why, decided_by, decided_on, recorded_at "
        "FROM registers.holding_decisions ORDER BY recorded_at, rowid"
    ).fetchall()
    latest = {row[0]: (HoldingDecision(*row[:-1]), row[-1]) for row in rows}
    gone = withdrawn(registers, "decision")
    return {name: found for name, found in latest.items() if (name, found[1]) not in gone}


def stop_stage(
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    gate: str,
    stopped_on: date,
    decided_by: str,
    today: date,
    now: datetime,
) -> list[str]:
    """Records that a stage will not go on; returns the sources that were gathered for it alone.

    A second record changes nothing, unless the first was taken back.

    Raises:
        DecisionError: there is no such gate, the date lies in the future, the role is none of
            the policy's, or personal data is erased already.
    """
    gates = [own.name for own in policy.dpia.gates]
    if gate not in gates:
        raise DecisionError(f"There is no stage of that name; give one of {', '.join(gates)}.")
    if evaluation_closed(registers):
        raise DecisionError("The evaluation is closed: no stage of it goes on.")
    day = not_in_the_future(stopped_on, today, "the decision")
    by = role(policy, decided_by)
    if gate not in stopped_stages(registers):
        registers.execute(
            "INSERT INTO registers.stopped_stages VALUES (?, ?, ?, ?) ON CONFLICT (gate) DO UPDATE "
            "SET stopped_on = excluded.stopped_on, decided_by = excluded.decided_by, "
            "recorded_at = excluded.recorded_at",
            [gate, day, by, recorded_now(registers, "stage", now)],
        )
    return policy.dpia.gathered_for(stops(registers))


def withdraw_stop(
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    gate: str,
    why: str,
    by: str,
    now: datetime,
) -> None:
    """Takes back that a stage will not go on.

    Raises:
        DecisionError: it was not stopped, erasure has begun, or a role or a line is not as it
            should be.
    """
    found = stops(registers).get(gate)
    if found is None:
        stopped = ", ".join(stops(registers)) or "none is"
        raise DecisionError(f"No stage of that name is stopped; those that are: {stopped}.")
    gathered = {one for own in policy.dpia.gates if own.name == gate for one in own.gathers}
    holdings = [f"restricted/{name}" for name in gathered]
    record_withdrawal(registers, policy, "stage", found, why, by, now, holdings)


def stops(registers: duckdb.DuckDBPyConnection) -> dict[str, Record]:
    """Gate to the record that its stage will not go on."""
    rows = registers.execute(
        "SELECT gate, stopped_on, decided_by, recorded_at FROM registers.stopped_stages"
    ).fetchall()
    standing = stopped_stages(registers)
    return {row[0]: Record(*row) for row in rows if row[0] in standing}
