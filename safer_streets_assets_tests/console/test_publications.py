"""`safer-streets publication` as it is typed, on real registers and stores: no slip erases."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from safer_streets_assets.console import confirming
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import checks, due, enforce, publications, read_register
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets_tests.console import typed
from safer_streets_assets_tests.console.typed import refused, run
from safer_streets_assets_tests.privacy.traces import canary_crn, traces, word
from safer_streets_assets_tests.retention.builders import (
    NAME,
    files_of,
    folder_at,
    land,
    planted_in,
    restricted_rows,
)
from safer_streets_assets_tests.retention.killing import moments, run_until

TODAY = date.today()
LAST_YEAR = TODAY - timedelta(days=400)
ADD = ("publication", "add", "--title", "Final report", "--date")
CONFIRMED = (*ADD, f"{LAST_YEAR}", "--confirm", f"{LAST_YEAR}")
ROLE = "Head of Evidence and Insight"


@pytest.fixture
def small(tmp_path: Path) -> DataFolder:
    """A data folder in which nothing but a file waits: it opens no store."""
    folder = folder_at(tmp_path / "small")
    folder.prepare()
    land(folder, "mtc_novo", "waiting.xlsx", b"x")
    return folder


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes the commands take it to be some days later."""

    return lambda days: typed.after(monkeypatch, days)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A terminal on which the listed answers are typed, one for each question."""
    answers: list[str] = []
    monkeypatch.setattr(confirming, "sys", _Terminal())
    monkeypatch.setattr(confirming.typer, "prompt", lambda *_, **__: answers.pop(0))
    yield answers
    assert answers == []


class _Terminal:
    class stdin:
        @staticmethod
        def isatty() -> bool:
            return True


def said(folder: DataFolder, *arguments: str) -> str:
    """What a command says that ends well, however its lines are broken."""
    return " ".join(typed.said(folder, *arguments).split())


def states(folder: DataFolder) -> list[str]:
    """How each publication stands, as the list says."""
    listed = said(folder, "publication", "list").split("Of several")[0]
    return re.findall(r"withdrawn|another counts|counts from|counts", listed)


def ids(folder: DataFolder) -> list[str]:
    with open_stores(folder, read=["registers"]) as connection:
        return [one.publication_id for one in publications(connection)]


@pytest.mark.thorough
def test_a_mistyped_year_erases_nothing_for_the_notice_of_the_policy_and_is_taken_back(
    folder: DataFolder, policy: Policy, later: Callable[[int], None]
) -> None:
    rows = restricted_rows(folder)
    assert "--confirm" in refused(folder, *ADD, f"{LAST_YEAR}")
    assert f"{TODAY + timedelta(days=7)}" in said(folder, *ADD, f"{LAST_YEAR}", "--dry-run")
    assert states(folder) == []
    shown = said(folder, *CONFIRMED)
    assert "Would be erased within 30 days" in shown
    assert f"To stop it: safer-streets publication withdraw {ids(folder)[0]} --why WHY" in shown
    for days in (0, 6):
        later(days)
        assert "Nothing is due" in said(folder, "retention", "--enforce", "--yes")
    assert restricted_rows(folder) == rows
    said(folder, "publication", "withdraw", ids(folder)[0], "--why", "the year was mistyped")
    assert states(folder) == ["withdrawn"]
    later(20)
    assert "Nothing is due" in said(folder, "retention", "--enforce", "--yes")
    assert restricted_rows(folder) == rows


@pytest.mark.thorough
def test_after_the_notice_it_is_erased_for_good_and_cannot_be_taken_back(
    folder: DataFolder, later: Callable[[int], None]
) -> None:
    said(folder, *CONFIRMED)
    later(7)
    before = files_of(folder)
    assert "--yes" in refused(folder, "retention", "--enforce")
    assert files_of(folder).keys() == before.keys()
    assert "Erased and certified" in said(folder, "retention", "--enforce", "--yes")
    assert planted_in(folder) == []
    assert "Erasure has begun" in refused(
        folder, "publication", "withdraw", ids(folder)[0], "--why", "late"
    )
    assert states(folder) == ["counts"]


@pytest.mark.thorough
def test_the_schedule_waits_as_the_command_does_and_a_check_warns_on_each_day(
    folder: DataFolder, policy: Policy, later: Callable[[int], None]
) -> None:
    (check,) = (c for c in checks.build_checks(policy) if "no_erasure_waits" in f"{c.check_keys}")
    stores = StoresResource(data_folder=str(folder.root))
    assert check(stores).passed
    said(folder, *CONFIRMED)
    for days in (0, 3, 6):
        later(days)
        assert enforce(folder, policy, due.today_of(policy), due.now_utc()) == []
        found = check(stores)
        assert not found.passed
        assert found.severity.value == "WARN"
        assert f"safer-streets publication withdraw {ids(folder)[0]}" in found.description
    said(folder, "publication", "withdraw", ids(folder)[0], "--why", "a slip")
    assert check(stores).passed


@pytest.mark.parametrize("days", [-1, 1, 400])
@pytest.mark.thorough
def test_a_date_that_is_not_today_is_asked_for_again(small: DataFolder, days: int) -> None:
    day = f"{TODAY + timedelta(days=days)}"
    assert "--confirm" in refused(small, *ADD, day)
    assert "was not" in refused(small, *ADD, day, "--confirm", f"{TODAY}")
    assert states(small) == []
    said(small, *ADD, day, "--confirm", day)
    assert states(small) == (["counts"] if days < 0 else ["counts from"])


def test_on_a_terminal_the_date_is_typed_again(small: DataFolder, terminal: list[str]) -> None:
    terminal.append(f"{TODAY}")
    assert "was not" in refused(small, *ADD, f"{LAST_YEAR}")
    terminal.append(f"{LAST_YEAR}")
    said(small, *ADD, f"{LAST_YEAR}")
    assert states(small) == ["counts"]


@pytest.mark.thorough
def test_the_command_says_what_a_second_publication_moves(small: DataFolder) -> None:
    before = TODAY - timedelta(days=100)
    said(small, *ADD, f"{before}", "--confirm", f"{before}")
    shown = said(small, *ADD, f"{TODAY}")
    assert "2 publications stand, of which the latest that has come counts" in shown
    assert "Erasure moves on by 100 days" in shown
    assert states(small) == ["another counts", "counts"]
    earlier = TODAY - timedelta(days=200)
    shown = said(small, *ADD, f"{earlier}", "--confirm", f"{earlier}")
    assert "moves" not in shown
    assert "comes forward" not in shown


@pytest.mark.thorough
def test_taking_one_back_that_held_erasure_up_asks_and_waits_too(small: DataFolder) -> None:
    said(small, *CONFIRMED)
    said(small, *ADD, f"{TODAY}")
    second = ids(small)[1]
    withdraw = ("publication", "withdraw", second, "--why", "not published after all")
    assert "--yes" in refused(small, *withdraw)
    assert f"{TODAY + timedelta(days=7)}" in said(small, *withdraw, "--yes")
    assert states(small) == ["counts", "withdrawn"]
    assert "Nothing is due" in said(small, "retention", "--enforce", "--yes")


@pytest.mark.thorough
def test_names_and_numbers_of_people_come_into_no_register_and_no_message(
    folder: DataFolder, capfd: pytest.CaptureFixture[str]
) -> None:
    said(folder, *CONFIRMED)
    (own,) = ids(folder)
    attempts = [
        ("publication", "add", "--title", NAME, "--date", f"{TODAY}"),
        ("publication", "add", "--title", f"On {canary_crn(1)}", "--date", f"{TODAY}"),
        ("publication", "add", "--title", "x", "--date", word("date")),
        ("publication", "withdraw", own, "--why", f"as {canary_crn(1)} asked"),
        ("publication", "withdraw", own, "--why", f"{NAME} asked"),
        ("publication", "withdraw", word("id"), "--why", "x"),
        ("conclusion", "withdraw", word("holding"), "--why", "x", "--by", ROLE),
        ("stage", "withdraw", word("gate"), "--why", "x", "--by", ROLE),
        (*ADD, f"{LAST_YEAR}", "--confirm", word("confirm")),
    ]
    shown = "".join(refused(folder, *attempt) for attempt in attempts)
    assert not [text for text in (NAME, canary_crn(1), word("")) if text in shown]
    assert traces(folder.registers) == {}
    with open_stores(folder, read=["registers"]) as connection:
        assert connection.execute("SELECT count(*) FROM registers.withdrawals").fetchone() == (0,)
    assert word("") not in "".join(capfd.readouterr())


@pytest.mark.thorough
def test_a_record_that_is_killed_is_there_whole_or_not_at_all(
    small: DataFolder, tmp_path: Path
) -> None:
    said(small, *CONFIRMED)
    (own,) = ids(small)
    withdrawal = ("publication", "withdraw", own, "--why", "a slip")
    for step, whole in (
        ((*ADD, f"{TODAY}"), ["another counts", "counts"]),
        (withdrawal, ["withdrawn"]),
    ):
        for change in moments(3):
            copy = folder_at(tmp_path / f"{step[1]}{change}" / "data")
            shutil.copytree(small.root, copy.root)
            if run_until(lambda f=copy, own=step: said(f, *own), change):  # type: ignore[misc]
                break
            assert states(copy) in (["counts"], whole)
            if states(copy) != whole:
                said(copy, *step)
            assert states(copy) == whole
        assert change > 1


@pytest.mark.thorough
def test_a_brake_works_though_a_store_does_not_open(folder: DataFolder) -> None:
    said(folder, *CONFIRMED)
    (folder.keys / "restricted.key").write_text("0" * 64)
    said(folder, "publication", "withdraw", ids(folder)[0], "--why", "a slip")
    assert states(folder) == ["withdrawn"]


def test_what_brings_an_erasure_on_is_not_recorded_when_names_held_cannot_be_read(
    folder: DataFolder,
) -> None:
    (folder.keys / "restricted.key").write_text("0" * 64)
    refused = run(folder, *CONFIRMED)
    assert refused.exit_code == 1
    assert "The restricted store does not open" in str(refused.exception)
    assert states(folder) == []


@pytest.mark.thorough
def test_a_data_folder_of_an_earlier_version_goes_on_working(
    folder: DataFolder, policy: Policy
) -> None:
    with open_stores(folder, write=["registers"]) as connection:
        connection.execute("DROP TABLE registers.withdrawals")
        connection.execute(
            "INSERT INTO registers.publications VALUES ('0123456789abcdef', 'Report', ?, ?)",
            [LAST_YEAR, now_utc()],
        )
        connection.execute(
            "INSERT INTO registers.stopped_stages VALUES ('impact', ?, ?, ?)",
            [LAST_YEAR, ROLE, now_utc()],
        )
    due = {line.clock.due_on for line in read_register(folder, policy, TODAY) if line.is_held}
    assert TODAY + timedelta(days=7) in due
    assert enforce(folder, policy, TODAY, now_utc()) == []
    said(folder, "stage", "withdraw", "impact", "--why", "a slip", "--by", ROLE)
    said(folder, "stage", "stop", "impact", "--date", f"{TODAY}", "--by", ROLE, "--yes")
    said(folder, "publication", "withdraw", "01234567", "--why", "a slip")
    assert states(folder) == ["withdrawn"]


def test_recording_a_publication_again_says_that_it_is_recorded_already(
    folder: DataFolder,
) -> None:
    first, again = said(folder, *ADD, f"{TODAY}"), said(folder, *ADD, f"{TODAY}")
    assert f"Recorded the publication of {TODAY}." in first
    assert f"The publication of {TODAY} is recorded already" in again
    assert "Recorded the publication" not in again


def test_the_end_of_the_input_at_a_question_says_that_nothing_was_done_and_how_to_answer(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirming, "sys", _Terminal())
    ended = run(folder, *ADD, f"{LAST_YEAR}")
    assert str(ended.exception) == confirming.NOT_ANSWERED
    assert "--yes, or --confirm" in confirming.NOT_ANSWERED
    assert "Aborted" not in ended.output
    assert "No publication is on record" in said(folder, "publication", "list")
