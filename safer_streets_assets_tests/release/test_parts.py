"""A tall picture is broken at its sub-headings, and nothing of it is lost or moved apart."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from safer_streets_assets.release.report.parts import TALL, in_parts
from safer_streets_assets.release.report.pen import LabelledBar, bars


def picture(groups: int) -> str:
    given = [
        LabelledBar(f"Answer {at}", float(at), str(at), f"Question {group}")
        for group in range(groups)
        for at in range(1, 6)
    ]
    return bars("answers", "Answers", "What they are.", given)


def parts_of(svg: str) -> list[ET.Element]:
    return list(ET.fromstring(f"<div>{in_parts(svg)}</div>"))


def test_a_picture_that_fits_a_page_stays_as_it_is() -> None:
    assert in_parts(picture(2)) == picture(2)


def test_each_part_of_a_tall_picture_begins_with_its_heading_and_fits_a_page() -> None:
    parts = parts_of(picture(6))
    headings = [[t.text for t in part.iter("text") if t.get("class") == "group"] for part in parts]
    assert headings == [[f"Question {group}"] for group in range(6)]
    for part in parts:
        height = float(part.get("height", "0"))
        assert 0 < height < TALL
        downs = [float(one.get("y", "0")) for one in part.iter() if one is not part]
        assert 0 <= min(downs) <= max(downs) <= height


def test_the_parts_are_as_high_together_and_the_first_speaks_for_all() -> None:
    whole = ET.fromstring(picture(6))
    first, *others = parts_of(picture(6))
    heights = [float(part.get("height", "0")) for part in (first, *others)]
    assert sum(heights) == float(whole.get("height", "0"))
    assert first.get("role") == "img"
    assert [one.tag for one in first][:2] == ["title", "desc"]
    assert {part.get("aria-hidden") for part in others} == {"true"}
    assert len(list(whole.iter("rect"))) == sum(
        len(list(p.iter("rect"))) for p in parts_of(picture(6))
    )
