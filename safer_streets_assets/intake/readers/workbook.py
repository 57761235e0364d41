"""Workbooks (XLSX, XLS, ODS): which sheet holds the data, and its columns."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from safer_streets_assets.intake.readers.biff import in_unicode, workbook_stream
from safer_streets_assets.intake.readers.errors import errors_in_xls, put_errors
from safer_streets_assets.intake.readers.formulas import computed_on_opening
from safer_streets_assets.intake.readers.headers import (
    HEADER_ROWS,
    Header,
    find_header,
    goes_on_with,
    missing_columns,
    normalise,
    settle_places,
)
from safer_streets_assets.intake.readers.hidden import Hidden, hidden_in_xls, refuse_hidden
from safer_streets_assets.intake.readers.model import GuidanceSheet, ReadRequest
from safer_streets_assets.intake.readers.packed import Archive
from safer_streets_assets.intake.readers.parts import (
    plain_xml,
    sheet_members,
    with_usual_prefixes,
)
from safer_streets_assets.intake.readers.reasons import UnreadableDrop
from safer_streets_assets.intake.readers.sheets import (
    SheetNotes,
    check_ods,
    check_sheet,
)
from safer_streets_assets.intake.readers.table import Table, cell_text, check_cells, take_rows

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook, SheetMetadata


@dataclass(frozen=True)
class _Sheet:
    """A sheet that was parsed, or one that is too large to be; its place among all sheets."""

    number: int
    rows: list[list[Any]]
    header: Header
    notes: SheetNotes


_NOTHING = SheetNotes(set(), {}, Hidden())
_TOO_LARGE = SheetNotes(set(), {}, Hidden(), too_large=True)


def read_workbook(data: bytes, archive: Archive | None, request: ReadRequest) -> Table:
    """The wanted columns of the agreed sheet, or of the only visible one that holds the header.

    archive: the checked archive of an XLSX or ODS workbook, None for XLS.
    Raises UnreadableDrop: F-BROKEN, F-LOCKED, F-MACRO, F-HIDDEN, F-NO-SHEET, F-SHEETS, F-TOO-LARGE,
    F-FORMULA, F-LONG-CELL, F-ENCODING and what `take_rows` raises.
    """
    data = in_unicode(data) if archive is None else archive.data
    noted = []
    if archive and archive.kind == "ods":
        content = archive.read("content.xml")
        plain = plain_xml(with_usual_prefixes(content))
        if plain is not content:
            archive = archive.with_member("content.xml", plain)
            data = archive.data
        noted = check_ods(archive, request.limits)
    sheet, guidance = _find_sheet(_Book(_open(data), archive, noted, request), request)
    header, notes = sheet.header, sheet.notes
    if notes.too_large or len(sheet.rows) - header.row - 1 > request.limits.max_rows:
        raise UnreadableDrop("F-TOO-LARGE")
    if not sheet.rows:
        raise UnreadableDrop("F-EMPTY")
    if archive is None:
        stream = workbook_stream(data)
        errors = errors_in_xls(stream, sheet.number)
        notes = SheetNotes(set(), errors, hidden_in_xls(stream, sheet.number))
    places = settle_places(header, request.columns)
    needed = set(places.values())
    if any(row > header.row and place in needed for row, place in notes.empty_formulas):
        raise UnreadableDrop("F-FORMULA")
    put_errors(sheet.rows, notes.errors, places.values())
    refuse_hidden(notes.hidden, sheet.rows, header, places)
    table = take_rows(sheet.rows, header, request, ragged=False)
    check_cells(table, request.limits.max_cell_chars)
    if any("\0" in "".join(column) for column in table.columns.values()):
        raise UnreadableDrop("F-ENCODING")
    return replace(table, sheet=sheet.number + 1, guidance=guidance)


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


def _find_sheet(book: _Book, request: ReadRequest) -> tuple[_Sheet, tuple[GuidanceSheet, ...]]:
    """The sheet to read: the agreed one, or the only visible one with every required column; and
    the sheets of guidance that were left out.

    A visible one beside it that has most of its columns, or goes on with its rows, is refused,
    because nobody here knows which of them counts; not so when they say the same, or when the other
    has the name of guidance and no more rows than examples: that one is read only when it is alone.
    """
    visible, hidden = book.sheets(visible=True), book.sheets(visible=False)
    shown = visible
    if request.sheet is not None:
        agreed = normalise(request.sheet)
        shown, hidden = (
            [s for s in some if normalise(s.name) == agreed] for some in (shown, hidden)
        )
        if not shown:
            missing = UnreadableDrop("F-NO-SHEET", [request.sheet])
            raise UnreadableDrop("F-HIDDEN") if hidden else missing
    parsed = list(book.parsed(shown))
    named = book.named_guidance(visible)
    complete = [s for s in parsed if s.rows and not missing_columns(s.header, request.columns)]
    tables = complete
    if len(visible) > 1:
        tables = [s for s in complete if s.number not in named or not _holds_examples(s, request)]
    found = [sheet for sheet in tables if _holds_rows(sheet, request)]
    if found:
        others = [sheet for sheet in parsed if sheet not in found]
        others += book.readable(sheet for sheet in visible if sheet not in shown)
        left_out = []
        for sheet in others:
            is_guidance = sheet.number in named and _holds_examples(sheet, request)
            if is_guidance and _holds_rows(sheet, request) and _rows_on(sheet):
                left_out.append(sheet)
            elif _belongs_to(found[0], sheet, request):
                (left_out if is_guidance else found).append(sheet)
        found.sort(key=lambda sheet: sheet.number)
        if len(found) > 1 and len({_told(sheet) for sheet in found}) > 1:
            raise UnreadableDrop("F-SHEETS", [f"sheet {sheet.number + 1}" for sheet in found])
        read = next(sheet for sheet in found if sheet in parsed)
        left_out.sort(key=lambda sheet: sheet.number)
        return read, tuple(GuidanceSheet(s.number + 1, _rows_on(s)) for s in left_out)
    if any(_holds_rows(sheet, request) for sheet in book.parsed(hidden)):
        raise UnreadableDrop("F-HIDDEN")
    if complete and not tables:
        raise UnreadableDrop("F-EMPTY")
    by_places = sorted(parsed, key=lambda sheet: -len(sheet.header.places))
    best = [*tables, *(sheet for sheet in by_places if sheet.notes.too_large), *by_places]
    return (best[0] if best else _Sheet(0, [], Header(0, {}), _NOTHING)), ()


def _belongs_to(table: _Sheet, other: _Sheet, request: ReadRequest) -> bool:
    """Whether another sheet has rows of a table, below half of its columns or without a header:
    what goes on without one begins with such a row."""
    places, below = table.header.places, [row for row in other.rows if _says_something(row)][:1]
    if 2 * len(other.header.places) >= max(len(places), 3):
        places, below = other.header.places, other.rows[other.header.row + 1 :][:HEADER_ROWS]
        # A source's first required column tells its rows apart: a summary has none.
        if next((c.name for c in request.columns if c.required), None) not in places:
            return False
    is_whole = not missing_columns(other.header, request.columns)
    return goes_on_with(table.rows, table.header, below, places, is_whole=is_whole)


def _holds_examples(sheet: _Sheet, request: ReadRequest) -> bool:
    """Whether a sheet has some of the columns, and no more rows than examples below them."""
    return bool(sheet.header.places) and _rows_on(sheet) <= request.most_examples


def _rows_on(sheet: _Sheet) -> int:
    """How many rows below the header of a sheet have two or more wanted cells (where it has more
    than one wanted column): a remark has one."""
    places = [place for found in sheet.header.places.values() for place in found]
    least = min(2, len(places))
    return sum(
        sum(cell_text(row[place]).strip() != "" for place in places) >= least
        for row in sheet.rows[sheet.header.row + 1 :]
    )


def _says_something(row: Sequence[object]) -> bool:
    return any(cell_text(cell).strip() for cell in row)


def _told(sheet: _Sheet) -> tuple[tuple[str, ...], ...]:
    """The wanted cells of a sheet that are filled in, row by row."""
    places = [place for _, found in sorted(sheet.header.places.items()) for place in found]
    rows = (
        tuple(cell_text(row[place]) for place in places)
        for row in sheet.rows[sheet.header.row + 1 :]
    )
    return tuple(row for row in rows if any(row))


def _holds_rows(sheet: _Sheet, request: ReadRequest) -> bool:
    """Whether every required column is there, with something below the header."""
    if not sheet.rows or missing_columns(sheet.header, request.columns):
        return False
    places = [place for found in sheet.header.places.values() for place in found]
    return any(
        cell_text(row[place]).strip()
        for row in sheet.rows[sheet.header.row + 1 :]
        for place in places
    )


class _Book:
    """A workbook whose sheets are parsed when they are asked for."""

    def __init__(
        self,
        book: CalamineWorkbook,
        archive: Archive | None,
        noted: Sequence[SheetNotes],
        request: ReadRequest,
    ) -> None:
        """What `_open` gave, the archive of an XLSX or ODS workbook, and what was noted of ODS."""
        self._book, self._archive, self._noted, self._request = book, archive, noted, request
        self._members: dict[str, str] = {}
        self._uncomputed = False
        if archive is not None and archive.kind == "xlsx":
            self._members = sheet_members(archive.read)
            self._uncomputed = computed_on_opening(archive)

    def sheets(self, *, visible: bool) -> list[SheetMetadata]:
        """The sheets of cells that are shown, or those that are not."""
        import python_calamine as calamine  # noqa: PLC0415

        shown = calamine.SheetVisibleEnum.Visible
        return [
            sheet
            for sheet in self._book.sheets_metadata
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet and (sheet.visible == shown) == visible
        ]

    def named_guidance(self, chosen: Iterable[SheetMetadata]) -> set[int]:
        """The places of those of some sheets that have a name of guidance, not the agreed one."""
        names = {normalise(name) for name in self._request.guidance_sheets}
        names.discard(normalise(self._request.sheet or ""))
        return {
            self._book.sheet_names.index(sheet.name)
            for sheet in chosen
            if normalise(sheet.name) in names
        }

    def parsed(self, chosen: Sequence[SheetMetadata]) -> Iterator[_Sheet]:
        """Each chosen sheet, parsed only once its used range is known to be within the limits."""
        import python_calamine as calamine  # noqa: PLC0415

        limits = self._request.limits
        for sheet in chosen:
            number = self._book.sheet_names.index(sheet.name)
            notes = self._notes(number, sheet.name)
            self._make_readable(sheet.name, notes)
            if notes.too_large:
                yield _Sheet(number, [], Header(0, {}), notes)
                continue
            try:
                cells = self._book.get_sheet_by_name(sheet.name)
                last = cells.end or (0, 0)
                if last[0] > limits.max_rows + HEADER_ROWS or last[1] >= limits.max_columns:
                    yield _Sheet(number, [], Header(0, {}), _TOO_LARGE)
                    continue
                rows = cells.to_python(skip_empty_area=False)
            except calamine.CalamineError:
                raise UnreadableDrop("F-BROKEN") from None
            header = find_header(rows[:HEADER_ROWS], self._request.columns)
            yield _Sheet(number, rows, header, notes)

    def readable(self, chosen: Iterable[SheetMetadata]) -> Iterator[_Sheet]:
        """Those of the chosen sheets that can be parsed: what is not asked for may be broken."""
        for sheet in chosen:
            with suppress(UnreadableDrop):
                yield from self.parsed([sheet])

    def _make_readable(self, name: str, notes: SheetNotes) -> None:
        """Opens the workbook anew with the XML of a sheet that the parser cannot read as sent."""
        if notes.changed is not None and self._archive is not None:
            self._archive = self._archive.with_member(self._members[name], notes.changed)
            self._book = _open(self._archive.data)

    def _notes(self, number: int, name: str) -> SheetNotes:
        if self._archive is None:
            return _NOTHING
        if self._archive.kind == "ods":
            return self._noted[number]
        return check_sheet(
            self._archive,
            self._members.get(name, ""),
            self._request.limits,
            uncomputed=self._uncomputed,
        )
