"""The chart of reliable change: a bar for each scale, stacked of the people in each class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.release.charts.chart import (
    NOTHING_PRINTED,
    Chart,
    footnote_of,
    notes_of,
    printed_number,
    said,
    why_missing,
    without_picture,
)
from safer_streets_assets.release.charts.chart_scales import ChartScale
from safer_streets_assets.release.charts.svg import (
    GRID,
    LINE,
    QUIET,
    Picture,
    rounded_up,
    wrapped_lines,
)
from safer_streets_assets.release.content import PrintedRow, ReleaseTable

COLOURS = ("#12436d", "#28a197", "#801650", "#f46a25")
HATCHED = (False, False, True, True)
"""A class has a colour and may be hatched: no two neighbours differ by colour alone."""
WIDTH, MARGIN = 960.0, 16.0
LABELS, PLOT_LEFT, PLOT_RIGHT = 230.0, 270.0, 560.0
FIRST_COLUMN, TOTAL_COLUMN = 690.0, 930.0
ROW, BAR, GAP = 46.0, 24.0, 1.0
COUNT = "n"


@dataclass(frozen=True)
class Bar:
    """A scale with the people in each class, in the order of classes, and their total."""

    label: str
    scale: str
    classes: tuple[PrintedRow, ...]
    total: PrintedRow

    @property
    def is_drawn(self) -> bool:
        """Whether every class is printed: where one is not, its neighbours would give it away."""
        return all(printed_number(row, COUNT) is not None for row in (*self.classes, self.total))


def reliable_chart(table: ReleaseTable, subjects: Mapping[str, ChartScale]) -> Chart:
    """People in each class of reliable change, by scale, as stacked bars with their numbers.

    `table` is the printed `reliable_change`. A scale with a class that is not printed has no bar
    and is listed with what is printed of it. Behind a closed gate, and where no scale is printed
    whole, there is no picture.
    """
    name, title = table.name, "Reliable change from start to end, people by scale"
    bars = _bars(table, subjects)
    if not bars:
        return without_picture(table, name, title, table.notes)
    classes = [str(row["class"]) for row in bars[0].classes]
    alt, picture = NOTHING_PRINTED, None
    if any(bar.is_drawn for bar in bars):
        alt = _words(bars, title)
        picture = _draw(bars, classes, title, alt, footnote_of(table))
    header = ("Scale", *(text.capitalize() for text in classes), "People")
    lines = tuple(
        (bar.label, *(said(row, COUNT) for row in (*bar.classes, bar.total))) for bar in bars
    )
    how = (
        "A change is reliable when it is greater than the measurement error of the scale makes "
        "likely (Jacobson and Truax 1991, beyond 1.96 standard errors).",
        "A scale of which a class is not printed has no bar.",
    )
    notes, of = (*notes_of(table), *how), (table.name, table.invented)
    return Chart(name, title, alt, picture, header, 1, lines, notes, *of)


def _bars(table: ReleaseTable, subjects: Mapping[str, ChartScale]) -> list[Bar]:
    """A bar for each scale of which the table has every class and the total as a row."""
    rows = [row for row in map(table.named, table.rows) if row["scale"] in subjects]
    classes = [name for name in dict.fromkeys(str(row["class"]) for row in rows) if name != TOTAL]
    bars = []
    for scale, own in groupby(rows, key=lambda row: str(row["scale"])):
        by_class = {str(row["class"]): row for row in own}
        if classes and {*classes, TOTAL} <= by_class.keys():
            ordered = tuple(by_class[name] for name in classes)
            bars.append(Bar(subjects[scale].label, scale, ordered, by_class[TOTAL]))
    return bars


def _words(bars: list[Bar], title: str) -> str:
    sentences = [f"{title}."]
    for bar in bars:
        parts = [
            f"{row['class']} {_count_in_words(row)}"
            for row in (*bar.classes, {**bar.total, "class": "people in all"})
        ]
        sentences.append(f"{bar.label}: {', '.join(parts)}.")
    return " ".join(sentences)


def _count_in_words(row: PrintedRow) -> str:
    return why_missing(row, COUNT) if printed_number(row, COUNT) is None else said(row, COUNT)


def _draw(
    bars: list[Bar], classes: list[str], title: str, alt: str, footnote: tuple[str, ...]
) -> str:
    picture = Picture(WIDTH, title, alt)
    fills = [
        picture.define_hatching(f"class-{i}", COLOURS[i]) if HATCHED[i] else COLOURS[i]
        for i in range(len(classes))
    ]
    picture.text(MARGIN, 28, title, "heading")
    columns = _columns(len(classes))
    for x, name, fill in zip(columns, classes, fills, strict=False):
        picture.box(x - 18, 44, 18, 12, fill)
        for i, line in enumerate(wrapped_lines(name, 84)):
            picture.text(x, 72 + 15 * i, line, "quiet", "end")
    picture.text(columns[-1], 72, "people", "quiet", "end")
    top = 100.0
    greatest = max(printed_number(bar.total, COUNT) or 0 for bar in bars if bar.is_drawn)
    limit, step = rounded_up(max(greatest, 4))
    scale = (PLOT_RIGHT - PLOT_LEFT) / limit
    bottom = top + ROW * len(bars)
    for i in range(round(limit / step) + 1):
        x = PLOT_LEFT + scale * step * i
        picture.line(x, top, x, bottom, QUIET if i == 0 else GRID, 2 if i == 0 else 1)
        picture.text(x, bottom + 16, f"{step * i:,.0f}", "quiet", "middle")
    picture.text((PLOT_LEFT + PLOT_RIGHT) / 2, bottom + 34, "people", "quiet", "middle")
    for i, bar in enumerate(bars):
        _draw_bar(picture, bar, top + ROW * i, scale, fills, columns)
    for i, line in enumerate(footnote):
        picture.text(MARGIN, bottom + 62 + LINE * i, line, "quiet")
    return picture.finished(bottom + 76 + LINE * (len(footnote) - 1))


def _columns(n_classes: int) -> list[float]:
    """The right edges of the columns of numbers, the total's last."""
    step = (TOTAL_COLUMN - FIRST_COLUMN) / n_classes
    return [FIRST_COLUMN + step * i for i in range(n_classes + 1)]


def _draw_bar(
    picture: Picture, bar: Bar, top: float, scale: float, fills: list[str], columns: list[float]
) -> None:
    middle = top + ROW / 2
    picture.begin(scale=bar.scale)
    words = wrapped_lines(bar.label, LABELS)
    for i, line in enumerate(words):
        picture.text(MARGIN, middle + (i - (len(words) - 1) / 2) * 16 + 4.5, line)
    for x, row in zip(columns, (*bar.classes, bar.total), strict=True):
        picture.text(x, middle + 4.5, said(row, COUNT), anchor="end")
    if not bar.is_drawn:
        missing = next(r for r in (*bar.classes, bar.total) if printed_number(r, COUNT) is None)
        picture.text(PLOT_LEFT + 10, middle + 4.5, why_missing(missing, COUNT), "quiet halo")
        picture.end()
        return
    x = PLOT_LEFT
    for row, fill in zip(bar.classes, fills, strict=True):
        width = scale * (printed_number(row, COUNT) or 0)
        if width > 0:
            picture.box(x, middle - BAR / 2, max(width - GAP, GAP), BAR, fill)
        x += width
    picture.end()
