"""The briefing and the slides as everybody reads them: structure, words, language, size."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from itertools import pairwise, takewhile
from pathlib import Path

import pandas as pd
import pytest

from safer_streets_assets.release.briefing.contents import NOTHING
from safer_streets_assets.release.briefing.looks import INK, QUIET
from safer_streets_assets.release.charts.png import size_of
from safer_streets_assets.release.report.findings import NOT_AN_IMPACT
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.briefing.made import files_of
from safer_streets_assets_tests.release.briefing.opened import (
    Opener,
    SeenDocument,
    SeenSlides,
    SeenText,
    open_docx,
    open_odt,
    open_slides,
    parts,
)
from safer_streets_assets_tests.release.builders import content, publish
from safer_streets_assets_tests.release.report_tables import change, frames, tables_of

DOCUMENTS: dict[str, Opener] = {"briefing.docx": open_docx, "briefing.odt": open_odt}
INVENTED = "Invented data"


def everything_hidden() -> dict[str, pd.DataFrame]:
    return {"funnel": builders.funnel(*[None] * 7), "stage_gates": builders.stage_gates()}


KINDS: dict[str, Callable[[], dict[str, pd.DataFrame]]] = {
    "all tables": frames,
    "a closed gate": builders.tables,
    "the funnel only": lambda: {"funnel": builders.funnel()},
    "nothing printed": everything_hidden,
}


@pytest.fixture(scope="module", params=KINDS)
def files(request: pytest.FixtureRequest) -> dict[str, bytes]:
    """The files of releases that print much and little."""
    return files_of(tables_of(KINDS[request.param]()))


@pytest.fixture(scope="module")
def full() -> dict[str, bytes]:
    return files_of(tables_of(frames()), invented=True)


@pytest.fixture(params=DOCUMENTS)
def document(request: pytest.FixtureRequest, files: dict[str, bytes]) -> SeenDocument:
    """Each briefing."""
    return DOCUMENTS[request.param](files[request.param])


@pytest.fixture
def slides(files: dict[str, bytes]) -> SeenSlides:
    return open_slides(files["slides.pptx"])


def test_a_document_has_a_title_and_one_language(document: SeenDocument) -> None:
    assert document.title == document.texts[0].words
    assert document.language == "en-GB"
    assert document.languages == {"en-GB"}


def test_its_headings_leave_out_no_level_and_begin_with_its_title(document: SeenDocument) -> None:
    levels = [text.level for text in document.texts if text.level]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    headings = [text.words for text in document.texts if text.level]
    assert "What was found" in headings
    assert "How to read these figures" in headings
    assert document.texts[0].level == 1


def test_each_picture_has_an_alternative_text_and_stands_below_a_heading(
    document: SeenDocument,
) -> None:
    for before, one in pairwise(document.items):
        if one in document.pictures:
            assert isinstance(before, SeenText)
            assert before.level == 2
            assert before.words in one.alt


def test_each_table_has_a_title_one_heading_row_and_no_empty_cell(document: SeenDocument) -> None:
    for table in document.tables:
        assert table.title
        (headings,) = table.headings
        assert all(headings)
        assert {len(row) for row in table.rows} == {len(headings)}
        assert all(cell for row in table.rows for cell in row)


def test_findings_and_caveats_are_points_of_a_list(document: SeenDocument) -> None:
    points = [text.words for text in document.texts if text.point]
    assert NOT_AN_IMPACT in points
    assert len(points) > 6
    assert all(words.endswith(".") for words in points)


def test_no_heading_stands_twice_and_words_are_explained_on_the_first_page(
    document: SeenDocument,
) -> None:
    headings = [text.words for text in document.texts if text.level]
    assert len(headings) == len(set(headings))
    first = list(takewhile(lambda text: not text.new_page, document.texts))
    assert any(text.words.startswith("Words used here.") for text in first)


def test_it_is_two_pages_of_a4_with_everything_within_the_margins(document: SeenDocument) -> None:
    assert document.paper == pytest.approx((21.0, 29.7), abs=0.05)
    assert [text.new_page for text in document.texts].count(True) == 1
    first, second = [], []
    page = first
    for item in document.items:
        if isinstance(item, SeenText) and item.new_page:
            page = second
        page.append(item)
    for own in (first, second):
        assert height(own) < 29.7 - 2 * 1.9
    assert all(picture.width <= 21 - 2 * 1.9 + 0.01 for picture in document.pictures)


def height(items: list[object]) -> float:
    """How high things are on a page, in centimetres, rather more than less."""
    found = 0.0
    for one in items:
        if isinstance(one, SeenText):
            line = {0: 0.46, 1: 0.9, 2: 0.55}[one.level]
            found += line * (1 + len(one.words) // 88) + (0.45 if one.level else 0.13)
        elif hasattr(one, "alt"):
            found += one.height + 0.1
        else:
            found += 0.62 * (len(one.rows) + 2)
    return found


def test_it_has_three_pictures_where_three_are_printed(full: dict[str, bytes]) -> None:
    for name, read in DOCUMENTS.items():
        seen = read(full[name])
        assert len(seen.pictures) == 3
        assert len(seen.tables) == 1
        assert any("which is better" in text.words for text in seen.texts)


def test_the_words_of_a_picture_are_large_enough_on_paper(full: dict[str, bytes]) -> None:
    """They are of 12 pixels and more in a picture 640 wide, which has twice the pixels."""
    archive = parts(full["briefing.odt"])
    drawn = [archive[name] for name in archive if name.endswith(".png")]
    for png, seen in zip(drawn, open_odt(full["briefing.odt"]).pictures, strict=True):
        points = 12 * seen.width / (size_of(png)[0] / 2) * 72 / 2.54
        assert points >= 7


def test_a_picture_whose_words_would_be_too_small_is_left_to_the_report() -> None:
    given = {
        name: frames()[name] for name in ("funnel", "funnel_by_month", "attendance_by_session")
    }
    made = files_of(tables_of(given))
    assert len(open_docx(made["briefing.docx"]).pictures) == 1
    assert any("nothing else" in w for w in open_slides(made["slides.pptx"]).slides[3][1].words)


def test_both_documents_say_the_same(files: dict[str, bytes]) -> None:
    docx, odt = (read(files[name]) for name, read in DOCUMENTS.items())
    assert list(docx.words()) == list(odt.words())
    assert [text.level for text in docx.texts] == [text.level for text in odt.texts]


def test_there_are_five_slides_each_with_a_title_of_its_own_that_is_read_first(
    slides: SeenSlides,
) -> None:
    assert len(slides.slides) == 5
    titles = [" ".join(slide[0].words) for slide in slides.slides]
    assert {slide[0].kind for slide in slides.slides} == {"title"}
    assert all(titles)
    assert len(set(titles)) == 5
    assert slides.title == titles[0]


def test_no_place_of_a_slide_is_empty_and_each_picture_has_an_alternative_text(
    slides: SeenSlides,
) -> None:
    for slide in slides.slides:
        for shape in slide:
            assert shape.alt if shape.kind == "picture" else shape.words
            if shape.kind == "picture":
                assert slide[0].words[0] in shape.alt


def test_shapes_of_a_slide_are_read_from_top_to_bottom_lie_apart_and_within_it(
    slides: SeenSlides,
) -> None:
    width, height_of_slide = slides.size
    assert width / height_of_slide == pytest.approx(16 / 9, abs=0.01)
    for slide in slides.slides:
        for shape in slide:
            left, top, right, bottom = shape.box
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height_of_slide
        for before, after in pairwise(slide):
            assert before.box[3] <= after.box[1] + 0.001


def test_words_of_slides_are_large_and_in_a_named_language(slides: SeenSlides) -> None:
    assert slides.languages == {"en-GB"}
    assert slides.language == "en-GB"
    assert slides.unnamed == []
    sizes = [size for slide in slides.slides for shape in slide for size in shape.sizes]
    assert min(sizes) >= 14


def test_the_slides_are_the_headline_three_pictures_and_the_caveats(full: dict[str, bytes]) -> None:
    first, *others, last = open_slides(full["slides.pptx"]).slides
    assert any("which is better" in words for words in first[1].words)
    assert [[shape.kind for shape in slide] for slide in others] == [
        ["title", "picture", "text"]
    ] * 3
    assert NOT_AN_IMPACT in last[1].words


def test_a_release_without_change_says_why_in_each_file() -> None:
    sentence = "Not made, because its stage has not gathered enough: there are 60 and 100 needed."
    given = {**frames(), "attitude_change": frames()["attitude_change"].iloc[:0]}
    made = files_of(tables_of(given, attitude_change=sentence))
    for name, read in {**DOCUMENTS, "slides.pptx": open_slides}.items():
        assert any(sentence in words for words in read(made[name]).words()), name


def test_nothing_is_said_of_a_hidden_figure() -> None:
    given = {**frames(), "attitude_change": change({"OFF": None, "KNF": None})}
    given["funnel"] = builders.funnel(120, None, 70, None, 40, 20, None)
    made = files_of(tables_of(given))
    for name, read in DOCUMENTS.items():
        seen = read(made[name])
        points = [text.words for text in seen.texts if text.point]
        assert not any("start to end" in words for words in points)
        assert "120 people reached the stage “sentenced”; of them 70" in points[0]
        for stage in ("eligible", "assigned", "completed"):
            assert f"“{stage}”" not in points[0]


def test_where_nothing_is_printed_the_briefing_says_so() -> None:
    made = files_of(tables_of(everything_hidden()))
    for name, read in {**DOCUMENTS, "slides.pptx": open_slides}.items():
        assert NOTHING in list(read(made[name]).words()), name


def test_a_release_of_invented_drops_says_so_in_every_file_and_on_every_slide(
    full: dict[str, bytes],
) -> None:
    for name, read in DOCUMENTS.items():
        words = [text.words for text in read(full[name]).texts]
        assert any(words.startswith(INVENTED) for words in words), name
    for slide in open_slides(full["slides.pptx"]).slides:
        assert any(words.startswith(INVENTED) for words in slide[-1].words)


def test_the_same_tables_make_the_same_bytes_whenever_they_are_made(
    full: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    again = files_of(tables_of(frames()), invented=True)
    assert list(again) == list(full)
    assert [name for name in full if again[name] != full[name]] == []


def test_no_member_of_a_file_tells_when_or_where_it_was_made(
    full: dict[str, bytes], tmp_path: Path
) -> None:
    for name in (*DOCUMENTS, "slides.pptx"):
        (tmp_path / name).write_bytes(full[name])
        with zipfile.ZipFile(tmp_path / name) as archive:
            assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert {member.create_system for member in archive.infolist()} == {0}
            assert archive.testzip() is None
        for member, content_of_member in parts(full[name]).items():
            assert "thumbnail" not in member.lower()
            assert "printersettings" not in member.lower()
            assert not re.search(rb"generated by|Steve Canny|python-docx", content_of_member)
        own = b"".join(text for member, text in parts(full[name]).items() if "word" not in member)
        years = set(re.findall(rb"(20\d\d)-\d\d-\d\dT", own))
        assert years <= {b"2020"}


def contrast_with_white(colour: str) -> float:
    """The contrast of a colour with white (WCAG 2.2)."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in shares]
    light = sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 1.05 / (light + 0.05)


def test_words_stand_out_from_the_paper(full: dict[str, bytes]) -> None:
    for name in (*DOCUMENTS, "slides.pptx"):
        own = b"".join(
            part
            for member, part in parts(full[name]).items()
            if re.search(r"(document|content|slides/slide\d)\.xml$", member)
        ).decode()
        colours = set(re.findall(r'(?:w:color w:val|fo:color|srgbClr val)="#?([0-9A-F]{6})"', own))
        assert colours <= {INK, QUIET}
    assert min(map(contrast_with_white, (INK, QUIET))) >= 4.5


def test_a_release_has_the_files_described_listed_and_in_its_checksums(tmp_path: Path) -> None:
    folder = builders.data_folder(tmp_path)
    path = publish(folder, content(builders.tables(gate_open=True))).path
    names = ["briefing.docx", "briefing.odt", "slides.pptx"]
    sums = (path / "SHA256SUMS").read_text()
    listed = (folder.published / "index.html").read_text()
    package = json.loads((path / "datapackage.json").read_text())
    described = {resource["path"]: resource for resource in package["resources"]}
    for name in names:
        assert f"  {name}\n" in sums
        assert f'href="releases/{path.name}/{name}"' in listed
        assert described[name]["title"]
    assert f'href="releases/{path.name}/charts/funnel.png"' in listed
    linked = re.findall(r'href="(charts/[^"]+)"', (path / "report.html").read_text())
    assert "charts/funnel.svg" in linked
    assert all((path / name).is_file() for name in linked)
    assert described["charts/funnel.png"]["mediatype"] == "image/png"
    assert described["charts/funnel.svg"]["description"]
