"""Exports of the survey portal: SPSS files, packed and not, and what they come as instead."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from safer_streets_assets_tests.builders import ATTENDEE, csv_drop
from safer_streets_assets_tests.intake.any_file.cases import Group, Row
from safer_streets_assets_tests.intake.any_file.people import MOST_PEOPLE, People, grid
from safer_streets_assets_tests.intake.any_file.workbook_cases import xlsx
from safer_streets_assets_tests.privacy.traces import word

GROUP = Group("sav")
USER_MISSING = {"missing_ranges": {"A1": [{"lo": 97, "hi": 99}]}}


def _rows(who: People, how_many: int = 2, answer: Any = 3.0) -> list[dict[str, Any]]:
    rows = who.rows(how_many, ATTENDEE)
    for index, row in enumerate(rows):
        row |= {"respid": float(index + 1), "A1": answer, "M2": who.name(index), "X5": ""}
        del row["Offender Name"]
    return rows


def _sav(rows: list[dict[str, Any]], **options: Any) -> bytes:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "made.sav"
        pyreadstat.write_sav(pd.DataFrame(rows), path, **options)
        return path.read_bytes()


def _sav_empty(who: People) -> bytes:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "made.sav"
        pyreadstat.write_sav(pd.DataFrame(_rows(who)).iloc[:0], path)
        return path.read_bytes()


def _without(rows: list[dict[str, Any]], *columns: str) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k not in columns} for row in rows]


def _bad(who: People) -> list[dict[str, Any]]:
    rows = _rows(who, MOST_PEOPLE)
    rows[-1]["wave"] = "9"
    return rows


def _loaded(number: int, how_many: int, answer: str) -> tuple[Row, ...]:
    who = People(number)
    return tuple((who.crn(i), "2020-02-03", f"{answer} {who.name(i)}") for i in range(how_many))


def _add(
    title: str,
    make: Any,
    code: str | None = None,
    answer: str = "3",
    good: int = 2,
    **expected: Any,
) -> None:
    loaded = _loaded(len(GROUP.cases), good, answer)
    expected = {"source": ATTENDEE, "loaded": loaded, "rows": good} | expected
    GROUP.add(title, make, code, **expected)


_add("sav", lambda p: _sav(_rows(p)))
_add("sav packed by rows", lambda p: _sav(_rows(p), row_compress=True))
_add("zsav", lambda p: _sav(_rows(p), compress=True))
_add(
    "sav with user-missing values",
    lambda p: _sav(_rows(p, answer=97.0), **USER_MISSING),
    answer="97",
)
_add(
    "zsav with user-missing values",
    lambda p: _sav(_rows(p, answer=99.0), compress=True, **USER_MISSING),
    answer="99",
)
_add(
    "sav with a date as a date",
    lambda p: _sav(
        [{**row, "InterviewStart": pd.Timestamp(2020, 2, 3, 10, 15)} for row in _rows(p)]
    ),
)
_add("sav named as text", lambda p: _sav(_rows(p)), file_name=f"{word('filename')}.csv".encode())
_add("sav with a bad row", lambda p: _sav(_bad(p)), good=5, rows=6, aside={"R-CODE": 1})
_add("codes as text", lambda p: csv_drop(_rows(p)), answer="3.0", kind="csv")
_add("codes in a workbook", lambda p: xlsx(grid(_rows(p)), title="Data"), kind="xlsx")
_add("sav cut short", lambda p: _sav(_rows(p))[:-40], "F-BROKEN")
_add("sav cut in its description", lambda p: _sav(_rows(p))[:400], "F-BROKEN")
_add("zsav cut short", lambda p: _sav(_rows(p), compress=True)[:-100], "F-BROKEN")
_add(
    "an encrypted survey file",
    lambda p: b"\x1c\0\0\0\0\0\0\0ENCRYPTEDSAV" + bytes(64) + p.csv(),
    "F-LOCKED",
)
_add(
    "sav without a required variable",
    lambda p: _sav(_without(_rows(p), "wave")),
    "F-NO-COLUMN",
    headers=("wave",),
)
_add("sav without cases", _sav_empty, "F-EMPTY")
_add(
    "sav in the folder of another source",
    lambda p: _sav(_rows(p)),
    "D-OTHER-SOURCE",
    headers=(ATTENDEE,),
    source="nps_court_outcomes",
)
_add(
    "sav where it is not agreed",
    lambda p: _sav(_without(_rows(p), "wave")),
    "F-FORMAT",
    source="nps_court_outcomes",
)
