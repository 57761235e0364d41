"""Charts of a release: nothing but printed figures is in them, and everybody can read them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.release.charts import svg as pen
from safer_streets_assets.release.charts.change import MARK, Axis, change_chart
from safer_streets_assets.release.charts.chart import CAVEATS, NOTHING_PRINTED, Chart
from safer_streets_assets.release.charts.chart_scales import chart_scales
from safer_streets_assets.release.charts.files import chart_files, charts_of
from safer_streets_assets.release.charts.reliable import COLOURS, HATCHED, reliable_chart
from safer_streets_assets.release.content import ReleaseTable, release_tables
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import POLICY, content, publish

SVG = "{http://www.w3.org/2000/svg}"
SUBJECTS = chart_scales(POLICY)
SCALES = list(SUBJECTS)
CLASSES = ("reliable improvement", "no reliable change", "reliable deterioration", "Total")
SENTENCE = "Not made, because its stage has not gathered enough: there are 60 and 100 are needed."
Figure = tuple[float, float, float] | None


def printed(frame: pd.DataFrame, name: str, note: str = "") -> ReleaseTable:
    """The table as a release prints it."""
    (table,) = release_tables(POLICY, content({name: frame}, notes={name: note}))
    return table


def change_frame(rows: Sequence[tuple[str, str, str, Figure]]) -> pd.DataFrame:
    """Attitude change from start to end: scale, group name, value, and (change, low, high)."""
    spec = POLICY.tables.tables["attitude_change"]
    values: dict[str, list[Any]] = {name: [None] * len(rows) for name in spec.statistics}
    for i, name in enumerate(("mean_change", "ci_low", "ci_high")):
        values[name] = [figure[i] if figure else None for *_, figure in rows]
    for name in spec.counts:
        values[name] = [120 if figure else None for *_, figure in rows]
    better = {True: "lower is better", False: "higher is better"}
    values["smallest_change"] = [0.2] * len(rows)
    values["direction"] = [better[SUBJECTS[scale].lower_is_better] for scale, *_ in rows]
    keys = [(scale, "start-end", name, value) for scale, name, value, _ in rows]
    return builders.table("attitude_change", keys, values)


def totals(*figures: Figure) -> ReleaseTable:
    """Attitude change of everybody, a figure for each scale in order."""
    rows = [(s, "Total", "Total", f) for s, f in zip(SCALES, figures, strict=False)]
    return printed(change_frame(rows), "attitude_change")


def change_of(table: ReleaseTable, group: str = "Total") -> Chart:
    return change_chart(table, SUBJECTS, 2, group)


def reliable(counts: dict[str, Sequence[int | None]]) -> ReleaseTable:
    """Reliable change: for each scale the counts of the classes and their total."""
    keys = [(scale, name) for scale in counts for name in CLASSES]
    flat = [n for own in counts.values() for n in own]
    frame = builders.table("reliable_change", keys, {"n": flat})
    return printed(frame, "reliable_change")


def drawn(chart: Chart) -> ET.Element:
    assert chart.svg is not None
    return ET.fromstring(chart.svg)


def groups(picture: ET.Element) -> dict[tuple[str, str], ET.Element]:
    """What is drawn of each row."""
    found = {}
    for group in picture.iter(f"{SVG}g"):
        found[group.attrib["data-scale"], group.attrib.get("data-group", "")] = group
    return found


def words(element: ET.Element) -> list[str]:
    return [text.text or "" for text in element.iter(f"{SVG}text")]


def shapes(group: ET.Element) -> list[ET.Element]:
    return [shape for shape in group if shape.tag != f"{SVG}text"]


figures = st.one_of(
    st.none(),
    st.tuples(st.integers(-300, 300), st.integers(1, 200)).map(
        lambda given: (given[0] / 100, (given[0] - given[1]) / 100, (given[0] + given[1]) / 100)
    ),
)


@given(st.lists(figures, min_size=7, max_size=7))
@settings(deadline=None, max_examples=60)
def test_every_mark_stands_at_a_printed_figure_and_hidden_rows_have_none(
    given_figures: list[Figure],
) -> None:
    chart = change_of(totals(*given_figures))
    if not any(given_figures):
        assert chart.svg is None
        assert chart.alt == NOTHING_PRINTED
        return
    picture = drawn(chart)
    rows = groups(picture)
    for scale, figure in zip(SCALES, given_figures, strict=True):
        row = rows[scale, "Total"]
        if figure is None:
            assert shapes(row) == []
            assert "suppressed for confidentiality [c]" in words(row)
            continue
        points = SUBJECTS[scale].points
        same = [f for s, f in zip(SCALES, given_figures, strict=True)
                if f and SUBJECTS[s].points == points]  # fmt: skip
        axis = Axis(*pen.rounded_up(max(0.1, *(abs(v) for f in same for v in f))))
        (dot,) = row.iter(f"{SVG}circle")
        ends = {float(line.attrib[x]) for line in row.iter(f"{SVG}line") for x in ("x1", "x2")}
        assert float(dot.attrib["cx"]) == pytest.approx(axis.x(figure[0]), abs=0.01)
        assert sorted(ends) == pytest.approx([axis.x(v) for v in figure[1:]], abs=0.01)


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?", text))


@given(st.lists(st.booleans(), min_size=8, max_size=8))
@settings(deadline=None, max_examples=60)
def test_what_is_drawn_depends_on_printed_counts_only(shown: list[bool]) -> None:
    secret = iter((31, 73, 17, 121, 41, 79, 11, 131))
    counts = [n if show else None for n, show in zip(secret, shown, strict=True)]
    table = reliable({"OFF": counts[:4], "KNF": counts[4:]})
    chart = reliable_chart(table, SUBJECTS)
    said = numbers(f"{chart.alt} {chart.rows}")
    assert said.isdisjoint({"31", "73", "17", "121", "41", "79", "11", "131"} - {
        str(n) for n in counts if n is not None})  # fmt: skip
    whole = [scale for scale, own in (("OFF", counts[:4]), ("KNF", counts[4:])) if all(own)]
    if not whole:
        assert chart.svg is None
        assert chart.alt == NOTHING_PRINTED
        return
    rows = groups(drawn(chart))
    for scale, own in (("OFF", counts[:4]), ("KNF", counts[4:])):
        bars = shapes(rows[scale, ""])
        assert len(bars) == (3 if scale in whole else 0)
        if scale in whole:
            first, last = bars[0].attrib, bars[-1].attrib
            length = float(last["x"]) + float(last["width"]) - float(first["x"])
            limit, _ = pen.rounded_up(max(n for s, n in (("OFF", counts[3]), ("KNF", counts[7]))
                                          if s in whole))  # fmt: skip
            assert length == pytest.approx(290 * own[3] / limit, abs=2)


def test_a_hidden_row_is_listed_in_its_place_and_not_drawn_at_nought() -> None:
    chart = change_of(totals((0.2, 0.1, 0.3), None, (0.0, -0.1, 0.1)))
    rows = groups(drawn(chart))
    assert list(rows) == [("OFF", "Total"), ("KNF", "Total"), ("GOAL", "Total")]
    assert words(rows["KNF", "Total"])[-2:] == ["[c]", "suppressed for confidentiality [c]"]
    assert shapes(rows["KNF", "Total"]) == []
    assert len(shapes(rows["GOAL", "Total"])) == 4
    assert "(KNF): suppressed for confidentiality [c]." in chart.alt
    assert chart.rows[1][1:7] == ("[c]",) * 6


def test_w4_says_that_a_fall_is_better() -> None:
    chart = change_of(totals(*[(0.2, 0.1, 0.3)] * 7))
    said = words(drawn(chart))
    assert "Points on a scale of 0 to 10: a fall is better" in said
    after = said[said.index("Points on a scale of 0 to 10: a fall is better") :]
    assert [text for text in after if "fall:" in text or "rise:" in text] == [
        "\N{LEFTWARDS ARROW} a fall: better", "a rise: worse \N{RIGHTWARDS ARROW}",
    ]  # fmt: skip
    assert "Anxious (W4): +0.20 (+0.10 to +0.30), 120 people; a fall is better." in chart.alt


def test_scales_of_other_points_have_an_axis_of_their_own() -> None:
    said = words(drawn(change_of(totals((0.2, 0.1, 0.3), None, None, (2.0, 1.0, 3.0)))))
    assert "+0.3" in said
    assert "+3" in said


def test_groups_stand_under_their_scale_with_what_is_hidden_of_them() -> None:
    rows = [
        ("OFF", "Total", "Total", (0.2, 0.1, 0.3)),
        ("OFF", "gender", "Male", (0.3, 0.1, 0.5)),
        ("OFF", "gender", "Female", None),
    ]
    table = printed(change_frame(rows), "attitude_change")
    names = [chart.name for chart in charts_of(POLICY, [table])]
    assert names == ["attitude_change", "attitude_change_by_gender"]
    chart = change_of(table, "gender")
    assert list(groups(drawn(chart))) == [("OFF", "Male"), ("OFF", "Female")]
    assert "Views towards offending (OFF), Female: suppressed" in chart.alt


@pytest.mark.parametrize("name", ["attitude_change", "reliable_change"])
def test_behind_a_closed_gate_there_is_no_picture_and_the_sentence_why(name: str) -> None:
    spec = POLICY.tables.tables[name]
    columns = [*spec.counts, *spec.constants, *spec.statistics]
    frame = builders.table(name, [], {column: [] for column in columns})
    files = chart_files(charts_of(POLICY, [printed(frame, name, SENTENCE)]))
    assert list(files) == [f"charts/{name}.html"]
    page = files[f"charts/{name}.html"].decode()
    assert SENTENCE in page
    assert "<svg" not in page
    assert "<table" not in page


def every_chart() -> list[Chart]:
    rows = [(s, "Total", "Total", (0.2, 0.1, 0.3)) for s in SCALES]
    rows += [(s, "delivery", v, (-0.5, -1.2, 0.2)) for s in SCALES for v in ("Group", "One-to-one")]
    change = printed(change_frame(rows), "attitude_change")
    return charts_of(POLICY, [change, reliable({"OFF": (30, 70, 20, 120), "GOAL": (None,) * 4})])


def test_texts_do_not_lie_over_one_another() -> None:
    for chart in every_chart():
        boxes = []
        for text in drawn(chart).iter(f"{SVG}text"):
            size = 12 if "quiet" in text.attrib.get("class", "") else 13
            width = len(text.text or "") * size * 0.5
            x, y = float(text.attrib["x"]), float(text.attrib["y"])
            left = x - width * {"end": 1, "middle": 0.5}.get(text.attrib.get("text-anchor", ""), 0)
            boxes.append((left, left + width, y - size * 0.7, y, text.text))
            assert left >= 0
            assert left + width <= 960, text.text
        for one, other in combinations(boxes, 2):
            beside = one[1] <= other[0] or other[1] <= one[0]
            assert beside or one[3] <= other[2] or other[3] <= one[2], (one[4], other[4])


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_colours_stand_out_and_neighbours_differ_in_more_than_colour() -> None:
    for colour, least in [(c, 3) for c in (*COLOURS, MARK)] + [(pen.INK, 4.5), (pen.QUIET, 4.5)]:
        assert (1.05) / (luminance(colour) + 0.05) >= least, colour
    for one, other in zip(range(3), range(1, 4), strict=True):
        lighter = sorted((luminance(COLOURS[one]), luminance(COLOURS[other])))
        ratio = (lighter[1] + 0.05) / (lighter[0] + 0.05)
        assert HATCHED[one] != HATCHED[other] or ratio > 1.5


class Page(HTMLParser):
    """What a page holds: its elements with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_opens_from_disk_with_everything_in_it() -> None:
    for chart in every_chart():
        text = chart_files([chart])[f"charts/{chart.name}.html"].decode()
        page = Page(text)
        assert ("html", {"lang": "en-GB"}) in page.elements
        assert not any({"src", "href"} & attributes.keys() for _, attributes in page.elements)
        assert not any(tag in ("script", "link", "img") for tag, _ in page.elements)
        assert "default-src 'none'" in text
        scopes = [attributes.get("scope") for tag, attributes in page.elements if tag == "th"]
        assert scopes.count("col") == len(chart.header)
        assert scopes.count("row") == len(chart.rows) * chart.row_headers
        assert None not in scopes
        assert chart.alt in page.text
        for cells in chart.rows:
            assert all(cell in page.text for cell in cells)
        for caveat in CAVEATS:
            assert caveat in page.text


def test_a_picture_names_and_describes_itself() -> None:
    for chart in every_chart():
        picture = drawn(chart)
        assert picture.attrib["viewBox"].startswith("0 0 960 ")
        assert picture.findtext(f"{SVG}title") == chart.title
        assert picture.findtext(f"{SVG}desc") == chart.alt
        for attribute, tag in (("aria-labelledby", "title"), ("aria-describedby", "desc")):
            named = picture.find(f"{SVG}{tag}[@id='{picture.attrib[attribute]}']")
            assert named is not None
        assert "http" not in (chart.svg or "").replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("extent", [0.1, 0.87, 1.0, 3.0, 47, 162, 12345])
def test_ticks_are_few_round_and_cover_the_extent(extent: float) -> None:
    limit, step = pen.rounded_up(extent)
    assert extent <= limit * (1 + 1e-9)
    assert 1 <= round(limit / step) <= pen.TICKS_A_SIDE
    assert f"{step:e}"[0] in "125"


@pytest.mark.thorough
def test_the_charts_are_released_with_checksums_and_the_same_bytes_each_time(
    tmp_path: Path,
) -> None:
    found = []
    for year in (2020, 2024):
        folder = builders.data_folder(tmp_path / str(year))
        frames = builders.tables(gate_open=True)
        path = publish(folder, content(frames), now=builders.NOW.replace(year=year)).path
        found.append({p.name: p.read_bytes() for p in (path / "charts").iterdir()})
        sums = (path / "SHA256SUMS").read_text()
        assert all(f"  charts/{name}\n" in sums for name in found[-1])
    assert found[0] == found[1]
    assert "attitude_change.svg" in found[0]


@pytest.mark.parametrize("invented", [False, True])
def test_no_line_of_a_picture_is_wider_than_the_picture(invented: bool) -> None:
    counts = {"OFF": (40, 30, 20, 90)}
    made = [
        change_of(replace(totals((0.2, 0.1, 0.3)), invented=invented)),
        reliable_chart(replace(reliable(counts), invented=invented), SUBJECTS),
    ]
    for picture in map(drawn, made):
        width = float(picture.attrib["viewBox"].split()[2])
        for line in picture.iter("{http://www.w3.org/2000/svg}text"):
            start = float(line.attrib["x"]) if line.get("text-anchor", "start") == "start" else 0
            assert start + len(line.text or "") * pen.CHARACTER * 0.92 < width, line.text
