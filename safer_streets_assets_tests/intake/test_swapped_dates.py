"""A workbook or text in which day and month were swapped in some rows is held for an operator."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pytest

from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    NPS,
    csv_drop,
    ledger,
    people_rows,
    put,
    take_in_everything,
    workbook_drop,
)

DAYS = [date(2019, 11, 1) + timedelta(days=number % 30) for number in range(60)]


def american(day: date) -> date | str:
    """What a spreadsheet set to American dates makes of a British one."""
    return day.replace(month=day.day, day=day.month) if day.day <= 12 else f"{day:%d/%m/%Y}"


def british(day: date) -> date | str:
    """The first half of a month as dates, the rest typed by hand."""
    return day if day.day % 2 else f"{day:%d/%m/%Y}"


@pytest.mark.parametrize(
    ("written", "state"),
    [
        (american, (NPS, "held", "D-DRIFT-SWAPPED")),
        (british, (NPS, "loaded", None)),
        (lambda day: day, (NPS, "loaded", None)),
        (lambda day: f"{day:%d/%m/%Y}", (NPS, "loaded", None)),
    ],
)
def test_only_swapped_dates_are_held(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, written: object, state: object
) -> None:
    assert callable(written)
    rows = people_rows(NPS, len(DAYS))
    for row, day in zip(rows, DAYS, strict=True):
        row["Disposal Date"] = written(day)
    put(folder, NPS, "court.xlsx", workbook_drop("Court", rows))
    take_in_everything(memory, folder)
    assert ledger(memory) == [state]


def taken(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, true_dates: list[str], texts: list[str]
) -> object:
    """What becomes of a text with dates in two ways of writing."""
    rows = people_rows(NPS, len(true_dates) + len(texts))
    for row, day in zip(rows, [*true_dates, *texts], strict=True):
        row["Disposal Date"] = day
    put(folder, NPS, "court.csv", csv_drop(rows))
    take_in_everything(memory, folder)
    return ledger(memory)[0][1:]


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d-%b-%Y"])
@pytest.mark.parametrize(
    ("true_dates", "texts", "state"),
    [
        (6, 6, ("held", "D-DRIFT-SWAPPED")),
        (4, 10, ("held", "D-DRIFT-SWAPPED")),
        (8, 2, ("held", "D-DRIFT-SWAPPED")),
        (3, 3, ("loaded", None)),
        (12, 0, ("loaded", None)),
    ],
)
def test_a_small_text_is_held_too_as_far_as_chance_cannot_have_done_it(
    folder: DataFolder,
    memory: duckdb.DuckDBPyConnection,
    form: str,
    true_dates: int,
    texts: int,
    state: object,
) -> None:
    swapped = [date(2019, 1 + n % 11, 1 + n).strftime(form) for n in range(true_dates)]
    left = [f"{date(2019, 1 + n % 11, 13 + n):%d/%m/%Y}" for n in range(texts)]
    assert taken(folder, memory, swapped, left) == state


def test_one_date_in_many_rows_proves_nothing(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    assert taken(folder, memory, ["2019-11-08"] * 20, ["18/11/2019"] * 20) == ("loaded", None)


def test_dates_of_a_later_day_among_the_true_ones_show_that_nothing_was_swapped(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    true_dates = [f"2019-{1 + n % 11:02}-{1 + n:02}" for n in range(13)]
    texts = [f"{13 + n}/05/2019" for n in range(10)]
    assert taken(folder, memory, true_dates, texts) == ("loaded", None)
