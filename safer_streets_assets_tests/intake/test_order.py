"""Later drops win: by arrival, then by the date inside the file, never by its name."""

from __future__ import annotations

import os
from itertools import permutations

import duckdb
import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    CRC,
    NPS,
    build_cohort,
    crc_workbook,
    csv_drop,
    fetch,
    people_rows,
    put,
    take_in_everything,
)

pytestmark = pytest.mark.usefixtures("quick_reader")

SECONDS = 1_600_000_000


THAMES, HARROW = "Thames Magistrates' Court", "Harrow Crown Court"


def month(court: str, last: str) -> bytes:
    """A monthly file in which one person's court is `court`; `last` is its latest disposal."""
    rows = people_rows(NPS, 1, Court=court)
    return csv_drop(rows + people_rows(NPS, 1, first=9, **{"Disposal Date": last}))


def court_of(connection: duckdb.DuckDBPyConnection, folder: DataFolder) -> str:
    """The court of the person in the conformed table."""
    build_cohort(connection, folder, NPS)
    [(court,)] = fetch(
        connection, "SELECT court FROM research.court_cases WHERE disposal_date = '2020-01-13'"
    )
    return str(court)


@pytest.mark.parametrize("names", permutations(["a.csv", "z.csv"]))
@pytest.mark.thorough
def test_the_drop_that_arrives_later_wins_whatever_its_name_and_date(
    folder: DataFolder,
    memory: duckdb.DuckDBPyConnection,
    names: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from safer_streets_assets.intake import take_in as taking
    from safer_streets_assets_tests.builders import NOON

    first, second = names
    put(folder, NPS, first, month(THAMES, "28/02/2020"))
    monkeypatch.setattr(taking, "now_utc", lambda: NOON)
    take_in_everything(memory, folder)
    put(folder, NPS, second, month(HARROW, "31/01/2020"))
    monkeypatch.setattr(taking, "now_utc", lambda: NOON.replace(hour=13))
    take_in_everything(memory, folder)
    assert court_of(memory, folder) == HARROW


def test_the_drop_that_arrives_later_wins_though_the_clock_was_set_back(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safer_streets_assets.intake import take_in as taking
    from safer_streets_assets_tests.builders import NOON

    for hour, name, court in ((12, "a.csv", THAMES), (3, "b.csv", HARROW)):
        put(folder, NPS, name, month(court, "31/01/2020"))
        monkeypatch.setattr(taking, "now_utc", lambda hour=hour: NOON.replace(hour=hour))
        take_in_everything(memory, folder)
    assert court_of(memory, folder) == HARROW
    [(times,)] = fetch(memory, "SELECT count(DISTINCT arrived_at) FROM registers.drops")
    assert times == 2


@pytest.mark.parametrize("names", permutations(["a.csv", "z.csv"]))
def test_of_drops_that_arrive_together_the_one_of_the_later_date_wins(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, names: tuple[str, str]
) -> None:
    put(folder, NPS, names[0], month(THAMES, "31/01/2020"))
    put(folder, NPS, names[1], month(HARROW, "28/02/2020"))
    take_in_everything(memory, folder)
    assert court_of(memory, folder) == HARROW


@pytest.mark.parametrize("courts", permutations([THAMES, HARROW]))
def test_of_drops_of_one_date_seen_together_the_one_saved_later_wins(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, courts: tuple[str, str]
) -> None:
    for number, court in enumerate(courts):
        path = put(folder, NPS, f"{court}.csv", month(court, "31/01/2020"))
        os.utime(path, (SECONDS + number, SECONDS + number))
    take_in_everything(memory, folder)
    assert court_of(memory, folder) == courts[1]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.thorough
def test_the_latest_workbook_that_has_a_row_wins_and_a_row_that_vanishes_is_flagged(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy, reverse: bool
) -> None:
    positions = ["30 November 2019", "31 December 2019", "31 January 2020"]
    for number, position in enumerate(positions):
        rows = people_rows(CRC, 1 + (number < 2), **{"Sessions attended": str(number)})
        name = f"{'zyx'[number] if reverse else 'abc'[number]}.xlsx"
        put(folder, CRC, name, crc_workbook(rows, position))
    take_in_everything(memory, folder)
    versions = build_cohort(memory, folder, CRC)[CRC]
    assert (versions.rows_read, versions.corrections, versions.conformed) == (5, 3, 2)
    found = fetch(
        memory,
        "SELECT sessions_attended, not_in_latest FROM research.programme_cases ORDER BY 1",
    )
    assert found == [(1, True), (2, False)]


def test_within_a_drop_the_lower_row_wins(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    rows = people_rows(NPS, 1, Court=THAMES) + people_rows(NPS, 1, Court=HARROW)
    put(folder, NPS, "a.csv", csv_drop(rows))
    take_in_everything(memory, folder)
    assert court_of(memory, folder) == HARROW
