"""A small pen for SVG: shapes, texts and axes with colours that everybody can tell apart."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

INK, QUIET, GRID, PAPER = "#1d2733", "#46535f", "#d5dbe1", "#ffffff"
FONTS = "Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif"
STYLE = f"""
text {{ font-family: {FONTS}; font-size: 13px; fill: {INK}; }}
.strong {{ font-weight: bold; }}
.heading {{ font-weight: bold; font-size: 14px; }}
.quiet {{ fill: {QUIET}; font-size: 12px; }}
.halo {{ paint-order: stroke; stroke: {PAPER}; stroke-width: 6px; }}
"""
CHARACTER = 6.9
"""Width of a character of 13 px in the widest of the fonts, on average."""
TICKS_A_SIDE = 4
LINE = 16.0
"""From one line of small text to the next."""


class Picture:
    """An SVG picture that is drawn from top to bottom; its height is known at the end."""

    def __init__(self, width: float, title: str, description: str, style: str = STYLE) -> None:
        self.width = width
        self._root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": "",
                "role": "img",
                "aria-labelledby": "title",
                "aria-describedby": "description",
            },
        )
        ET.SubElement(self._root, "title", {"id": "title"}).text = title
        ET.SubElement(self._root, "desc", {"id": "description"}).text = description
        ET.SubElement(self._root, "style").text = style
        self._paper = ET.SubElement(self._root, "rect", {"fill": PAPER})
        self._into = self._root

    def define_hatching(self, name: str, colour: str) -> str:
        """A fill of slanted white lines on a colour; returns what to give as `fill`."""
        pattern = ET.SubElement(
            self._root,
            "pattern",
            {
                "id": name,
                "width": "6",
                "height": "6",
                "patternUnits": "userSpaceOnUse",
                "patternTransform": "rotate(45)",
            },
        )
        ET.SubElement(pattern, "rect", {"width": "6", "height": "6", "fill": colour})
        ET.SubElement(pattern, "rect", {"width": "1.6", "height": "6", "fill": PAPER})
        return f"url(#{name})"

    def begin(self, **data: str) -> None:
        """What follows belongs together, until `end`; `data` is kept as data- attributes."""
        names = {f"data-{name}": value for name, value in data.items()}
        self._into = ET.SubElement(self._root, "g", names)

    def end(self) -> None:
        """Ends what `begin` began."""
        self._into = self._root

    def text(self, x: float, y: float, words: str, style: str = "", anchor: str = "start") -> None:
        """Words with their base line at y."""
        where = {"x": _n(x), "y": _n(y)}
        where |= {"class": style} if style else {}
        where |= {"text-anchor": anchor} if anchor != "start" else {}
        ET.SubElement(self._into, "text", where).text = words

    def line(
        self, x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1
    ) -> None:
        """A straight line."""
        ends = {"x1": _n(x1), "y1": _n(y1), "x2": _n(x2), "y2": _n(y2)}
        look = {"stroke": colour, "stroke-width": _n(width)}
        ET.SubElement(self._into, "line", ends | look)

    def dot(self, x: float, y: float, radius: float, colour: str) -> None:
        """A filled circle."""
        where = {"cx": _n(x), "cy": _n(y), "r": _n(radius), "fill": colour}
        ET.SubElement(self._into, "circle", where)

    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        """A filled rectangle."""
        where = {"x": _n(x), "y": _n(y), "width": _n(width), "height": _n(height), "fill": fill}
        ET.SubElement(self._into, "rect", where)

    def place(self, shapes: ET.Element, x: float, y: float) -> None:
        """Shapes that are drawn already, with their origin here."""
        shapes.set("transform", f"translate({_n(x)} {_n(y)})")
        self._into.append(shapes)

    def finished(self, height: float) -> str:
        """The picture as text, so high."""
        self._root.set("viewBox", f"0 0 {_n(self.width)} {_n(height)}")
        self._paper.set("width", _n(self.width))
        self._paper.set("height", _n(height))
        ET.indent(self._root, " ")
        return ET.tostring(self._root, encoding="unicode") + "\n"


def step_of(extent: float) -> float:
    """The distance of ticks (1, 2 or 5 times a power of ten) so that few cover the extent."""
    rough = max(extent, 1e-9) / TICKS_A_SIDE
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= rough * (1 - 1e-9))


def rounded_up(extent: float) -> tuple[float, float]:
    """The extent rounded up to a whole number of steps, and the step."""
    step = step_of(extent)
    return math.ceil(extent / step - 1e-9) * step, step


def wrapped_lines(words: str, width: float) -> list[str]:
    """Words in lines that fit the width at 13 px."""
    limit, lines = int(width / CHARACTER), [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > limit:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
