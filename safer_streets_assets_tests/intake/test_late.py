"""A source of which nothing came for longer than the policy expects is late."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb

from safer_streets_assets.intake.late_sources import late_sources
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets_tests.builders import CHECKIN, CRC, NPS

DAY = date(2026, 3, 2)


def arrived(
    connection: duckdb.DuckDBPyConnection, source: str, day: date, state: str = "loaded"
) -> None:
    """Puts a drop on the ledger that arrived on a day."""
    connection.execute(
        "INSERT INTO registers.drops (drop_id, source, state, arrived_at, bytes) "
        "VALUES (?, ?, ?, ?, 1)",
        [f"{source} {day}", source, state, day],
    )


def test_a_source_is_late_from_the_day_after_the_last_one_expected(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    ensure_registers(memory)
    assert late_sources(memory, policy, DAY) == []
    for name in policy.dpia.expected.arrivals:
        arrived(memory, name, DAY)
    days = policy.dpia.expected.arrivals[NPS]
    arrived(memory, NPS, DAY + timedelta(days=20))
    last = DAY + timedelta(days=20 + days)
    assert NPS not in {one.source for one in late_sources(memory, policy, last)}
    late = {one.source: one for one in late_sources(memory, policy, last + timedelta(days=1))}
    assert (late[NPS].last, late[NPS].expected_by) == (DAY + timedelta(days=20), last)
    assert NPS in late[NPS].sentence
    assert NPS not in {
        one.source for one in late_sources(memory, policy, last + timedelta(days=1), [NPS])
    }


def test_one_that_never_came_counts_from_the_first_drop_and_a_refused_one_is_none(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    ensure_registers(memory)
    arrived(memory, CRC, DAY)
    arrived(memory, CHECKIN, DAY, "refused")
    after = DAY + timedelta(days=policy.dpia.expected.arrivals[CHECKIN] + 1)
    late = {one.source: one.last for one in late_sources(memory, policy, after)}
    assert late[CHECKIN] is None
    assert late[CRC] == DAY
