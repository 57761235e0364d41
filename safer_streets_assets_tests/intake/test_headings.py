"""Headings of columns that no agreement lists: shown when they name nobody, else counted only."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from safer_streets_assets.cli import app
from safer_streets_assets.intake.landing import drop_id_of
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets_tests.builders import (
    CHECKIN,
    CHECKIN_ROW,
    FORM_ROW,
    NPS,
    NPS_ROW,
    TRAINING,
    csv_drop,
    data_folder,
    fetch,
    opened,
    put,
    take_in_everything,
    workbook_drop,
)

CANARIES = (
    "Zephyrine Quillfeatherly",
    "QUILLFEATHERLY",
    "Quillfeatherly, Zephyrine",
    "zq@quill.example",
    "Z987654",
    "Z98 76 54",
    "crn z 987-654",
    "07700 900 987",
    "Flat 3 Zephyrquill Road",
    "E14 9XX",
    "Notes on Zephyrine",
    "zephyrineAddress",
    "01/02/1990",
    "Session 987654",
    "Quill\u200bfeatherly",
    "ZQ1",
    "Z.Q.",
    "ZQ notes",
    "Notes Z Q",
    "Q12a",
)
ORDINARY = (
    "Home Address",
    "PNC ID",
    "Ethnicity",
    "serial",
    "date_of_referral",
    "OffenderID",
    "Session 2",
    "Offender's notes",
    "Section A",
)


def recorded(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = fetch(connection, "SELECT unnest(dropped_headers) FROM restricted.loaded_drops")
    return [heading for (heading,) in rows]


@pytest.mark.parametrize("make", [csv_drop, lambda rows: workbook_drop("Sheet", rows)])
def test_a_heading_that_is_no_ordinary_name_of_a_column_is_counted_and_not_recorded(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, quick_reader: object, make: object
) -> None:
    row = {**CHECKIN_ROW, **dict.fromkeys([*CANARIES, *ORDINARY], "x")}
    put(folder, CHECKIN, "drop", make([row]))  # type: ignore[operator]
    take_in_everything(memory, folder)
    places = range(len(CHECKIN_ROW) + 1, len(CHECKIN_ROW) + len(CANARIES) + 1)
    not_shown = [f"column {place} (heading not shown)" for place in places]
    assert recorded(memory) == [*not_shown, *ORDINARY]
    counted = fetch(memory, "SELECT columns_dropped FROM registers.drops")
    assert counted == [(len(CANARIES) + len(ORDINARY),)]


def test_a_heading_made_of_ordinary_words_is_not_recorded_when_it_is_the_name_of_somebody_held(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, quick_reader: object
) -> None:
    row = {**NPS_ROW, "Offender Name": "STREET, Case", "Case Street": "x", "Street": "y"}
    put(folder, NPS, "drop", csv_drop([{**row, "Home Address": "z"}]))
    put(folder, TRAINING, "forms", csv_drop([{**FORM_ROW, "Case Street": "x"}]))
    take_in_everything(memory, folder)
    assert sorted(recorded(memory)) == [
        "Home Address",
        "column 11 (heading not shown)",
        "column 14 (heading not shown)",
        "column 15 (heading not shown)",
    ]


@pytest.mark.thorough
def test_drops_show_tells_no_heading_that_names_somebody_held_since_or_that_was_recorded_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SAFER_STREETS_KEYS", raising=False)
    folder = data_folder(tmp_path / "data")
    preflight(folder)
    forms = csv_drop([{**FORM_ROW, "Case Street": "x", "Home Address": "y"}])
    with opened(folder) as connection:
        drop_id = drop_id_of(put(folder, TRAINING, "forms", forms))
        take_in_everything(connection, folder)

    def shown() -> str:
        return (
            CliRunner().invoke(app, ["drops", "show", drop_id, "--data", str(folder.root)]).output
        )

    assert "columns left out: Case Street, Home Address" in shown()
    with opened(folder) as connection:
        put(folder, NPS, "drop", csv_drop([{**NPS_ROW, "Offender Name": "STREET, Case"}]))
        take_in_everything(connection, folder)
        connection.execute(
            "UPDATE restricted.loaded_drops SET dropped_headers = "
            "dropped_headers || ['Zephyrine Quillfeatherly', 'column 9 (no heading)'] "
            "WHERE source = 'training_feedback'"
        )
    assert (
        "columns left out: a column (heading not shown), Home Address, "
        "a column (heading not shown), column 9 (no heading)" in shown()
    )
