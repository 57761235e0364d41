"""The asset graph in Mermaid: whole, the same each time, and in a grammar that Mermaid draws."""

from __future__ import annotations

import re

import dagster as dg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.definitions import defs
from safer_streets_assets.documentation.errors import DocumentsError
from safer_streets_assets.documentation.flow import Box, Flow, _refuse_backward, read_flow, when
from safer_streets_assets.documentation.graph import (
    KINDS,
    graph_page,
    groups_before,
    groups_picture,
    whole_picture,
)

FLOW = read_flow(defs)
WORD = r"[a-z]\w*_\w+"
WORDS = r'\["([^"]*)"\]'
GRAMMAR = {
    "title": r"accTitle: [\w ,]+",
    "frame": rf"subgraph ({WORD}){WORDS}",
    "end": r"end",
    "box": rf"({WORD}){WORDS}(?::::\w+)?",
    "arrow": rf"({WORD})(?:{WORDS})? (?:-->|-\.->) ({WORD})(?:{WORDS})?",
    "look": r"classDef (\w+) (?:[a-z-]+:[#\w]+,?)+",
}
"""What a line may be: less than what Mermaid takes, and what every version of it takes."""
ASSETS = {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}


def lines_by_kind(picture: str) -> dict[str, list[re.Match[str]]]:
    """The lines of a picture, each of which must be one of the grammar."""
    first, second, *lines, last = picture.split("\n")
    assert (first, second, last) == ("```mermaid", "flowchart TB", "```")
    found: dict[str, list[re.Match[str]]] = {kind: [] for kind in GRAMMAR}
    for line in lines:
        matches = {kind: re.fullmatch(rule, line.strip()) for kind, rule in GRAMMAR.items()}
        kind = next((kind for kind, match in matches.items() if match), None)
        assert kind, line
        match = matches[kind]
        assert match is not None
        found[kind].append(match)
    return found


def boxes_drawn(picture: str) -> dict[str, str]:
    """Id of each box to its words."""
    found = lines_by_kind(picture)
    boxes = [(match[1], match[2]) for match in found["box"]]
    for match in found["arrow"]:
        boxes += [(match[i], match[i + 1]) for i in (1, 3) if match[i + 1] is not None]
    assert len(boxes) == len(dict(boxes))
    return dict(boxes)


def arrows_drawn(picture: str) -> list[tuple[str, str]]:
    """The two names at the ends of each arrow, as the words of their boxes begin."""
    names = {name: words.partition("<br/>")[0] for name, words in boxes_drawn(picture).items()}
    return [(names[match[1]], names[match[3]]) for match in lines_by_kind(picture)["arrow"]]


@st.composite
def flows(draw_from: st.DrawFn) -> Flow:
    """Any small graph in which data goes one way; its names may be words of Mermaid."""
    groups = draw_from(st.lists(st.integers(0, 3), min_size=1, max_size=9).map(sorted))
    words = ["end", "graph", "subgraph", "style", "class", "default", "click", "o", "x"]
    boxes = []
    for i, group in enumerate(groups):
        above = draw_from(st.sets(st.integers(0, i - 1), max_size=4)) if i else set()
        personal = draw_from(st.sampled_from(["", *KINDS]))
        keys = tuple(words[j] for j in sorted(above))
        boxes.append(Box(words[i], words[i], f"g{group}", keys, personal=personal))
    return Flow(tuple(boxes), tuple(dict.fromkeys(box.group for box in boxes)))


def test_every_asset_and_what_starts_a_run_is_in_the_picture_in_the_frame_of_its_group() -> None:
    drawn, group = set(), ""
    for line in whole_picture(FLOW).split("\n"):
        if frame := re.fullmatch(GRAMMAR["frame"], line.strip()):
            group = frame[2]
        if box := re.fullmatch(GRAMMAR["box"], line.strip()):
            drawn.add((group, box[2].partition("<br/>")[0]))
    graph = defs.resolve_asset_graph()
    starting = [sensor for sensor in defs.sensors or () if sensor.targets]
    starts = {start.name for start in [*starting, *(defs.schedules or ())]}
    assert {name for _, name in drawn} == ASSETS | starts
    assert drawn >= {(graph.get(dg.AssetKey(name)).group_name, name) for name in ASSETS}


def test_every_dependency_is_an_arrow_and_every_arrow_between_assets_a_dependency() -> None:
    graph = defs.resolve_asset_graph()
    depends = {
        (parent.to_user_string(), key.to_user_string())
        for key in graph.get_all_asset_keys()
        for parent in graph.get(key).parent_keys
    }
    drawn = arrows_drawn(whole_picture(FLOW))
    assert {(upper, lower) for upper, lower in drawn if upper in ASSETS} == depends
    assert len(drawn) == len(set(drawn))


def test_every_dependency_is_in_the_table_for_those_who_do_not_see_the_picture() -> None:
    page = graph_page(FLOW)
    graph = defs.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        (row,) = re.findall(rf"^\| \w+ \| `{key.to_user_string()}` \|.*$", page, re.MULTILINE)
        for parent in graph.get(key).parent_keys:
            assert f"`{parent.to_user_string()}`" in row


def test_what_personal_data_an_asset_holds_is_said_in_words_in_its_box() -> None:
    words = {text.partition("<br/>")[0]: text for text in boxes_drawn(whole_picture(FLOW)).values()}
    for box in FLOW.boxes:
        if not box.trigger:
            assert words[box.name] == f"{box.name}<br/>{KINDS[box.personal][1]}"


def test_the_groups_and_what_starts_them_are_in_the_picture_of_the_readme() -> None:
    boxes = boxes_drawn(groups_picture(FLOW))
    assert [words.partition("<br/>")[0] for words in boxes.values()] == list(FLOW.groups)
    for box in FLOW.boxes:
        if box.trigger:
            assert f"<br/>{box.name}: {box.notes[0]}" in boxes[f"group_{box.group}"]


def test_the_same_definitions_give_the_same_page() -> None:
    assert graph_page(read_flow(defs)) == graph_page(FLOW)
    assert groups_picture(read_flow(defs)) == groups_picture(FLOW)


@given(flows())
@settings(deadline=None, max_examples=60)
def test_any_flow_is_drawn_whole_whatever_its_names(flow: Flow) -> None:
    picture = whole_picture(flow)
    assert set(arrows_drawn(picture)) == {(up, box.name) for box in flow.boxes for up in box.above}
    looks = {match[1] for match in lines_by_kind(picture)["look"]}
    assert set(re.findall(r":::(\w+)", picture)) <= looks


@given(flows())
@settings(deadline=None, max_examples=60)
def test_arrows_between_groups_lead_from_each_to_all_that_follow_from_it(flow: Flow) -> None:
    drawn = arrows_drawn(groups_picture(flow))
    reached = {group: {group} for group in flow.groups}
    for group in flow.groups:
        for upper, lower in drawn:
            if lower == group:
                reached[group] |= reached[upper]
    for group, above in groups_before(flow).items():
        assert set(above) <= reached[group]
        for upper in (upper for upper, lower in drawn if lower == group):
            others = [u for u, lower in drawn if lower == group and u != upper]
            assert not any(upper in reached[other] for other in others)
    assert set(drawn) <= {(up, group) for group, ups in groups_before(flow).items() for up in ups}


def test_words_that_mermaid_would_read_as_its_own_are_drawn_as_they_are() -> None:
    flow = Flow((Box("a", "a", 'say "end" <b> #1; `c` & d'),), ('say "end" <b> #1; `c` & d',))
    (frame,) = lines_by_kind(whole_picture(flow))["frame"]
    said = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), frame[2])
    assert said == flow.groups[0]


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
