"""What a chart is: a picture, its words and its figures; and how a printed cell is said."""

from __future__ import annotations

from dataclasses import dataclass

from safer_streets_assets.release.columns import MARKERS, marker_of
from safer_streets_assets.release.content import PrintedValue, ReleaseTable
from safer_streets_assets.release.invented import INVENTED

MINUS = "\N{MINUS SIGN}"
CAVEATS = {
    "not an impact": "This is a change, not an impact of the programme.",
    "no comparison group": "There is no comparison group.",
    "regression to the mean": "People who start low rise by chance (regression to the mean).",
    "attrition": "Those who left before the end are missing (attrition).",
}
"""What must be said wherever change is shown, by the words that show it has been said."""
FOOTNOTE = (
    "A change, not an impact: there is no comparison group, and regression to the mean and "
    "attrition are in it."
)
"""The same in one line, for a picture that is shown by itself."""
NOTHING_PRINTED = "No figure of it may be printed; the table says why of each."
"""In place of a picture in which every row would be hidden."""


@dataclass(frozen=True)
class Chart:
    """A chart: file name without ending, title, words, picture, and the figures it shows.

    `svg` is None when nothing is printed that could be drawn; `alt` then says why. The first
    `row_headers` of the `header` name the row. `notes` are sentences. `invented`: it is of invented
    drops.
    """

    name: str
    title: str
    alt: str
    svg: str | None
    header: tuple[str, ...]
    row_headers: int
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    source: str
    invented: bool = False

    @property
    def words(self) -> str:
        """What it shows, and that it is of invented people where it is."""
        return f"{INVENTED} {self.alt}" if self.invented else self.alt


def printed_number(row: dict[str, PrintedValue], name: str) -> float | None:
    """A printed number of a row; None when it is not printed."""
    value = row[name]
    return value if isinstance(value, int | float) else None


def why_missing(row: dict[str, PrintedValue], name: str) -> str:
    """Why a number of a row is not printed, in words with its marker."""
    marker = str(row[marker_of(name)])
    return f"{MARKERS[marker]} {marker}"


def said(
    row: dict[str, PrintedValue], name: str, decimals: int | None = None, sign: bool = False
) -> str:
    """A cell as text: the number as it is printed, else its marker."""
    value = printed_number(row, name)
    if value is None:
        return str(row[marker_of(name)])
    return formatted(value, decimals, sign)


def formatted(value: float, decimals: int | None = None, sign: bool = False) -> str:
    """A number with so many decimals, a true minus sign and, when asked for, a plus sign."""
    text = f"{abs(value):.{decimals}f}" if decimals is not None else f"{abs(value):,}"
    if value < 0:
        return f"{MINUS}{text}"
    return f"+{text}" if sign and value > 0 else text


def notes_of(table: ReleaseTable) -> tuple[str, ...]:
    """What is said of the table, and the caveats that this leaves out."""
    markers = "; ".join(f"{marker} {meaning}" for marker, meaning in MARKERS.items())
    caveats = [text for words, text in CAVEATS.items() if words not in table.notes]
    population = f"Who is counted: {table.population}."
    notes = (table.notes, *caveats, population, f"Markers: {markers}.")
    return tuple(text for text in notes if text)


def footnote_of(table: ReleaseTable) -> tuple[str, ...]:
    """The lines below a picture, each short enough for its width."""
    return (INVENTED, FOOTNOTE) if table.invented else (FOOTNOTE,)


def without_picture(table: ReleaseTable, name: str, title: str, sentence: str) -> Chart:
    """A chart of a table that prints nothing to draw: its sentence stands instead."""
    notes = notes_of(table)
    return Chart(name, title, sentence, None, (), 0, (), notes, table.name, table.invented)
