"""What somebody has to know is found, in sentences of counts and ids, and is another once it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import duckdb
import pytest

from safer_streets_assets.accountability import breaches, requests
from safer_streets_assets.accountability.tables import Entry, ensure_accountability
from safer_streets_assets.policy.alerts import AlertKind
from safer_streets_assets.retention import Holding
from safer_streets_assets.retention.holdings.holding import Clock, state_on
from safer_streets_assets.retention.holdings.rules import LegalFacts
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets.watching.findings import Finding, find_everything
from safer_streets_assets_tests.builders import memory, shipped_policy

__all__ = ["memory"]

POLICY = shipped_policy()
NOW = datetime(2020, 3, 2, 12)
DROP = "d" * 64


@pytest.fixture
def desk(memory: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Stores in memory with every register."""
    ensure_registers(memory)
    ensure_accountability(memory)
    return memory


def found(
    desk: duckdb.DuckDBPyConnection, holdings: Sequence[Holding] = (), now: datetime = NOW
) -> list[Finding]:
    return find_everything(desk, POLICY, holdings, now)


def add_drop(desk: duckdb.DuckDBPyConnection, state: str, at: datetime = NOW) -> None:
    desk.execute(
        "INSERT INTO registers.drops (drop_id, source, state, reason, arrived_at, bytes) "
        "VALUES (?, 'crc_eligibility', ?, 'D-X', ?, 1)",
        [DROP, state, at],
    )


def held(due_on: date | None, today: date) -> Holding:
    """A holding that is there, as the retention register has it on a day."""
    facts = LegalFacts(*("" for _ in LegalFacts.__dataclass_fields__))
    state = state_on(today, due_on, POLICY.dpia.retention.warn_days)
    return Holding("restricted/x", "restricted", "x", facts, Clock("r", "t", None, due_on), state)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("held", "drop_held"),
        ("quarantined", "drop_quarantined"),
        ("refused", "drop_refused"),
        ("loaded", None),
    ],
)
def test_a_drop_that_was_not_taken_in_is_found_by_its_id(
    desk: duckdb.DuckDBPyConnection, state: str, kind: AlertKind | None
) -> None:
    add_drop(desk, state)
    told = [(one.kind, one.sentence) for one in found(desk)]
    if kind is None:
        assert told == []
    else:
        ((said, sentence),) = told
        assert said == kind
        assert sentence.startswith("Drop dddddddddddd of crc_eligibility is ")


def test_nothing_that_arrives_in_time_is_told_of_as_late(desk: duckdb.DuckDBPyConnection) -> None:
    add_drop(desk, "loaded")
    late = NOW + timedelta(days=max(POLICY.dpia.expected.arrivals.values()) + 1)
    kinds = {one.kind for one in found(desk, now=late)}
    assert {one.kind for one in found(desk)} == set()
    assert "nothing_arrived" in kinds


@pytest.mark.parametrize(
    ("hours_gone", "kinds"),
    [
        (11.9, []),
        (12.1, ["breach_half"]),
        (20.1, ["breach_last_hours"]),
        (24.1, ["breach_past"]),
        (36.1, ["breach_past", "breach_half"]),
    ],
)
def test_a_clock_of_a_breach_is_told_of_at_half_in_its_last_hours_and_past(
    desk: duckdb.DuckDBPyConnection, hours_gone: float, kinds: list[AlertKind]
) -> None:
    at = NOW + timedelta(hours=hours_gone)
    breaches.add_breach(desk, POLICY, NOW, "A letter went astray", "low", Entry("x", at))
    assert [one.kind for one in found(desk, now=at)] == kinds


def test_a_request_is_told_of_in_its_last_days_and_as_overdue(
    desk: duckdb.DuckDBPyConnection,
) -> None:
    received = date(2020, 3, 2)
    requests.add_rights_request(
        desk, POLICY, requests.SUBJECT_ACCESS, received, received, Entry("x", NOW)
    )
    due = datetime(2020, 4, 2, 12)
    days = POLICY.dpia.alerts.request_days_left

    def kinds(at: datetime) -> list[AlertKind]:
        return [one.kind for one in found(desk, now=at) if one.kind.startswith("request")]

    assert kinds(due - timedelta(days=days + 1)) == []
    assert kinds(due - timedelta(days=days)) == kinds(due) == ["request_due"]
    assert kinds(due + timedelta(days=1)) == ["request_overdue"]


def test_each_warning_of_an_erasure_is_a_finding_of_its_own(
    desk: duckdb.DuckDBPyConnection,
) -> None:
    due = date(2020, 6, 1)
    seen = {}
    for days in (31, 30, 15, 14, 2, 1, 0, -1):
        own = found(desk, [held(due, due - timedelta(days=days))])
        seen[days] = [(one.kind, one.key) for one in own]
    assert seen[31] == []
    assert seen[30] == seen[15] != seen[14]
    assert seen[14] == seen[2] != seen[1]
    assert [kind for kind, _ in seen[1]] == ["erasure_due"]
    assert [kind for kind, _ in seen[0] + seen[-1]] == ["erasure_overdue"] * 2
    assert seen[0] != seen[-1]


def test_an_erasure_is_told_of_for_a_fortnight(desk: duckdb.DuckDBPyConnection) -> None:
    columns = "certificate_id, holding, store, what, rule, due_on, erased_at, files, bytes"
    desk.execute(
        f"INSERT INTO registers.deletion_certificates ({columns}, row_count, method, "
        "verification, not_reached) VALUES ('c0ffee00c0ffee', 'restricted/x', 'restricted', 'x', "
        "'r', DATE '2020-03-01', ?, 1, 1, 7, 'm', 'v', 'n')",
        [NOW],
    )
    (one,) = found(desk)
    assert one.kind == "erasure_done"
    assert one.sentence == "restricted/x is erased, 7 rows: certificate c0ffee00c0ff."
    assert found(desk, now=NOW + timedelta(days=15)) == []


def test_the_gravest_comes_first(desk: duckdb.DuckDBPyConnection) -> None:
    add_drop(desk, "held")
    told = found(desk, [held(date(2020, 3, 1), date(2020, 3, 2))])
    assert [one.kind for one in told] == ["erasure_overdue", "drop_held"]
