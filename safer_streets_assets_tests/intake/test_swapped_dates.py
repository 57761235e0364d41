"""A workbook in which day and month were swapped in some rows is held for a person."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pytest

from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    NPS,
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
