"""The machine's clock, held against the last time it was seen: a jump is for an operator to judge.

Due dates and the order of drops follow the clock. Set wrong, it would erase too soon, or put an
older file in the place of a newer one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import local_date
from safer_streets_assets.retention.errors import ClockError
from safer_streets_assets.stores.queries import one_row
from safer_streets_assets.stores.registers import has_table


def watch_clock(registers: duckdb.DuckDBPyConnection, policy: Policy, now: datetime) -> None:
    """Notes the time in UTC, unless it is too far from the last that was noted.

    The registers are attached for writing and have their tables.

    Raises:
        ClockError: the clock has jumped, and nobody has said yet that it is right.
    """
    if (sentence := clock_jumped(registers, policy, now)) is not None:
        raise ClockError(sentence)
    seen = last_seen(registers)
    _note(registers, now if seen is None else max(seen, now))


def clock_jumped(registers: duckdb.DuckDBPyConnection, policy: Policy, now: datetime) -> str | None:
    """What is said when the time in UTC is too far from the last that was noted; else None."""
    seen, rules = last_seen(registers), policy.dpia.retention
    if seen is None:
        return None
    back = seen - now >= timedelta(days=rules.clock_back_days)
    if not back and now - seen <= timedelta(days=rules.clock_forward_days):
        return None
    zone = policy.dpia.evaluation.timezone
    today = local_date(now, zone)
    return (
        f"The clock says {today}, and when something last ran here it said "
        f"{local_date(seen, zone)}: set it right, or, when it is right, say so with "
        f"safer-streets retention --clock-is-right {today}; until then nothing is erased or taken "
        "in."
    )


def confirm_clock(
    registers: duckdb.DuckDBPyConnection, policy: Policy, said: date, now: datetime
) -> None:
    """Notes the time, however far from the last, when an operator says that it is this day.

    Raises:
        ClockError: the clock says another day.
    """
    if said != local_date(now, policy.dpia.evaluation.timezone):
        raise ClockError("The clock says another day than you do: set it right.")
    _note(registers, now)


def last_seen(registers: duckdb.DuckDBPyConnection) -> datetime | None:
    """The time, in UTC, that was noted last; where none was, when a drop arrived last."""
    queries = ["SELECT max(arrived_at) FROM registers.drops"]
    if has_table(registers, "last_seen"):
        queries.insert(0, "SELECT max(seen_at) FROM registers.last_seen")
    for query in queries:
        (seen,) = one_row(registers, query)
        if isinstance(seen, datetime):
            return seen
    return None


def _note(registers: duckdb.DuckDBPyConnection, at: datetime) -> None:
    registers.execute(
        "INSERT INTO registers.last_seen VALUES (1, ?) "
        "ON CONFLICT (line) DO UPDATE SET seen_at = excluded.seen_at",
        [at],
    )
