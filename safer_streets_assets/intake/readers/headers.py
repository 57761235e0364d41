"""Finding the header row among the first rows of a table, and what is wrong around it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from safer_streets_assets.intake.readers.model import WantedColumn
from safer_streets_assets.intake.readers.reasons import UnreadableDrop

HEADER_ROWS = 30
_FIGURES, _LETTERS = re.compile(r"\d+"), re.compile(r"[^\W\d_]+")
_SEPARATOR = "\x1f"
_NO_LETTERS = bytes(
    code for code in range(128) if not chr(code).isalnum() and chr(code) != _SEPARATOR
)
"""The characters of ASCII that `normalise` leaves out."""


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
    figures = _places_of_figures(rows, header)
    for number, row in enumerate(rows[: header.row], start=1):
        filled = {place for place in places.values() if _filled(row, place)}
        if (
            len(filled) >= 2
            and (filled.issuperset(required) or 2 * len(filled) > len(places))
            and not _is_numbering(row, filled)
            and _has_figures_where(row, figures & filled)
        ):
            raise UnreadableDrop("F-DATA-ABOVE", [f"row {number}"])


def goes_on_with(
    rows: Sequence[Sequence[object]],
    header: Header,
    others: Sequence[Sequence[object]],
    places: Mapping[str, Sequence[int]],
    *,
    is_whole: bool,
) -> bool:
    """Whether the rows of another sheet, with its columns in their places, are of the same table.

    So it is when in one of them more than half of those columns are filled in, and most of those in
    which the table has figures are written as they are there: a count of a summary is no date. In
    a sheet that `is_whole`, with all required columns, other figures will do.
    """
    shapes = _shapes_of_figures(rows, header)
    expected = {
        found[0]: shapes[header.places[name][0]]
        for name, found in places.items()
        if name in header.places and header.places[name][0] in shapes
    }
    wanted = {found[0] for found in places.values()}
    for row in others:
        filled = {place for place in wanted if _filled(row, place)}
        if (
            len(filled) >= 2
            and 2 * len(filled) > len(wanted)
            and not _is_numbering(row, filled)
            and 3
            * sum(
                _has_figure_at(row, at) and (is_whole or _shape(row[at]) in of)
                for at, of in expected.items()
            )
            >= 2 * len(expected)
        ):
            return True
    return False


def refuse_second_header(
    rows: Sequence[Sequence[object]], header: Header, wanted: Sequence[WantedColumn]
) -> None:
    """Raises UnreadableDrop (F-SECOND-HEADER) when another header stands below the header.

    That is a row with several headings, which make up half of what is filled in, or half of those
    above, or have a required one among them; and nothing stands in it as the data do in its place.
    One with the same headings in the same places, as at the top of each printed page, is no other:
    it is a bad row.
    """
    names = {normalise(heading) for column in wanted for heading in column.headers}
    spellings = _spellings_in(rows[header.row + 1 :], names)
    if not spellings:
        return
    required = {column.name for column in wanted if column.required}
    shapes = _shapes_of_figures(rows, header)
    # A search for whole cells is quick, and to normalise each of them is not.
    for number in range(header.row + 1, len(rows)):
        row = rows[number]
        if spellings.isdisjoint(row):
            continue
        found = find_header([row], wanted).places
        filled = sum(_filled(row, place) for place in range(len(row)))
        if (
            len(found) > 1
            and (
                2 * len(found) >= min(filled, max(len(header.places), 4))
                or (len(found) > 2 and not required.isdisjoint(found))
            )
            and not any(_filled(row, at) and _shape(row[at]) in of for at, of in shapes.items())
            and not _is_repeated(row, header, found)
        ):
            raise UnreadableDrop("F-SECOND-HEADER", [f"row {number + 1}"])


def _is_repeated(row: Sequence[object], header: Header, found: Mapping[str, Sequence[int]]) -> bool:
    """Whether a row of headings says nothing else than the header does."""
    return all(
        set(found.get(name, ())) == set(places)
        or (name not in found and not any(_filled(row, place) for place in places))
        for name, places in header.places.items()
    ) and set(found).issubset(header.places)


def _spellings_in(rows: Sequence[Sequence[object]], names: Collection[str]) -> set[object]:
    """The different cells of some rows that are headings, however they are spelt."""
    texts = [cell for cell in set().union(*rows) if isinstance(cell, str)]
    joined = _SEPARATOR.join(texts)
    if joined.count(_SEPARATOR) != len(texts) - 1:
        return {text for text in texts if normalise(text) in names}
    folded = joined.casefold().encode("utf-8", "surrogatepass").translate(None, _NO_LETTERS)
    known = {name.encode() for name in names}
    found = folded.split(_SEPARATOR.encode())
    spelt: set[object] = set()
    if not known.isdisjoint(found):
        spelt |= {text for text, plain in zip(texts, found, strict=True) if plain in known}
    if not joined.isascii():
        # The quick way leaves the characters beyond ASCII as they are.
        spelt |= {text for text in texts if not text.isascii() and normalise(text) in names}
    return spelt


def _places_of_figures(rows: Sequence[Sequence[object]], header: Header) -> set[int]:
    """The places of wanted columns in which most of the first rows have figures."""
    below = rows[header.row + 1 : header.row + 1 + HEADER_ROWS]
    return {found[0] for found in header.places.values() if _mostly_figures(below, found[0])}


def _shapes_of_figures(
    rows: Sequence[Sequence[object]], header: Header
) -> dict[int, frozenset[str]]:
    """How figures are written in the first rows, by the places of wanted columns of figures."""
    below = rows[header.row + 1 : header.row + 1 + HEADER_ROWS]
    return {
        place: frozenset(_shape(row[place]) for row in below if _has_figure_at(row, place))
        for place in _places_of_figures(rows, header)
    }


def _has_figure_at(row: Sequence[object], place: int) -> bool:
    return place < len(row) and _has_figure(row[place])


def _shape(cell: object) -> str:
    """How a cell is written: what kind of letters and figures it has, not which and how many."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return _LETTERS.sub("a", _FIGURES.sub("9", str(cell).strip()))


def _has_figures_where(row: Sequence[object], figures: set[int]) -> bool:
    return not figures or 2 * sum(_has_figure(row[place]) for place in figures) > len(figures)


def _is_numbering(row: Sequence[object], places: Iterable[int]) -> bool:
    """Whether a row holds the numbers of the columns, or one number that says the same of each."""
    cells = {place: str(row[place]).strip().removesuffix(".0") for place in places}
    if not all(text.isdecimal() and len(text) <= 6 for text in cells.values()):
        return False
    numbers = {place: int(text) for place, text in cells.items()}
    return len({number - place for place, number in numbers.items()}) == 1 or (
        len(set(numbers.values())) == 1
    )


def _filled(row: Sequence[object], place: int) -> bool:
    return place < len(row) and str(row[place] if row[place] is not None else "").strip() != ""


def _has_figure(cell: object) -> bool:
    return any(letter.isdigit() for letter in str(cell))


def _mostly_figures(rows: Sequence[Sequence[object]], place: int) -> bool:
    cells = [row[place] for row in rows if _filled(row, place)]
    return bool(cells) and 5 * sum(map(_has_figure, cells)) >= 4 * len(cells)
