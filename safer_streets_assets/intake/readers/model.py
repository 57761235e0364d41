"""What is asked of a reader and what it answers: plain data, shared by the parent and the child."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

BULK_TABLE = "sent_rows"
"""The table of a bulk store: the wanted columns that the file has, as text, in the file's order."""

BULK_GROUP_ROWS = 20_480
"""How many rows of a bulk store DuckDB keeps together; whoever attaches one has to say so.

Its threads share out a table by such groups, and in groups of its own size (122,880) most files are
one, for one thread. A multiple of 2,048.
"""


@dataclass(frozen=True)
class WantedColumn:
    """One agreed field: our snake_case `name`, and the `headers` under which it may arrive.

    The first of `headers` is the spelling that people are told about.
    """

    name: str
    headers: tuple[str, ...]
    required: bool


@dataclass(frozen=True)
class ReadLimits:
    """How much of a file is believed: bytes, characters, rows below the header, and seconds.

    `memory_bytes` bounds the address space of the child; the libraries alone take 60 MB of it, for
    a survey file 150 MB.
    """

    max_bytes: int
    max_unpacked_bytes: int
    max_members: int
    max_rows: int
    max_columns: int
    max_cell_chars: int
    seconds: float
    memory_bytes: int


@dataclass(frozen=True)
class BulkStore:
    """Where the rows of a large text file go: a DuckDB file that is not there yet, and its key."""

    path: Path = field(repr=False)
    key: str = field(repr=False)


@dataclass(frozen=True)
class DroppedColumn:
    """A column that was not asked for: its number, from 1, and its heading.

    The heading is "" where there is none, and None where it is not made of `heading_words`: then it
    may be somebody's name or number, and does not leave the child.
    """

    number: int
    heading: str | None = field(repr=False)

    @property
    def shown(self) -> str:
        """The heading, or why there is none, as it goes on record."""
        if self.heading is None:
            return f"column {self.number} (heading not shown)"
        return self.heading or f"column {self.number} (no heading)"

    @staticmethod
    def is_told_without(shown: str) -> bool:
        """Whether what went on record is no heading but says why there is none."""
        return re.fullmatch(r"column \d{1,9} \((no heading|heading not shown)\)", shown) is not None


@dataclass(frozen=True)
class ReadRequest:
    """One file to read: `formats` are those agreed for its source (csv, xlsx, xls, ods, sav).

    `sheet` names the sheet of a workbook; None takes the first visible one that holds the header.
    Headings of other columns are told when they are made of `heading_words`. Beside the sheet that
    is read one of the names `guidance_sheets` is left out that has no more rows than
    `most_examples`.
    With a `bulk` store, a plain text file is read into it instead of into memory.
    """

    path: Path = field(repr=False)
    columns: tuple[WantedColumn, ...]
    sheet: str | None
    formats: tuple[str, ...]
    limits: ReadLimits
    passwords: tuple[str, ...] = field(default=(), repr=False)
    heading_words: tuple[str, ...] = field(default=(), repr=False)
    guidance_sheets: tuple[str, ...] = field(default=(), repr=False)
    most_examples: int = 0
    bulk: BulkStore | None = None


@dataclass(frozen=True)
class GuidanceSheet:
    """A sheet with the agreed columns that was left out as guidance: its number, from 1, and how
    many rows stand below its header."""

    number: int
    rows: int


@dataclass(frozen=True)
class ReadDrop:
    """The wanted columns of one file, all as text, every list as long as `row_numbers`.

    columns: every wanted column by name; a missing cell is None, an absent column is all None.
        Empty where the cells are in a `bulk` store; there, an absent column is left out.
    row_numbers: 1-based record in the file as a spreadsheet shows it (the header counts; in a
        survey file, which has no header row, the case number).
    position_date: the date stated above the header ("Position at 30 November 2019").
    dropped: columns that were in the file and were not asked for.
    ragged_rows: row numbers with text beyond the last header; their cells are probably shifted.
    absent: optional columns that the file does not have.
    sheet: the number of the sheet that was read, from 1; None where there are no sheets.
    guidance: the sheets with the agreed columns that were left out as guidance.

    Its repr holds no cell.
    """

    format: str
    columns: dict[str, list[str | None]] = field(repr=False)
    row_numbers: Sequence[int]
    position_date: date | None
    dropped: tuple[DroppedColumn, ...] = ()
    ragged_rows: list[int] = field(default_factory=list)
    absent: tuple[str, ...] = ()
    bulk: BulkStore | None = None
    sheet: int | None = None
    guidance: tuple[GuidanceSheet, ...] = ()
