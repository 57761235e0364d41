"""The pictures of the report as files of their own, with the words that stand around them in it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from safer_streets_assets.policy import Policy
from safer_streets_assets.release.charts.change import MARK
from safer_streets_assets.release.charts.chart import Chart
from safer_streets_assets.release.charts.svg import FONTS, INK, LINE, QUIET, Picture, wrapped_lines
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets.release.invented import INVENTED
from safer_streets_assets.release.report.blocks import Graphic, ReportSection
from safer_streets_assets.release.report.compact import draw_bars
from safer_streets_assets.release.report.printed import PrintedTables
from safer_streets_assets.release.report.sections import sections_of

WIDTH, MARGIN = 640.0, 16.0
COLUMN_WIDTH = 50.0
"""The width of a file for each column of a picture of many of them."""
RULE, EDGE = "#b1b4b6", "#6b6f72"
"""The greys of lines, as in the page."""
MARKER_AND_MEANING = re.compile(r"; (?=\[)")
"""Where one ends and the next begins."""
STYLE = f"""
text {{ font-family: {FONTS}; font-size: 14px; fill: {INK}; }}
.heading {{ font-weight: bold; font-size: 16px; }}
.strong, .group, .event-name {{ font-weight: bold; }}
.quiet {{ fill: {QUIET}; font-size: 12px; }}
.tick, .figure {{ font-size: 12px; text-anchor: middle; }}
.tick {{ fill: {QUIET}; }}
.tick-words {{ fill: {QUIET}; font-size: 13px; }}
.end {{ text-anchor: end; }}
.middle {{ text-anchor: middle; }}
.bar, .dot {{ fill: {MARK}; }}
.interval {{ stroke: {MARK}; stroke-width: 3; }}
.track, .limit {{ stroke: {RULE}; }}
.zero {{ stroke: {EDGE}; stroke-width: 2; }}
.axis {{ stroke: {EDGE}; stroke-width: 1.5; }}
.event {{ stroke: {INK}; stroke-width: 1.5; stroke-dasharray: 4 3; }}
"""


def report_pictures(
    policy: Policy, tables: Sequence[ReleaseTable], charts: Sequence[Chart]
) -> list[Graphic]:
    """Every picture of the report, in its order; `charts` are those of the tables."""
    return pictures_of(sections_of(PrintedTables(policy, tables), charts))


def pictures_of(sections: Sequence[ReportSection]) -> list[Graphic]:
    """The pictures of sections of the report."""
    return [one for section in sections for one in section.blocks if isinstance(one, Graphic)]


def picture_charts(
    pictures: Sequence[Graphic], charts: Sequence[Chart], *, invented: bool
) -> list[Chart]:
    """The pictures of the report that are no charts yet as charts: each with its words, its
    figures and what is to be noted."""
    named = {chart.name for chart in charts}
    return [_chart(one, invented=invented) for one in pictures if one.name not in named]


def picture_svg(picture: Graphic, *, invented: bool) -> str:
    """A picture as an SVG file, with the words that stand around it in the page."""
    shapes, across, height = _shapes(picture, WIDTH - 2 * MARGIN)
    drawn = Picture(across + 2 * MARGIN, picture.title, in_words(picture, invented), STYLE)
    y = _write(drawn, 10, picture.title, "heading", across, line=20)
    y = _write(drawn, y + 2, INVENTED if invented else "", "strong", across)
    y = _write(drawn, y + 2, picture.subtitle, "quiet", across) + 10
    drawn.place(shapes, MARGIN, y)
    y += height
    for words in (*picture.key, marked(picture)):
        y = _write(drawn, y, words, "quiet", across)
    return drawn.finished(y + 14)


def bare_svg(picture: Graphic, *, invented: bool) -> str:
    """A picture for a place that says the words around it, as low as it can be."""
    words = in_words(picture, invented)
    if picture.bars:
        drawn = Picture(WIDTH, picture.title, words, STYLE)
        return drawn.finished(draw_bars(drawn, picture.bars, 2, WIDTH - 4) + 4)
    shapes, across, height = _shapes(picture, WIDTH - 4)
    drawn = Picture(across + 4, picture.title, words, STYLE)
    drawn.place(shapes, 2, 0)
    return drawn.finished(height + 4)


def size_of_svg(svg: str) -> tuple[float, float]:
    """How wide and high a picture is."""
    width, height = ET.fromstring(svg).attrib["viewBox"].split()[2:]  # noqa: S314 (our own text)
    return float(width), float(height)


def _chart(picture: Graphic, *, invented: bool) -> Chart:
    grid = picture.grid
    notes = (INVENTED if invented else "", *picture.key, *grid.notes, marked(picture))
    return Chart(
        name=picture.name,
        title=picture.title,
        alt=picture.words,
        svg=picture_svg(picture, invented=invented),
        header=grid.header,
        row_headers=grid.names,
        rows=tuple(line.cells for line in grid.lines),
        notes=tuple(note for note in notes if note),
        source=grid.table,
        invented=invented,
    )


def in_words(picture: Graphic, invented: bool) -> str:
    """What a picture shows, and that it is of invented people where it is."""
    return f"{INVENTED} {picture.words}" if invented else picture.words


def marked(picture: Graphic) -> str:
    """What the markers in a picture mean; empty when it has none."""
    root = ET.fromstring(picture.svg)  # noqa: S314 (our own text)
    texts = " ".join(one.text or "" for one in root.iter("text"))
    known = MARKER_AND_MEANING.split(picture.grid.markers)
    shown = [said for said in known if said and said.split()[0] in texts]
    return f"Markers: {'; '.join(shown)}." if shown else ""


def _shapes(picture: Graphic, width: float) -> tuple[ET.Element, float, float]:
    """What is drawn, with places across in pixels, and how wide and high it is."""
    root = ET.fromstring(picture.svg)  # noqa: S314 (our own text)
    names = [one for one in root.iter("text") if one.get("class") == "tick"]
    columns = len({one.get("x") for one in names})
    across = max(width, COLUMN_WIDTH * columns)
    group = ET.Element("g")
    group.extend(one for one in root if one.tag not in ("title", "desc"))
    for one in group.iter():
        for name, value in one.attrib.items():
            if value.endswith("%"):
                one.set(name, f"{float(value[:-1]) * across / 100:.2f}")
    return group, across, float(root.get("height", 0))


def _write(
    drawn: Picture, top: float, words: str, style: str, width: float, line: float = LINE
) -> float:
    """Writes words in as many lines as they need; where they end."""
    y = top
    for text in wrapped_lines(words, width) if words else ():
        y += line
        drawn.text(MARGIN, y, text, style)
    return y
