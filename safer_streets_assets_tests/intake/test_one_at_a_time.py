"""Drops taken one at a time, in any order of saving, end in the same state as in one batch."""

from __future__ import annotations

import functools
import os
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from safer_streets_assets.intake import take_in as taking
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CRC,
    EVERY_MOMENT,
    NPS,
    build_cohort,
    crc_workbook,
    csv_drop,
    data_folder,
    fetch,
    ledger,
    people_rows,
    put,
    stores_in_memory,
    take_in_everything,
)

pytestmark = pytest.mark.usefixtures("quick_reader")

SECONDS = 1_600_000_000
NOON = datetime(2026, 1, 5, 12)
POSITIONS = (
    "31 October 2019", "30.11.2019", "2019-12-31", "31/01/2020", "29 Feb 2020", "31st March 2020",
    "30-Apr-2020", "May 2020", "June 30, 2020", "31 July 20", "2020/08/31", "30 September 2020",
)  # fmt: skip
Drop = tuple[str, str, bytes]


@functools.cache
def workbooks() -> tuple[Drop, ...]:
    """A year of cumulative workbooks: people are added, sessions go up, some people go."""
    drops: list[Drop] = []
    for month, position in enumerate(POSITIONS):
        rows = people_rows(CRC, 40 + 15 * month, **{"Sessions attended": str(month)})
        drops.append((CRC, f"{month}.xlsx", crc_workbook(rows[month // 4 :], position)))
    return tuple(drops)


@functools.cache
def increments() -> tuple[Drop, ...]:
    """Monthly files in which each corrects a row of the one before."""
    drops: list[Drop] = []
    for month in range(1, 7):
        rows = people_rows(NPS, 8, first=10 * month) + people_rows(NPS, 1, Court=f"Court {month}")
        drops.append((NPS, f"{month}.csv", csv_drop(rows)))
    return tuple(drops)


def state_after(
    folder: DataFolder, batches: Sequence[Sequence[Drop]], monkeypatch: pytest.MonkeyPatch
) -> tuple[Any, ...]:
    """The states of drops and the conformed tables, when the batches have arrived in turn."""
    with stores_in_memory() as connection:
        saved = 0
        for number, batch in enumerate(batches):
            monkeypatch.setattr(taking, "now_utc", lambda at=number: NOON + timedelta(hours=at))
            for source, name, content in batch:
                saved += 1
                os.utime(put(folder, source, name, content), (SECONDS + saved, SECONDS + saved))
            take_in_everything(connection, folder)
        states = [line[:2] for line in ledger(connection)]
        build_cohort(connection, folder, NPS, CRC)
        tables = [
            fetch(connection, f"SELECT * EXCLUDE (person_id) FROM research.{table} ORDER BY ALL")
            for table in ("court_cases", "programme_cases")
        ]
        return states, tables


@pytest.mark.parametrize("make", [workbooks, increments])
@pytest.mark.parametrize("seed", range(10 if EVERY_MOMENT else 1))
@pytest.mark.thorough
def test_one_at_a_time_in_any_order_of_saving_ends_as_in_one_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], tuple[Drop, ...]], seed: int
) -> None:
    drops = list(make())
    random.Random(seed).shuffle(drops)
    at_once = state_after(data_folder(tmp_path / "at once"), [drops], monkeypatch)
    in_turn = state_after(
        data_folder(tmp_path / "in turn"), [[drop] for drop in drops], monkeypatch
    )
    assert at_once == in_turn
    assert {state for _, state in at_once[0]} == {"loaded"}, "none is held"


def test_an_older_snapshot_that_comes_late_is_put_in_its_place_and_said_to_be_older(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, newer = workbooks()[2], workbooks()[9]
    for number, (source, name, content) in enumerate((newer, late)):
        monkeypatch.setattr(taking, "now_utc", lambda at=number: NOON + timedelta(hours=at))
        put(folder, source, name, content)
        take_in_everything(memory, folder)
    assert ledger(memory) == [(CRC, "loaded", "D-OLDER"), (CRC, "loaded", None)]
    [(said,)] = fetch(memory, "SELECT sentence FROM registers.drops WHERE reason = 'D-OLDER'")
    assert "older than what is loaded" in said
    build_cohort(memory, folder, CRC)
    sessions = fetch(memory, "SELECT DISTINCT sessions_attended FROM research.programme_cases")
    assert sorted(sessions) == [(2,), (9,)], "those who went are as they were last known"


def test_an_older_export_without_a_stated_position_is_held_as_older_and_not_as_vanished(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = people_rows(ATTENDEE, 30)
    new = old + people_rows(ATTENDEE, 30, first=31, InterviewStart="03/06/2020 10:15",
                            InterviewEnd="03/06/2020 10:31")  # fmt: skip
    for number, rows in enumerate((new, old)):
        monkeypatch.setattr(taking, "now_utc", lambda at=number: NOON + timedelta(hours=at))
        put(folder, ATTENDEE, f"{number}.csv", csv_drop(rows))
        take_in_everything(memory, folder)
    assert ledger(memory) == [
        (ATTENDEE, "held", "D-DRIFT-OLDER"),
        (ATTENDEE, "loaded", None),
    ]


@pytest.mark.parametrize("wrong", ["31 January 2029", "Nov 12"])
def test_a_position_in_the_future_or_long_before_the_evaluation_is_not_believed(
    folder: DataFolder,
    memory: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    wrong: str,
) -> None:
    monkeypatch.setattr(taking, "now_utc", lambda: NOON)
    for number, position in enumerate((wrong, "31 January 2020")):
        rows = people_rows(CRC, 2, **{"Sessions attended": str(number)})
        path = put(folder, CRC, f"{number}.xlsx", crc_workbook(rows, position))
        os.utime(path, (SECONDS + number, SECONDS + number))
    take_in_everything(memory, folder)
    positions = fetch(memory, "SELECT position_date::VARCHAR FROM registers.drops")
    assert sorted(positions, key=str) == [("2020-01-31",), (None,)]
    build_cohort(memory, folder, CRC)
    assert fetch(memory, "SELECT DISTINCT sessions_attended FROM research.programme_cases") == [
        (1,)
    ]


def test_a_correction_saved_later_wins_in_one_batch_whatever_dates_its_rows_have(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    month = people_rows(NPS, 1) + people_rows(NPS, 1, first=2, **{"Disposal Date": "28/01/2020"})
    for number, rows in enumerate((month, people_rows(NPS, 1, Court="Croydon Crown Court"))):
        path = put(folder, NPS, f"{number}.csv", csv_drop(rows))
        os.utime(path, (SECONDS + number, SECONDS + number))
    take_in_everything(memory, folder)
    build_cohort(memory, folder, NPS)
    found = fetch(
        memory, "SELECT court FROM research.court_cases WHERE disposal_date < '2020-01-20'"
    )
    assert found == [("Croydon Crown Court",)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.thorough
def test_files_copied_together_stand_by_the_months_of_their_rows(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, order: tuple[int, int]
) -> None:
    corrected = {"Disposal Date": "10/02/2020"}
    months = [
        people_rows(NPS, 1),
        people_rows(NPS, 1, Court="Croydon Crown Court")
        + people_rows(NPS, 1, first=2, **corrected),
    ]
    for place, number in enumerate(order):
        path = put(folder, NPS, f"{number}.csv", csv_drop(months[number]))
        os.utime(path, ns=(10**18 + place, 10**18 + place))
    take_in_everything(memory, folder)
    build_cohort(memory, folder, NPS)
    found = fetch(
        memory, "SELECT court FROM research.court_cases WHERE disposal_date < '2020-01-31'"
    )
    assert found == [("Croydon Crown Court",)]
