"""The picture of the graph: whole, legible, and with no line through a box."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.console.errors import DocumentsError
from safer_streets_assets.console.flow import Box, Flow, _refuse_backward, read_flow, when
from safer_streets_assets.console.graph import BOX_HEIGHT, draw, name_lines
from safer_streets_assets.console.layout import BOX_WIDTH, SPACE, lay_out
from safer_streets_assets.definitions import defs

SVG = "{http://www.w3.org/2000/svg}"
FLOW = read_flow(defs)
PICTURE = ET.fromstring(draw(FLOW, "The graph"))


@st.composite
def flows(draw_from: st.DrawFn) -> Flow:
    """Any small graph in which data goes one way."""
    groups = draw_from(st.lists(st.integers(0, 2), min_size=1, max_size=9).map(sorted))
    boxes = []
    for i, group in enumerate(groups):
        above = draw_from(st.sets(st.integers(0, i - 1), max_size=4)) if i else set()
        boxes.append(Box(f"b{i}", f"box_{i}", f"g{group}", tuple(f"b{j}" for j in sorted(above))))
    return Flow(tuple(boxes), tuple(dict.fromkeys(box.group for box in boxes)))


def boxes_drawn(picture: ET.Element) -> dict[str, tuple[float, float]]:
    """Name of each box to its left upper corner."""
    corners = {}
    for group in picture.iter(f"{SVG}g"):
        rectangle = group.find(f"{SVG}rect")
        assert rectangle is not None
        corners[group.attrib["data-box"]] = (
            float(rectangle.attrib["x"]),
            float(rectangle.attrib["y"]),
        )
    return corners


def test_every_asset_and_what_starts_a_run_is_in_the_picture() -> None:
    assets = {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}
    starts = {start.name for start in [*(defs.sensors or ()), *(defs.schedules or ())]}
    assert set(boxes_drawn(PICTURE)) == assets | starts


def test_every_dependency_is_in_the_description() -> None:
    said = PICTURE.findtext(f"{SVG}desc") or ""
    graph = defs.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        sentence = re.search(rf": {key.to_user_string()}[ (][^.]*\.", said)
        assert sentence is not None
        for parent in graph.get(key).parent_keys:
            assert parent.to_user_string() in sentence[0]


def test_the_picture_names_itself_for_those_who_do_not_see_it() -> None:
    named = PICTURE.attrib["aria-labelledby"].split()
    assert [PICTURE.find(f"*[@id='{name}']") is not None for name in named] == [True, True]
    assert PICTURE.findtext(f"{SVG}title") == "The graph"


def test_the_same_definitions_give_the_same_picture() -> None:
    assert draw(read_flow(defs), "The graph") == draw(FLOW, "The graph")


def test_every_name_fits_its_box() -> None:
    for text in PICTURE.iter(f"{SVG}text"):
        if text.attrib["class"] == "name":
            assert len(text.text or "") <= 19


@given(flows())
@settings(deadline=None, max_examples=60)
def test_boxes_and_lanes_never_lie_over_one_another(flow: Flow) -> None:
    for row in lay_out(flow, 900):
        for left, right in pairwise(row):
            room = (left.width + right.width) / 2 + SPACE
            assert right.x - left.x >= room - 1e-6


@given(flows())
@settings(deadline=None, max_examples=60)
def test_every_dependency_is_a_line_downwards_from_row_to_row(flow: Flow) -> None:
    rows = lay_out(flow, 900)
    drawn = set()
    for slot in (slot for row in rows for slot in row):
        for lower in slot.below:
            assert lower.row == slot.row + 1
            if lower.box is not None:
                drawn.add((slot.source, lower.box.key))
    assert drawn == {(parent, box.key) for box in flow.boxes for parent in box.above}


@given(flows())
@settings(deadline=None, max_examples=40)
def test_no_line_runs_through_a_box(flow: Flow) -> None:
    picture = ET.fromstring(draw(flow, "Any"))
    corners = boxes_drawn(picture).values()
    for path in picture.iter(f"{SVG}path"):
        if not path.attrib.get("class", "").startswith("line"):
            continue
        numbers = [float(n) for n in re.findall(r"[\d.]+", path.attrib["d"])]
        if "V" in path.attrib["d"]:
            (x, top, bottom), width = numbers, 0.0
        else:
            x, top, width, bottom = numbers[0], numbers[1], numbers[6] - numbers[0], numbers[7]
        left, right = min(x, x + width), max(x, x + width)
        for box_x, box_y in corners:
            beside = right <= box_x or left >= box_x + BOX_WIDTH
            # A curve from row to row lies wholly between its two ends.
            above_or_below = bottom <= box_y or top >= box_y + BOX_HEIGHT
            assert beside or above_or_below


@given(st.from_regex(r"[a-z]{1,14}(_[a-z]{1,14}){0,4}", fullmatch=True))
def test_a_name_is_broken_after_underscores_and_nothing_is_lost(name: str) -> None:
    lines = name_lines(name, 16)
    assert "".join(lines) == name
    assert all(len(line) <= 16 for line in lines)


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("0 6 * * 1", "Mondays at 06:00"),
        ("30 23 * * 7", "Sundays at 23:30"),
        ("0 3 * * *", "daily at 03:00"),
        ("0 4 1 * *", "monthly, day 1, 04:00"),
        ("*/5 * * * *", "*/5 * * * *"),
        ("0 6 1 * 1", "0 6 1 * 1"),
        ("0 6 1 4 *", "0 6 1 4 *"),
    ],
)
def test_a_schedule_is_said_in_words(cron: str, said: str) -> None:
    assert when(cron) == said


def test_an_asset_that_depends_on_a_later_group_is_refused() -> None:
    boxes = {"a": Box("a", "a", "first", ("b",)), "b": Box("b", "b", "second")}
    with pytest.raises(DocumentsError, match="depends on b"):
        _refuse_backward(boxes, ("first", "second"))
