"""The project's conclusion, what is decided about each holding then, and stages given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.errors import DecisionError
from safer_streets_assets.retention.wording import not_in_the_future, role, words
from safer_streets_assets.stores.registers import evaluation_closed

ERASE: Literal["erase"] = "erase"
KEEP: Literal["keep"] = "keep"


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
    registers.execute("INSERT INTO registers.conclusions VALUES (?, ?, ?)", [day, by, now])


def concluded_on(registers: duckdb.DuckDBPyConnection) -> date | None:
    """The day the project concluded, or None."""
    found = registers.execute(
        "SELECT concluded_on FROM registers.conclusions ORDER BY recorded_at DESC, rowid DESC"
    ).fetchone()
    return found[0] if found else None


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
            words(decided.why, "why"),
            role(policy, decided.decided_by),
            decided.decided_on,
            now,
        ],
    )


def holding_decisions(registers: duckdb.DuckDBPyConnection) -> dict[str, HoldingDecision]:
    """Holding to what was decided about it last."""
    rows = registers.execute(
        "SELECT holding, decision, until, why, decided_by, decided_on "
        "FROM registers.holding_decisions ORDER BY recorded_at, rowid"
    ).fetchall()
    return {row[0]: HoldingDecision(*row) for row in rows}


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

    A second record changes nothing.

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
    registers.execute(
        "INSERT INTO registers.stopped_stages VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [gate, day, by, now],
    )
    return policy.dpia.gathered_for(stopped_on_days(registers))


def stopped_on_days(registers: duckdb.DuckDBPyConnection) -> dict[str, date]:
    """Gate to the day from which its stage will not go on."""
    rows = registers.execute("SELECT gate, stopped_on FROM registers.stopped_stages").fetchall()
    return dict(rows)
