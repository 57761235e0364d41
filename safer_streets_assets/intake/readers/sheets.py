"""The sheets of XLSX and ODS workbooks: how far they reach, and what the parser does not tell.

One stray cell at XFD1048576 makes the workbook parser ask for all the memory there is, so cell
references are looked at before it is let near a sheet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from safer_streets_assets.intake.readers.errors import (
    Places,
    column_number,
    errors_in_ods,
    errors_in_xlsx,
    holds_errors,
    with_known_errors,
)
from safer_streets_assets.intake.readers.formulas import (
    formulas_without_result,
    places_without_result,
    repeats_of,
)
from safer_streets_assets.intake.readers.headers import HEADER_ROWS
from safer_streets_assets.intake.readers.hidden import Hidden, hidden_in_ods, hidden_in_xlsx
from safer_streets_assets.intake.readers.model import ReadLimits
from safer_streets_assets.intake.readers.packed import Archive
from safer_streets_assets.intake.readers.parts import plain_xml
from safer_streets_assets.intake.readers.reasons import UnreadableDrop

# Only cells have a reference as their r; one that is closed at once holds formatting alone.
_FILLED_CELL = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]+)(\d+)[\"'][^>]*+(?<!/)>")
_CELLS = (b"<c ", b"<c>", b"<c/>", b":c ", b":c>", b":c/>")
_ROW_OR_CELL = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^>]*?)(/?)>")
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]+)(\d+)[\"']")
_ROW_NUMBER = re.compile(rb"\sr\s*=\s*[\"'](\d+)[\"']")
_ODS_SHEET = re.compile(rb"<table:table(?=\s)")
_ODS_ROW = re.compile(rb"<table:table-row\b([^>]*)(?<!/)>(.*?)</table:table-row>", re.DOTALL)
_ODS_EMPTY_ROW = re.compile(rb"<table:table-row\b[^>]*/>")
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)>")
_ODS_FILLED = (b"office:value-type", b"calcext:value-type", b"table:formula")
_MOST_ODS_CELLS = 50_000_000


@dataclass(frozen=True)
class SheetNotes:
    """What the parser does not tell of a sheet; a place is a (row, column).

    empty_formulas: places of formulas without a result.
    errors: the errors in cells, by their place.
    hidden: what the sheet hides.
    too_large: whether the sheet reaches beyond the limits.
    changed: the XML of the sheet as the parser can read it, where it could not as it was sent.
    """

    empty_formulas: set[tuple[int, int]]
    errors: Places
    hidden: Hidden
    too_large: bool = False
    changed: bytes | None = field(default=None, repr=False)


def check_sheet(
    archive: Archive, member: str, limits: ReadLimits, *, uncomputed: bool
) -> SheetNotes:
    """Check the used range of an XLSX sheet; what there is to note of it.

    Places count from 0. The stated `<dimension>` is not used: the parser ignores it too, and
    writers get it wrong. With `uncomputed`, a result of 0 is no result: it is what programs write
    that do not compute. Raises UnreadableDrop: F-BROKEN.
    """
    sent, too_large = archive.read(member), False
    xml = plain_xml(sent)
    has_errors = holds_errors(xml)
    shown = with_known_errors(xml) if has_errors else xml
    changed = None if shown is sent else shown
    if b":c" in xml or _cell_to_look_at(limits).search(xml):
        xml = _with_references(xml)
        too_large = _reaches_beyond(xml, limits)
    empty = set(formulas_without_result(xml, uncomputed=uncomputed))
    errors = errors_in_xlsx(xml) if has_errors else {}
    return SheetNotes(empty, errors, hidden_in_xlsx(xml), too_large, changed)


def _cell_to_look_at(limits: ReadLimits) -> re.Pattern[bytes]:
    """Finds a cell without a reference, or with one that is not surely within the limits.

    Most sheets have none, and one search tells that several times faster than reading every
    reference does.
    """
    # With so many digits a row is within the limits whatever they are; so is a column up to its
    # first letter.
    digits = len(str(limits.max_rows + HEADER_ROWS)) - 1
    first_letters = min(limits.max_columns // 26 - 1, 26)
    first = f"[A-{chr(64 + first_letters)}]?" if first_letters > 0 else ""
    last = "[A-Z]" if limits.max_columns >= 26 else "A"
    within = f'{first}{last}[0-9]{{1,{digits}}}"'
    return re.compile(rf'<c(?=[\s/>])(?! r="{within})'.encode())


def _reaches_beyond(xml: bytes, limits: ReadLimits) -> bool:
    """Whether a filled cell of a sheet with references lies beyond the limits."""
    filled = _FILLED_CELL.findall(xml)
    rows = {row for _, row in filled}
    columns = {letters for letters, _ in filled}
    return (
        max(map(int, rows), default=0) > limits.max_rows + HEADER_ROWS
        or max(map(column_number, columns), default=0) > limits.max_columns
    )


def check_ods(archive: Archive, limits: ReadLimits) -> list[SheetNotes]:
    """Check the used range of every sheet of an ODS workbook with plain XML.

    Returns what there is to note of each sheet, in the order of the sheets.

    Raises UnreadableDrop: F-BROKEN, F-LOCKED, F-TOO-LARGE (the parser reads all sheets at once).
    """
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise UnreadableDrop("F-LOCKED")
    return [
        _ods_notes(sheet, limits) for sheet in _ODS_SHEET.split(archive.read("content.xml"))[1:]
    ]


def _ods_notes(sheet: bytes, limits: ReadLimits) -> SheetNotes:
    used = passed = widest = cursor = 0
    empty: set[tuple[int, int]] = set()
    for row in _ODS_ROW.finditer(sheet):
        skipped = sheet[cursor : row.start()]
        passed += sum(repeats_of(tag, b"rows") for tag in _ODS_EMPTY_ROW.findall(skipped))
        cursor = row.end()
        width = _ods_width(row[2])
        empty |= {(passed, place) for place in places_without_result(row[2])}
        passed += repeats_of(row[1], b"rows")
        widest = max(widest, width)
        used = passed if width else used
    if used * widest > _MOST_ODS_CELLS:
        raise UnreadableDrop("F-TOO-LARGE")
    too_large = widest > limits.max_columns or used > limits.max_rows + HEADER_ROWS
    return SheetNotes(empty, errors_in_ods(sheet), hidden_in_ods(sheet), too_large)


def _ods_width(row: bytes) -> int:
    """How many columns the filled cells of a row reach."""
    used = passed = 0
    for attributes in _ODS_CELL.findall(row):
        passed += repeats_of(attributes, b"columns")
        if any(mark in attributes for mark in _ODS_FILLED):
            used = passed
    return used


def _with_references(xml: bytes) -> bytes:
    """The XML of a sheet with the reference of each cell, which a program may leave out.

    A cell without one stands beside the cell before it, as a row without a number stands below.
    """
    if sum(map(xml.count, _CELLS)) == xml.count(b"<c r="):
        return xml
    row, column = 0, 0

    def numbered(tag: re.Match[bytes]) -> bytes:
        nonlocal row, column
        if tag[1] == b"row":
            stated = _ROW_NUMBER.search(tag[2])
            row, column = int(stated[1]) if stated else row + 1, 0
            return tag[0] if stated else _with_attribute(tag[0], tag[3], f"{row}")
        place = _REFERENCE.search(tag[2])
        column = column_number(place[1]) if place else column + 1
        return tag[0] if place else _with_attribute(tag[0], tag[3], f"{_letters(column)}{row}")

    return _ROW_OR_CELL.sub(numbered, xml)


def _with_attribute(tag: bytes, closed: bytes, reference: str) -> bytes:
    end = len(closed) + 1
    return tag[:-end] + f' r="{reference}"'.encode() + tag[-end:]


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(65 + place) + letters
    return letters
