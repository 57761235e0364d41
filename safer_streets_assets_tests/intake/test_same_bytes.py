"""The same bytes in the folders of several sources are judged in each, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from types import ModuleType

import duckdb
import pytest

from safer_streets_assets.intake import several_folders
from safer_streets_assets.intake import take_in as taking
from safer_streets_assets.intake.held_drops import decide_by_hand
from safer_streets_assets.intake.refused_rows import RefusedRows, refused_rows
from safer_streets_assets.intake.returns import count_outstanding
from safer_streets_assets.intake.take_in import register_landing
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
    MPS,
    NOON,
    NPS,
    crc_workbook,
    csv_drop,
    fetch,
    ledger,
    people_rows,
    put,
    raising_at,
    take_in_everything,
)

pytestmark = pytest.mark.usefixtures("quick_reader")

ELSEWHERE = "SELECT source, reason FROM registers.drops_elsewhere ORDER BY ALL"
RESPONSES = csv_drop(people_rows(ATTENDEE, 3))
BOTH = csv_drop(
    [
        {**response, **session}
        for response, session in zip(people_rows(ATTENDEE, 3), people_rows(CHECKIN, 3), strict=True)
    ]
)
"""Rows with the columns of two sources."""


def left(folder: DataFolder) -> list[str]:
    return [path.name for path in folder.landing.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "runs",
    [
        [(NPS, ATTENDEE, CHECKIN)],
        pytest.param([(ATTENDEE,), (CHECKIN,), (NPS,)], marks=pytest.mark.thorough),
        pytest.param([(NPS,), (CHECKIN,), (ATTENDEE,)], marks=pytest.mark.thorough),
        pytest.param([(CHECKIN, ATTENDEE), (NPS,)], marks=pytest.mark.thorough),
    ],
)
def test_the_same_bytes_in_the_folders_of_agreed_sources_are_judged_in_each(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, runs: Sequence[Sequence[str]]
) -> None:
    for sources in runs:
        for source in sources:
            put(folder, source, "x.csv", RESPONSES)
        take_in_everything(memory, folder)
    assert ledger(memory) == [(ATTENDEE, "loaded", None)]
    assert fetch(memory, ELSEWHERE) == [(NPS, "D-OTHER-SOURCE"), (CHECKIN, "D-OTHER-SOURCE")]
    assert left(folder) == []


class KilledError(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize(
    ("module", "name"),
    [
        (taking, "load_staged"),
        (taking, "record_outcome"),
        (taking, "clear_landing"),
        (several_folders, "record_elsewhere"),
        (several_folders, "clear_landing"),
    ],
)
@pytest.mark.thorough
def test_a_run_that_is_killed_while_sources_judge_the_same_bytes_is_finished_by_the_next(
    folder: DataFolder,
    memory: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    name: str,
    call: int,
) -> None:
    for source in (NPS, ATTENDEE, CHECKIN):
        put(folder, source, "x.csv", BOTH)
    with monkeypatch.context() as patched:
        patched.setattr(module, name, raising_at(call, KilledError(), getattr(module, name)))
        with suppress(KilledError):
            take_in_everything(memory, folder)
    take_in_everything(memory, folder)
    assert ledger(memory) == [(ATTENDEE, "loaded", None)]
    assert fetch(memory, ELSEWHERE) == [(NPS, "F-NO-COLUMN"), (CHECKIN, "D-ELSEWHERE")]
    loaded = "SELECT source, rows_loaded FROM restricted.loaded_drops"
    assert fetch(memory, loaded) == [(ATTENDEE, 3)]
    assert fetch(memory, f"SELECT count(*) FROM restricted.{CHECKIN}_raw") == [(0,)]
    assert left(folder) == []


def test_a_source_that_could_take_in_what_another_has_says_so_and_loads_nothing(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    for name in (CHECKIN, ATTENDEE):
        put(folder, name, "x.csv", BOTH)
    take_in_everything(memory, folder)
    assert ledger(memory) == [(ATTENDEE, "loaded", None)]
    assert fetch(memory, ELSEWHERE) == [(CHECKIN, "D-ELSEWHERE")]
    assert fetch(memory, f"SELECT count(*) FROM restricted.{CHECKIN}_raw") == [(0,)]
    assert fetch(memory, "SELECT source, rows_loaded FROM restricted.loaded_drops") == [
        (ATTENDEE, 3)
    ]


@pytest.mark.thorough
def test_what_is_held_for_one_source_is_judged_by_another_and_stays_held(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    dpia = policy.dpia
    few = dpia.model_copy(update={"drift": dpia.drift.model_copy(update={"minimum_rows": 10})})
    strict = replace(policy, dpia=few)
    put(folder, CRC, "a.xlsx", crc_workbook(people_rows(CRC, 20)))
    take_in_everything(memory, folder, strict)
    quarter = crc_workbook(people_rows(CRC, 5), "31 January 2020")
    for source in (CRC, ATTENDEE):
        put(folder, source, "b.xlsx", quarter)
    take_in_everything(memory, folder, strict)
    held = [line for line in ledger(memory) if line[1] == "held"]
    assert held == [(CRC, "held", "D-DRIFT-VANISHED")]
    assert [source for source, _ in fetch(memory, ELSEWHERE)] == [ATTENDEE]
    assert left(folder) == []
    put(folder, ATTENDEE, "b again.xlsx", quarter)
    take_in_everything(memory, folder, strict)
    assert [line for line in ledger(memory) if line[1] == "held"] == held
    assert left(folder) == []


def test_what_a_person_released_for_one_source_is_taken_in_for_it_though_it_lies_in_another_folder(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    put(folder, ATTENDEE, "x.csv", RESPONSES)
    register_landing(memory, folder, policy)
    register_landing(memory, folder, policy)
    [(drop_id,)] = fetch(memory, "SELECT drop_id FROM registers.drops")
    for decision in ("hold", "release"):
        decide_by_hand(memory, folder, decision, drop_id, "a person", NOON)
    put(folder, CHECKIN, "x.csv", RESPONSES)
    take_in_everything(memory, folder)
    assert ledger(memory) == [(ATTENDEE, "loaded", None)]
    assert fetch(memory, ELSEWHERE) == [(CHECKIN, "D-OTHER-SOURCE")]
    assert left(folder) == []


@pytest.mark.thorough
def test_bad_rows_that_one_source_found_are_not_shown_for_the_one_that_took_the_drop_in(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    rows = [{**row, "Session": "99"} for row in people_rows(CHECKIN, 3)]
    both = [{**a, **b} for a, b in zip(people_rows(ATTENDEE, 3), rows, strict=True)]
    for source in (ATTENDEE, CHECKIN):
        put(folder, source, "x.csv", csv_drop(both))
    take_in_everything(memory, folder)
    assert ledger(memory) == [(ATTENDEE, "loaded", None)]
    assert fetch(memory, ELSEWHERE) == [(CHECKIN, "D-BAD-ROWS")]
    [(drop_id,)] = fetch(memory, "SELECT drop_id FROM registers.drops")
    assert refused_rows(memory, drop_id) == []
    # They are on record for the source that found them, and go back to its sender.
    assert refused_rows(memory, drop_id, CHECKIN) == [
        RefusedRows("session", "R-RANGE", 3, 3, (2, 3, 4))
    ]
    assert count_outstanding(memory, policy) == {CHECKIN: 3}
    put(folder, CHECKIN, "right.csv", csv_drop(people_rows(CHECKIN, 4)))
    memory.execute("UPDATE registers.drops SET arrived_at = arrived_at - INTERVAL 1 MINUTE")
    take_in_everything(memory, folder)
    assert count_outstanding(memory, policy) == {}


@pytest.mark.parametrize("together", [True, pytest.param(False, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("first", [0, pytest.param(1, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("other", [MPS, "Zebedee Canary"])
def test_the_same_bytes_in_the_folder_of_a_source_without_an_agreement_are_refused_there(
    folder: DataFolder,
    memory: duckdb.DuckDBPyConnection,
    together: bool,
    first: int,
    other: str,
) -> None:
    content = csv_drop(people_rows(NPS, 3))
    folders = (NPS, other)
    for source in (folders[first], folders[1 - first]):
        put(folder, source, "x.csv", content)
        if not together:
            take_in_everything(memory, folder)
    take_in_everything(memory, folder)
    assert ledger(memory) == [(NPS, "loaded", None)]
    code = "D-NOT-AGREED" if other == MPS else "D-UNKNOWN-SOURCE"
    found = fetch(memory, "SELECT source, reason FROM registers.drops_elsewhere")
    assert found == [(MPS if other == MPS else "unknown", code)]
    assert not [path for path in folder.landing.rglob("*") if path.is_file()]
    take_in_everything(memory, folder)
    assert len(fetch(memory, "FROM registers.drops_elsewhere")) == 1


def test_the_same_bytes_that_no_source_can_take_in_are_quarantined_once(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    for source in (CRC, NPS):
        put(folder, source, "x.csv", b"a,b\r\n1,2\r\n")
    take_in_everything(memory, folder)
    [(_, state, reason)] = ledger(memory)
    assert (state, reason) == ("quarantined", "F-NO-COLUMN")
    assert len(list(folder.quarantine.iterdir())) == 1
