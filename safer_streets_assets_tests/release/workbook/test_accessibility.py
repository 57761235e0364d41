"""The checklist that ships beside the workbook: each rule that a program can check is checked by
the function of its name, in both files of a release.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from safer_streets_assets.release.columns import MARKERS
from safer_streets_assets.release.labels import runs_as_formula
from safer_streets_assets.release.workbook.accessibility import RULES, SAID
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import content, publish
from safer_streets_assets_tests.release.workbook.opened import (
    AUTOMATIC,
    Opened,
    SeenSheet,
    open_xlsx,
)
from safer_streets_assets_tests.release.workbook.opened_ods import open_ods

ABOUT = ("Cover", "Contents", "Notes", "Columns")
NOTE = re.compile(r"\[note \d+\]")
SYMBOLS_ALONE = re.compile(r"[^\w\s]+")
LETTERS = re.compile(r"[A-Za-z]{2}")


def release_of(root: Path, *, gate_open: bool) -> Path:
    given = content(builders.tables(gate_open=gate_open), invented=not gate_open)
    return publish(builders.data_folder(root), given).path


@pytest.fixture(scope="module", params=[True, False], ids=["gate open", "gate closed"])
def released(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with every table, and one with tables that have no rows, of invented drops."""
    return release_of(tmp_path_factory.mktemp("accessible"), gate_open=request.param)


@pytest.fixture(params=["xlsx", "ods"])
def book(request: pytest.FixtureRequest, released: Path) -> Opened:
    read = {"xlsx": open_xlsx, "ods": open_ods}[request.param]
    return read((released / f"safer_streets_tables.{request.param}").read_bytes())


def with_tables(book: Opened) -> list[SeenSheet]:
    return book.sheets[1:]


def of_figures(book: Opened) -> list[SeenSheet]:
    return [sheet for sheet in book.sheets if sheet.name not in ABOUT]


def tables_are_marked_up(book: Opened) -> None:
    for sheet in with_tables(book):
        assert len(sheet.tables) == 1, sheet.name


def tables_have_names(book: Opened) -> None:
    names = [sheet.table.name for sheet in with_tables(book)]
    assert len({name.casefold() for name in names}) == len(names)
    for sheet in of_figures(book):
        assert sheet.table.name == f"table_{sheet.name}"
        assert re.fullmatch(r"[A-Za-z_]\w*", sheet.table.name)


def nothing_is_merged(book: Opened) -> None:
    assert not any(sheet.merged for sheet in book.sheets)


def no_row_or_column_is_blank(book: Opened) -> None:
    for sheet in book.sheets:
        rows = sorted({row for row, _ in sheet.cells})
        columns = sorted({column for _, column in sheet.cells})
        assert rows == list(range(1, len(rows) + 1)), sheet.name
        assert columns == list(range(1, len(columns) + 1)), sheet.name


def each_table_has_one_heading_row(book: Opened) -> None:
    for sheet in with_tables(book):
        assert sheet.table.has_headings
        headings = sheet.headings()
        assert len({heading.casefold() for heading in headings}) == len(headings)
        assert all(LETTERS.search(heading) for heading in headings), "a heading is in words"
        row = sheet.table.first_row
        assert all(cell.bold for (at, _), cell in sheet.cells.items() if at == row)


def text_in_tables_wraps(book: Opened) -> None:
    for sheet in with_tables(book):
        for (row, _), cell in sheet.cells.items():
            assert cell.wraps or row < sheet.table.first_row, sheet.name
    assert all(cell.wraps or cell.style.startswith("Heading") for cell in book["Cover"].lines())


def freezing_is_explained(book: Opened) -> None:
    for sheet in with_tables(book):
        assert not sheet.table.has_buttons
        assert sheet.frozen[0] == sheet.table.first_row, "the headings stay in sight"
    for sheet in of_figures(book):
        assert any("unfreeze" in str(cell.value) for cell in sheet.lines())


def no_cell_of_a_table_is_empty(book: Opened) -> None:
    for sheet in with_tables(book):
        for row in sheet.rows():
            assert all(value is not None and value != "" for value in row), sheet.name
    for sheet in of_figures(book):
        for row in sheet.rows():
            short = {value for value in row if str(value).startswith("[")}
            assert short <= set(MARKERS)


def nothing_is_hidden(book: Opened) -> None:
    assert not any(sheet.hidden for sheet in book.sheets)


def shorthand_is_in_square_brackets(book: Opened) -> None:
    for sheet in of_figures(book):
        (said,) = [t for cell in sheet.lines() if (t := str(cell.value)).startswith("Shorthand:")]
        for marker, meaning in MARKERS.items():
            assert re.fullmatch(r"\[[a-z]\]", marker)
            assert f"{marker} {meaning}" in said
    assert not re.search("[\u00b2\u00b3\u00b9\u2070-\u209f*†‡]", " ".join(texts(book)))


def notes_are_called_notes(book: Opened) -> None:
    listed = {row[0] for row in book["Notes"].rows()}
    assert all(NOTE.fullmatch(marker) for marker in listed)
    called = {marker for sheet in of_figures(book) for marker in markers_above(sheet)}
    assert called == listed


def markers_above(sheet: SeenSheet) -> list[str]:
    return [marker for cell in sheet.lines() for marker in NOTE.findall(str(cell.value))]


def no_note_is_in_a_cell_of_figures(book: Opened) -> None:
    for sheet in of_figures(book):
        assert not [v for row in sheet.rows() for v in row if NOTE.search(str(v))]


def notes_have_a_table_of_their_own(book: Opened) -> None:
    for marker, text, sheets in book["Notes"].rows():
        assert text
        for name in sheets.split(", "):
            assert marker in markers_above(book[name])


def text_is_large_sans_serif_and_upright(book: Opened) -> None:
    for cell in book.cells:
        assert (cell.font, cell.italic, cell.plain) == ("Arial", False, True)
        assert cell.size >= 12


def titles_are_headings(book: Opened) -> None:
    titles = [sheet.title for sheet in book.sheets]
    assert len(set(titles)) == len(titles)
    for sheet in book.sheets:
        assert sheet.cells[1, 1].style == "Heading 1"
        others = {cell.style for place, cell in sheet.cells.items() if place != (1, 1)}
        assert "Heading 1" not in others
        assert ("Heading 2" in others) == (sheet.name == "Cover")


def no_symbol_stands_for_a_word(book: Opened) -> None:
    assert not [text for text in texts(book) if SYMBOLS_ALONE.fullmatch(text)]
    assert not [text for text in texts(book) if runs_as_formula(text)]


def texts(book: Opened) -> list[str]:
    return [cell.value for cell in book.cells if isinstance(cell.value, str)]


def no_headers_footers_or_floating_things(book: Opened) -> None:
    assert not any(sheet.furniture for sheet in book.sheets)


def nothing_is_filled_bordered_or_coloured(book: Opened) -> None:
    assert all(cell.plain for cell in book.cells)
    assert {cell.colour for cell in book.cells} == {AUTOMATIC}
    for cell in book.cells:
        assert cell.underlined == (cell.link is not None)


def no_images(book: Opened) -> None:
    assert not [
        part for part in book.parts if re.search("media|drawing|pictures|chart", part, re.I)
    ]


def no_macros_and_no_formulas(book: Opened) -> None:
    assert not any(cell.formula for cell in book.cells)
    assert not [part for part in book.parts if re.search("vba|basic|script|bin$", part, re.I)]


def worksheets_have_names_of_their_own(book: Opened) -> None:
    assert len({name.casefold() for name in book.names}) == len(book.names)
    for name in book.names:
        assert re.fullmatch(r"[A-Za-z]\w{0,30}", name)


def no_worksheet_is_blank(book: Opened) -> None:
    assert all(len(sheet.cells) > 3 for sheet in book.sheets)


def column_a_explains_the_table(book: Opened) -> None:
    for sheet in with_tables(book):
        above = [place for place in sheet.cells if place[0] < sheet.table.first_row]
        assert {column for _, column in above} == {1}
        assert "contains one table" in str(sheet.cells[2, 1].value)
    for sheet in of_figures(book):
        said = [str(cell.value) for cell in sheet.lines()]
        assert said[2].startswith("Who is counted: ")


def tables_begin_at_the_left(book: Opened) -> None:
    assert {sheet.table.first_column for sheet in with_tables(book)} == {1}


def nothing_is_below_a_table(book: Opened) -> None:
    for sheet in with_tables(book):
        assert max(row for row, _ in sheet.cells) == sheet.table.last_row
        assert max(column for _, column in sheet.cells) == sheet.table.last_column


def one_table_a_worksheet(book: Opened) -> None:
    assert [len(sheet.tables) for sheet in book.sheets] == [0, *[1] * (len(book.sheets) - 1)]


def links_lead_somewhere(book: Opened) -> None:
    places = {f"'{name}'": name for name in book.names}
    for cell in book.cells:
        if cell.link is not None and not cell.link.startswith("https://"):
            found = re.fullmatch(r"#?('\w+')[!.]A1", cell.link)
            assert found, cell.link
            assert found[1] in places
        assert cell.link is None or "://" not in str(cell.value)
    contents = book["Contents"]
    first = contents.table.first_row
    listed = [c.value for (row, column), c in contents.cells.items() if row > first and column == 1]
    assert listed == [sheet.name for sheet in of_figures(book)]
    for sheet in of_figures(book):
        assert any(cell.link and "Contents" in cell.link for cell in sheet.lines())


def title_and_language_are_set(book: Opened) -> None:
    assert all(book.properties.values())
    assert book.properties["language"] == "en-GB"


def figures_line_up(book: Opened) -> None:
    for sheet in of_figures(book):
        table = sheet.table
        for column in range(1, table.last_column + 1):
            cells = [sheet.cells[row, column] for row in range(table.first_row, table.last_row + 1)]
            numbers = [cell for cell in cells[1:] if not isinstance(cell.value, str)]
            if not numbers:
                continue
            assert {cell.side for cell in cells} == {"right"}
            assert len({cell.number_format for cell in cells[1:]}) == 1
            if any(abs(cell.value) >= 1000 for cell in numbers):
                assert cells[1].number_format.startswith("#,##0")


CHECKS: dict[str, Callable[[Opened], None]] = {
    name: check
    for name, check in inspect.getmembers(sys.modules[__name__], inspect.isfunction)
    if name in {rule.name for rule in RULES}
}


@pytest.mark.parametrize("name", [rule.name for rule in RULES if rule.judge != "person"])
def test_a_rule_of_the_checklist_is_kept(name: str, book: Opened) -> None:
    CHECKS[name](book)


def test_a_rule_without_a_test_is_one_for_a_person_and_the_file_says_which(released: Path) -> None:
    assert {rule.name for rule in RULES if rule.judge == "person"} == {
        rule.name for rule in RULES
    } - set(CHECKS)
    text = (released / "safer_streets_tables_accessibility.md").read_text(encoding="utf-8")
    for rule in RULES:
        assert text.count(f"| {rule.rule} |") == 1
        line = next(line for line in text.splitlines() if line.startswith(f"| {rule.rule} |"))
        assert SAID[rule.judge] in line
