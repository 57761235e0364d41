"""Finding the header row among the first rows of a table, and the date stated above it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from safer_streets_assets.intake.readers.model import WantedColumn
from safer_streets_assets.intake.readers.reasons import UnreadableDrop

HEADER_ROWS = 30
_LONGEST_HEADER = 60
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_IN_WORDS = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?\s+([A-Za-z]{3,9})\.?,?\s+(\d{4})\b")
_IN_FIGURES = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")


@dataclass(frozen=True)
class Header:
    """Where the header row is (0-based) and which places in it hold each wanted column."""

    row: int
    places: dict[str, list[int]]


def normalise(text: str) -> str:
    """A header name as it is compared: NFKC, case-folded, letters and digits only."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())


def find_header(rows: Iterable[Sequence[object]], wanted: Sequence[WantedColumn]) -> Header:
    """The first of the rows that holds the most wanted columns (none found: no places)."""
    names = {normalise(header): column.name for column in wanted for header in column.headers}
    best = Header(0, {})
    for number, row in enumerate(rows):
        places: dict[str, list[int]] = {}
        for place, cell in enumerate(row):
            name = names.get(normalise(cell)) if isinstance(cell, str) and cell else None
            if name is not None:
                places.setdefault(name, []).append(place)
        if len(places) > len(best.places):
            best = Header(number, places)
    return best


def missing_columns(header: Header, wanted: Sequence[WantedColumn]) -> list[str]:
    """The required columns that the header lacks, as policy spells them."""
    return [c.headers[0] for c in wanted if c.required and c.name not in header.places]


def settle_places(header: Header, wanted: Sequence[WantedColumn]) -> dict[str, int]:
    """One place for each wanted column that is there.

    Raises UnreadableDrop: F-NO-COLUMN, F-DUPLICATE-HEADER.
    """
    missing = missing_columns(header, wanted)
    if not header.places:
        missing = missing or [column.headers[0] for column in wanted]
    if missing:
        raise UnreadableDrop("F-NO-COLUMN", missing)
    doubled = [c.headers[0] for c in wanted if len(header.places.get(c.name, ())) > 1]
    if doubled:
        raise UnreadableDrop("F-DUPLICATE-HEADER", doubled)
    return {c.name: header.places[c.name][0] for c in wanted if c.name in header.places}


def shown_header(cell: object, place: int) -> str:
    """A dropped header as it may go on record: one that looks like a value is withheld."""
    text = " ".join(str(cell).split())
    if not text:
        return f"(no name, column {place + 1})"
    if not isinstance(cell, str) or len(text) > _LONGEST_HEADER or re.search(r"\d{4}|\d/\d", text):
        return f"(name withheld, column {place + 1})"
    return text


def position_date(rows: Iterable[Sequence[object]]) -> date | None:
    """The date stated in the rows above the header; a cell that says "position" goes first."""
    cells = [cell for row in rows for cell in row if cell not in (None, "")]
    cells.sort(key=lambda cell: "position" not in str(cell).casefold())
    return next((found for found in map(_date_in, cells) if found is not None), None)


def _date_in(cell: object) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell)
    if found := _IN_FIGURES.search(text):
        day, month, year = (int(part) for part in found.groups())
        return _valid_date(year, month, day)
    if found := _IN_WORDS.search(text):
        name = found[2][:3].casefold()
        return _valid_date(
            int(found[3]), _MONTHS.index(name) + 1 if name in _MONTHS else 0, int(found[1])
        )
    return None


def _valid_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
