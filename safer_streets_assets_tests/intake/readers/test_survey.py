"""SPSS exports of the survey portal."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from safer_streets_assets_tests.intake.readers.builders import COLUMNS, shown
from safer_streets_assets_tests.intake.readers.conftest import CodeOf, Read

FRAME: dict[str, list[Any]] = {
    "CRN": ["A000001", "B000002"],
    "Borough": ["Brent", ""],
    "Session": [97.0, 2.5],
}


def sav_bytes(folder: Path, frame: dict[str, list[Any]], **options: Any) -> bytes:
    path = folder / "made.sav"
    pyreadstat.write_sav(pd.DataFrame(frame), path, **options)
    return path.read_bytes()


@pytest.mark.parametrize("compress", [False, True])
def test_user_missing_codes_are_kept_and_whole_numbers_lose_their_point(
    read: Read, tmp_path: Path, compress: bool
) -> None:
    missing = {"Session": [{"lo": 97, "hi": 99}]}
    data = sav_bytes(tmp_path, FRAME, missing_ranges=missing, compress=compress)
    drop = read(data)
    assert drop.format == "sav"
    assert drop.columns == {
        "crn": ["A000001", "B000002"],
        "borough": ["Brent", None],
        "session": ["97", "2.5"],
    }
    assert drop.row_numbers == [1, 2]


def test_system_missing_cells_are_missing_and_blank_cases_are_left_out(
    read: Read, tmp_path: Path
) -> None:
    frame: dict[str, list[Any]] = {
        "CRN": ["A", "", "C"],
        "Borough": ["x", "", "y"],
        "Session": [1.0, None, None],
    }
    drop = read(sav_bytes(tmp_path, frame))
    assert drop.columns["session"] == ["1", None]
    assert drop.row_numbers == [1, 3]


def test_dates_are_iso_and_unwanted_variables_are_named(read: Read, tmp_path: Path) -> None:
    frame: dict[str, list[Any]] = FRAME | {
        "Session": [date(2020, 4, 29), None],
        "serial": ["s1", "s2"],
    }
    drop = read(sav_bytes(tmp_path, frame))
    assert drop.columns["session"] == ["2020-04-29", None]
    assert shown(drop) == ("serial",)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"max_rows": 1}, "F-TOO-LARGE"),
        ({"max_columns": 2}, "F-TOO-LARGE"),
        ({"max_cell_chars": 3}, "F-LONG-CELL"),
    ],
)
def test_limits_hold_for_survey_files(
    code_of: CodeOf, tmp_path: Path, limits: dict[str, int], code: str
) -> None:
    assert code_of(sav_bytes(tmp_path, FRAME), limits=limits) == code


def test_unusable_survey_files_are_refused(code_of: CodeOf, tmp_path: Path) -> None:
    good = sav_bytes(tmp_path, FRAME)
    assert code_of(good[:120]) == "F-BROKEN"
    assert code_of(good[:-8]) == "F-BROKEN"
    assert code_of(b"\x1c\0\0\0\0\0\0\0ENCRYPTEDSAV" + bytes(64)) == "F-LOCKED"
    assert code_of(good, formats=("csv",)) == "F-FORMAT"
    assert code_of(sav_bytes(tmp_path, {"CRN": ["A"]}), columns=COLUMNS) == "F-NO-COLUMN"
    assert code_of(sav_bytes(tmp_path, {name: [] for name in FRAME})) == "F-EMPTY"
