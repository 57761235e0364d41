"""From rows with a header to the wanted columns as text: what leaves a reader, and only that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import compress
from operator import itemgetter
from typing import Any

from safer_streets_assets.intake.readers.headers import (
    Header,
    refuse_data_above,
    refuse_second_header,
    settle_places,
)
from safer_streets_assets.intake.readers.headings import dropped_column
from safer_streets_assets.intake.readers.model import DroppedColumn, GuidanceSheet, ReadRequest
from safer_streets_assets.intake.readers.position import position_date
from safer_streets_assets.intake.readers.reasons import UnreadableDrop

BLANKS = " \t\r\n\x0b\x0c\xa0"
_HALF_SECOND = timedelta(microseconds=500_000)


@dataclass(frozen=True)
class Table:
    """The wanted columns that the file has, as text ('' is a missing cell), and what was seen.

    `sheet` is the number of the sheet of a workbook, from 1; `guidance` are the sheets with its
    columns that were left out as guidance.
    """

    columns: dict[str, list[str]]
    row_numbers: list[int]
    position: date | None
    dropped: list[DroppedColumn]
    ragged: list[int]
    sheet: int | None = None
    guidance: tuple[GuidanceSheet, ...] = ()


def take_rows(
    rows: Sequence[Sequence[Any]], header: Header, request: ReadRequest, *, ragged: bool
) -> Table:
    """The wanted columns of the rows below the header; rows blank in all of them are left out.

    ragged: rows may differ in length (text files): text beyond the last header is then reported.
    Raises UnreadableDrop: F-NO-COLUMN, F-DUPLICATE-HEADER, F-EMPTY, F-DATA-ABOVE, F-SECOND-HEADER.
    """
    wanted = request.columns
    places = settle_places(header, wanted)
    refuse_data_above(rows, header, wanted)
    refuse_second_header(rows, header, wanted)
    names = rows[header.row]
    body = rows[header.row + 1 :]
    first = header.row + 2
    shifted = _shifted_rows(names, body) if ragged else []
    dropped = dropped_columns(names, body, set(places.values()), request, ragged=ragged)
    if ragged:
        body = _padded(body, max(places.values()) + 1)
    columns = {name: as_text(list(map(itemgetter(place), body))) for name, place in places.items()}
    return finish(
        Table(
            columns,
            list(range(first, first + len(body))),
            position_date(rows[: header.row]),
            dropped,
            [first + index for index in shifted],
        )
    )


def finish(table: Table) -> Table:
    """The table without rows that are blank in every column (a ragged row is never left out).

    Raises UnreadableDrop: F-EMPTY when no row is left.
    """
    columns, numbers = table.columns, table.row_numbers
    if all("" in column for column in columns.values()):
        keep = [any(cells) for cells in zip(*columns.values(), strict=True)]
        for number in table.ragged:
            keep[number - numbers[0]] = True
        columns = {name: list(compress(column, keep)) for name, column in columns.items()}
        numbers = list(compress(numbers, keep))
    if not numbers:
        raise UnreadableDrop("F-EMPTY")
    return Table(columns, numbers, table.position, table.dropped, table.ragged)


def as_text(cells: list[Any]) -> list[str]:
    """A column of cells as text: stripped of ASCII and no-break spaces at the ends only."""
    if set(map(type, cells)) != {str}:
        cells = [cell if type(cell) is str else cell_text(cell) for cell in cells]
    return [cell.strip(BLANKS) for cell in cells]


def cell_text(cell: object) -> str:
    """One typed cell as text: ISO dates, whole numbers without a point, 15 figures otherwise."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return ""
        return str(int(cell)) if cell.is_integer() else format(cell, ".15g")
    if isinstance(cell, datetime):
        # A spreadsheet keeps a time as a fraction of a day, so it is rarely a whole second.
        rounded = (cell + _HALF_SECOND).replace(microsecond=0)
        whole_day = rounded.time() == time(0)
        return rounded.date().isoformat() if whole_day else rounded.isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat(timespec="seconds")
    return str(cell)


def check_cells(table: Table, max_cell_chars: int) -> None:
    """Raises UnreadableDrop (F-LONG-CELL) when a wanted cell is longer than the limit."""
    if any(max(map(len, column)) > max_cell_chars for column in table.columns.values()):
        raise UnreadableDrop("F-LONG-CELL")


def _shifted_rows(names: Sequence[str], body: Sequence[Sequence[str]]) -> list[int]:
    width = max(place for place, name in enumerate(names) if name.strip(BLANKS)) + 1
    return [
        index
        for index, row in enumerate(body)
        if len(row) > width and any(cell.strip(BLANKS) for cell in row[width:])
    ]


def _padded(body: Sequence[Sequence[str]], width: int) -> Sequence[Sequence[str]]:
    if not body or min(map(len, body)) >= width:
        return body
    return [row if len(row) >= width else [*row, *[""] * (width - len(row))] for row in body]


def dropped_columns(
    names: Sequence[Any],
    body: Sequence[Sequence[Any]],
    taken: set[int],
    request: ReadRequest,
    *,
    ragged: bool,
) -> list[DroppedColumn]:
    """The columns left out; one without a name counts only where it holds something."""
    words = frozenset(request.heading_words)
    dropped = []
    for place, name in enumerate(names):
        if place in taken:
            continue
        if str(name).strip(BLANKS) or any(
            row[place] not in (None, "") for row in body if not ragged or len(row) > place
        ):
            dropped.append(dropped_column(name, place, words))
    return dropped
