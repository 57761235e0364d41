"""Cells that hold a spreadsheet's error: the parser gives nothing for them, which is not the same.

They are put back as the text that a spreadsheet shows, so that the rules of rows see them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Collection
from typing import Any

from safer_streets_assets.intake.readers.biff import sheet_records
from safer_streets_assets.intake.readers.table import cell_text

Places = dict[tuple[int, int], str]
"""The text of the error in a (row, column), which count from 0."""

_SIGNS = (b't="e"', b"t='e'")
_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^>]*\bt=[\"']e[\"'][^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]{0,40})<",
    re.DOTALL,
)
_ANY_ERROR_CELL = re.compile(
    rb"(<(?:\w+:)?c\s[^>]*\bt=[\"']e[\"'][^>]*>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>)([^<]*)(?=<)",
    re.DOTALL,
)
_KNOWN = frozenset([b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"])
"""The errors that the parser knows; at any other it gives up the whole sheet."""
_ERROR_TEXT = re.compile(rb"#[A-Z0-9/_]{1,20}[!?]?")
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]+)(\d+)[\"']")

_ODS_SIGN = b'value-type="error"'
_ODS_PART = re.compile(
    rb"<table:table-row\b([^>]*)>"
    rb"|<table:(?:covered-)?table-cell\b([^>]*)>(?:<text:p>([^<]{1,20})</text:p>)?"
)
_ODS_REPEATS = re.compile(rb"\btable:number-(?:rows|columns)-repeated\s*=\s*[\"'](\d{1,9})")

_ERROR, _FORMULA = 0x205, 0x06
# What the records of an error, and of a formula that gave one, look like.
_BIFF_SIGN = re.compile(
    rb"\x05\x02\x08\x00.{7}\x01|\x06\x00.{2}.{6}\x02.{5}\xff\xff",
    re.DOTALL,
)
_BIFF_TEXTS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
}
_ANY_ERROR = "#N/A"


def holds_errors(sheet: bytes) -> bool:
    """Whether the XML of an XLSX sheet has a cell with an error."""
    return any(sign in sheet for sign in _SIGNS)


def errors_in_xlsx(sheet: bytes) -> Places:
    """The errors in the XML of an XLSX sheet that holds some."""
    places: Places = {}
    for attributes, text in _CELL.findall(sheet):
        if found := _REFERENCE.search(attributes):
            place = (int(found[2]) - 1, column_number(found[1]) - 1)
            shown = text.strip() if _ERROR_TEXT.fullmatch(text.strip()) else b"#VALUE!"
            places[place] = shown.decode("ascii")
    return places


def with_known_errors(sheet: bytes) -> bytes:
    """The XML of an XLSX sheet that holds errors, with one that the parser knows for those of newer
    programs; the same object when it has none of these."""
    if all(text in _KNOWN for _, text in _ANY_ERROR_CELL.findall(sheet)):
        return sheet
    return _ANY_ERROR_CELL.sub(
        lambda found: found[0] if found[2] in _KNOWN else found[1] + b"#N/A", sheet
    )


def errors_in_ods(table: bytes) -> Places:
    """The errors in the XML of one table of an ODS workbook (of repeated rows in the first)."""
    if _ODS_SIGN not in table:
        return {}
    places: Places = {}
    row = column = following = 0
    for of_row, of_cell, text in (found.groups() for found in _ODS_PART.finditer(table)):
        repeats = _ODS_REPEATS.search(of_cell if of_row is None else of_row)
        times = int(repeats[1]) if repeats else 1
        if of_row is not None:
            row, column, following = following, 0, following + times
            continue
        if _ODS_SIGN in of_cell:
            shown = text.decode("ascii", "replace") if text else _ANY_ERROR
            places |= {(row, place): shown for place in range(column, column + times)}
        column += times
    return places


def errors_in_xls(stream: bytes, number: int) -> Places:
    """The errors on the sheet of that number of an XLS workbook.

    Raises UnreadableDrop: F-BROKEN.
    """
    places: Places = {}
    for kind, content in sheet_records(stream, number, _BIFF_SIGN):
        if kind == _ERROR and len(content) >= 8 and content[7] == 1:
            code = content[6]
        elif kind == _FORMULA and content[6:7] == b"\x02" and content[12:14] == b"\xff\xff":
            code = content[8]
        else:
            continue
        row, column = struct.unpack_from("<HH", content)
        places[row, column] = _BIFF_TEXTS.get(code, _ANY_ERROR)
    return places


def put_errors(rows: list[list[Any]], errors: Places, wanted: Collection[int]) -> None:
    """Writes each error into its cell, where the row has another wanted cell that is filled in.

    Formulas that were filled in far below the data, with nothing to look up, make no rows.
    """
    filled: dict[int, bool] = {}
    for row, _ in errors:
        if row not in filled and row < len(rows):
            filled[row] = any(cell_text(rows[row][place]).strip() for place in wanted)
    for (row, column), text in errors.items():
        if filled.get(row) and column < len(rows[row]):
            rows[row][column] = text


def column_number(letters: bytes) -> int:
    """The number of a column (from 1) by its letters."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
