"""Workbooks of texts for the unit, its registers and the answers to requests, in memory.

They are accessible as the workbook of a release is, and written by the same hand; beyond it they
have a protective marking in headers and footers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from safer_streets_assets.release.workbook.parts import (
    CellContent,
    WorkbookContent,
    Worksheet,
    WorksheetColumn,
    WorksheetLine,
)
from safer_streets_assets.release.workbook.xlsx import xlsx_bytes
from safer_streets_assets.stores.registers import now_utc

COVER, CONTENTS = "Cover", "Contents"
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
    contents = Sheet(
        CONTENTS,
        "Contents",
        "Every sheet that follows holds one table.",
        ("Sheet", "What it holds"),
        [(sheet.name, sheet.title) for sheet in sheets],
    )
    cover = Worksheet(
        COVER, [WorksheetLine(title, level=1), *(WorksheetLine(line) for line in about)]
    )
    pages = [_worksheet(sheet, number) for number, sheet in enumerate([contents, *sheets], start=1)]
    return xlsx_bytes(WorkbookContent(title, creator, now_utc(), [cover, *pages]), marking)


def _worksheet(sheet: Sheet, number: int) -> Worksheet:
    nothing: list[Sequence[CellContent]] = [(NOTHING, *("" for _ in sheet.columns[1:]))]
    back = (COVER, "Back to the cover") if sheet.name == CONTENTS else (CONTENTS, "To the contents")
    return Worksheet(
        name=sheet.name,
        lines=[
            WorksheetLine(sheet.title, level=1),
            WorksheetLine(sheet.note),
            WorksheetLine(back[1], to=back[0]),
        ],
        table=f"table_{number}",
        columns=[WorksheetColumn(heading) for heading in sheet.columns],
        rows=list(sheet.rows) or nothing,
        linked=sheet.name == CONTENTS,
    )
