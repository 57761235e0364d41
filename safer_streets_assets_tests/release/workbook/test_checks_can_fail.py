"""Each check of the checklist finds the harm that it is there to find."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from safer_streets_assets_tests.release.workbook.opened import Opened, SeenSheet, open_xlsx
from safer_streets_assets_tests.release.workbook.test_accessibility import CHECKS, release_of


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    path: Path = release_of(tmp_path_factory.mktemp("sound"), gate_open=True)
    return open_xlsx((path / "safer_streets_tables.xlsx").read_bytes())


Harm = Callable[[SeenSheet], None]


def cell(row: int, column: int, **changes: object) -> Harm:
    """A cell of the worksheet of the funnel that is another, or looks another way."""

    def harm(sheet: SeenSheet) -> None:
        old = sheet.cells.get((row, column)) or sheet.cells[1, 1]
        sheet.cells[row, column] = replace(old, **changes)  # type: ignore[arg-type]

    return harm


def without(row: int, column: int) -> Harm:
    return lambda sheet: sheet.cells.pop((row, column)) and None


def table(**changes: object) -> Harm:
    def harm(sheet: SeenSheet) -> None:
        sheet.tables = [replace(sheet.table, **changes)]  # type: ignore[arg-type]

    return harm


def sheet_with(name: str, value: object) -> Harm:
    return lambda sheet: setattr(sheet, name, value)


HARMS: dict[str, list[Harm]] = {
    "tables_are_marked_up": [sheet_with("tables", [])],
    "tables_have_names": [table(name="table_contents"), table(name="A 1")],
    "nothing_is_merged": [sheet_with("merged", True)],
    "no_row_or_column_is_blank": [cell(99, 1, value="x")],
    "each_table_has_one_heading_row": [
        table(has_headings=False),
        cell(8, 1, value="People"),
        cell(8, 1, value="1"),
        cell(8, 1, bold=False),
    ],
    "text_in_tables_wraps": [cell(9, 1, wraps=False)],
    "freezing_is_explained": [
        table(has_buttons=True),
        sheet_with("frozen", (0, 0)),
        cell(6, 1, value="x"),
    ],
    "no_cell_of_a_table_is_empty": [without(9, 2), cell(9, 2, value="[q]")],
    "nothing_is_hidden": [sheet_with("hidden", True)],
    "shorthand_is_in_square_brackets": [cell(5, 1, value="Shorthand: c"), cell(9, 1, value="a*")],
    "notes_are_called_notes": [cell(4, 1, value="No notes"), cell(4, 1, value="[note 99]")],
    "no_note_is_in_a_cell_of_figures": [cell(9, 2, value="1,182 [note 1]")],
    "notes_have_a_table_of_their_own": [cell(4, 1, value="No notes")],
    "text_is_large_sans_serif_and_upright": [
        cell(2, 1, font="Times"),
        cell(2, 1, italic=True),
        cell(2, 1, size=11),
        cell(2, 1, plain=False),
    ],
    "titles_are_headings": [
        cell(1, 1, style="Normal"),
        cell(2, 1, style="Heading 1"),
        cell(1, 1, value="Contents"),
    ],
    "no_symbol_stands_for_a_word": [cell(9, 2, value="-"), cell(9, 2, value="=1+1")],
    "no_headers_footers_or_floating_things": [sheet_with("furniture", True)],
    "nothing_is_filled_bordered_or_coloured": [
        cell(2, 1, plain=False),
        cell(2, 1, colour="FF0000"),
        cell(2, 1, underlined=True),
    ],
    "no_macros_and_no_formulas": [cell(9, 2, formula=True)],
    "worksheets_have_names_of_their_own": [
        sheet_with("name", "contents"),
        sheet_with("name", "a" * 32),
    ],
    "no_worksheet_is_blank": [sheet_with("cells", {})],
    "column_a_explains_the_table": [cell(3, 1, value="x"), cell(2, 2, value="x")],
    "tables_begin_at_the_left": [table(first_column=2)],
    "nothing_is_below_a_table": [cell(16, 1, value="x"), cell(9, 30, value="x")],
    "one_table_a_worksheet": [sheet_with("tables", [])],
    "links_lead_somewhere": [
        cell(7, 1, link=None),
        cell(7, 1, link="'Nowhere'!A1"),
        cell(2, 1, link="https://example.test", value="https://example.test"),
    ],
    "figures_line_up": [cell(9, 2, side="left"), cell(10, 2, number_format="0.00")],
}
OF_THE_BOOK: dict[str, Callable[[Opened], object]] = {
    "no_images": lambda book: book.parts.append("xl/media/image1.png"),
    "no_macros_and_no_formulas": lambda book: book.parts.append("xl/vbaProject.bin"),
    "title_and_language_are_set": lambda book: book.properties.update(language=""),
}


@pytest.mark.parametrize(
    ("name", "number"), [(name, at) for name, harms in HARMS.items() for at in range(len(harms))]
)
def test_a_check_fails_on_a_worksheet_with_its_harm(name: str, number: int, sound: Opened) -> None:
    CHECKS[name](sound)
    book = copy.deepcopy(sound)
    HARMS[name][number](book["funnel"])
    with pytest.raises((AssertionError, ValueError)):
        CHECKS[name](book)


@pytest.mark.parametrize("name", OF_THE_BOOK)
def test_a_check_fails_on_a_workbook_with_its_harm(name: str, sound: Opened) -> None:
    book = copy.deepcopy(sound)
    OF_THE_BOOK[name](book)
    with pytest.raises(AssertionError):
        CHECKS[name](book)


def test_every_check_has_a_harm() -> None:
    assert {*HARMS, *OF_THE_BOOK} == set(CHECKS)
