"""A quote from texts full of canaries names nobody: on its way, in a release, and when it fails."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from safer_streets_assets.intake.name_decisions import question_key
from safer_streets_assets.policy import load_policy
from safer_streets_assets.quotes.deciding import approve
from safer_streets_assets.quotes.quotable import QuotableText, quotable_texts
from safer_streets_assets.quotes.records import quotes_held
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.who import SystemUser
from safer_streets_assets_tests.e2e.commands import Commands, Finished, Surroundings
from safer_streets_assets_tests.e2e.runs import (
    WholeRun,
    copy_data,
    failures_of,
    instance_of,
    run_steps,
)
from safer_streets_assets_tests.privacy.failing import failing_quotes
from safer_streets_assets_tests.privacy.test_after_runs import WORDS_OF_FREE_TEXT
from safer_streets_assets_tests.privacy.traces import canaries_of, found_in, traces, word

FAILING = "safer_streets_assets_tests.privacy.failing"
PASSAGE = "asked [NAME] after [NAME], [CRN], [E-MAIL] and it went well"
NAMING = f"asked {word('manager')} after Ada {word('person')}"
CONSENT = ("--consent", "asked_in_writing")


@pytest.fixture
def folder(first: WholeRun, tmp_path: Path) -> DataFolder:
    """A copy of the first run's data folder."""
    return copy_data(first.folder, tmp_path / "data")


@pytest.fixture
def instance(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of the copy."""
    with instance_of(folder, monkeypatch) as found:
        yield found


@pytest.fixture
def around(tmp_path: Path) -> Surroundings:
    """Where commands run."""
    return Surroundings(tmp_path / "around")


def quotes(
    commands: Commands,
    around: Surroundings,
    folder: DataFolder,
    *words: str | Path,
    first: str = "",
) -> Finished:
    """A command on quotes, which shows no canary."""
    how = {"first": f"{FAILING}:{first}"} if first else {}
    given = ("quotes", *map(str, words), "--data", str(folder.root))
    done = commands.run(around, *given, **how)
    assert found_in((done.out + done.err).encode()) == set(), words
    assert traces(around.root) == {}
    return done


def text_of_a_comment(
    commands: Commands, around: Surroundings, folder: DataFolder, out: Path
) -> str:
    """The id of a text in which people with canaries are named, and others are masked."""
    assert quotes(commands, around, folder, "texts", "--out", out).code == 0
    assert canaries_of(traces(out)) == WORDS_OF_FREE_TEXT
    with out.open(encoding="utf-8-sig", newline="") as file:
        return next(row["text_id"] for row in csv.DictReader(file) if PASSAGE in row["text"])


def passage(place: Path, words: str) -> Path:
    place.write_text(words, encoding="utf-8")
    return place


def stores_of(folder: DataFolder) -> list[Path]:
    return [folder.dagster, folder.registers, folder.published, folder.research]


@pytest.mark.thorough
def test_a_quote_names_nobody_from_its_proposal_to_its_release(
    folder: DataFolder,
    instance: dg.DagsterInstance,
    commands: Commands,
    around: Surroundings,
    tmp_path: Path,
) -> None:
    text = text_of_a_comment(commands, around, folder, tmp_path / "texts.csv")
    naming = passage(tmp_path / "naming", NAMING)
    refused = quotes(commands, around, folder, "propose", text, *CONSENT, "--passage", naming)
    assert (refused.code, refused.out) == (1, "")
    masked = passage(tmp_path / "masked", PASSAGE)
    done = quotes(commands, around, folder, "propose", text, *CONSENT, "--passage", masked)
    assert done.code == 0
    assert PASSAGE not in done.out
    listed = quotes(commands, around, folder, "list")
    assert "asked" not in listed.out.replace("asked_in_writing", "")
    by_somebody_else(folder)
    result = run_steps(folder, instance, ["published_tables"])
    assert result.success, failures_of(result)
    printed = [path / "quotes.csv" for path in sorted(folder.releases.iterdir())]
    assert [path.is_file() for path in printed] == [False, True]
    assert PASSAGE in printed[1].read_text()
    assert traces(*stores_of(folder)) == {
        place: found
        for place, found in traces(folder.research).items()
        if found <= WORDS_OF_FREE_TEXT
    }


def by_somebody_else(folder: DataFolder) -> None:
    """Approves the only quote as another user of the system."""
    policy = load_policy()
    with open_stores(folder, write=["restricted", "registers"]) as connection:
        key = question_key(connection)
        texts = quotable_texts(connection, policy, key)
        [quote] = quotes_held(connection)
        approve(connection, policy, quote, texts, SystemUser(4_000_000, "ben"), key, now_utc())


@pytest.mark.thorough
def test_a_mishap_while_a_quote_is_judged_names_nobody(
    folder: DataFolder,
    instance: dg.DagsterInstance,
    commands: Commands,
    around: Surroundings,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    text = text_of_a_comment(commands, around, folder, tmp_path / "texts.csv")
    place = passage(tmp_path / "masked", PASSAGE)
    propose = ("propose", text, *CONSENT, "--passage", place)
    failed = quotes(commands, around, folder, *propose, first="failing_quotes")
    assert failed.err.startswith("An unexpected ValueError ended the command")
    assert quotes(commands, around, folder, *propose).code == 0
    by_somebody_else(folder)
    monkeypatch.setattr(QuotableText, "names_in", QuotableText.names_in)
    failing_quotes()
    result = run_steps(folder, instance, ["published_tables"], quiet=False)
    assert "ValueError" in failures_of(result)["published_tables"]
    out, err = capfd.readouterr()
    assert found_in((out + err).encode()) == set()
    assert PASSAGE not in out + err
    assert len(list(folder.releases.iterdir())) == 1
    assert traces(folder.dagster, folder.registers, folder.published) == {}
