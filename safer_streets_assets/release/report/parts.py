"""A picture that is higher than a page of paper, as several that stand below each other."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from safer_streets_assets.release.report.pen import LINE

TALL = 860.0
"""The height from which on a picture is broken, so that paper holds its parts; in pixels."""
DOWN = ("y", "y1", "y2", "cy")
"""The attributes that say how far down a mark is."""


def in_parts(svg: str) -> str:
    """A tall picture in parts, each of which begins with a sub-heading; any other as it is.

    The first part has the name and the words of the whole.
    """
    root = ET.fromstring(svg)  # noqa: S314 (our own text)
    height = float(root.get("height", "0"))
    parts = list(_parts(root)) if height > TALL else []
    if len(parts) < 2:
        return svg
    tops = [0.0, *(_top(part[0]) for part in parts[1:])]
    said = [one for one in root if one.tag in ("title", "desc")]
    made = []
    for number, (part, top) in enumerate(zip(parts, tops, strict=True)):
        end = [*tops, height][number + 1]
        own = dict(root.attrib) if number == 0 else {"aria-hidden": "true", "width": "100%"}
        drawn = ET.Element("svg", own | {"height": f"{end - top:g}"})
        if "style" in root.attrib:
            drawn.set("style", root.attrib["style"])
        drawn.extend(said if number == 0 else [])
        for mark in part:
            _lift(mark, top)
        drawn.extend(part)
        made.append(ET.tostring(drawn, encoding="unicode", method="html"))
    return "\n".join(made)


def _parts(root: ET.Element) -> Iterator[list[ET.Element]]:
    """The marks of each sub-heading, which may have several lines."""
    part, before = list[ET.Element](), ""
    for mark in root:
        if mark.tag in ("title", "desc"):
            continue
        style = mark.get("class", "")
        if style == "group" and before != "group" and part:
            yield part
            part = []
        part.append(mark)
        before = style
    yield part


def _top(heading: ET.Element) -> float:
    """Where a part begins: a line above the foot of its heading."""
    return float(heading.get("y", "0")) - LINE


def _lift(mark: ET.Element, by: float) -> None:
    for one in mark.iter():
        for name in DOWN:
            if name in one.attrib:
                one.set(name, f"{float(one.attrib[name]) - by:g}")
