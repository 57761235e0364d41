"""Finding the header row among the first rows of a table, and what is wrong around it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from safer_streets_assets.intake.readers.model import WantedColumn
from safer_streets_assets.intake.readers.reasons import UnreadableDrop

HEADER_ROWS = 30


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


def refuse_data_above(
    rows: Sequence[Sequence[object]], header: Header, wanted: Sequence[WantedColumn]
) -> None:
    """Raises UnreadableDrop (F-DATA-ABOVE) when a row above the header is one of data.

    That is one in which every required column, or more than half of those that are there, is filled
    in, with figures where most of the rows below the header have figures: a title, or a second line
    of headings, is not.
    """
    places = {name: found[0] for name, found in header.places.items()}
    required = [places[c.name] for c in wanted if c.required and c.name in places]
    below = rows[header.row + 1 : header.row + 1 + HEADER_ROWS]
    figures = [place for place in places.values() if _mostly_figures(below, place)]
    for number, row in enumerate(rows[: header.row], start=1):
        filled = {place for place in places.values() if _filled(row, place)}
        in_figures = [place for place in figures if place in filled]
        if (
            len(filled) >= 2
            and (filled.issuperset(required) or 2 * len(filled) > len(places))
            and 2 * sum(_has_figure(row[place]) for place in in_figures) + (not in_figures)
            > len(in_figures)
        ):
            raise UnreadableDrop("F-DATA-ABOVE", [f"row {number}"])


def refuse_second_header(
    rows: Sequence[Sequence[object]], header: Header, wanted: Sequence[WantedColumn]
) -> None:
    """Raises UnreadableDrop (F-SECOND-HEADER) when another header stands below the header.

    One with the same columns in the same places, as at the top of each printed page, is no other:
    it is a bad row.
    """
    spellings: set[object] = {cell for cell in rows[header.row] if isinstance(cell, str) and cell}
    for spelled in (h for column in wanted for h in column.headers):
        spellings |= {spelled, spelled.lower(), spelled.upper()}
    # A search for whole cells is quick, and to normalise each of them is not.
    for number in range(header.row + 1, len(rows)):
        if spellings.isdisjoint(rows[number]):
            continue
        found = find_header([rows[number]], wanted).places
        if 2 * len(found) >= max(len(header.places), 4) and found != header.places:
            raise UnreadableDrop("F-SECOND-HEADER", [f"row {number + 1}"])


def _filled(row: Sequence[object], place: int) -> bool:
    return place < len(row) and str(row[place] if row[place] is not None else "").strip() != ""


def _has_figure(cell: object) -> bool:
    return any(letter.isdigit() for letter in str(cell))


def _mostly_figures(rows: Sequence[Sequence[object]], place: int) -> bool:
    cells = [row[place] for row in rows if _filled(row, place)]
    return bool(cells) and 5 * sum(map(_has_figure, cells)) >= 4 * len(cells)
