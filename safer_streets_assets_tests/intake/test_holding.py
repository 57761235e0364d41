"""Drops that wait for an operator: sealed, in no table, and taken in only when released."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from safer_streets_assets.intake import held_drops, ledger, quarantine, take_in
from safer_streets_assets.intake.finding_drops import DropDecisionError, find_drop
from safer_streets_assets.intake.held_drops import decide_by_hand
from safer_streets_assets.intake.landing import drop_id_of
from safer_streets_assets.intake.ledger_counts import held_findings, intake_by_day
from safer_streets_assets.intake.quarantine import key_name, sealed_path_name
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.holdings.register import retention_register
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.sealed import unseal
from safer_streets_assets_tests.builders import (
    CRC,
    bytes_under,
    crc_workbook,
    every_text,
    fetch,
    opened,
    people_rows,
    put,
    raising_at,
    take_in_everything,
)

CANARY = "CANARY, Zebedee"
WHOLE = crc_workbook(people_rows(CRC, 60))
HALF = crc_workbook(people_rows(CRC, 30, Name=CANARY), "31 December 2019")
NEXT = crc_workbook(people_rows(CRC, 62), "31 January 2020")
BROKEN = b"%PDF-1.4 no workbook"
NOW = datetime(2030, 1, 1, 9)

pytestmark = pytest.mark.usefixtures("quick_reader")


@pytest.fixture
def held(stores: duckdb.DuckDBPyConnection, folder: DataFolder) -> str:
    """A data folder with a workbook that is loaded and a later one that is held; its drop id."""
    put(folder, CRC, "first.xlsx", WHOLE)
    take_in_everything(stores, folder)
    drop_id = drop_id_of(put(folder, CRC, f"{CANARY}.xlsx", HALF))
    # A whole second later: times on the ledger have no fractions.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(take_in, "now_utc", lambda: now_utc() + timedelta(minutes=1))
        take_in_everything(stores, folder)
    return drop_id


def state(connection: duckdb.DuckDBPyConnection, drop_id: str) -> tuple[Any, ...]:
    """State and reason of a drop."""
    return fetch(
        connection, "SELECT state, reason FROM registers.drops WHERE drop_id = ?", drop_id
    )[0]


def rows_of(connection: duckdb.DuckDBPyConnection, drop_id: str) -> int:
    """Rows of a drop in the raw table."""
    query = "SELECT count(*) FROM restricted.crc_eligibility_raw WHERE drop_id = ?"
    return int(fetch(connection, query, drop_id)[0][0])


def landed(folder: DataFolder) -> list[str]:
    """Names of the files in the landing, hidden ones too."""
    return [path.name for path in folder.landing.rglob("*") if path.is_file()]


def by_hand(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, decision: Any, drop_id: str
) -> None:
    """What an operator decides, at a fixed time."""
    decide_by_hand(connection, folder, decision, drop_id, "someone", NOW)


def test_a_drop_that_differs_too_much_is_sealed_and_in_no_table(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, held: str
) -> None:
    assert state(stores, held) == ("held", "D-DRIFT-VANISHED")
    assert rows_of(stores, held) == 0
    assert landed(folder) == []
    place = folder.quarantine / sealed_path_name(held)
    assert unseal(place, Keys(folder.keys).read(key_name(held))) == HALF


def test_why_a_drop_is_held_is_on_record_without_a_name_or_value(
    stores: duckdb.DuckDBPyConnection, held: str
) -> None:
    (finding,) = held_findings(stores)
    assert (finding.drop_id, finding.reason, finding.column) == (held, "D-DRIFT-VANISHED", None)
    assert (finding.percent_before, finding.percent_now) == (100, 50)
    texts = list(every_text(stores, "registers"))
    assert not [text for text in texts if "CANARY" in text or "Zebedee" in text]


def test_a_held_drop_does_not_stop_the_others(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, held: str
) -> None:
    following = drop_id_of(put(folder, CRC, "next.xlsx", NEXT))
    take_in_everything(stores, folder)
    assert state(stores, following) == ("loaded", None)
    assert rows_of(stores, following) == 62


@pytest.mark.thorough
def test_a_released_drop_is_taken_in_by_the_next_run_without_being_judged_again(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, held: str
) -> None:
    by_hand(stores, folder, "release", held)
    assert state(stores, held) == ("released", None)
    assert rows_of(stores, held) == 0
    taken = take_in_everything(stores, folder)
    assert taken[CRC].loaded == 1
    assert state(stores, held) == ("loaded", None)
    assert rows_of(stores, held) == 30
    assert landed(folder) == []


@pytest.mark.thorough
def test_a_released_drop_keeps_its_place_in_the_order_of_drops(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, held: str
) -> None:
    following = drop_id_of(put(folder, CRC, "next.xlsx", NEXT))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(take_in, "now_utc", lambda: NOW)
        take_in_everything(stores, folder)
    by_hand(stores, folder, "release", held)
    take_in_everything(stores, folder)
    order = dict(fetch(stores, "SELECT drop_id, drop_order FROM restricted.drop_order"))
    assert order[held] == 2
    assert order[following] == 3


@pytest.mark.thorough
def test_a_refused_drop_stays_sealed_and_is_not_taken_in(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, held: str
) -> None:
    by_hand(stores, folder, "refuse", held)
    take_in_everything(stores, folder)
    assert state(stores, held) == ("refused", "D-REFUSED")
    assert rows_of(stores, held) == 0
    assert (folder.quarantine / sealed_path_name(held)).exists()


@pytest.mark.parametrize("decision", [None, "refuse"])
@pytest.mark.thorough
def test_a_drop_that_is_sent_again_stays_as_it_was_decided(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, held: str, decision: str | None
) -> None:
    if decision:
        by_hand(stores, folder, decision, held)
    before = state(stores, held)
    put(folder, CRC, "again.xlsx", HALF)
    take_in_everything(stores, folder)
    assert state(stores, held) == before
    assert landed(folder) == []
    assert rows_of(stores, held) == 0


@pytest.mark.thorough
def test_a_drop_sent_again_after_its_sealed_file_was_erased_is_sealed_again(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, held: str
) -> None:
    Keys(folder.keys).destroy(key_name(held))
    (folder.quarantine / sealed_path_name(held)).unlink()
    put(folder, CRC, "again.xlsx", HALF)
    take_in_everything(stores, folder)
    assert state(stores, held)[0] == "held"
    place = folder.quarantine / sealed_path_name(held)
    assert unseal(place, Keys(folder.keys).read(key_name(held))) == HALF


@pytest.mark.thorough
def test_a_refused_drop_can_be_released_after_all(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, held: str
) -> None:
    by_hand(stores, folder, "refuse", held)
    by_hand(stores, folder, "release", held)
    take_in_everything(stores, folder)
    assert state(stores, held) == ("loaded", None)


def test_a_quarantined_drop_that_is_held_by_hand_is_not_tried_again(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder
) -> None:
    broken = drop_id_of(put(folder, CRC, "broken.xlsx", BROKEN))
    take_in_everything(stores, folder)
    assert state(stores, broken)[0] == "quarantined"
    by_hand(stores, folder, "hold", broken)
    put(folder, CRC, "broken.xlsx", BROKEN)
    take_in_everything(stores, folder)
    assert state(stores, broken) == ("held", "D-HELD")
    (finding,) = held_findings(stores)
    assert (finding.reason, finding.percent_before) == ("D-HELD", None)


def test_a_drop_that_waits_in_the_landing_can_be_held(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    waiting = drop_id_of(put(folder, CRC, "waits.xlsx", WHOLE))
    take_in.prepare_intake(stores, policy)
    ledger.register_arrivals(
        stores, folder, take_in.look_at_landing(folder).arriving, [CRC], now_utc()
    )
    by_hand(stores, folder, "hold", waiting)
    assert landed(folder) == []
    take_in_everything(stores, folder)
    assert state(stores, waiting) == ("held", "D-HELD")
    by_hand(stores, folder, "release", waiting)
    take_in_everything(stores, folder)
    assert rows_of(stores, waiting) == 60


BECOMES = {"hold": "held", "release": "released", "refuse": "refused"}
STATES = ("arrived", "loaded", "quarantined", "refused", "held", "released")
ALLOWED = {
    "hold": {"arrived", "quarantined", "released"},
    "release": {"held"},
    "refuse": {"held", "released", "quarantined", "refused"},
}


@pytest.mark.thorough
def test_only_a_decision_that_fits_the_state_is_carried_out(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, held: str
) -> None:
    for decision, allowed in ALLOWED.items():
        for before in STATES:
            stores.execute(
                "UPDATE registers.drops SET state = ?, reason = NULL WHERE drop_id = ?",
                [before, held],
            )
            if before in allowed:
                by_hand(stores, folder, decision, held)
                assert state(stores, held)[0] == BECOMES[decision]
            else:
                with pytest.raises(DropDecisionError, match=f"This drop is {before}"):
                    by_hand(stores, folder, decision, held)
                assert state(stores, held) == (before, None)
    recorded = fetch(stores, "SELECT decision, state_before FROM registers.drop_decisions")
    assert sorted(recorded) == sorted((d, s) for d, states in ALLOWED.items() for s in states)


@pytest.mark.thorough
def test_who_decided_and_when_is_on_record(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, held: str
) -> None:
    by_hand(stores, folder, "release", held)
    by_hand(stores, folder, "hold", held)
    by_hand(stores, folder, "refuse", held)
    assert fetch(stores, "FROM registers.drop_decisions") == [
        (held, "release", "held", "someone", NOW),
        (held, "hold", "released", "someone", NOW),
        (held, "refuse", "held", "someone", NOW),
    ]


@pytest.mark.thorough
def test_a_drop_that_was_erased_meanwhile_cannot_be_released(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, held: str
) -> None:
    Keys(folder.keys).destroy(key_name(held))
    with pytest.raises(DropDecisionError, match="ask the sender to send it again"):
        by_hand(stores, folder, "release", held)
    by_hand(stores, folder, "refuse", held)
    assert state(stores, held)[0] == "refused"


@pytest.mark.thorough
def test_a_released_drop_that_was_erased_before_the_run_is_refused_and_may_come_again(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, held: str
) -> None:
    by_hand(stores, folder, "release", held)
    Keys(folder.keys).destroy(key_name(held))
    take_in_everything(stores, folder)
    assert state(stores, held) == ("refused", "D-GONE")
    put(folder, CRC, "again.xlsx", HALF)
    take_in_everything(stores, folder)
    assert state(stores, held) == ("loaded", None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("abc", "at least 8"),
        ("zzzzzzzzzz", "No drop has this id"),
        ("0" * 8, "More than one"),
    ],
)
@pytest.mark.thorough
def test_a_drop_is_named_by_a_beginning_of_its_id_that_no_other_has(
    stores: duckdb.DuckDBPyConnection, held: str, text: str, says: str
) -> None:
    for last in "12":
        stores.execute(
            "INSERT INTO registers.drops (drop_id, source, state, arrived_at, bytes) "
            "VALUES (?, 'x', 'held', ?, 1)",
            ["0" * 63 + last, NOW],
        )
    assert find_drop(stores, f" {held[:8].upper()} ") == held
    with pytest.raises(DropDecisionError, match=says):
        find_drop(stores, text)


@pytest.mark.thorough
def test_retention_keeps_a_held_drop_thirty_days_whatever_is_decided(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy, held: str
) -> None:
    due = []
    for decision in (None, "release", "refuse"):
        if decision:
            by_hand(stores, folder, decision, held)
        holdings = retention_register(folder, stores, policy, date(2030, 1, 1))
        (line,) = [h for h in holdings if h.holding == f"quarantine/{held}"]
        assert line.clock.rule == "quarantine"
        due.append((line.clock.triggered_on, line.clock.due_on))
    assert len(set(due)) == 1
    days = policy.dpia.retention.rules["quarantine"].after.days
    assert due[0][1] == due[0][0] + timedelta(days=days)


@pytest.mark.thorough
def test_the_history_counts_what_became_of_the_drops_of_a_day(
    stores: duckdb.DuckDBPyConnection, held: str
) -> None:
    days = [day for day in intake_by_day(stores) if day.source == CRC]
    assert sum(day.drops for day in days) == 2
    assert sum(day.loaded for day in days) == 1
    assert sum(day.held for day in days) == 1
    assert sum(day.rows_loaded for day in days) == 60


@pytest.mark.thorough
def test_a_backlog_is_judged_in_the_order_of_positions_whatever_the_names(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder
) -> None:
    months = ["30 November 2019", "31 December 2019", "31 January 2020", "29 February 2020"]
    for number, month in enumerate(reversed(months)):
        rows = people_rows(CRC, 100 - 20 * number)
        put(folder, CRC, f"{number}.xlsx", crc_workbook(rows, month))
    taken = take_in_everything(stores, folder)
    assert (taken[CRC].loaded, taken[CRC].held) == (4, 0)


class KilledError(BaseException):
    """Stands in for the process being killed."""


def boundaries() -> Iterator[tuple[Any, str, int]]:
    """Calls of a run that holds one drop, and of one that takes in a released one."""
    yield from (
        (held_drops, "quarantine", 1),
        (quarantine, "seal_copy", 1),
        (quarantine, "record_outcome", 1),
        (quarantine, "clear_landing", 1),
        (held_drops, "put_in_place", 1),
        (take_in, "load_staged", 1),
        (take_in, "record_outcome", 1),
        (take_in, "clear_landing", 1),
    )


@pytest.mark.parametrize(("module", "name", "call"), boundaries())
@pytest.mark.thorough
def test_a_run_that_is_killed_ends_the_same_when_it_is_run_again(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, module: Any, name: str, call: int
) -> None:
    put(folder, CRC, "first.xlsx", WHOLE)
    take_in_everything(stores, folder)
    drop_id = drop_id_of(put(folder, CRC, "half.xlsx", HALF))

    def run() -> None:
        with pytest.MonkeyPatch.context() as patched:
            wrapped = raising_at(call, KilledError(), getattr(module, name))
            patched.setattr(module, name, wrapped)
            patched.setattr(take_in, "now_utc", lambda: NOW)
            try:
                take_in_everything(stores, folder)
            except KilledError:
                take_in_everything(stores, folder)

    run()
    assert state(stores, drop_id)[0] == "held"
    assert landed(folder) == []
    assert len(held_findings(stores)) == 1
    by_hand(stores, folder, "release", drop_id)
    run()
    assert state(stores, drop_id) == ("loaded", None)
    assert rows_of(stores, drop_id) == 30
    assert landed(folder) == []


@pytest.mark.thorough
def test_a_decision_that_is_killed_before_the_landing_is_cleared_leaves_nothing_behind(
    stores: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    held: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by_hand(stores, folder, "release", held)
    held_drops.put_back_released(stores, folder)
    assert len(landed(folder)) == 1
    with monkeypatch.context() as patched:
        patched.setattr(held_drops, "clear_landing", raising_at(1, KilledError(), os.stat))
        with pytest.raises(KilledError):
            by_hand(stores, folder, "refuse", held)
    take_in_everything(stores, folder)
    assert state(stores, held) == ("refused", "D-REFUSED")
    assert landed(folder) == []


def test_no_file_outside_the_stores_holds_a_name_while_a_drop_is_held(
    tmp_path: Path, quick_reader: object
) -> None:
    folder = DataFolder(root=tmp_path / "own", keys=tmp_path / "own" / "keys").prepare()
    with opened(folder) as connection:
        put(folder, CRC, "first.xlsx", WHOLE)
        take_in_everything(connection, folder)
        put(folder, CRC, "half.csv", HALF)
        take_in_everything(connection, folder)
    found = [
        name for name, held_bytes in bytes_under(folder.root).items() if b"CANARY" in held_bytes
    ]
    assert found == []
