"""The steps of performance monitoring name nobody, whether they succeed or fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from safer_streets_assets.monitoring import checks, tables
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets_tests.builders import digests_under, one_quickly
from safer_streets_assets_tests.e2e.runs import (
    WholeRun,
    copy_data,
    failures_of,
    instance_of,
    query,
    run_steps,
)
from safer_streets_assets_tests.monitoring.builders import open_gates
from safer_streets_assets_tests.privacy.traces import canary_crn, found_in, traces, word

STEPS = ["time_to_stage", "programme_ends", "factors"]
NAMED = f"{word('monitored')} {canary_crn(960)}"
IN_COLUMNS = ("gender", "court", "borough", "outcome")
INSIDE = {
    "kaplan_meier": "time_to_stage",
    "dropout_by_session": "programme_ends",
    "factors_table": "factors",
    "completers_table": "factors",
}
"""What works the figures out to the step in which it does."""

WRITES = {
    "time_to_stage": "time_to_stage",
    "programme_ends": "dropout_by_session",
    "factors": "completers_at_start",
}
"""A step to a table that it writes."""


@pytest.fixture
def folder(first: WholeRun, tmp_path: Path) -> DataFolder:
    """A copy of the first run's data folder, where half of the cohort's rows name somebody in
    columns that monitoring reads."""
    folder = copy_data(first.folder, tmp_path / "data")
    planted = ", ".join(f"{name} = '{NAMED}'" for name in IN_COLUMNS)
    with open_stores(folder, write=["research"]) as connection:
        connection.execute(
            f"UPDATE research.linked_cohort SET {planted} WHERE outcome <> 'Completed' AND "
            "person_id IN (SELECT person_id FROM research.linked_cohort WHERE stage_number > 2 "
            "QUALIFY row_number() OVER (PARTITION BY stage_number ORDER BY person_id) % 2 = 0)"
        )
    return folder


@pytest.fixture
def instance(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of the copy."""
    with instance_of(folder, monkeypatch) as found:
        yield found


@pytest.fixture
def run(
    folder: DataFolder,
    instance: dg.DagsterInstance,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Callable[..., dg.ExecuteInProcessResult]:
    """Runs the steps behind open gates, with their check, and looks for canaries in all that comes
    of it outside the research store."""

    def running() -> dg.ExecuteInProcessResult:
        before = digests_under(folder.registers)
        steps = ["stage_gates", *STEPS]
        result = run_steps(folder, instance, steps, policy=open_gates(), quiet=False)
        out, err = capfd.readouterr()
        logged = "".join(map(str, instance.all_logs(result.run_id)))
        assert 'xecution of run for "evaluation"' in logged
        assert result.success or "STEP_FAILURE" in out + err
        assert found_in((out + err + caplog.text + logged).encode()) == set()
        kept = (folder.restricted, folder.research)  # sealed: only what is not in them can be read
        assert traces(*kept, folder.dagster, folder.registers, folder.published, folder.keys) == {}
        assert digests_under(folder.registers) == before
        return result

    return running


def test_steps_that_succeed_tell_counts_alone(
    folder: DataFolder, run: Callable[[], dg.ExecuteInProcessResult]
) -> None:
    result = run()
    assert result.success
    for step in STEPS:
        (made,) = result.asset_materializations_for_node(step)
        told = {name: value.value for name, value in made.metadata.items()}
        assert told["gate_open"] is True
        assert told["dagster/row_count"] > 0
        assert all(isinstance(value, int) for name, value in told.items() if "schema" not in name)
    # The positive control: what was planted came as far as the figures for researchers.
    ((rows,),) = query(
        folder, f"SELECT count(*) FROM research.factors WHERE category LIKE '%{NAMED[:12]}%'"
    )
    assert rows > 0


@pytest.mark.parametrize("inside", one_quickly(INSIDE))
def test_what_fails_inside_a_step_names_nobody(
    inside: str,
    run: Callable[[], dg.ExecuteInProcessResult],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(*given: Any, **_: Any) -> Any:
        seen.append(given)
        try:
            raise KeyError(f"{NAMED} {given}")
        except KeyError as error:
            error.add_note(NAMED)
            raise ValueError(f"while estimating {NAMED} of {given}") from error

    seen: list[Any] = []
    monkeypatch.setattr(tables, inside, failing)
    result = run()
    assert seen
    assert not result.success
    assert "An unexpected ValueError ended this step" in failures_of(result)[INSIDE[inside]]


@pytest.mark.parametrize("step", one_quickly(WRITES))
def test_a_value_that_duckdb_quotes_names_nobody(
    step: str, run: Callable[[], dg.ExecuteInProcessResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    def quoting(connection: duckdb.DuckDBPyConnection, table: str, *rest: Any) -> None:
        if table == WRITES[step]:
            connection.execute("SELECT max(court)::DATE FROM research.linked_cohort").fetchall()
        write(connection, table, *rest)

    write = tables._write
    monkeypatch.setattr(tables, "_write", quoting)
    assert "ConversionException" in failures_of(run())[step]


def test_a_gate_that_cannot_be_checked_names_nobody(
    run: Callable[[], dg.ExecuteInProcessResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(connection: duckdb.DuckDBPyConnection, *_: object) -> bool:
        connection.execute(f"SELECT CAST('{NAMED}' AS DATE)").fetchall()
        return True

    monkeypatch.setattr(checks, "may_begin", failing)
    result = run()
    assert not result.success
    (said,) = [text for step, text in failures_of(result).items() if "gate_is_respected" in step]
    assert "ConversionException" in said
