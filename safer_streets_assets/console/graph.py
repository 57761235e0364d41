"""Draws the asset graph as an SVG picture: one band a group, one box an asset, lines downwards."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from itertools import pairwise

from safer_streets_assets.console.flow import Box, Flow
from safer_streets_assets.console.layout import BOX_WIDTH, Slot, lay_out

WIDTH, LABELS, MARGIN = 1060.0, 84.0, 16.0
BOX_HEIGHT, LEAST_GAP, GREATEST_GAP = 66.0, 30.0, 74.0
BAND_SPACE = 18.0
MARK_WIDTH = 18.0
NAME_CHARACTERS, MARKED_NAME_CHARACTERS = 19, 16
KINDS = {
    "direct-identifiers": ("I", "#b3261e", "direct identifiers"),
    "free-text": ("T", "#7b3fa0", "anonymous, with free text"),
    "pseudonymised": ("P", "#8a5a00", "pseudonymised rows"),
    "none": ("", "#2f6b4f", "no personal data"),
}
"""Personal data -> its mark, its colour and what the legend says."""

STYLE = """
text { font-family: "Segoe UI", "Helvetica Neue", Helvetica, Arial, sans-serif; fill: #1d2733; }
.group { font-size: 15px; font-weight: 600; }
.name { font-size: 13px; font-weight: 600; }
.note { font-size: 11.5px; fill: #46535f; }
.mark { font-size: 13px; font-weight: 700; fill: #ffffff; }
.line { fill: none; stroke: #6b7885; stroke-width: 1.4; }
.start { stroke-dasharray: 5 3; }
"""


def draw(flow: Flow, title: str) -> str:
    """The picture as SVG text, with a title, a description and a tooltip a box."""
    rows = lay_out(flow, WIDTH - LABELS - 2 * MARGIN)
    tops = _tops(rows)
    bottom = tops[-1] + BOX_HEIGHT + BAND_SPACE
    height = bottom + 44
    svg = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH:.0f} {height:.0f}",
            "role": "img",
            "aria-labelledby": "title description",
        },
    )
    ET.SubElement(svg, "title", {"id": "title"}).text = title
    ET.SubElement(svg, "desc", {"id": "description"}).text = description(flow)
    ET.SubElement(svg, "style").text = STYLE
    _rectangle(svg, 0, 0, WIDTH, height, fill="#ffffff")
    _draw_bands(svg, flow, rows, tops)
    for upper in (slot for row in rows for slot in row):
        _draw_lines(svg, upper, rows, tops)
    for slot in (slot for row in rows for slot in row):
        if slot.box is not None:
            _draw_box(svg, slot.box, _left(slot.x) - BOX_WIDTH / 2, tops[slot.row])
    _draw_legend(svg, bottom + 14)
    ET.indent(svg, " ")
    return ET.tostring(svg, encoding="unicode") + "\n"


def description(flow: Flow) -> str:
    """The graph in sentences, for those who do not see the picture."""
    names = {box.key: box.name for box in flow.boxes}
    sentences = []
    for group in flow.groups:
        for box in flow.boxes:
            if box.group == group:
                follows = ", ".join(names[key] for key in box.above if key in names)
                notes = f" ({', '.join(box.notes)})" if box.notes else ""
                after = f" follows from {follows}" if follows else " begins"
                sentences.append(f"{group}: {box.name}{notes}{after}.")
    return " ".join(sentences)


def name_lines(name: str, limit: int) -> list[str]:
    """A name in as few lines as fit, broken after underscores."""
    lines = [""]
    for part in name.replace("_", "_\n").split("\n"):
        if lines[-1] and len(lines[-1] + part) > limit:
            lines.append("")
        lines[-1] += part
    return lines


def _tops(rows: Sequence[Sequence[Slot]]) -> list[float]:
    """The upper edge of each row: more room where lines run far to the side."""
    tops = [MARGIN + BAND_SPACE]
    for row, following in pairwise(rows):
        reach = max((abs(a.x - b.x) for a in row for b in a.below), default=0.0)
        gap = min(LEAST_GAP + 0.07 * reach, GREATEST_GAP)
        if _group_of(row) != _group_of(following):
            gap = max(gap, 2 * BAND_SPACE + 12)
        tops.append(tops[-1] + BOX_HEIGHT + gap)
    return tops


def _group_of(row: Sequence[Slot]) -> str:
    return next(slot.box.group for slot in row if slot.box is not None)


def _draw_bands(
    svg: ET.Element, flow: Flow, rows: Sequence[Sequence[Slot]], tops: Sequence[float]
) -> None:
    for i, group in enumerate(flow.groups):
        own = [top for row, top in zip(rows, tops, strict=True) if _group_of(row) == group]
        top, bottom = own[0] - BAND_SPACE, own[-1] + BOX_HEIGHT + BAND_SPACE
        fill = "#f1f5f9" if i % 2 == 0 else "#f8f4ec"
        _rectangle(svg, MARGIN / 2, top, WIDTH - MARGIN, bottom - top, fill=fill, rx=8)
        _text(svg, MARGIN + 4, top + 26, f"{i + 1}. {group}", "group")


def _draw_lines(
    svg: ET.Element, upper: Slot, rows: Sequence[Sequence[Slot]], tops: Sequence[float]
) -> None:
    started = upper.box.trigger if upper.box else _is_start(upper)
    style = "line start" if started else "line"
    x = _left(upper.x)
    if upper.box is None:
        path = f"M{x:.1f} {tops[upper.row]:.1f}V{tops[upper.row] + BOX_HEIGHT:.1f}"
        ET.SubElement(svg, "path", {"class": style, "d": path})
    for lower in upper.below:
        y, end = tops[upper.row] + BOX_HEIGHT, tops[lower.row]
        if lower.box is not None:
            end -= 6
        to = _left(lower.x) + _port(lower, upper)
        half = (y + end) / 2
        path = f"M{x:.1f} {y:.1f}C{x:.1f} {half:.1f} {to:.1f} {half:.1f} {to:.1f} {end:.1f}"
        ET.SubElement(svg, "path", {"class": style, "d": path})
        if lower.box is not None:
            head = f"M{to - 4:.1f} {end - 1:.1f}h8l-4 7z"
            ET.SubElement(svg, "path", {"d": head, "fill": "#6b7885"})


def _is_start(lane: Slot) -> bool:
    above = lane.above[0]
    return above.box.trigger if above.box else _is_start(above)


def _port(lower: Slot, upper: Slot) -> float:
    """How far from the middle of a box a line comes in, so that several are told apart."""
    if lower.box is None or len(lower.above) == 1:
        return 0.0
    others = sorted(lower.above, key=lambda slot: slot.x)
    step = min(14.0, (BOX_WIDTH - 40) / (len(others) - 1))
    return (others.index(upper) - (len(others) - 1) / 2) * step


def _draw_box(svg: ET.Element, box: Box, x: float, y: float) -> None:
    group = ET.SubElement(svg, "g", {"data-box": box.name})
    ET.SubElement(group, "title").text = f"{box.name}: {box.description}"
    mark, colour, _ = KINDS.get(box.personal, ("", "#46535f", ""))
    radius = 18 if box.trigger else 5
    extra = {"stroke-dasharray": "5 3"} if box.trigger else {}
    _rectangle(
        group, x, y, BOX_WIDTH, BOX_HEIGHT, fill="#ffffff", stroke=colour, rx=radius, **extra
    )
    centre, limit = x + BOX_WIDTH / 2, NAME_CHARACTERS
    if mark:
        limit = MARKED_NAME_CHARACTERS
        _draw_mark(group, x, y, mark, colour)
        centre += MARK_WIDTH / 2
    lines = [(line, "name") for line in name_lines(box.name, limit)]
    lines += [(note, "note") for note in box.notes]
    for i, (line, style) in enumerate(lines):
        at = y + BOX_HEIGHT / 2 + 4 + (i - (len(lines) - 1) / 2) * 13.6
        _text(group, centre, at, line, style, anchor="middle")


def _draw_mark(parent: ET.Element, x: float, y: float, mark: str, colour: str) -> None:
    right, foot = x + MARK_WIDTH, y + BOX_HEIGHT
    path = f"M{right:.1f} {y:.1f}V{foot:.1f}H{x + 5:.1f}q-5 0 -5 -5V{y + 5:.1f}q0 -5 5 -5z"
    ET.SubElement(parent, "path", {"d": path, "fill": colour})
    _text(parent, x + MARK_WIDTH / 2, y + BOX_HEIGHT / 2 + 4.5, mark, "mark", anchor="middle")


def _draw_legend(svg: ET.Element, y: float) -> None:
    x = MARGIN + 4
    for mark, colour, says in KINDS.values():
        _rectangle(svg, x, y - 2, 20, 18, fill=colour if mark else "#ffffff", stroke=colour, rx=3)
        _text(svg, x + 10, y + 12, mark, "mark", anchor="middle")
        _text(svg, x + 28, y + 11.5, says, "note")
        x += 62 + 6.1 * len(says)
    _rectangle(
        svg, x, y - 2, 32, 18, fill="#ffffff", stroke="#46535f", rx=9, **{"stroke-dasharray": "5 3"}
    )
    _text(svg, x + 40, y + 11.5, "sensor or schedule: starts a job", "note")


def _left(x: float) -> float:
    return MARGIN + LABELS + x


def _text(
    parent: ET.Element, x: float, y: float, words: str, style: str, anchor: str = "start"
) -> None:
    where = {"x": f"{x:.1f}", "y": f"{y:.1f}", "class": style, "text-anchor": anchor}
    ET.SubElement(parent, "text", where).text = words


def _rectangle(
    parent: ET.Element, x: float, y: float, width: float, height: float, **style: object
) -> None:
    where = dict(_numbers(x=x, y=y, width=width, height=height))
    ET.SubElement(parent, "rect", where | {name: str(value) for name, value in style.items()})


def _numbers(**values: float) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        yield name, f"{value:.1f}"
