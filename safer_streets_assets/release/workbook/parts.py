"""What a workbook is made of before it is XLSX or ODS: worksheets of lines and of one table each.

By the rules of the Government Analysis Function: nothing is merged, a table stands in column A
below the lines that explain it, and nothing stands below it.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

CellContent = str | int | float
LANGUAGE = "en-GB"
FONT, SIZE, HEADING_SIZES = "Arial", 12, {1: 16, 2: 14}
NARROWEST, WIDEST, PROSE_WIDTH = 12, 45, 100
PROSE = 250
"""A text of more characters than this is read in a wide column, as lines of a cover are."""
HEADING_LINES = 4
"""Over so many lines a heading may run before its column is made wider."""
PADDING = 4
LETTERS_TO_A_DIGIT = 1.1
MOST_NAME = 31
MOST_CHARACTERS = 32_767
MOST_FROZEN = 60
"""Wider columns, in characters, would leave a small screen no room beside them."""
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class WorksheetLine:
    """A line above a table, or of a cover.

    `level` is 1 for a title, 2 for a heading below it, 0 for text. `to` is the name of the
    worksheet, or the address, that it links to.
    """

    text: str
    level: int = 0
    to: str | None = None


@dataclass(frozen=True)
class WorksheetColumn:
    """A column of a table: whether it holds numbers, and with how many decimals they are shown
    (None: each with its own). A text among numbers says why there is none."""

    heading: str
    numbers: bool = False
    decimals: int | None = None


@dataclass(frozen=True)
class Worksheet:
    """A worksheet: its name, its lines (the first is its title), and its table, if it has one.

    `table` is the name of the table. The first `row_headings` columns name a row. With `linked` the
    first column holds names of worksheets, and links to them. The repr holds no cell.
    """

    name: str
    lines: Sequence[WorksheetLine]
    table: str = ""
    columns: Sequence[WorksheetColumn] = ()
    rows: Sequence[Sequence[CellContent]] = field(default=(), repr=False)
    row_headings: int = 1
    linked: bool = False

    @property
    def heading_row(self) -> int:
        """The row of the headings of the table, from 1."""
        return len(self.lines) + 1

    @property
    def last_row(self) -> int:
        """The last row of the table."""
        return self.heading_row + len(self.rows)

    @cached_property
    def widths(self) -> list[int]:
        """The width of each column in characters; lines without a table stand in a wide one."""
        return [
            _width(column, [row[at] for row in self.rows]) for at, column in enumerate(self.columns)
        ] or [PROSE_WIDTH]

    @property
    def frozen_columns(self) -> int:
        """How many columns stay in sight: those that name a row, where there is room for them."""
        fits = sum(self.widths[: self.row_headings]) <= MOST_FROZEN
        return self.row_headings if self.columns and fits else 0


@dataclass(frozen=True)
class WorkbookContent:
    """A workbook: what its properties say of it, and its worksheets. `made_at` is in UTC."""

    title: str
    creator: str
    made_at: datetime
    sheets: Sequence[Worksheet]
    subject: str = ""
    keywords: str = ""


def shown(value: CellContent, column: WorksheetColumn) -> str:
    """A cell as it is seen: a number with its decimals, and then with a comma between thousands."""
    if isinstance(value, str):
        return value
    if column.decimals is not None:
        return f"{value:,.{column.decimals}f}"
    return str(int(value) if value == int(value) else value)


def lines_in(text: str, width: int, *, bold: bool = False) -> int:
    """Over how many lines a text runs in a column so many characters wide, rather more than fewer.

    A column is as wide as so many digits; letters are narrower, bold ones are not.
    """
    room = width - 1 if bold else int(LETTERS_TO_A_DIGIT * width)
    if len(text) <= room and "\n" not in text:
        return 1
    return sum(len(textwrap.wrap(part, room)) or 1 for part in text.splitlines())


def written(text: str) -> str:
    """A text as a file can hold it: what XML cannot say is a replacement character."""
    return NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)[:MOST_CHARACTERS]


def sheet_names(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Names as worksheets can have them: 31 characters at most, each once in whatever case."""
    known = {name.casefold() for name in taken}
    found = []
    for name in names:
        called, number = name[:MOST_NAME], 1
        while called.casefold() in known:
            number += 1
            called = f"{name[: MOST_NAME - len(str(number)) - 1]}_{number}"
        known.add(called.casefold())
        found.append(called)
    return found


def letters_of(column: int) -> str:
    """The letters of a column, from 1: A, Z, AA."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _width(column: WorksheetColumn, values: Sequence[CellContent]) -> int:
    longest_word = max(map(len, column.heading.split()), default=0)
    cells = max((len(shown(value, column)) for value in values), default=0)
    heading = max(longest_word, math.ceil(len(column.heading) / HEADING_LINES))
    return max(
        NARROWEST, min(PROSE_WIDTH if cells > PROSE else WIDEST, max(cells, heading) + PADDING)
    )
