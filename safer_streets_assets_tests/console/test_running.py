"""The progress lines of a run: what is said of each step, in the order in which they end."""

from __future__ import annotations

import io

import dagster as dg
import pytest
from rich.console import Console

from safer_streets_assets.console.running_jobs import run_job


def definitions() -> dg.Definitions:
    @dg.asset
    def counted() -> None:
        """Nothing but a step."""

    def check(name: str, severity: dg.AssetCheckSeverity, *, passed: bool) -> object:
        @dg.asset_check(asset=counted, name=name)
        def found() -> dg.AssetCheckResult:
            return dg.AssetCheckResult(passed=passed, severity=severity)

        return found

    warn, error = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR
    checks = [
        check("all_is_well", warn, passed=True),
        check("something_waits", warn, passed=False),
        check("something_is_wrong", error, passed=False),
    ]
    return dg.Definitions(
        [counted],
        asset_checks=checks,  # type: ignore[arg-type]
        jobs=[dg.define_asset_job("job")],
        executor=dg.in_process_executor,
    )


def test_the_line_of_a_step_says_when_a_check_warns_or_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("safer_streets_assets.console.running_jobs.POLL_SECONDS", 0.001)
    console = Console(file=io.StringIO(), width=120, color_system=None)
    with dg.DagsterInstance.ephemeral() as instance:
        done = run_job(definitions(), "job", instance, console)
    file = console.file
    assert isinstance(file, io.StringIO)
    lines = [line.split() for line in file.getvalue().splitlines()]
    assert sorted({line[-1] for line in lines}) == sorted(line[-1] for line in lines)
    assert {line[-1]: line[2] for line in lines} == {
        "counted": "done",
        "counted_all_is_well": "done",
        "counted_something_waits": "warns",
        "counted_something_is_wrong": "FAILED",
    }
    assert done.succeeded
