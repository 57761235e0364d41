"""What Dagster shows of a release: what is printed there, and not too much of it."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from safer_streets_assets.release import in_dagster
from safer_streets_assets.release.csv_files import read_csv
from safer_streets_assets.release.in_dagster import release_metadata
from safer_streets_assets_tests.release import builders, report_tables
from safer_streets_assets_tests.release.builders import POLICY, content, publish

PICTURE = re.compile(r"!\[([^\]]*)\]\(data:image/svg\+xml;base64,([^)]*)\)")
SIZE = re.compile(r'width="[0-9.]+" height="[0-9.]+" ')


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with an open gate, one of whose stages is hidden."""
    folder = builders.data_folder(tmp_path_factory.mktemp("shown"))
    return publish(folder, content(report_tables.frames(), notes={})).path


def headline(release: Path) -> dict[str, Any]:
    found = release_metadata(POLICY, release)["headline"]
    assert isinstance(found, dg.TableMetadataValue)
    rows = [record.data for record in found.records]
    return {str(row["what"]): row["printed"] for row in rows}


def pictures(release: Path) -> dict[str, str]:
    """Alternative text to SVG."""
    text = str(release_metadata(POLICY, release)["charts"].value)
    return {alt: base64.b64decode(data).decode() for alt, data in PICTURE.findall(text)}


def test_the_headline_is_what_the_release_prints_markers_included(release: Path) -> None:
    shown = headline(release)
    assert shown["Sentenced"] == "120 people"
    assert shown["Completed"] == "[c]"
    first, second, *_ = POLICY.dpia.gates
    assert shown["Gathered for performance monitoring"] == f"60 ({first.needed} needed)"
    assert shown["Gathered for process evaluation"] == f"[c] ({second.needed} needed)"
    assert shown["Views towards offending (OFF), mean change"] == "+0.21 points"
    assert shown["Views towards carrying knives (KNF), mean change"] == "[c]"


def test_the_verdict_counts_tables_and_hidden_counts(tmp_path: Path) -> None:
    path = publish(builders.data_folder(tmp_path), content(builders.tables())).path
    assert release_metadata(POLICY, path)["verdict"].value == (
        "4 of 7 tables proven safe; 3 not made; 13 of 36 counts hidden"
    )


def test_each_picture_has_words_and_shows_printed_figures_only(release: Path) -> None:
    found = pictures(release)
    assert next(iter(found)) == "People at each stage of the programme"
    assert len(found) == 1 + len(list((release / "charts").glob("*.svg")))
    printed = {
        cell
        for path in (release / "csv").glob("*.csv")
        for row in read_csv(path.read_bytes())[1]
        for cell in row
    }
    funnel = found["People at each stage of the programme"]
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", funnel)
    numbers = [text.replace(",", "") for text in texts if text[0].isdigit()]
    assert numbers
    assert set(numbers) <= printed
    assert "[c]" in texts
    assert funnel.count("<rect") == 1 + len(numbers)
    charts = {path.read_text() for path in (release / "charts").glob("*.svg")}
    for name, svg in found.items():
        assert SIZE.search(svg)
        if name != "People at each stage of the programme":
            assert SIZE.sub("", svg, count=1) in charts


def test_a_picture_beyond_the_limit_is_named_and_left_out(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = str(release_metadata(POLICY, release)["charts"].value)
    assert len(whole) < in_dagster.MOST_BYTES_OF_PICTURES + 1000
    monkeypatch.setattr(in_dagster, "MOST_BYTES_OF_A_PICTURE", 10)
    text = str(release_metadata(POLICY, release)["charts"].value)
    assert "data:" not in text
    assert "`charts/attitude_change.svg` is too large to be shown here" in text
    monkeypatch.undo()
    monkeypatch.setattr(in_dagster, "MOST_BYTES_OF_PICTURES", len(whole) // 2)
    assert 0 < len(pictures(release)) < len(PICTURE.findall(whole))


def test_a_release_of_which_nothing_can_be_drawn_says_so(tmp_path: Path) -> None:
    frames = {"non_assignment": builders.non_assignment()}
    path = publish(builders.data_folder(tmp_path), content(frames, notes={})).path
    shown = release_metadata(POLICY, path)
    assert shown["charts"].value == "This release prints nothing that could be drawn."
    assert headline(path) == {}
