"""What is in the workbook of a release, and that the same release makes the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.content import release_tables
from safer_streets_assets.release.workbook.contents import release_workbook
from safer_streets_assets.release.workbook.ods import ods_bytes
from safer_streets_assets.release.workbook.parts import (
    CellContent,
    WorkbookContent,
    Worksheet,
    WorksheetColumn,
    WorksheetLine,
    sheet_names,
)
from safer_streets_assets.release.workbook.xlsx import xlsx_bytes
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import POLICY, content, publish
from safer_streets_assets_tests.release.workbook.opened import Opened, open_xlsx
from safer_streets_assets_tests.release.workbook.opened_ods import open_ods
from safer_streets_assets_tests.release.workbook.test_figures import FORMS, IDENTITY

FILES = ("safer_streets_tables.xlsx", "safer_streets_tables.ods")
TEXTS = st.text(max_size=40)
FIGURES = st.floats(-1e6, 1e6).map(lambda number: float(f"{number:.15g}"))


def workbook(policy: Policy = POLICY, **frames: object) -> WorkbookContent:
    tables = release_tables(policy, content(frames or builders.tables(gate_open=True), notes={}))
    return release_workbook(policy, IDENTITY, tables)


def test_the_same_release_made_anew_makes_the_same_bytes_at_any_time_of_the_day(
    tmp_path: Path,
) -> None:
    made = [publish(builders.data_folder(tmp_path / name)).path for name in ("one", "other")]
    for name in FILES:
        one, other = ((path / name).read_bytes() for path in made)
        assert one == other
        with zipfile.ZipFile(io.BytesIO(one)) as archive:
            assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert {member.create_system for member in archive.infolist()} == {0}
            now = f"{datetime.now(UTC):%Y-%m-%d}".encode()
            assert not any(now in archive.read(member) for member in archive.namelist())


def test_an_ods_says_what_it_is_in_its_first_bytes() -> None:
    start = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
    assert ods_bytes(workbook())[30:].startswith(start)


def test_a_count_held_back_stands_beside_its_marker_and_the_release_that_first_printed_it() -> None:
    thresholds = POLICY.dpia.thresholds.model_copy(update={"hold_back": True})
    policy = replace(POLICY, dpia=POLICY.dpia.model_copy(update={"thresholds": thresholds}))
    frame = builders.funnel(120, 100, 70, 50, 40, 20, None)
    frame["n_as_of"] = [1, 2, 2, 2, 2, 2, None]
    frame.loc[0, "n_marker"] = "[h]"
    for form, (write, read) in FORMS.items():
        book = read(write(workbook(policy, funnel=frame)))
        rows = [row[1:4] for row in book["funnel"].rows()]
        assert rows[0] == [120, "[h]", 1], form
        assert rows[1] == [100, "none", 2]
        assert rows[-1] == ["[c]", "[c]", "[c]"]
        assert book["funnel"].headings()[1:4] == [
            "People",
            "People: marker",
            "People: number of the release that first printed it",
        ]
        said = str(book["funnel"].cells[5, 1].value)
        assert "[h] as an earlier release printed it" in said
        assert any("[h] means: as an" in str(cell.value) for cell in book["Cover"].lines())


def test_a_label_stands_in_place_of_a_code_and_keeps_one_that_notes_speak_of() -> None:
    book = open_xlsx(xlsx_bytes(workbook()))
    reasons = POLICY.labels_of("codes:reason_not_assigned")
    assert {row[1] for row in book["non_assignment"].rows()} == {
        *(reasons[code] for code in ("01", "02", "99")),
        "Total",
    }
    scales = {row[0] for row in book["attitude_change"].rows()}
    assert scales == {f"{POLICY.labels_of('scales')['OFF']} (OFF)"}
    listed = {row[0]: row[3] for row in book["Columns"].rows() if row[2] == "reason"}
    assert f"01 = {reasons['01']}" in listed["non_assignment"]


def test_categories_that_are_numbers_are_numbers_and_others_with_digits_are_not() -> None:
    book = open_xlsx(xlsx_bytes(workbook()))
    assert {row[0] for row in book["attendance_by_session"].rows()} == {1, 2}
    keys = [("none", "Total"), ("1", "Total"), ("3 or more", "Total")]
    missed = builders.table("missed_in_a_row", keys, {"n": [9, 8, 7]})
    rows = open_xlsx(xlsx_bytes(workbook(missed_in_a_row=missed)))["missed_in_a_row"].rows()
    assert [row[0] for row in rows] == ["none", "1", "3 or more"]


def test_a_table_that_is_not_made_says_so_and_has_no_figure() -> None:
    for write, read in FORMS.values():
        closed = builders.attitude_change(gate_open=False)
        book = read(write(workbook(attitude_change=closed)))
        (row,) = book["attitude_change"].rows()
        assert row[0] == "No rows"
        assert set(row[1:]) == {"[x]"}
        assert book["Contents"].rows()[0][3:] == ["not made: its stage gate is closed", 0, 0, 0]


def simple(*rows: tuple[CellContent, ...], name: str = "one") -> WorkbookContent:
    width = max(map(len, rows))
    columns = [WorksheetColumn(f"Heading {n}", numbers=n > 0) for n in range(width)]
    sheet = Worksheet(name, [WorksheetLine("Title", level=1)], "table_one", columns, rows)
    return WorkbookContent("Title", "Unit", builders.NOW, [sheet])


@pytest.mark.parametrize("form", FORMS)
@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
@settings(deadline=None, max_examples=30)
def test_any_text_comes_back_and_none_is_a_formula(form: str, texts: list[str]) -> None:
    write, read = FORMS[form]
    rows = [(f"={text}", f"x{text}x") for text in texts]
    sheet = read(write(simple(*rows)))["one"]
    for (_, number), cell in sheet.cells.items():
        assert not cell.formula
        assert number in (1, 2)
    found = [[normal(str(value)) for value in row] for row in sheet.rows()]
    assert found == [[normal(text) for text in row] for row in rows]


def normal(text: str) -> str:
    """As XML keeps it: spaces and line ends are not told apart, and what it cannot hold is gone."""
    kept = "".join(
        c if c.isprintable() else " " for c in text.replace("\N{REPLACEMENT CHARACTER}", " ")
    )
    return " ".join(kept.split())


@pytest.mark.parametrize("form", FORMS)
@given(numbers=st.lists(st.integers(0, 10**9) | FIGURES, min_size=1, max_size=8))
@settings(deadline=None, max_examples=30)
def test_any_number_of_as_many_digits_as_spreadsheets_keep_comes_back_as_it_was(
    form: str, numbers: list[float]
) -> None:
    write, read = FORMS[form]
    found = read(write(simple(*(("a", number) for number in numbers))))["one"].rows()
    assert [row[1] for row in found] == numbers


@given(st.lists(st.text("abAB_", min_size=1, max_size=40), max_size=12))
def test_names_of_worksheets_are_short_and_each_is_there_once(names: list[str]) -> None:
    found = sheet_names(names, taken=["a", "Notes"])
    assert len(found) == len(names)
    assert len({name.casefold() for name in [*found, "a", "notes"]}) == len(names) + 2
    for name, called in zip(names, found, strict=True):
        assert len(called) <= 31
        assert called.startswith(name[:20])


def test_two_headings_with_the_same_words_are_told_apart() -> None:
    tables = release_tables(POLICY, content(builders.tables(), notes={}))
    first, second, *others = tables[1].columns
    same = (first, replace(second, description=first.description), *others)
    book = release_workbook(POLICY, IDENTITY, [replace(tables[1], columns=same)])
    headings = [column.heading for column in book.sheets[-1].columns]
    assert headings[:2] == [f"{first.description} ({name})" for name in (first.name, second.name)]


@pytest.mark.parametrize("read", [open_xlsx, open_ods])
def test_headings_are_no_longer_than_a_marked_up_table_can_have(
    read: Callable[[bytes], Opened],
) -> None:
    write = xlsx_bytes if read is open_xlsx else ods_bytes
    for sheet in read(write(workbook())).sheets[1:]:
        assert max(map(len, sheet.headings())) <= 255
