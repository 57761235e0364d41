"""Steps, checks and commands that fail with somebody's name at hand name nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pandas as pd
import pytest

from safer_streets_assets.cohort import assets as cohort
from safer_streets_assets.cohort import checks as cohort_checks
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.texts.redacting import Redactor
from safer_streets_assets_tests.builders import NPS, csv_drop, digests_under, put, rows_of
from safer_streets_assets_tests.e2e.commands import Commands, Surroundings
from safer_streets_assets_tests.e2e.runs import (
    WholeRun,
    copy_data,
    failures_of,
    instance_of,
    run_in,
    run_steps,
)
from safer_streets_assets_tests.privacy.failing import UNREADABLE
from safer_streets_assets_tests.privacy.traces import canary_crn, found_in, traces, word

FAILING = "safer_streets_assets_tests.privacy.failing"
NAMED = f"{word('raised')} {canary_crn(950)}"


@pytest.fixture
def folder(first: WholeRun, tmp_path: Path) -> DataFolder:
    """A copy of the first run's data folder."""
    return copy_data(first.folder, tmp_path / "data")


@pytest.fixture
def instance(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of the copy."""
    with instance_of(folder, monkeypatch) as found:
        yield found


def _value_error(_: duckdb.DuckDBPyConnection) -> None:
    raise ValueError(NAMED)


def _chained(_: duckdb.DuckDBPyConnection) -> None:
    try:
        raise KeyError(NAMED)
    except KeyError as error:
        raise RuntimeError(f"while reading {NAMED}") from error


def _group(_: duckdb.DuckDBPyConnection) -> None:
    raise ExceptionGroup(NAMED, [ValueError(NAMED)])


def _with_note(_: duckdb.DuckDBPyConnection) -> None:
    error = ValueError("see the note")
    error.add_note(NAMED)
    raise error


def _pandas(_: duckdb.DuckDBPyConnection) -> None:
    pd.Series([NAMED]).astype("int64")


def _named_in_a_file_name(_: duckdb.DuckDBPyConnection) -> None:
    Path(f"/nowhere/{NAMED}.csv").read_bytes()


def _conversion(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "SELECT text::INTEGER FROM (VALUES (?)) AS rows_of(text)", [NAMED]
    ).fetchall()


def _conversion_of_a_constant(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"SELECT CAST('{NAMED}' AS DATE)").fetchall()


def _constraint(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE TEMP TABLE people (name VARCHAR PRIMARY KEY)")
    connection.execute("INSERT INTO people VALUES (?), (?)", [NAMED, NAMED])


def _column_of_that_name(connection: duckdb.DuckDBPyConnection) -> None:
    connection.register("sent", pd.DataFrame({NAMED: [1]}))
    connection.execute("SELECT no_such_column FROM sent")


def _unparsable(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"SELECT 1 WHERE name = '{NAMED}' AND ORDER")


MISHAPS = [
    _value_error,
    _chained,
    _group,
    _with_note,
    _pandas,
    _named_in_a_file_name,
    _conversion,
    _conversion_of_a_constant,
    _constraint,
    _column_of_that_name,
    _unparsable,
]


def test_no_mishap_in_a_step_names_anybody(
    folder: DataFolder,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    shown, told = [], {}
    for mishap in MISHAPS:

        def failing(connection: Any, *_: object, now: Callable[[Any], None] = mishap) -> int:
            now(connection)
            return 0

        monkeypatch.setattr(cohort, "make_pseudonyms", failing)
        result = run_steps(folder, instance, ["person_pseudonyms"], quiet=False)
        assert not result.success, mishap.__name__
        told[mishap.__name__] = failures_of(result)["person_pseudonyms"]
        out, err = capfd.readouterr()
        shown.append(out + err + caplog.text)
        caplog.clear()
    assert "STEP_FAILURE" in "".join(shown)
    assert {name for name, said in told.items() if found_in(said.encode())} == set()
    assert all(said.endswith(".") and "\n" not in said for said in told.values()), told
    assert [found_in(text.encode()) for text in shown] == [set()] * len(shown)
    assert traces(folder.dagster) == {}


def test_a_mishap_in_a_check_names_nobody(
    folder: DataFolder,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def failing(connection: duckdb.DuckDBPyConnection, *_: object) -> None:
        _chained(connection)

    monkeypatch.setattr(cohort_checks, "find_identifiers", failing)
    result = run_steps(folder, instance, ["linked_cohort"], quiet=False)
    out, err = capfd.readouterr()
    assert not result.success
    assert "RuntimeError" in failures_of(result)["linked_cohort_no_direct_identifiers"]
    assert found_in((out + err + caplog.text).encode()) == set()
    assert traces(folder.dagster) == {}


def test_a_mishap_while_a_text_is_redacted_names_nobody(
    folder: DataFolder,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def failing(_: object, text: str, *__: object) -> None:
        seen.append(text)
        raise ValueError(text)

    seen: list[str] = []
    before = digests_under(folder.registers)
    monkeypatch.setattr(Redactor, "places", failing)
    result = run_steps(folder, instance, ["redacted_texts"], quiet=False)
    out, err = capfd.readouterr()
    assert not result.success
    assert seen
    assert "ValueError" in failures_of(result)["redacted_texts"]
    assert not any(text in out + err + caplog.text for text in seen)
    assert found_in((out + err + caplog.text).encode()) == set()
    assert traces(folder.dagster, folder.research) == {}
    assert digests_under(folder.registers) == before


@pytest.mark.thorough
def test_a_command_whose_check_fails_names_nobody(
    folder: DataFolder, commands: Commands, tmp_path: Path
) -> None:
    put(folder, NPS, f"{word('later')} outcomes.csv", csv_drop(rows_of(NPS, {})))
    around = Surroundings(tmp_path / "around")
    done = run_in(commands, folder, around, first=f"{FAILING}:unexpected_value")
    assert done.code == 1
    assert "court_cases: gender_is_on_its_list failed" in done.err
    assert found_in((done.out + done.err).encode()) == set()
    assert traces(around.root) == {}
    assert traces(folder.dagster, folder.registers, folder.published, folder.research) == {}


def test_a_command_that_ends_unexpectedly_says_one_sentence_and_names_nobody(
    folder: DataFolder, commands: Commands, tmp_path: Path
) -> None:
    around = Surroundings(tmp_path / "around")
    done = run_in(commands, folder, around, first=f"{FAILING}:failing_summary")
    assert done.code == 1
    assert done.err.startswith("An unexpected ValueError ended the command")
    assert len(done.err.splitlines()) == 1
    assert traces(around.root) == {}


@pytest.mark.thorough
def test_a_command_whose_step_fails_says_one_sentence_and_no_traceback(
    folder: DataFolder, commands: Commands, tmp_path: Path
) -> None:
    put(folder, NPS, "later.csv", csv_drop(rows_of(NPS, {})))
    around = Surroundings(tmp_path / "around")
    done = run_in(commands, folder, around, first=f"{FAILING}:failing_step")
    assert done.code == 1
    assert done.err.splitlines() == [UNREADABLE]
    assert traces(around.root) == {}
    assert traces(folder.dagster) == {}
