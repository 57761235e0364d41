"""The report and the list of releases as everybody reads them: structure, keys, colours."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import pairwise
from pathlib import Path

import pytest

from safer_streets_assets.release.charts import change, reliable
from safer_streets_assets.release.report.page import TEMPLATES
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import content, publish
from safer_streets_assets_tests.release.pages import Element, read_page
from safer_streets_assets_tests.release.report_tables import frames, page_of, tables_of

STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def report() -> Element:
    return read_page(page_of(tables_of(frames())))


@pytest.fixture(scope="module")
def closed() -> Element:
    """The report of a release whose gate of change is closed and that lacks most tables."""
    return read_page(page_of(tables_of(builders.tables())))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Element:
    folder = builders.data_folder(tmp_path_factory.mktemp("list"))
    publish(folder, content({"funnel": builders.funnel()}, notes={}))
    publish(folder, content({"funnel": builders.funnel(*[50] * 7)}, notes={}))
    return read_page((folder.published / "index.html").read_bytes())


@pytest.fixture(params=["report", "closed", "index"])
def page(request: pytest.FixtureRequest) -> Element:
    found: Element = request.getfixturevalue(request.param)
    return found


def ids(page: Element) -> list[str]:
    return [one.get("id") for one in page.all() if one.get("id")]


def test_the_page_says_its_language_and_title_and_has_one_heading_of_the_first_level(
    page: Element,
) -> None:
    (html,) = page.all("html")
    (title, *_) = page.all("title")
    (heading,) = page.all("h1")
    assert html.get("lang") == "en-GB"
    assert title.text == heading.text != ""


def test_no_level_of_heading_is_left_out(page: Element) -> None:
    levels = [int(one.tag[1]) for one in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_each_part_of_the_page_is_in_a_landmark_and_the_main_one_can_be_jumped_to(
    page: Element,
) -> None:
    (body,) = page.all("body")
    skip, *landmarks, script = body.children
    (main,) = page.all("main")
    assert (skip.tag, skip.get("href"), script.tag) == ("a", f"#{main.get('id')}", "script")
    assert {one.tag for one in landmarks} <= {"header", "nav", "main", "footer"}
    assert main.get("tabindex") == "-1"
    assert all(nav.get("aria-label") for nav in page.all("nav"))


def test_ids_are_unique_and_all_that_is_referred_to_is_there(page: Element) -> None:
    there = ids(page)
    assert len(set(there)) == len(there)
    for one in page.all():
        named = [one.get("for")] if one.get("for") else []
        for attribute in ("aria-labelledby", "aria-describedby"):
            named += one.get(attribute).split()
        if one.get("href").startswith("#"):
            named.append(one.get("href")[1:])
        for attribute in ("fill", "style"):
            named += re.findall(r"url\(#([\w-]+)\)", one.get(attribute))
        assert set(named) <= set(there), (one.tag, named)


def test_each_table_has_a_caption_and_each_of_its_cells_a_heading(page: Element) -> None:
    for table in page.all("table"):
        caption, head, body = table.children
        assert (caption.tag, head.tag, body.tag) == ("caption", "thead", "tbody")
        assert caption.text
        (top,) = head.children
        assert {one.tag for one in top.children} == {"th"}
        assert {one.get("scope") for one in top.children} == {"col"}
        names = len([one for one in top.children if one.get("class") == "name"])
        assert names > 0
        for line in body.children:
            tags = [one.tag for one in line.children]
            assert tags == ["th"] * names + ["td"] * (len(top.children) - names)
            assert {one.get("scope") for one in line.children[:names]} == {"row"}
            assert all(one.text for one in line.children[:names])


def test_what_scrolls_is_reached_by_keyboard_and_has_a_name_of_its_own(page: Element) -> None:
    regions = [one for one in page.all() if "scroll" in one.get("class").split()]
    assert all((one.get("tabindex"), one.get("role")) == ("0", "region") for one in regions)
    names = [one.get("aria-label") for one in regions]
    assert len(set(names)) == len(names)
    assert all(names)
    holding = [one for region in regions for one in region.all("table")]
    assert holding == list(page.all("table"))


def test_each_picture_has_a_title_says_what_it_shows_and_has_a_data_table(report: Element) -> None:
    pictures = [one for one in report.all("svg") if one.get("role") == "img"]
    assert len(pictures) > 7
    for figure in report.all("figure"):
        picture, *others = figure.all("svg")
        assert all(one.get("aria-hidden") == "true" for one in others)
        (heading,) = [one for one in figure.children if one.tag == "h3"]
        assert picture.get("role") == "img"
        title, words = (
            next(one for one in picture.all() if one.get("id") == picture.get(name))
            for name in ("aria-labelledby", "aria-describedby")
        )
        assert (title.tag, words.tag) == ("title", "desc")
        assert title.text == heading.text
        assert len(words.text) > len(title.text)
        assert len(list(figure.all("table"))) == 1
    assert len(list(report.all("figure"))) == len(pictures)


def test_nothing_is_loaded_from_anywhere(page: Element) -> None:
    for one in page.all():
        assert one.tag not in ("link", "img", "iframe", "object", "embed", "base", "form")
        assert not one.get("src")
        assert not any(name.startswith("on") for name in one.attributes)
        if one.tag == "a":
            assert not re.match(r"(?i)\w+:|//", one.get("href")), one.get("href")
    (style,) = page.all("style")
    assert not re.search(r"@import|url\(", style.text)


def test_only_the_script_of_the_page_may_run(page: Element) -> None:
    (script,) = page.all("script")
    (told,) = [m.get("content") for m in page.all("meta")
               if m.get("http-equiv") == "Content-Security-Policy"]  # fmt: skip
    own = "".join(map(str, script.inside))
    digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
    assert told.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{digest}'" in told
    assert not re.search(r"fetch|XMLHttpRequest|import\(|eval|innerHTML|document\.write", own)


def test_what_can_be_picked_has_a_label_and_rows_and_is_not_shown_without_the_script(
    report: Element,
) -> None:
    pickers = {one.get("data-pick"): one for one in report.all() if one.get("data-pick")}
    assert set(pickers) == {"borough", "scale"}
    for name, picker in pickers.items():
        assert "hidden" in picker.attributes
        (choice,), (label,) = picker.all("select"), picker.all("label")
        assert label.get("for") == choice.get("id")
        assert [one.get("role") for one in picker.all("p") if "role" in one.attributes] == [
            "status"
        ]
        values = [one.get("value") for one in picker.all("option")]
        rows = {one.get(f"data-{name}") for one in report.all("tr")} - {"", "Total"}
        assert set(values) - {""} <= rows
        assert values[0] == ""
    assert {one.get("data-borough") for one in report.all("g")} > {"Lambeth", "Hackney"}


def test_everything_but_the_choices_can_be_read_without_the_script(report: Element) -> None:
    hidden = [one for one in report.all() if "hidden" in one.attributes]
    assert {one.get("class") for one in hidden} == {"picker"}


def colours(scheme: str) -> dict[str, str]:
    """The colours of a scheme as the style says them."""
    light, rest = STYLE.split("@media (prefers-color-scheme: dark)", 1)
    text = {"light": light, "dark": rest.split("@media", 1)[0]}[scheme]
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", text))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (WCAG 2.2)."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_marks_stand_out_from_what_is_behind_them(scheme: str) -> None:
    named = colours(scheme)
    for behind in ("--paper", "--soft"):
        for words in ("--ink", "--quiet", "--link", "--caution"):
            assert contrast(named[words], named[behind]) >= 4.5, (words, behind)
        assert contrast(named["--focus"], named[behind]) >= 3
        assert contrast(named["--edge"], named[behind]) >= 3
    for mark in ("--series-1", "--chosen"):
        assert contrast(named[mark], named["--paper"]) >= 2.99, mark


def test_colours_of_charts_are_those_of_the_government_analysis_function() -> None:
    palette = {"#12436d", "#28a197", "#801650", "#f46a25", "#3d3d3d", "#a285d1"}
    assert {change.MARK, *reliable.COLOURS} <= palette
    assert {colours("light")["--series-1"], colours("light")["--chosen"]} <= palette


def test_no_chart_of_the_page_keeps_a_colour_that_does_not_follow_the_page(report: Element) -> None:
    for picture in report.all("svg"):
        for one in picture.all():
            assert "#" not in one.get("fill").replace("url(#", "")
            assert "#" not in one.get("stroke")


def test_the_style_knows_dark_and_forced_colours_less_motion_and_paper() -> None:
    for feature in (
        "prefers-color-scheme: dark",
        "forced-colors: active",
        "prefers-reduced-motion",
        "@media print",
        ":focus-visible",
    ):
        assert feature in STYLE
    assert "outline: none" not in STYLE.replace("main:focus { outline: none; }", "")


def test_the_style_and_the_script_are_in_the_package() -> None:
    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    packaged = next(
        line for line in project.read_text().splitlines() if line.startswith('"*" = ["*.sql"')
    )
    for path in TEMPLATES.iterdir():
        assert f'"*{path.suffix}"' in packaged
