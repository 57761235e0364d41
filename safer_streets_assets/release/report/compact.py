"""Bars that stand beside their labels: a picture for paper and for slides, where height is dear."""

from __future__ import annotations

from collections.abc import Sequence

from safer_streets_assets.release.charts.change import MARK
from safer_streets_assets.release.charts.svg import Picture, wrapped_lines
from safer_streets_assets.release.report.pen import LabelledBar

LABELS, GAP, FIGURE = 0.4, 12.0, 70.0
"""The part of the width that labels have; what is between them and the bars; room for a figure."""
ROW, BAR, LINE, SIZE = 27.0, 18.0, 17.0, 14
UNIT = 13
"""The size of text that `wrapped_lines` breaks for."""


def draw_bars(drawn: Picture, given: Sequence[LabelledBar], left: float, width: float) -> float:
    """Draws bars from the top of a picture, as long as their values; how high they are."""
    start = left + LABELS * width + GAP
    room = left + width - FIGURE - start
    greatest = max((bar.value or 0 for bar in given), default=0) or 1
    y, group = 0.0, ""
    for bar in given:
        if bar.group and bar.group != group:
            for line in wrapped_lines(bar.group, width * UNIT / SIZE):
                y += LINE
                drawn.text(left, y, line, "group")
            y += 8
        group = bar.group
        lines = wrapped_lines(bar.label, LABELS * width * UNIT / SIZE)
        height = max(ROW, LINE * len(lines) + 8)
        middle = y + height / 2
        for i, line in enumerate(lines):
            drawn.text(left, middle + (i - (len(lines) - 1) / 2) * LINE + 5, line)
        length = 0.0 if bar.value is None else room * bar.value / greatest
        if bar.value is not None:
            drawn.box(start, middle - BAR / 2, length, BAR, MARK)
        drawn.text(start + length + (6 if length else 0), middle + 5, bar.text)
        y += height
    return y
