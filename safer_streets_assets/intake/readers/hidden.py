"""What a sheet hides: rows and columns that whoever opens the workbook does not see.

Only what is hidden by the workbook's own marks counts, a filter's rows too; colours and number
formats that hide a cell's text do not.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safer_streets_assets.intake.readers.biff import sheet_records
from safer_streets_assets.intake.readers.headers import Header
from safer_streets_assets.intake.readers.reasons import UnreadableDrop
from safer_streets_assets.intake.readers.table import cell_text

_ATTRIBUTES = rb"((?:[^>\"']|\"[^\"]*\"|'[^']*')*)"
# Looked for first, because most sheets have none of them and a search for plain text is quick.
_XLSX_SIGNS = (b"hidden", b' ht="0', b" ht='0")
_XLSX_MARK = re.compile(rb"\bhidden\s*=\s*[\"'](?!0|false)|\b(?:ht|width)\s*=\s*[\"']0*\.?0*[\"']")
_XLSX_ROW = re.compile(rb"<row\b" + _ATTRIBUTES + rb">")
_XLSX_PREFIXED_ROW = re.compile(rb"<(?:\w+:)?row\b" + _ATTRIBUTES + rb">")
_XLSX_COLUMNS = re.compile(rb"<(?:\w+:)?col\b" + _ATTRIBUTES + rb">")
_NUMBER = {
    name: re.compile(rb"\b" + name.encode() + rb"\s*=\s*[\"']\s*(\d{1,9})")
    for name in ("r", "min", "max")
}
_ODS_MARK = re.compile(rb"\btable:visibility\s*=\s*[\"'](?:collapse|filter)")
_ODS_ROW = re.compile(rb"<table:table-row\b" + _ATTRIBUTES + rb">")
_ODS_COLUMN = re.compile(rb"<table:table-column\b" + _ATTRIBUTES + rb">")
_ODS_REPEATS = re.compile(rb"\btable:number-(?:rows|columns)-repeated\s*=\s*[\"'](\d{1,9})")

_BIFF_ROW, _BIFF_COLUMNS = 0x208, 0x7D
_ROW_HIDDEN = 0x20
# What the records of a hidden row and of hidden columns look like; text may look like it by chance.
_BIFF_SIGN = re.compile(
    rb"\x08\x02\x10\x00.{12}[" + b"".join(b"\\x%02x" % n for n in range(256) if n & 0x20) + rb"]"
    rb"|\x7d\x00[\x0a-\x0c]\x00(?:.{8}["
    + b"".join(b"\\x%02x" % n for n in range(1, 256, 2))
    + rb"]"
    rb"|.{4}\x00\x00)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Hidden:
    """The hidden rows and columns of a sheet, as ranges of places that count from 0."""

    rows: tuple[range, ...] = ()
    columns: tuple[range, ...] = ()


def refuse_hidden(
    hidden: Hidden, rows: Sequence[Sequence[Any]], header: Header, places: Mapping[str, int]
) -> None:
    """Raises UnreadableDrop (F-HIDDEN) when something agreed is hidden.

    That is a wanted column, or a row from the header on in which a wanted cell is filled in.
    `places` are those of the wanted columns.
    """
    if any(place in some for some in hidden.columns for place in places.values()):
        raise UnreadableDrop("F-HIDDEN")
    for some in hidden.rows:
        for row in rows[max(some.start, header.row) : some.stop]:
            if any(cell_text(row[place]).strip() for place in places.values()):
                raise UnreadableDrop("F-HIDDEN")


def hidden_in_xlsx(sheet: bytes) -> Hidden:
    """What the XML of an XLSX sheet hides."""
    # Columns are described before the first row.
    columns = tuple(_xlsx_columns(sheet[: max(sheet.find(b"sheetData"), 0)]))
    if b"hidden" not in sheet and b" ht=" not in sheet:
        return Hidden((), columns)
    if not any(sign in sheet for sign in _XLSX_SIGNS):
        return Hidden((), columns)
    return Hidden(tuple(_xlsx_rows(sheet)), columns)


def hidden_in_ods(table: bytes) -> Hidden:
    """What the XML of one table of an ODS workbook hides."""
    if b"table:visibility" not in table:
        return Hidden()
    return Hidden(_ods_ranges(_ODS_ROW, table), _ods_ranges(_ODS_COLUMN, table))


def hidden_in_xls(stream: bytes, number: int) -> Hidden:
    """What the sheet of that number (from 0, of all sheets) of an XLS workbook hides.

    Raises UnreadableDrop: F-BROKEN.
    """
    rows: list[range] = []
    columns: list[range] = []
    for kind, content in sheet_records(stream, number, _BIFF_SIGN):
        if kind == _BIFF_ROW and len(content) >= 14 and content[12] & _ROW_HIDDEN:
            row = struct.unpack_from("<H", content)[0]
            rows.append(range(row, row + 1))
        elif kind == _BIFF_COLUMNS and len(content) >= 10:
            first, last, width, _, flags = struct.unpack_from("<5H", content)
            if width == 0 or flags & 1:
                columns.append(range(first, last + 1))
    return Hidden(tuple(rows), tuple(columns))


def _xlsx_rows(sheet: bytes) -> Iterator[range]:
    following = 0
    pattern = _XLSX_PREFIXED_ROW if b":row" in sheet else _XLSX_ROW
    for found in pattern.finditer(sheet):
        stated = _NUMBER["r"].search(found[1])
        place = int(stated[1]) - 1 if stated else following
        following = place + 1
        if _XLSX_MARK.search(found[1]):
            yield range(max(place, 0), following)


def _xlsx_columns(above: bytes) -> Iterator[range]:
    for found in _XLSX_COLUMNS.finditer(above):
        first, last = _NUMBER["min"].search(found[1]), _NUMBER["max"].search(found[1])
        if first and last and _XLSX_MARK.search(found[1]):
            yield range(int(first[1]) - 1, int(last[1]))


def _ods_ranges(pattern: re.Pattern[bytes], table: bytes) -> tuple[range, ...]:
    hidden, place = [], 0
    for found in pattern.finditer(table):
        repeats = _ODS_REPEATS.search(found[1])
        start, place = place, place + (int(repeats[1]) if repeats else 1)
        if _ODS_MARK.search(found[1]):
            hidden.append(range(start, place))
    return tuple(hidden)
