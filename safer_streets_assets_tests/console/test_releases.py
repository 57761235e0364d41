"""`safer-streets release` and `share` as they are typed, and what the summary says of approval."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from safer_streets_assets.console import releases
from safer_streets_assets.console.summary import print_summary
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.holdings.strays import find_strays
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.console import typed
from safer_streets_assets_tests.console.typed import refused
from safer_streets_assets_tests.privacy.traces import canary_crn, found_in, traces, word
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.approvals import (
    ALICE,
    BOB,
    TWO,
    acting,
    build,
    reject,
    states,
)
from safer_streets_assets_tests.release.written_once import written_once
from safer_streets_assets_tests.retention.builders import NAME

__all__ = ["written_once"]
pytestmark = pytest.mark.usefixtures("written_once")


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """A folder in which Alice built a release, and Bob is about to decide."""
    monkeypatch.setattr(releases, "load_policy", lambda: TWO)
    acting(monkeypatch, ALICE)
    made = builders.data_folder(tmp_path / "small")
    build(made, 20)
    acting(monkeypatch, BOB)
    return made


def said(folder: DataFolder, *words: str) -> str:
    """What a command says that ends well, however its lines are broken."""
    return " ".join(typed.said(folder, *words).split())


def summary(folder: DataFolder, policy: Policy = TWO) -> list[str]:
    """The lines of the summary about approval."""
    console = Console(file=io.StringIO(), width=300, color_system=None)
    print_summary(console, folder, policy)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return re.findall(r"^(?:Approval: .*|releases to approve .*)$", text, re.MULTILINE)


def test_a_release_is_built_by_one_and_approved_by_another(
    two: DataFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    waits, line = summary(two)
    assert waits.split() == [
        "releases",
        "to",
        "approve",
        "or",
        "reject",
        "1",
        "safer-streets",
        "release",
        "list",
    ]
    assert "waits for somebody who is not user 40001, who built it" in line
    acting(monkeypatch, ALICE)
    assert "cannot approve it" in refused(two, "release", "approve", "r0001")
    acting(monkeypatch, BOB)
    assert "was approved by user 40002" in said(two, "release", "approve", "r0001")
    (line,) = summary(two)
    assert "was approved by user 40002 on" in line
    assert "for MTC Novo are in the folder" in said(two, "share", "mtc_novo", str(tmp_path / "o"))
    assert "were in the folder already" in said(two, "share", "mtc_novo", str(tmp_path / "o"))
    listed = said(two, "release", "list")
    assert "current user 40001 approved by user 40002" in listed
    assert "mtc_novo on" in listed


def test_what_changed_is_said_in_words_before_anybody_decides(two: DataFolder) -> None:
    said(two, "release", "approve", "r0001")
    build(two, 30)
    told = said(two, "release", "diff", "r0001", "r0002")
    assert "(candidate) says otherwise than r0001" in told
    assert "Midpoint rose from 20 to 30." in told
    assert "rejected" in said(two, "release", "reject", "r0002", "--reason", "The funnel is wrong.")
    assert "rejected by user 40002" in said(two, "release", "list")
    assert "a run that says the same makes no other" in summary(two)[-1]


def test_a_release_goes_back_and_what_came_after_is_withdrawn(
    two: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(two, "release", "approve", "r0001")
    acting(monkeypatch, ALICE)
    build(two, 30)
    acting(monkeypatch, BOB)
    said(two, "release", "approve", "r0002")
    back = ("release", "rollback", "r0001", "--reason", "An error in the funnel.")
    assert "there is no terminal to ask on" in typed.refused(two, *back)
    assert states(two)[1] == "current"
    done = said(two, *back, "--yes")
    assert "This withdraws for good: r0002-" in done
    assert "is the current release again" in done
    assert "is the current release already" in said(two, "release", "rollback", "r0001")
    assert states(two) == ["current", "withdrawn"]
    assert "user 40002 made it the current one again" in summary(two)[0]
    assert "An error in the funnel." in said(two, "release", "list")


def test_there_is_nothing_to_list_or_to_share_before_the_first_release(tmp_path: Path) -> None:
    empty = builders.data_folder(tmp_path / "small")
    assert "No release was made yet" in said(empty, "release", "list")
    assert "No release is the current one" in refused(
        empty, "share", "mtc_novo", str(tmp_path / "o")
    )
    assert "no release of that id" in refused(empty, "release", "approve", "r0001")


def test_what_lies_in_the_folders_is_explained_however_releases_stand(two: DataFolder) -> None:
    assert find_strays(two, TWO) == []
    reject(two, "r0001")
    assert find_strays(two, TWO) == []


@pytest.mark.thorough
def test_names_and_numbers_of_people_come_into_no_register_and_no_message(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(releases, "load_policy", lambda: TWO)
    acting(monkeypatch, ALICE)
    build(folder, 20)
    acting(monkeypatch, BOB)
    said(folder, "release", "approve", "r0001")
    build(folder, 30)
    out = tmp_path / word("out")
    attempts = [
        ("release", "reject", "r0002", "--reason", f"{NAME} asked"),
        ("release", "reject", "r0002", "--reason", f"as {canary_crn(1)} asked"),
        ("release", "rollback", "r0001", "--reason", f"{NAME} asked"),
        ("release", "rollback", word("id")),
        ("release", "approve", canary_crn(2)),
        ("release", "diff", "r0001", word("id")),
        ("share", word("recipient"), str(out)),
        ("share", "mtc_novo", str(out), "--release", canary_crn(3)),
        ("share", "mtc_novo", str(folder.published / word("inside"))),
    ]
    shown = "".join(refused(folder, *attempt) for attempt in attempts)
    shown += said(folder, "share", "mtc_novo", str(out))
    assert NAME not in shown
    assert found_in(shown.encode()) == set()
    assert traces(folder.registers, folder.published) == {}
    shutil.move(out, tmp_path / "moved")
    assert traces(tmp_path / "moved") == {}
