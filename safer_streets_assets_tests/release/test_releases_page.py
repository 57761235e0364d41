"""published/index.html: every release, newest first, with what changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import content, publish
from safer_streets_assets_tests.release.pages import Element, read_page
from safer_streets_assets_tests.release.written_once import written_once

__all__ = ["written_once"]
pytestmark = pytest.mark.usefixtures("written_once")


def funnel(*counts: int | None, **changes: object) -> object:
    return content({"funnel": builders.funnel(*counts)}, notes={}, **changes)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """Two releases."""
    made = builders.data_folder(tmp_path)
    publish(made, funnel())
    publish(made, funnel(120, 100, 70, 50, 40, 30, None))
    return made


def listed(folder: DataFolder) -> list[Element]:
    page = read_page((folder.published / "index.html").read_bytes())
    return list(page.all("section"))


def test_each_release_is_listed_newest_first_with_its_own_changes(folder: DataFolder) -> None:
    newest, first = listed(folder)
    names = sorted(path.name for path in folder.releases.iterdir())
    assert [first.get("id"), newest.get("id")] == names
    assert "Midpoint rose from 20 to 30." in newest.text
    assert "Midpoint: 20." in first.text
    assert "(newest)" in newest.text
    assert "(newest)" not in first.text


def test_what_is_linked_is_there(folder: DataFolder) -> None:
    page = read_page((folder.published / "index.html").read_bytes())
    links = [a.get("href") for a in page.all("a") if not a.get("href").startswith("#")]
    assert len(links) > 10
    called = {a.text.partition(" of release")[0] for a in page.all("a")}
    assert {"Report (web page)", "Briefing (Word)", "Data (DuckDB)", "Checksums"} <= called
    assert all((folder.published / link).is_file() for link in links)
    for section in page.all("section"):
        assert f"releases/{section.get('id')}/report.html" in links


def test_others_can_read_the_page(folder: DataFolder) -> None:
    assert (folder.published / "index.html").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("harm", ["missing", "changed"])
def test_a_harmed_page_is_put_right_without_a_new_release(folder: DataFolder, harm: str) -> None:
    place = folder.published / "index.html"
    before = place.read_bytes()
    if harm == "missing":
        place.unlink()
    else:
        place.write_text("<p>Midpoint rose from 1 to 2.</p>")
    assert not publish(folder, funnel(120, 100, 70, 50, 40, 30, None)).changed
    assert place.read_bytes() == before


def test_a_page_that_is_right_is_not_written_again(folder: DataFolder) -> None:
    place = folder.published / "index.html"
    before = place.stat()
    publish(folder, funnel(120, 100, 70, 50, 40, 30, None))
    assert (place.stat().st_ino, place.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_change_log_that_somebody_changed_is_not_repeated(folder: DataFolder) -> None:
    first = min(folder.releases.iterdir())
    (first / "CHANGELOG.md").write_text("# x\n\n## Headline\n\n- Zephyrquill completed.\n")
    publish(folder, funnel(130, 100, 70, 50, 40, 30, None))
    page = (folder.published / "index.html").read_text()
    assert "Zephyrquill" not in page
    assert "is not the one that it was made with" in listed(folder)[-1].text


def test_a_release_without_a_report_or_without_its_folder_ends_no_run(folder: DataFolder) -> None:
    first, second = sorted(folder.releases.iterdir())
    (first / "report.html").unlink()
    shutil.rmtree(second)
    publish(folder, funnel(130, 100, 70, 50, 40, 30, None))
    names = [one.get("id") for one in listed(folder)]
    assert second.name not in names
    assert names[-1] == first.name
    assert "report.html" not in listed(folder)[-1].text


def test_a_release_of_invented_drops_makes_the_page_say_so(tmp_path: Path) -> None:
    made = builders.data_folder(tmp_path)
    publish(made, funnel(invented=True))
    page = read_page((made.published / "index.html").read_bytes())
    (header,) = page.all("header")
    assert "Invented data" in header.text
