"""The commands of conclusion, stages and exceptions, and what they must never let in or out."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from safer_streets_assets.cli import app
from safer_streets_assets.console.confirming import NotConfirmedError
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets_tests.builders import ATTENDEE as SURVEY
from safer_streets_assets_tests.builders import data_folder, shipped_policy
from safer_streets_assets_tests.console.typed import after
from safer_streets_assets_tests.privacy.traces import canary_crn, traces, word
from safer_streets_assets_tests.retention.builders import folder_at, land, take_everything_in

ROLE = "Head of Evidence and Insight"
TODAY = date.today()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAFER_STREETS_DATA", str(tmp_path / "data"))
    data_folder(tmp_path / "data")
    (tmp_path / "data" / "landing" / "mtc_novo").mkdir()
    return tmp_path / "data"


def said(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    if result.exception is not None:
        raise result.exception
    return result.output


@pytest.mark.thorough
def test_a_conclusion_lists_what_is_held_and_a_decision_erases_after_its_notice(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data / "landing" / "mtc_novo" / "waiting.xlsx").write_bytes(b"x")
    assert "landing/waiting" in said("conclusion", "record", "--date", f"{TODAY}", "--by", ROLE)
    why = ("--why", "nobody needs it", "--by", ROLE)
    keep = TODAY + timedelta(days=20)
    assert "kept until" in said(
        "conclusion", "decide", "landing/waiting", "keep-until", f"{keep}", *why, "--yes"
    )
    assert "due within 30 days" in said("retention")
    assert "To stop it" in said("conclusion", "decide", "landing/waiting", "erase", *why, "--yes")
    assert "Nothing is due" in said("retention", "--enforce", "--yes")
    after(monkeypatch, days=7)
    assert "Erased and certified" in said("retention", "--enforce", "--yes")
    assert not (data / "landing" / "mtc_novo" / "waiting.xlsx").exists()


def test_an_exception_is_added_listed_and_ended(data: Path) -> None:
    (data / "landing" / "mtc_novo" / "waiting.xlsx").write_bytes(b"x")
    review = TODAY + timedelta(days=60)
    added = said(
        *("exceptions", "add", "landing/waiting", "--why", "an open question", "--by", ROLE),
        *("--least-data", "one file", "--whereabouts", "landing", "--review", f"{review}"),
    )
    found = added.split()[1].rstrip(":")
    assert "held by exception" in said("retention")
    assert found in said("exceptions", "list")
    assert "held, not triggered" in said("exceptions", "end", found, "--by", ROLE)
    with pytest.raises(SaferStreetsError):
        said("exceptions", "end", found, "--by", ROLE)


@pytest.mark.thorough
def test_names_and_crns_given_to_the_commands_are_written_nowhere(
    data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (data / "landing" / "mtc_novo" / "waiting.xlsx").write_bytes(b"x")
    day = f"{TODAY}"
    review = ("--review", f"{TODAY + timedelta(days=60)}")
    rest = ("--least-data", "one file", "--whereabouts", "landing", *review)
    refused = [
        ("conclusion", "record", "--date", day, "--by", word("role")),
        ("stage", "stop", "impact", "--date", day, "--by", word("role")),
        ("stage", "stop", word("gate"), "--date", day, "--by", ROLE),
        ("exceptions", "add", word("holding"), "--why", "x", "--by", ROLE, *rest),
        ("exceptions", "add", "landing/waiting", "--why", "x", "--by", word("role"), *rest),
        (
            *("exceptions", "add", "landing/waiting", "--why", f"for {canary_crn(1)}"),
            *("--by", ROLE, *rest),
        ),
        ("conclusion", "decide", "landing/waiting", word("decision"), "--by", ROLE),
    ]
    for words in refused:
        with pytest.raises(SaferStreetsError) as error:
            said(*words)
        assert word("") not in str(error.value)
        assert canary_crn(1) not in str(error.value)
    assert traces(data) == {}
    assert word("") not in "".join(capfd.readouterr())


@pytest.mark.thorough
def test_a_stage_given_up_says_what_goes_asks_waits_and_is_taken_back(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_at(data)
    land(folder, SURVEY, "unreadable.csv", b"PK\x03\x04")
    take_everything_in(folder, shipped_policy())
    stop = ("stage", "stop", "impact", "--date", f"{TODAY}", "--by", ROLE)
    week = f"{TODAY + timedelta(days=7)}"
    assert "Nothing was changed" in said(*stop, "--dry-run")
    with pytest.raises(NotConfirmedError):
        said(*stop)
    assert week not in said("retention")
    shown = said(*stop, "--yes")
    assert "quarantined drop" in shown
    assert f"this will be erased on {week}: " in shown
    after(monkeypatch, days=6)
    assert "Nothing is due" in said("retention", "--enforce", "--yes")
    said("stage", "withdraw", "impact", "--why", "another gate was meant", "--by", ROLE)
    after(monkeypatch, days=20)
    assert "Nothing is due" in said("retention", "--enforce", "--yes")
    said(*stop, "--yes")
    after(monkeypatch, days=27)
    assert "Erased and certified" in said("retention", "--enforce", "--yes")
