"""The asset graph as Mermaid, which hosting sites draw: its groups, and a page with all of it.

Nothing but the basics of a flowchart is used, so that any version of Mermaid draws it: boxes whose
words are quoted, arrows, and a frame for each group. An id has a prefix, since some words, such as
`end`, mean something to Mermaid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from safer_streets_assets.documentation.flow import Box, Flow
from safer_streets_assets.documentation.markdown import code, table_lines
from safer_streets_assets.documentation.reference import MADE

KINDS = {
    "direct-identifiers": ("#b3261e", "direct identifiers"),
    "free-text": ("#7b3fa0", "anonymous, with free text"),
    "pseudonymised": ("#8a5a00", "pseudonymised rows"),
    "none": ("#2f6b4f", "no personal data"),
}
"""Personal data -> the colour of its frame, and the words that always stand beside it."""
START = "start"
INK, PAPER = "#1d2733", "#ffffff"
TITLE = "The asset graph of Safer Streets, from drops to releases and retention"


def groups_picture(flow: Flow) -> str:
    """The groups as a fenced block: how many assets each has, and what starts them.

    An arrow that follows from others is left out: where data goes from a first to a second and on
    to a third group, none goes from the first to the third.
    """
    before = groups_before(flow)
    needed = {
        group: [g for g in above if not any(g in _all_before(before, other) for other in above)]
        for group, above in before.items()
    }
    words = {group: _box(f"group_{group}", *_group_words(flow, group)) for group in flow.groups}
    lines = []
    for group, above in needed.items():
        for upper in above:
            lines.append(f"{_named(words, upper)} --> {_named(words, group)}")
    lines += [words[group] for group in flow.groups if group in words]
    return _fenced(lines)


def groups_before(flow: Flow) -> dict[str, list[str]]:
    """Each group, in the order of the flow, with the other groups that its assets follow from."""
    group_of = {box.key: box.group for box in flow.boxes if not box.trigger}
    before: dict[str, set[str]] = {group: set() for group in flow.groups}
    for box in flow.boxes:
        before[box.group] |= {group_of[key] for key in box.above if key in group_of}
    return {
        group: sorted(above - {group}, key=flow.groups.index) for group, above in before.items()
    }


def graph_page(flow: Flow) -> str:
    """The page of the whole graph: the picture, and the same in a table of the assets."""
    return "\n".join(
        [
            "# The asset graph",
            "",
            MADE,
            "",
            "Data goes one way, from top to bottom. A frame is a group of assets. Each box says "
            "what personal data it holds. A dotted arrow leads from a sensor or a schedule to "
            "where its job begins.",
            "",
            whole_picture(flow),
            "",
            "## What starts a run",
            "",
            *table_lines(("name", "when, and which job", "what it does"), _starts(flow)),
            "",
            "## The assets",
            "",
            *table_lines(
                ("group", "asset", "what it is", "follows from", "checks", "personal data"),
                _assets(flow),
            ),
            "",
        ]
    )


def whole_picture(flow: Flow) -> str:
    """Every asset, sensor and schedule as a fenced block, with a line for each arrow."""
    lines = []
    for group in flow.groups:
        lines.append(f'subgraph {_id(f"group_{group}")}["{_quoted(group)}"]')
        lines += [f"  {_whole_box(box)}" for box in flow.boxes if box.group == group]
        lines.append("end")
    starts = {box.key for box in flow.boxes if box.trigger}
    ids = {box.key: _box_id(box) for box in flow.boxes}
    for box in flow.boxes:
        for key in box.above:
            if key in ids:
                lines.append(f"{ids[key]} {'-.->' if key in starts else '-->'} {ids[box.key]}")
    for kind, (colour, _) in KINDS.items():
        lines.append(_look(kind, colour))
    lines.append(_look(START, INK))
    return _fenced(lines)


def _all_before(before: Mapping[str, list[str]], group: str) -> set[str]:
    """Every group from which data reaches one."""
    found = set(before[group])
    return found.union(*(_all_before(before, other) for other in before[group]))


def _group_words(flow: Flow, group: str) -> list[str]:
    own = [box for box in flow.boxes if box.group == group]
    assets = sum(not box.trigger for box in own)
    starts = [f"{box.name}: {box.notes[0]}" for box in own if box.trigger]
    return [group, f"{assets} {'asset' if assets == 1 else 'assets'}", *starts]


def _named(words: dict[str, str], group: str) -> str:
    """The box of a group where it is named first, its id from then on."""
    return words.pop(group, _id(f"group_{group}"))


def _whole_box(box: Box) -> str:
    if box.trigger:
        return f"{_box(_box_id(box), box.name, *box.notes)}:::{START}"
    said = KINDS.get(box.personal, ("", ""))[1]
    shape = _box(_box_id(box), *filter(None, (box.name, said)))
    return f"{shape}:::{_id(box.personal)}" if said else shape


def _look(kind: str, colour: str) -> str:
    return f"classDef {_id(kind)} fill:{PAPER},color:{INK},stroke:{colour},stroke-width:2px"


def _box_id(box: Box) -> str:
    return _id(f"{START if box.trigger else 'asset'}_{box.name}")


def _id(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _box(name: str, *words: str) -> str:
    return f'{_id(name)}["{"<br/>".join(map(_quoted, words))}"]'


def _quoted(words: str) -> str:
    """Words that may stand in quotation marks: what Mermaid would read as its own is an entity."""
    return re.sub(r'[#"<>&`;]', lambda found: f"#{ord(found[0])};", words)


def _fenced(lines: list[str]) -> str:
    drawn = [f"accTitle: {TITLE}", *lines]
    return "\n".join(["```mermaid", "flowchart TB", *(f"  {line}" for line in drawn), "```"])


def _starts(flow: Flow) -> Iterator[tuple[str, ...]]:
    for box in flow.boxes:
        if box.trigger:
            yield code(box.name), ", ".join(box.notes), _one_line(box.description)


def _assets(flow: Flow) -> Iterator[tuple[str, ...]]:
    names = {box.key: code(box.name) for box in flow.boxes}
    for group in flow.groups:
        for box in flow.boxes:
            if box.group == group and not box.trigger:
                follows = ", ".join(names[key] for key in box.above if key in names)
                checks = ", ".join(box.notes)
                said = KINDS.get(box.personal, ("", box.personal))[1]
                yield group, code(box.name), _one_line(box.description), follows, checks, said


def _one_line(text: str) -> str:
    return " ".join(text.split())
