"""Accessible workbooks: cover, contents, and one named table a sheet, in memory.

By the rules of the Government Analysis Function: no merged cells, nothing said by colour alone, a
title and a note above each table, title and language in the document's properties. openpyxl is
imported late: it would slow down everything that writes no workbook.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

LANGUAGE = "en-GB"
COVER, CONTENTS = "Cover", "Contents"
TABLE_ROW = 4
MOST_CHARACTERS = 32_767
WIDEST, NARROWEST = 60, 12
NOTHING = "Nothing on record"


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name (31 characters at most), title, a note, and one table of texts.

    The repr holds no cell.
    """

    name: str
    title: str
    note: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]] = field(repr=False)


def accessible_workbook(
    title: str, about: Sequence[str], sheets: Sequence[Sheet], creator: str, marking: str
) -> bytes:
    """An XLSX workbook: what it is about on the cover, its sheets in the contents, then the sheets.

    Every cell is text, whatever it begins with. `marking` is the protective marking in headers and
    footers.
    """
    import openpyxl

    from safer_streets_assets.intake.workbook_in_memory import saved_in_memory

    book = openpyxl.Workbook()
    properties = book.properties
    properties.title, properties.creator, properties.language = title, creator, LANGUAGE
    cover = book.active
    cover.title = COVER
    _write(cover, 1, 1, title, heading=True)
    for row, line in enumerate(about, start=2):
        _write(cover, row, 1, line)
    cover.column_dimensions["A"].width = 100
    contents = Sheet(
        CONTENTS,
        "Contents",
        "Every sheet that follows holds one table.",
        ("Sheet", "What it holds"),
        [(sheet.name, sheet.title) for sheet in sheets],
    )
    for number, sheet in enumerate([contents, *sheets], start=1):
        page = book.create_sheet(sheet.name)
        _fill(page, sheet, f"table_{number}")
        if sheet is contents:
            for row, listed in enumerate(sheets, start=TABLE_ROW + 1):
                page.cell(row, 1).hyperlink = f"#'{listed.name}'!A1"
    for page in book.worksheets:
        page.oddHeader.center.text = page.oddFooter.center.text = marking
    return saved_in_memory(book)


def _fill(page: Any, sheet: Sheet, table_name: str) -> None:
    from openpyxl.worksheet.table import Table, TableStyleInfo

    rows = sheet.rows or [(NOTHING, *("" for _ in sheet.columns[1:]))]
    _write(page, 1, 1, sheet.title, heading=True)
    _write(page, 2, 1, sheet.note)
    for column, heading in enumerate(sheet.columns, start=1):
        _write(page, TABLE_ROW, column, heading, bold=True)
        longest = max(len(heading), *(len(row[column - 1]) for row in rows))
        letter = page.cell(TABLE_ROW, column).column_letter
        page.column_dimensions[letter].width = max(NARROWEST, min(WIDEST, longest + 2))
    for number, row in enumerate(rows, start=TABLE_ROW + 1):
        for column, text in enumerate(row, start=1):
            _write(page, number, column, text)
    last = page.cell(TABLE_ROW + len(rows), len(sheet.columns)).coordinate
    table = Table(displayName=table_name, ref=f"A{TABLE_ROW}:{last}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    page.add_table(table)
    page.freeze_panes = f"A{TABLE_ROW + 1}"


def _write(
    page: Any, row: int, column: int, text: str, *, heading: bool = False, bold: bool = False
) -> None:
    """Writes a cell as text: what begins with = is no formula, and editing makes it none."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font

    cell = page.cell(row, column)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)[:MOST_CHARACTERS]
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = True
    # Titles and notes run on over the cells to the right of them.
    cell.alignment = Alignment(wrap_text=row >= TABLE_ROW or page.title == COVER, vertical="top")
    if heading:
        cell.font = Font(bold=True, size=14)
    elif bold:
        cell.font = Font(bold=True)
