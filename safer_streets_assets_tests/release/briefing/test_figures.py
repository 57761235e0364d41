"""An attacker reads the figures back from charts, briefing and slides: they are the tables', and no
other is there."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from safer_streets_assets.release.charts.png import png_bytes, size_of
from safer_streets_assets.release.charts.svg import FONTS
from safer_streets_assets.release.content import ReleaseTable
from safer_streets_assets_tests.privacy.traces import found_in, layers, word
from safer_streets_assets_tests.release.briefing.made import SVG, files_of, words_in
from safer_streets_assets_tests.release.briefing.opened import open_docx, open_odt, open_slides
from safer_streets_assets_tests.release.briefing.png_texts import texts_of
from safer_streets_assets_tests.release.pages import numbers
from safer_streets_assets_tests.release.printed_numbers import (
    UNPRINTED,
    allowed_numbers,
    harmed_at,
    own_numbers,
)
from safer_streets_assets_tests.release.report_tables import frames, reliable, tables_of
from safer_streets_assets_tests.release.written_once import written_once

__all__ = ["written_once"]

BRIEFING = {"briefing.docx", "briefing.odt", "slides.pptx"}
ON_PAPER = BRIEFING - {"slides.pptx"}
TOTALS = {"comparison": "start-end", "group_name": "Total"}


def drawn(name: str) -> set[str]:
    """The files of a chart."""
    return {f"charts/{name}.{form}" for form in ("svg", "png", "html")}


PLACES: list[tuple[str, Mapping[str, str], str, set[str]]] = [
    ("funnel", {"stage": "eligible"}, "n", drawn("funnel") | BRIEFING),
    ("funnel", {"stage": "midpoint"}, "n", drawn("funnel") | BRIEFING),
    ("funnel", {"stage": "eligible"}, "conversion_low", ON_PAPER),
    ("funnel_by_month", {"month": "2019-12", "stage": "assigned"}, "n", drawn("funnel_by_month")),
    ("funnel_by_borough", {"borough": "Hackney", "stage": "started"}, "n", set()),
    ("non_assignment", {"borough": "Total", "reason": "02"}, "n", drawn("non_assignment")),
    ("attendance_by_session", {"session": "2", "delivery": "Total"}, "n_attended", set()),
    ("attendance_by_session", {"session": "2", "delivery": "Total"}, "mean_engagement", set()),
    ("experience", {"question": "X1", "answer": "1"}, "percent", drawn("experience") | BRIEFING),
    ("experience", {"question": "X1", "answer": "1"}, "n", BRIEFING),
    ("training_feedback", {"answer": "2"}, "n", drawn("training_feedback")),
    ("time_to_start", {"borough": "Total"}, "median_days", BRIEFING),
    ("time_to_start", {"borough": "Total"}, "upper_quartile_days", BRIEFING),
    ("attitude_change", {"scale": "OFF"}, "n_paired", drawn("attitude_change") | BRIEFING),
    ("attitude_change", {"scale": "OFF"}, "mean_change", drawn("attitude_change") | BRIEFING),
    ("attitude_change", {"scale": "OFF"}, "ci_high", drawn("attitude_change") | BRIEFING),
    ("reliable_change", {"class": "Total"}, "n", drawn("reliable_change")),
]
"""Table, categories of a row, column, and the files that must show the number there."""


@pytest.fixture(scope="module")
def tables() -> list[ReleaseTable]:
    return tables_of(frames())


@pytest.fixture(scope="module")
def files(tables: list[ReleaseTable]) -> dict[str, bytes]:
    return files_of(tables)


def unprinted(files: Mapping[str, bytes], allowed: set[float]) -> dict[str, set[str]]:
    """File to the texts in it that hold a number which neither tables nor policy say."""
    found: dict[str, set[str]] = {}
    for name, content in files.items():
        told = {words for words in words_in(name, content) if own_numbers(words) - allowed}
        if told:
            found[name] = told
    return found


def test_every_number_of_every_file_is_printed_in_the_tables_or_said_by_policy(
    tables: list[ReleaseTable], files: dict[str, bytes]
) -> None:
    assert unprinted(files, allowed_numbers(tables)) == {}
    assert len(files) > 20
    assert sum(len(list(words_in(name, content))) for name, content in files.items()) > 300


@pytest.mark.usefixtures("written_once")
@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place[0]}-{place[2]}")
def test_one_number_that_the_tables_do_not_print_is_found_in_each_file_that_it_is_put_into(
    place: tuple[str, Mapping[str, str], str, set[str]], tables: list[ReleaseTable]
) -> None:
    name, where, column, expected = place
    given = [harmed_at(t, where, column) if t.name == name else t for t in tables]
    found = unprinted(files_of(given), allowed_numbers(tables))
    told = {file for file, texts in found.items() if f"{UNPRINTED:,}" in " ".join(texts)
            or str(UNPRINTED) in " ".join(texts)}  # fmt: skip
    assert told >= (expected or drawn(name))


def test_a_number_in_the_words_of_a_picture_is_found(tables: list[ReleaseTable]) -> None:
    said = [replace(t, population=f"{t.population}, {UNPRINTED} people") for t in tables]
    found = unprinted(files_of(said), allowed_numbers(tables))
    assert set(found) >= BRIEFING | {"charts/funnel.svg", "charts/attendance_by_session.svg"}


def test_a_canary_in_the_words_of_a_table_is_found_in_every_file_that_says_them(
    tables: list[ReleaseTable],
) -> None:
    said = [replace(t, population=f"{t.population}, {word('needle')}") for t in tables]
    made = files_of(said)
    found = {name: set().union(*map(found_in, layers(content))) for name, content in made.items()}
    forms = {name.rpartition(".")[2] for name, canaries in found.items() if "needle" in canaries}
    assert forms == {"svg", "html", "docx", "odt", "pptx"}
    title = [replace(t, spec=t.spec.model_copy(update={"title": word("title")})) for t in tables]
    png = files_of(title)["charts/funnel_by_month.png"]
    assert "title" in set().union(*map(found_in, layers(png)))


def test_the_table_of_a_document_is_the_printed_table(
    tables: list[ReleaseTable], files: dict[str, bytes]
) -> None:
    (funnel,) = [table for table in tables if table.name == "funnel"]
    for read, name in ((open_docx, "briefing.docx"), (open_odt, "briefing.odt")):
        (seen,) = read(files[name]).tables
        assert len(seen.rows) == len(funnel.rows)
        for cells, row in zip(seen.rows, map(funnel.named, funnel.rows), strict=True):
            count = row["n_marker"] if row["n"] is None else f"{row['n']:,}"
            assert cells[:2] == [row["stage"], count]
            share = [row[f"conversion{end}"] for end in ("", "_low", "_high")]
            if None in share:
                assert cells[2] == row["conversion_marker"]
            else:
                assert sorted(numbers(cells[2])) == sorted({abs(float(end or 0)) for end in share})


def bars(svg: bytes) -> Iterator[tuple[str, float | None, str]]:
    """Label, length and figure of each bar of a picture of them."""
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        texts = [(one.get("class"), one.text or "") for one in group.findall(f"{SVG}text")]
        label = " ".join(text for kind, text in texts if kind == "label")
        figures = [text for kind, text in texts if kind == "value"]
        if label and figures:
            box = group.find(f"{SVG}rect")
            yield label, None if box is None else float(box.get("width", "")), figures[0]


def test_the_bars_of_a_picture_file_are_the_printed_counts(
    tables: list[ReleaseTable], files: dict[str, bytes]
) -> None:
    (funnel,) = [table for table in tables if table.name == "funnel"]
    seen = list(bars(files["charts/funnel.svg"]))
    rows = list(map(funnel.named, funnel.rows))
    assert [label.lower() for label, _, _ in seen] == [str(row["stage"]).lower() for row in rows]
    greatest = max(float(row["n"] or 0) for row in rows)
    longest = max(length or 0 for _, length, _ in seen)
    for (_, length, figure), row in zip(seen, rows, strict=True):
        if row["n"] is None:
            assert (length, figure) == (None, row["n_marker"])
        else:
            assert figure == f"{row['n']:,}"
            assert length == pytest.approx(longest * float(row["n"]) / greatest, abs=0.02)


def test_the_figures_that_an_alternative_text_says_are_the_printed_counts(
    tables: list[ReleaseTable], files: dict[str, bytes]
) -> None:
    (funnel,) = [table for table in tables if table.name == "funnel"]
    expected = {
        str(row["stage"]).lower(): row["n_marker"] if row["n"] is None else f"{row['n']:,}"
        for row in map(funnel.named, funnel.rows)
    }
    alts = [
        open_docx(files["briefing.docx"]).pictures[0].alt,
        open_odt(files["briefing.odt"]).pictures[0].alt,
        open_slides(files["slides.pptx"]).slides[1][1].alt,
    ]
    for alt in alts:
        (said,) = [sentence for sentence in alt.split(". ") if sentence.startswith("Sentenced")]
        pairs = [part.rsplit(" ", 1) for part in said.split("; ")]
        assert {stage.lower(): figure for stage, figure in pairs} == expected


def test_what_a_picture_says_in_words_is_the_same_in_every_file(files: dict[str, bytes]) -> None:
    picture = ET.fromstring(files["charts/funnel.svg"])
    words = picture.findtext(f"{SVG}desc")
    assert texts_of(files["charts/funnel.png"])["Description"] == words
    for read, name in ((open_docx, "briefing.docx"), (open_odt, "briefing.odt")):
        assert read(files[name]).pictures[0].alt == words
    (slide,) = [s for s in open_slides(files["slides.pptx"]).slides if s[1].alt == words]
    assert slide[0].words == [picture.findtext(f"{SVG}title")]


def test_a_png_is_twice_as_large_as_its_svg_and_says_what_it_shows(files: dict[str, bytes]) -> None:
    pictures = [name for name in files if name.endswith(".svg")]
    assert len(pictures) > 7
    for name in pictures:
        root = ET.fromstring(files[name])
        width, height = map(float, root.attrib["viewBox"].split()[2:])
        png = files[name.replace(".svg", ".png")]
        assert size_of(png) == pytest.approx((2 * width, 2 * height), abs=1)
        said = texts_of(png)
        assert said == {
            "Title": root.findtext(f"{SVG}title"),
            "Description": root.findtext(f"{SVG}desc"),
        }


@pytest.mark.parametrize(
    "words", ["n", "\N{MINUS SIGN}", "\N{RIGHTWARDS ARROW}", "\N{LEFT DOUBLE QUOTATION MARK}"]
)
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_each_kind_of_character_is_drawn(words: str, weight: str) -> None:
    """A character without a glyph would be left out, or be the box of all such characters."""

    def drawn(text: str) -> bytes:
        look = f'font-family="{FONTS}" font-size="20" font-weight="{weight}"'
        shown = f'<text x="5" y="30" {look}>{text}</text>'
        return png_bytes(f'<svg xmlns="{SVG[1:-1]}" viewBox="0 0 40 40">{shown}</svg>', "", "")

    assert len({drawn(""), drawn(words), drawn("\N{CUNEIFORM SIGN A}")}) == 3


def test_words_of_a_png_do_not_depend_on_fonts_of_the_machine(
    files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", "/dev/null")
    monkeypatch.setenv("HOME", "/nonexistent")
    again = files_of(tables_of(frames()))
    assert again["charts/funnel.png"] == files["charts/funnel.png"]


@pytest.mark.parametrize("invented", [False, True])
def test_no_line_of_a_picture_file_is_wider_than_the_picture(invented: bool) -> None:
    made = files_of(tables_of(frames(reliable_change=reliable())), invented=invented)
    for name in (name for name in made if name.endswith(".svg")):
        root = ET.fromstring(made[name])
        width = float(root.attrib["viewBox"].split()[2])
        assert ("Invented data" in made[name].decode()) == invented
        for line in root.findall(f"{SVG}text"):
            start = float(line.attrib["x"]) if line.get("text-anchor", "start") == "start" else 0
            assert start + len(line.text or "") * 6.4 < width, (name, line.text)


def test_a_picture_file_has_the_colours_of_the_government_analysis_function(
    files: dict[str, bytes],
) -> None:
    palette = {"#12436d", "#28a197", "#801650", "#f46a25", "#3d3d3d", "#a285d1"}
    greys = {"#1d2733", "#46535f", "#d5dbe1", "#ffffff", "#b1b4b6", "#6b6f72"}
    for name, content in files.items():
        if name.endswith(".svg"):
            assert set(re.findall("#[0-9a-f]{6}", content.decode())) <= palette | greys, name
