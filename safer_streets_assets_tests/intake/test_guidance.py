"""A sheet of examples beside the one of the data is left out, and said with its rows."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pytest

from safer_streets_assets.intake import take_in as taking
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    CRC,
    NOON,
    NPS,
    fetch,
    ledger,
    people_rows,
    put,
    take_in_everything,
    workbook_drop,
)


def test_an_example_sheet_beside_the_one_of_the_data_is_said_where_no_sheet_is_agreed(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    examples = people_rows(NPS, 2, first=90)
    sheet = [list(examples[0]), *(list(row.values()) for row in examples)]
    put(folder, NPS, "a.xlsx", workbook_drop("March", people_rows(NPS, 4), (), Examples=sheet))
    take_in_everything(memory, folder)
    assert ledger(memory) == [(NPS, "loaded", "D-GUIDANCE")]
    [(rows, said)] = fetch(memory, "SELECT rows_loaded, sentence FROM registers.drops")
    assert rows == 4
    assert "(sheet 2 with 2 rows)" in said


@pytest.mark.thorough
def test_a_late_drop_says_that_and_what_was_left_out_of_it(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    [example] = people_rows(CRC, 1, first=99)
    sheet = [list(example), list(example.values())]
    sent = (("28 February 2020", []), ("31 January 2020", sheet))
    for hour, (position, guidance) in enumerate(sent):
        monkeypatch.setattr(taking, "now_utc", lambda at=hour: NOON + timedelta(hours=at))
        titles = [[f"Position at {position}"]]
        book = workbook_drop("Eligibility", people_rows(CRC, 3), titles, Guidance=guidance)
        put(folder, CRC, "a.xlsx", book)
        take_in_everything(memory, folder)
    [said] = fetch(memory, "SELECT sentence FROM registers.drops WHERE reason = 'D-OLDER'")
    assert "older than what is loaded" in said[0]
    assert "(sheet 2 with 1 row)" in said[0]
