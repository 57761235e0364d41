"""A workbook as a reader sees it: XLSX through openpyxl, ODS through its XML, in the same words.

Nothing here knows how the files are written.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from openpyxl.utils.cell import range_boundaries

AUTOMATIC = "automatic"


@dataclass(frozen=True)
class SeenCell:
    """A cell that holds something: what, and how it looks."""

    value: str | int | float
    formula: bool
    style: str
    font: str
    size: float
    bold: bool
    italic: bool
    underlined: bool
    colour: str
    plain: bool
    """Whether it has neither fill nor border, and its text is horizontal."""
    side: str
    wraps: bool
    number_format: str
    link: str | None


@dataclass(frozen=True)
class SeenTable:
    """A marked-up table: its name, and its first and last row and column, from 1."""

    name: str
    first_row: int
    first_column: int
    last_row: int
    last_column: int
    has_headings: bool
    has_buttons: bool


@dataclass
class SeenSheet:
    """A worksheet: its cells by row and column, its tables, and how many rows and columns stay."""

    name: str
    cells: dict[tuple[int, int], SeenCell] = field(default_factory=dict)
    tables: list[SeenTable] = field(default_factory=list)
    frozen: tuple[int, int] = (0, 0)
    merged: bool = False
    hidden: bool = False
    furniture: bool = False
    """Whether it has headers, footers or things that float."""

    @property
    def table(self) -> SeenTable:
        """Its only table."""
        (table,) = self.tables
        return table

    @property
    def title(self) -> str:
        """Cell A1."""
        return str(self.cells[1, 1].value)

    def lines(self) -> list[SeenCell]:
        """The cells above the table; all cells where there is none."""
        end = self.table.first_row if self.tables else 10**6
        return [cell for (row, _), cell in sorted(self.cells.items()) if row < end]

    def headings(self) -> list[str]:
        """The headings of its table."""
        table = self.table
        columns = range(table.first_column, table.last_column + 1)
        return [str(self.cells[table.first_row, column].value) for column in columns]

    def rows(self) -> list[list[Any]]:
        """The values of its table, its headings left out; None where a cell is empty."""
        table = self.table
        return [
            [
                cell.value if (cell := self.cells.get((row, column))) else None
                for column in range(table.first_column, table.last_column + 1)
            ]
            for row in range(table.first_row + 1, table.last_row + 1)
        ]


@dataclass
class Opened:
    """A workbook: its sheets in order, its properties, and the names of the parts of its file."""

    form: str
    sheets: list[SeenSheet]
    properties: dict[str, str]
    parts: list[str]

    def __getitem__(self, name: str) -> SeenSheet:
        """The sheet of this name."""
        return next(sheet for sheet in self.sheets if sheet.name == name)

    @property
    def names(self) -> list[str]:
        """The names of its sheets."""
        return [sheet.name for sheet in self.sheets]

    @property
    def cells(self) -> list[SeenCell]:
        """Every cell of every sheet."""
        return [cell for sheet in self.sheets for cell in sheet.cells.values()]


def open_xlsx(content: bytes) -> Opened:
    """An XLSX workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.namelist()
    book = openpyxl.load_workbook(io.BytesIO(content), rich_text=False)
    said = book.properties
    properties = {
        name: getattr(said, name) or ""
        for name in ("title", "creator", "subject", "keywords", "language")
    }
    return Opened("xlsx", [_sheet(page) for page in book.worksheets], properties, parts)


def _sheet(page: Any) -> SeenSheet:
    sheet = SeenSheet(page.title)
    for row in page.iter_rows():
        for cell in row:
            if cell.value is not None:
                sheet.cells[cell.row, cell.column] = _cell(cell)
    for table in page.tables.values():
        left, top, right, bottom = range_boundaries(table.ref)
        buttons = table.autoFilter is not None
        headed = table.headerRowCount == 1
        sheet.tables.append(SeenTable(table.displayName, top, left, bottom, right, headed, buttons))
    if page.freeze_panes:
        column, row, *_ = range_boundaries(page.freeze_panes)
        sheet.frozen = (row - 1, column - 1)
    sheet.merged = bool(page.merged_cells.ranges)
    dimensions = [*page.row_dimensions.values(), *page.column_dimensions.values()]
    sheet.hidden = page.sheet_state != "visible" or any(one.hidden for one in dimensions)
    margins = (page.oddHeader, page.oddFooter, page.evenHeader, page.firstHeader)
    texts = [part.text for margin in margins for part in (margin.left, margin.center, margin.right)]
    sheet.furniture = any(texts) or bool(page._images or page._charts)
    return sheet


def _cell(cell: Any) -> SeenCell:
    font, fill, border, at = cell.font, cell.fill, cell.border, cell.alignment
    sides = (border.left, border.right, border.top, border.bottom)
    bare = fill.fill_type is None and not any(side and side.style for side in sides)
    link = cell.hyperlink
    return SeenCell(
        value=cell.value,
        formula=cell.data_type == "f",
        style=cell.style,
        font=font.name,
        size=font.size,
        bold=bool(font.bold),
        italic=bool(font.italic),
        underlined=font.underline is not None,
        colour=AUTOMATIC if font.color is None else str(font.color.rgb or font.color.theme),
        plain=bare and not at.text_rotation and font.vertAlign is None,
        side=at.horizontal or "",
        wraps=bool(at.wrap_text),
        number_format=cell.number_format,
        link=None if link is None else (link.location or link.target),
    )


Opener = Callable[[bytes], Opened]
