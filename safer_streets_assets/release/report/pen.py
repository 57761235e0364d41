"""Pictures that fill the width they are given: across they are measured in percent, down in pixels.

So their words keep their size on a telephone and on a large screen. Bars lie under their labels,
and each has its figure written beside it: there is no axis to read it from. Colours come from the
page.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from safer_streets_assets.release.charts.svg import wrapped_lines

LONGEST = 78.0
"""The longest bar, in percent of the width: the rest is for its figure."""
LABEL_WIDTH = 320.0
"""The narrowest width that a label is broken for, in pixels."""
LINE, BAR, GAP = 18, 16, 14
PLOT, PANEL_TITLE, TICKS = 84, 40, 38
SIDE = 47.0
"""Each side of an axis about nought, in percent of the width."""
COLUMN_WIDTH = 40
"""The least width of a column with its figure, in pixels."""


@dataclass(frozen=True)
class LabelledBar:
    """A bar: its label, how long it is (None: not drawn), and what is printed of it.

    `group` is a heading above the first bar of it; `marks` are kept as data- attributes.
    """

    label: str
    value: float | None
    text: str
    group: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Panel:
    """One series over the places of an axis: a value for each (None: not drawn) and its text.

    Columns rise from nought, those of all series on the same scale; dots stand between `low` and
    `high`, which has a line of its own.
    """

    title: str
    values: Sequence[float | None]
    texts: Sequence[str]
    low: float = 0.0
    high: float | None = None

    @property
    def is_dots(self) -> bool:
        """Whether it has a scale of its own."""
        return self.high is not None


@dataclass(frozen=True)
class Interval:
    """A value with the ends of its interval (None: not drawn), on an axis from -limit to limit.

    `text` is what is printed of it; `group`, with what the ends of the axis mean, stands above the
    first one of it.
    """

    label: str
    figures: tuple[float, float, float] | None
    text: str
    limit: float
    group: str
    ends: tuple[str, str]
    marks: Mapping[str, str] = field(default_factory=dict)

    def x(self, value: float) -> float:
        """Where a value stands, in percent of the width."""
        return 50 + SIDE * value / self.limit


@dataclass(frozen=True)
class Event:
    """What happened at a place of the axis: `at` is in places from its beginning."""

    at: float
    name: str


def bars(name: str, title: str, words: str, given: Sequence[LabelledBar]) -> str:
    """Bars under their labels, as long as their values are to the greatest of them."""
    root = _root(name, title, words)
    greatest = max((bar.value or 0 for bar in given), default=0) or 1
    y, group = 0.0, ""
    for bar in given:
        if bar.group and bar.group != group:
            for line in wrapped_lines(bar.group, LABEL_WIDTH):
                y += LINE
                _text(root, "0", y, line, "group")
            y += 8
        group = bar.group
        place = ET.SubElement(root, "g", {f"data-{k}": v for k, v in bar.marks.items()})
        for line in wrapped_lines(bar.label, LABEL_WIDTH):
            y += LINE
            _text(place, "0", y, line, "label")
        y += 6
        length = 0.0 if bar.value is None else LONGEST * bar.value / greatest
        if bar.value is not None:
            size = {"x": "0", "y": _n(y), "width": f"{_n(length)}%", "height": str(BAR)}
            ET.SubElement(place, "rect", {"class": "bar", **size})
        _text(place, f"{_n(length)}%", y + BAR - 3, bar.text, "value", dx="6" if length else "0")
        y += BAR + GAP
    return _finished(root, y, 0)


def panels(
    name: str,
    title: str,
    words: str,
    labels: Sequence[Sequence[str]],
    given: Sequence[Panel],
    events: Sequence[Event] = (),
) -> str:
    """Series one below the other over one axis, whose places have labels of one or two lines."""
    root = _root(name, title, words)
    step = 100 / max(len(labels), 1)
    columns = [value for panel in given if not panel.is_dots for value in panel.values]
    greatest = max((value for value in columns if value is not None), default=0) or 1
    y = 22.0 if events else 0.0
    for number, panel in enumerate(given):
        _text(root, "0", y + LINE, panel.title, "group")
        top, floor = y + PANEL_TITLE, y + PANEL_TITLE + PLOT
        for event in events:
            _event(root, event, step, y + LINE + 4, floor, named=number == 0)
        _line(root, 0, floor, 100, floor, "axis")
        high = panel.high or greatest
        if panel.is_dots:
            _line(root, 0, top + LINE, 100, top + LINE, "limit")
        for i, (value, text) in enumerate(zip(panel.values, panel.texts, strict=True)):
            _column(root, panel, step * i, step, (top, floor, high), value, text)
        for i, lines in enumerate(labels):
            for j, line in enumerate(lines):
                _text(root, f"{_n(step * (i + 0.5))}%", floor + 15 + 14 * j, line, "tick")
        y = floor + TICKS
    return _finished(root, y, COLUMN_WIDTH * len(labels))


def intervals(name: str, title: str, words: str, given: Sequence[Interval]) -> str:
    """Values with their intervals under their labels, about a line at no change."""
    root = _root(name, title, words)
    y, group = 0.0, ""
    with_axis = {one.group for one in given if one.figures is not None}
    for one in given:
        if one.group != group:
            y = _group_of(root, one, y, with_axis=one.group in with_axis)
        group = one.group
        place = ET.SubElement(root, "g", {f"data-{k}": v for k, v in one.marks.items()})
        for line in (*wrapped_lines(one.label, LABEL_WIDTH), one.text):
            y += LINE
            _text(place, "0", y, line, "label")
        if one.figures is not None:
            y = _interval(place, one.x, one.figures, y + BAR)
        y += GAP
    return _finished(root, y, 0)


def _interval(
    place: ET.Element,
    x: Callable[[float], float],
    figures: tuple[float, float, float],
    middle: float,
) -> float:
    """Draws a value and its interval on a line of its own; where that ends."""
    value, low, high = map(x, figures)
    _line(place, 0, middle, 100, middle, "track")
    _line(place, 50, middle - 8, 50, middle + 8, "zero")
    _line(place, low, middle, high, middle, "interval")
    for end in (low, high):
        _line(place, end, middle - 6, end, middle + 6, "interval")
    dot = {"cx": f"{_n(value)}%", "cy": _n(middle), "r": "5.5"}
    ET.SubElement(place, "circle", {"class": "dot", **dot})
    return middle + 8


def _group_of(root: ET.Element, one: Interval, top: float, *, with_axis: bool) -> float:
    """Writes the heading of a group and what the ends of its axis mean; where its rows begin."""
    y = top
    for line in wrapped_lines(one.group, LABEL_WIDTH):
        y += LINE
        _text(root, "0", y, line, "group")
    if with_axis:
        y += LINE + 2
        lower, upper = one.ends
        _text(root, "0", y, lower, "tick-words")
        _text(root, "50%", y, "no change", "tick-words middle")
        _text(root, "100%", y, upper, "tick-words end")
    return y + 6


def _column(
    root: ET.Element,
    panel: Panel,
    left: float,
    step: float,
    frame: tuple[float, float, float],
    value: float | None,
    text: str,
) -> None:
    top, floor, high = frame
    height = 0.0
    if value is not None:
        height = (floor - top - LINE) * (value - panel.low) / (high - panel.low)
        if panel.is_dots:
            x, y = f"{_n(left + step / 2)}%", floor - height
            ET.SubElement(root, "circle", {"class": "dot", "cx": x, "cy": _n(y), "r": "5"})
        else:
            size = {"x": f"{_n(left + step * 0.15)}%", "width": f"{_n(step * 0.7)}%"}
            size |= {"y": _n(floor - height), "height": _n(height)}
            ET.SubElement(root, "rect", {"class": "bar", **size})
    above = floor - height - (9 if panel.is_dots and value is not None else 4)
    _text(root, f"{_n(left + step / 2)}%", above, text, "figure")


def _event(
    root: ET.Element, event: Event, step: float, top: float, floor: float, *, named: bool
) -> None:
    x = min(step * event.at, 100)
    _line(root, x, top, x, floor, "event")
    if named:
        _text(root, f"{_n(x)}%", 14, event.name, "event-name", dx="2")


def _root(name: str, title: str, words: str) -> ET.Element:
    named = {"aria-labelledby": f"{name}-title", "aria-describedby": f"{name}-words"}
    root = ET.Element("svg", {"role": "img", "width": "100%", **named})
    ET.SubElement(root, "title", {"id": f"{name}-title"}).text = title
    ET.SubElement(root, "desc", {"id": f"{name}-words"}).text = words
    return root


def _finished(root: ET.Element, height: float, least_width: float) -> str:
    root.set("height", _n(height))
    if least_width:
        root.set("style", f"min-width: {_n(least_width)}px")
    return ET.tostring(root, encoding="unicode", method="html")


def _text(
    place: ET.Element, x: str, y: float, words: str, style: str, dx: str | None = None
) -> None:
    also = {"dx": dx} if dx else {}
    ET.SubElement(place, "text", {"class": style, "x": x, "y": _n(y), **also}).text = words


def _line(place: ET.Element, x1: float, y1: float, x2: float, y2: float, style: str) -> None:
    ends = {"x1": f"{_n(x1)}%", "y1": _n(y1), "x2": f"{_n(x2)}%", "y2": _n(y2)}
    ET.SubElement(place, "line", {"class": style, **ends})


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
