"""How the briefing looks on paper: sizes of words, pictures and columns, the same in each file."""

from __future__ import annotations

from dataclasses import dataclass

from safer_streets_assets.release.briefing.contents import BriefingPicture
from safer_streets_assets.release.report.blocks import DataTable

FONT = "Arial"
INK, QUIET, RULE = "0B0C0C", "484949", "B1B4B6"
"""The colours of words and lines, as in the report."""
PAGE, MARGIN = (21.0, 29.7), 1.9
"""A4 and its margins, in centimetres."""
ROOM = PAGE[0] - 2 * MARGIN
HIGHEST = (6.2, 7.4, 6.8)
"""The greatest height of each picture, in centimetres: the first shares its page with sentences."""
NARROWEST, WIDEST = 12, 40
"""Between so many characters the widths of columns follow what stands in them."""
CAPTION_LINES, CAPTION_LINE, CAPTION_LETTERS = 2, 0.4, 108
"""Lines of a caption that there is room for; how high one is, in centimetres; its letters."""


@dataclass(frozen=True)
class TextLook:
    """The size of text, and the space before and after a paragraph of it, in points."""

    size: float
    before: float = 0
    after: float = 3
    bold: bool = False


SIZES = {
    "title": TextLook(20, 0, 4, bold=True),
    "heading": TextLook(13, 9, 3, bold=True),
    "text": TextLook(11, 0, 4),
    "point": TextLook(11, 0, 2),
    "cell": TextLook(10, 1, 1),
    "caption": TextLook(9, 2, 2),
}


def picture_size(picture: BriefingPicture, number: int) -> tuple[float, float]:
    """How wide and high a picture is on paper, in centimetres."""
    more = max(0, 1 + len(picture.caption) // CAPTION_LETTERS - CAPTION_LINES)
    height = min(ROOM * picture.shape, HIGHEST[number] - more * CAPTION_LINE)
    return height / picture.shape, height


def column_widths(figures: DataTable) -> list[float]:
    """The widths of the columns of the table, in centimetres, by what stands in them."""
    lines = [figures.header, *(line.cells for line in figures.lines)]
    longest = [max(len(line[at]) for line in lines) for at in range(len(figures.header))]
    parts = [min(max(characters, NARROWEST), WIDEST) for characters in longest]
    return [ROOM * part / sum(parts) for part in parts]
