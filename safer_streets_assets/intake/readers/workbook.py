"""Workbooks (XLSX, XLS, ODS): which sheet holds the data, and its columns."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from safer_streets_assets.intake.readers.biff import workbook_stream
from safer_streets_assets.intake.readers.errors import errors_in_xls, put_errors
from safer_streets_assets.intake.readers.headers import (
    HEADER_ROWS,
    Header,
    find_header,
    missing_columns,
    normalise,
    settle_places,
)
from safer_streets_assets.intake.readers.hidden import Hidden, hidden_in_xls, refuse_hidden
from safer_streets_assets.intake.readers.model import ReadRequest
from safer_streets_assets.intake.readers.packed import (
    Archive,
    SheetNotes,
    check_ods,
    check_sheet,
    sheet_members,
)
from safer_streets_assets.intake.readers.reasons import UnreadableDrop
from safer_streets_assets.intake.readers.table import Table, check_cells, take_rows

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook, SheetMetadata


@dataclass(frozen=True)
class _Sheet:
    number: int
    rows: list[list[Any]]
    header: Header
    notes: SheetNotes


_NOTHING = SheetNotes(set(), {}, Hidden())


def read_workbook(data: bytes, archive: Archive | None, request: ReadRequest) -> Table:
    """The wanted columns of the agreed sheet, or of the first visible one that holds the header.

    archive: the checked archive of an XLSX or ODS workbook, None for XLS.
    Raises UnreadableDrop: F-BROKEN, F-LOCKED, F-MACRO, F-HIDDEN, F-NO-SHEET, F-TOO-LARGE,
    F-FORMULA, F-LONG-CELL and what `take_rows` raises.
    """
    noted: list[SheetNotes] = []
    if archive is not None and archive.kind == "ods":
        noted = check_ods(archive, request.limits)
    sheet = _find_sheet(_open(data), archive, request)
    header = sheet.header
    if sheet.notes.empty_formulas:
        needed = set(settle_places(header, request.columns).values())
        if any(row > header.row and place in needed for row, place in sheet.notes.empty_formulas):
            raise UnreadableDrop("F-FORMULA")
    if len(sheet.rows) - header.row - 1 > request.limits.max_rows:
        raise UnreadableDrop("F-TOO-LARGE")
    if not sheet.rows:
        raise UnreadableDrop("F-EMPTY")
    notes = sheet.notes
    if archive is None:
        stream = workbook_stream(data)
        errors = errors_in_xls(stream, sheet.number)
        notes = SheetNotes(set(), errors, hidden_in_xls(stream, sheet.number))
    elif archive.kind == "ods":
        notes = noted[sheet.number]
    places = settle_places(header, request.columns)
    put_errors(sheet.rows, notes.errors, places.values())
    refuse_hidden(notes.hidden, sheet.rows, header, places)
    table = take_rows(sheet.rows, header, request.columns, ragged=False)
    check_cells(table, request.limits.max_cell_chars)
    return table


def _open(data: bytes) -> CalamineWorkbook:
    import python_calamine as calamine  # noqa: PLC0415 (only workbooks pay for the import)

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.PasswordError:
        raise UnreadableDrop("F-LOCKED") from None
    except calamine.CalamineError:
        raise UnreadableDrop("F-BROKEN") from None
    if any(sheet.typ == calamine.SheetTypeEnum.MacroSheet for sheet in book.sheets_metadata):
        raise UnreadableDrop("F-MACRO")
    return book


def _find_sheet(book: CalamineWorkbook, archive: Archive | None, request: ReadRequest) -> _Sheet:
    """The sheet to read: the agreed one, or the first visible one with every required column."""
    import python_calamine as calamine  # noqa: PLC0415

    sheets = [s for s in book.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
    shown = [s for s in sheets if s.visible == calamine.SheetVisibleEnum.Visible]
    hidden = [s for s in sheets if s.visible != calamine.SheetVisibleEnum.Visible]
    if request.sheet is not None:
        agreed = normalise(request.sheet)
        shown, hidden = (
            [s for s in some if normalise(s.name) == agreed] for some in (shown, hidden)
        )
        if not shown:
            raise UnreadableDrop("F-HIDDEN" if hidden else "F-NO-SHEET")
    closest: _Sheet | None = None
    for sheet in _sheets(book, archive, shown, request):
        if not missing_columns(sheet.header, request.columns):
            return sheet
        if closest is None or len(sheet.header.places) > len(closest.header.places):
            closest = sheet
    if request.sheet is None:
        for sheet in _sheets(book, archive, hidden, request):
            if not missing_columns(sheet.header, request.columns):
                raise UnreadableDrop("F-HIDDEN")
    return closest or _Sheet(0, [], Header(0, {}), _NOTHING)


def _sheets(
    book: CalamineWorkbook,
    archive: Archive | None,
    chosen: list[SheetMetadata],
    request: ReadRequest,
) -> Iterator[_Sheet]:
    """Each chosen sheet, parsed only once its used range is known to be within the limits."""
    import python_calamine as calamine  # noqa: PLC0415

    packed = archive is not None and archive.kind == "xlsx"
    members = sheet_members(archive) if archive is not None and packed else {}
    for sheet in chosen:
        notes = _NOTHING
        if archive is not None and packed:
            notes = check_sheet(archive, members.get(sheet.name, ""), request.limits)
        try:
            parsed = book.get_sheet_by_name(sheet.name)
            last = parsed.end or (0, 0)
            too_long = last[0] > request.limits.max_rows + HEADER_ROWS
            if too_long or last[1] >= request.limits.max_columns:
                raise UnreadableDrop("F-TOO-LARGE")
            rows = parsed.to_python(skip_empty_area=False)
        except calamine.CalamineError:
            raise UnreadableDrop("F-BROKEN") from None
        header = find_header(rows[:HEADER_ROWS], request.columns)
        yield _Sheet(book.sheet_names.index(sheet.name), rows, header, notes)
