"""A workbook as XLSX. The same content makes the same bytes.

openpyxl is imported late: it would slow down everything that writes no workbook.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from safer_streets_assets.release.workbook.parts import (
    FONT,
    HEADING_SIZES,
    LANGUAGE,
    PROSE_WIDTH,
    SIZE,
    CellContent,
    WorkbookContent,
    Worksheet,
    WorksheetColumn,
    WorksheetLine,
    letters_of,
    lines_in,
    written,
)

HEADING_STYLES = {1: ("Heading 1", 16), 2: ("Heading 2", 17)}
"""Level to the name and the number that the format has for the style (ECMA-376, 18.8.7)."""
GENERAL = "General"
LINE_HEIGHT, TALLEST = 16, 409
"""In points: the height of a line of text, and the greatest that a row can have."""
WIDEST_PAGE = 200
"""So many characters of a row are readable when they are printed side by side."""


def xlsx_bytes(content: WorkbookContent, marking: str = "") -> bytes:
    """The workbook as XLSX; `marking` is a protective marking for the headers and footers."""
    import openpyxl
    from openpyxl.packaging.core import DocumentProperties
    from openpyxl.styles import Font
    from openpyxl.utils.indexed_list import IndexedList

    from safer_streets_assets.intake.workbook_in_memory import saved_in_memory

    book = openpyxl.Workbook()
    # The first font is the one of cells without a style, and the one that widths are measured in.
    book._fonts = IndexedList([Font(name=FONT, size=SIZE, family=2)])
    book._named_styles["Normal"].font = book._fonts[0]
    book.properties = DocumentProperties(
        title=content.title,
        creator=content.creator,
        subject=content.subject or None,
        keywords=content.keywords or None,
        language=LANGUAGE,
        created=content.made_at,
        modified=content.made_at,
    )
    styles = _Styles(book)
    for sheet in content.sheets:
        page = book.create_sheet(sheet.name)
        _fill(page, sheet, styles)
        page.oddHeader.center.text = page.oddFooter.center.text = marking or None
    return saved_in_memory(book)


class _Styles:
    """The looks of cells, each made once: to make one anew for each cell takes seconds."""

    def __init__(self, book: Any) -> None:
        """Adds the named styles of headings to the book."""
        from openpyxl.styles import Font, NamedStyle

        self._scratch = book.active
        for level, (name, number) in HEADING_STYLES.items():
            font = Font(name=FONT, size=HEADING_SIZES[level], bold=True, family=2)
            book.add_named_style(NamedStyle(name=name, font=font, builtinId=number))
        self._looks: dict[Any, Any] = {}
        book.remove(self._scratch)

    def line(self, line: WorksheetLine, wraps: bool) -> Any:
        """Of a line above a table, or of a cover, where it wraps."""
        style = HEADING_STYLES[line.level][0] if line.level else None
        font = {"underline": "single"} if line.to else {}
        return self._look(style, font, wraps=wraps)

    def heading(self, column: WorksheetColumn) -> Any:
        """Of the heading of a column."""
        return self._look(None, {"bold": True}, right=column.numbers)

    def cell(self, column: WorksheetColumn, link: bool) -> Any:
        """Of a cell below it."""
        font = {"underline": "single"} if link else {}
        if not column.numbers:
            return self._look(None, font)
        return self._look(None, font, number_format(column.decimals), right=True)

    def _look(
        self,
        style: str | None,
        font: dict[str, Any],
        numbers: str | None = None,
        *,
        right: bool = False,
        wraps: bool = True,
    ) -> Any:
        """The look of a cell of text, or of numbers in the format `numbers`."""
        from openpyxl.styles import Alignment, Font

        key = (style, *font, numbers, right, wraps)
        if key not in self._looks:
            cell = self._scratch.cell(1, len(self._looks) + 1)
            if style:
                cell.style = style
            elif font:
                cell.font = Font(name=FONT, size=SIZE, family=2, **font)
            side = "right" if right else "left"
            # A little space to the right, so that a heading does not run into the next one.
            cell.alignment = Alignment(
                horizontal=side, vertical="top", wrap_text=wraps, indent=int(right)
            )
            cell.number_format = numbers or GENERAL
            # Editing a text makes no formula of it. The format of texts would show long ones as #.
            cell.quotePrefix = numbers is None
            self._looks[key] = cell._style
        return self._looks[key]


def number_format(decimals: int | None) -> str:
    """How numbers are shown; None: as they are."""
    if decimals is None:
        return GENERAL
    return "#,##0" + (f".{'0' * decimals}" if decimals else "")


def _fill(page: Any, sheet: Worksheet, styles: _Styles) -> None:
    for row, line in enumerate(sheet.lines, start=1):
        look = styles.line(line, wraps=not sheet.columns)
        _write(page, row, 1, line.text, look, line.to)
    for at, width in enumerate(sheet.widths, start=1):
        page.column_dimensions[letters_of(at)].width = width
    # Not every program makes rows as high as the text that wraps in them.
    page.sheet_format.defaultRowHeight, page.sheet_format.customHeight = LINE_HEIGHT, True
    for row, height in enumerate(_heights(sheet), start=1):
        if height != LINE_HEIGHT:
            page.row_dimensions[row].height = height
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    if sum(sheet.widths) <= WIDEST_PAGE:
        page.sheet_properties.pageSetUpPr.fitToPage = True
        page.page_setup.fitToHeight = 0
    if sheet.columns:
        _write_table(page, sheet, styles)
        corner = f"{letters_of(sheet.frozen_columns + 1)}{sheet.heading_row + 1}"
        page.freeze_panes = corner
        page.print_title_rows = f"{sheet.heading_row}:{sheet.heading_row}"


def _heights(sheet: Worksheet) -> Iterator[int]:
    """The height of each row in points."""
    for line in sheet.lines:
        lines = 1 if sheet.columns else lines_in(line.text, PROSE_WIDTH)
        yield lines * (
            HEADING_SIZES[line.level] + LINE_HEIGHT - SIZE if line.level else LINE_HEIGHT
        )
    if not sheet.columns:
        return
    headings = [column.heading for column in sheet.columns]
    for at, row in enumerate([headings, *sheet.rows]):
        texts = [(t, w) for t, w in zip(row, sheet.widths, strict=True) if isinstance(t, str)]
        lines = max((lines_in(text, width, bold=at == 0) for text, width in texts), default=1)
        yield min(lines * LINE_HEIGHT, TALLEST)


def _write_table(page: Any, sheet: Worksheet, styles: _Styles) -> None:
    from openpyxl.worksheet.table import Table

    for at, column in enumerate(sheet.columns, start=1):
        _write(page, sheet.heading_row, at, column.heading, styles.heading(column))
        link = sheet.linked and at == 1
        look = styles.cell(column, link)
        for row, values in enumerate(sheet.rows, start=sheet.heading_row + 1):
            value = values[at - 1]
            _write(page, row, at, value, look, str(value) if link else None)
    end = f"{letters_of(len(sheet.columns))}{sheet.last_row}"
    table = Table(displayName=sheet.table, ref=f"A{sheet.heading_row}:{end}")
    table._initialise_columns()
    for named, column in zip(table.tableColumns, sheet.columns, strict=True):
        named.name = written(column.heading)
    table.autoFilter = None  # no buttons: a filter may hide rows
    page.add_table(table)


def _write(
    page: Any, row: int, column: int, value: CellContent, look: Any, to: str | None = None
) -> None:
    from openpyxl.worksheet.hyperlink import Hyperlink

    cell = page.cell(row, column)
    if isinstance(value, str):
        cell.value = written(value)
        cell.data_type = "s"  # text, whatever it begins with
    else:
        cell.value = value
    if to is not None:
        place = {"target": to} if "://" in to else {"location": f"'{to}'!A1"}
        cell.hyperlink = Hyperlink(ref=cell.coordinate, **place)
    cell._style = look
