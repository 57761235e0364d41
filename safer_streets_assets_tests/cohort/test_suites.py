"""What is expected of conformed tables: one result an expectation, and none of them twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from safer_streets_assets.cohort.checks import build_checks
from safer_streets_assets.cohort.expectations import Result, Suites, frames_of
from safer_streets_assets.cohort.suite_results import facts_hash, suite_results
from safer_streets_assets.cohort.suites import suite_of
from safer_streets_assets.intake.failed_rows import FailedDrop
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
    NOON,
    NPS,
    build_cohort,
    data_folder,
    load_rows,
    people_rows,
    shipped_policy,
    stores_in_memory,
)

TODAY = datetime(2021, 6, 1)
CONFORMED = shipped_policy().dpia.conformed_tables
SOURCES = list(shipped_policy().sources)


@pytest.fixture(scope="module")
def suites() -> Suites:
    """great-expectations, imported once."""
    return Suites()


@contextmanager
def conformed(root: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Conformed tables of a few people, changed as a test likes."""
    with stores_in_memory() as connection:
        folder = data_folder(root)
        for source in (NPS, CRC, ATTENDEE, CHECKIN):
            load_rows(connection, source, people_rows(source, 20))
        build_cohort(connection, folder)
        yield connection


def failed(
    connection: duckdb.DuckDBPyConnection, suites: Suites, source: str
) -> dict[str, tuple[bool, int]]:
    """The expectations of a source that fail: whether each blocks, and how much is unexpected."""
    policy = shipped_policy()
    expectations = suite_of(policy, source, TODAY)
    results = suites.run(frames_of(connection, policy, source), expectations)
    assert [one.name for one in results] == [one.name for one in expectations]
    return {
        one.name: (expectation.blocking, one.unexpected)
        for one, expectation in zip(results, expectations, strict=True)
        if not one.passed
    }


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Conformed tables for all tests that put them back."""
    with conformed(tmp_path_factory.mktemp("suites")) as connection:
        yield connection


@pytest.fixture
def changed(tables: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same tables for a test that changes court cases and registers; put back afterwards."""
    tables.execute("CREATE OR REPLACE TEMP TABLE good AS FROM research.court_cases")
    yield tables
    tables.execute("CREATE OR REPLACE TABLE research.court_cases AS FROM good")
    tables.execute("DELETE FROM registers.drops")
    tables.execute("DELETE FROM registers.expectation_results")


@pytest.mark.thorough
def test_tables_made_of_good_rows_are_as_expected(
    tables: duckdb.DuckDBPyConnection, suites: Suites
) -> None:
    assert all(failed(tables, suites, source) == {} for source in SOURCES)


def test_tables_without_rows_are_as_expected(suites: Suites, tmp_path: Path) -> None:
    with stores_in_memory() as connection:
        build_cohort(connection, data_folder(tmp_path / "none"))
        assert all(failed(connection, suites, source) == {} for source in SOURCES)


FAULTS: list[tuple[str, str, str, bool]] = [
    (NPS, "UPDATE {t} SET person_id = NULL", "person_id_is_filled_in", True),
    (NPS, "UPDATE {t} SET person_id = 'A123456'", "person_id_is_a_pseudonym", True),
    (NPS, "UPDATE {t} SET offence_code = '826'", "offence_code_is_five_digits", True),
    (NPS, "UPDATE {t} SET gender = 'M'", "gender_is_on_its_list", True),
    (NPS, "UPDATE {t} SET court = NULL", "court_is_filled_in", True),
    (NPS, "UPDATE {t} SET age_at_disposal = 5", "age_at_disposal_is_plausible", True),
    (NPS, "INSERT INTO {t} FROM {t}", "identity_stands_once", True),
    (NPS, "ALTER TABLE {t} ALTER disposal_date TYPE TIMESTAMP", "columns_have_their_types", True),
    (NPS, "UPDATE {t} SET gender = 'Other or not known'", "gender_is_seldom_unknown", False),
    (
        NPS,
        "UPDATE {t} SET disposal_date = '2031-01-01'",
        "disposal_date_is_not_in_the_future",
        False,
    ),
    (CRC, "UPDATE {t} SET sessions_attended = 13", "sessions_attended_is_in_range", True),
    (
        CRC,
        "UPDATE {t} SET outcome_date = start_date - INTERVAL 1 DAY",
        "start_date_is_not_after_outcome_date",
        True,
    ),
    (
        CRC,
        "UPDATE {t} SET start_date = sentence_date - INTERVAL 1 DAY",
        "sentence_date_is_not_after_start_date",
        False,
    ),
    (ATTENDEE, "UPDATE {t} SET a1 = 6", "a1_is_in_range", True),
    (ATTENDEE, "UPDATE {t} SET a1 = 98", "answers_are_seldom_missing", False),
    (ATTENDEE, "INSERT INTO {t} FROM {t}", "identity_stands_once", True),
    (
        ATTENDEE,
        "UPDATE {t} SET interview_end = interview_start - INTERVAL 1 HOUR",
        "interview_start_is_not_after_interview_end",
        True,
    ),
    (CHECKIN, "ALTER TABLE {t} ADD COLUMN name VARCHAR", "columns_have_their_types", True),
]


@pytest.mark.parametrize(("source", "fault", "expectation", "blocking"), FAULTS)
def test_a_fault_fails_its_expectation_and_blocks_where_going_on_would_be_wrong(
    tables: duckdb.DuckDBPyConnection,
    suites: Suites,
    source: str,
    fault: str,
    expectation: str,
    blocking: bool,
) -> None:
    table = f"research.{CONFORMED[source]}"
    tables.execute(f"CREATE OR REPLACE TEMP TABLE kept AS FROM {table}")
    try:
        tables.execute(fault.format(t=table))
        found = failed(tables, suites, source)
    finally:
        tables.execute(f"CREATE OR REPLACE TABLE {table} AS FROM kept")
    assert found[expectation][0] is blocking
    assert found[expectation][1] > 0


@pytest.mark.parametrize(
    ("sizes", "usual"),
    [([100, 100, 100, 30], False), ([100, 100, 100, 90], True), ([100, 100, 5], True)],
)
def test_the_last_drop_is_held_against_the_median_of_those_before_it(
    tables: duckdb.DuckDBPyConnection, suites: Suites, sizes: list[int], usual: bool
) -> None:
    tables.execute("DELETE FROM registers.drops")
    for number, size in enumerate(sizes):
        tables.execute(
            "INSERT INTO registers.drops (drop_id, source, state, arrived_at, position_date, "
            "bytes, rows_read) VALUES (?, ?, 'loaded', ?, ?, 1, ?)",
            [str(number), NPS, NOON, datetime(2020, number + 1, 1), size],
        )
    found = failed(tables, suites, NPS)
    tables.execute("DELETE FROM registers.drops")
    assert ("last_drop_has_the_usual_size" not in found) is usual


def test_every_expectation_is_a_check_of_its_own_with_a_description(policy: Policy) -> None:
    specs = list(build_checks(policy)[0].check_specs)
    expected = [
        (CONFORMED[name], one.name, one.blocking)
        for name in policy.sources
        for one in suite_of(policy, name, TODAY)
    ]
    assert [(s.asset_key.to_user_string(), s.name, s.blocking) for s in specs] == expected
    assert len(set(expected)) == len(expected)
    assert all(spec.description for spec in specs)


def no_suites() -> Suites:
    """In the place of great-expectations where it must not be used."""
    raise AssertionError("the suites were run again")


def patched_suites(monkeypatch: pytest.MonkeyPatch, replacement: Callable[[], Any]) -> None:
    """Replaces great-expectations in the module that decides whether to use it."""
    monkeypatch.setattr("safer_streets_assets.cohort.suite_results.Suites", replacement)


@pytest.mark.thorough
def test_results_are_kept_while_drops_tables_policy_and_code_stay_the_same(
    changed: duckdb.DuckDBPyConnection,
    suites: Suites,
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patched_suites(monkeypatch, lambda: suites)
    first, since = suite_results(changed, policy, NOON)
    assert since is None
    patched_suites(monkeypatch, no_suites)
    again, since = suite_results(changed, policy, TODAY)
    assert (again, since) == (first, NOON)
    for statement in (
        "UPDATE research.court_cases SET court = 'Another Court'",
        "INSERT INTO registers.drops (drop_id, source, state, arrived_at, bytes) "
        "VALUES ('1', 'x', 'loaded', '2020-01-01', 1)",
    ):
        changed.execute(statement)
        with pytest.raises(AssertionError, match="run again"):
            suite_results(changed, policy, TODAY)
    other = replace(policy, digest="another")
    assert facts_hash(changed, other) != facts_hash(changed, policy)


@pytest.mark.thorough
def test_a_warning_is_kept_and_told_again(
    changed: duckdb.DuckDBPyConnection,
    suites: Suites,
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patched_suites(monkeypatch, lambda: suites)
    changed.execute("UPDATE research.court_cases SET gender = 'Other or not known'")
    suite_results(changed, policy, NOON)
    patched_suites(monkeypatch, no_suites)
    kept, _ = suite_results(changed, policy, NOON)
    where = FailedDrop(f"{NPS}-1", NPS, 20, tuple(range(2, 12)))
    assert kept["court_cases"]["gender_is_seldom_unknown"] == Result(
        "gender_is_seldom_unknown", False, 20, (where,)
    )


@pytest.mark.thorough
def test_results_that_stop_a_run_are_not_kept(
    changed: duckdb.DuckDBPyConnection,
    suites: Suites,
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patched_suites(monkeypatch, lambda: suites)
    changed.execute("UPDATE research.court_cases SET gender = 'CANARY'")
    found, _ = suite_results(changed, policy, NOON)
    assert not found["court_cases"]["gender_is_on_its_list"].passed
    assert "CANARY" not in repr(found)
    assert changed.execute("FROM registers.expectation_results").fetchall() == []


WITHOUT = """
import sys
import safer_streets_assets.definitions
import safer_streets_assets.cohort.suite_results
sys.exit("great_expectations" in sys.modules)
"""


@pytest.mark.thorough
def test_nothing_imports_great_expectations_before_a_suite_is_run() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], check=False)
    assert done.returncode == 0
