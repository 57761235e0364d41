"""Runs of Dagster and commands in one data folder: the second waits, says for what, and goes well.

The run of Dagster goes on in a process of its own on the folder's instance, as its daemon, its
pages and its own command line start one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from safer_streets_assets.console.instance import open_instance
from safer_streets_assets.intake import orphaned_runs
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets_tests.builders import data_folder
from safer_streets_assets_tests.e2e.commands import PATIENCE, REPOSITORY, Surroundings
from safer_streets_assets_tests.e2e.runs import instance_of
from safer_streets_assets_tests.e2e.ticks import ORIGIN, history

__all__ = ["history"]

COMMAND = "from safer_streets_assets.program import main; main()"
IN_DAGSTER = """
import sys
import dagster as dg
from safer_streets_assets.accountability import assets
from safer_streets_assets.definitions import defs
if "slowly" in sys.argv:
    real = assets.ensure_accountability
    def waiting(connection):
        print("at work", flush=True)
        sys.stdin.readline()
        assets.ensure_accountability = real
        real(connection)
    assets.ensure_accountability = waiting
with dg.DagsterInstance.get() as instance:
    result = defs.resolve_job_def("accountability").execute_in_process(instance=instance)
sys.exit(not result.success)
"""
WAITS = "Waiting until "


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A data folder with stores."""
    made = data_folder(tmp_path / "data")
    preflight(made)
    return made


@pytest.fixture
def environment(folder: DataFolder, tmp_path: Path) -> Iterator[dict[str, str]]:
    """That of a process on the folder and its instance of Dagster."""
    around = Surroundings(tmp_path / "around").prepare()
    with pytest.MonkeyPatch.context() as patched:
        for name in ("DAGSTER_HOME", "SAFER_STREETS_DAGSTER", "SAFER_STREETS_DATA"):
            patched.setenv(name, "")
        with open_instance(folder):
            places = {name: value for name, value in os.environ.items() if "DAGSTER" in name}
        yield around.environment(**places, SAFER_STREETS_DATA=str(folder.root))


def start(environment: dict[str, str], code: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_at_work(environment: dict[str, str]) -> subprocess.Popen[str]:
    """A run of Dagster that holds the lock until it is told to go on."""
    run = start(environment, IN_DAGSTER, "slowly")
    assert run.stdout is not None
    assert run.stdout.readline() == "at work\n"
    return run


def said_in_dagster(folder: DataFolder) -> str:
    """What a run of Dagster says while it waits, in its log."""
    until = time.monotonic() + PATIENCE
    with open_instance(folder) as instance:
        while time.monotonic() < until:
            for run in instance.get_runs():
                for entry in instance.all_logs(run.run_id):
                    if entry.user_message.startswith(WAITS):
                        return entry.user_message
            time.sleep(0.1)
    raise AssertionError("the run does not say that it waits")


@pytest.mark.thorough
def test_a_run_of_dagster_waits_for_a_command_and_says_so_in_its_log(
    folder: DataFolder, environment: dict[str, str]
) -> None:
    with run_lock(folder.lock, what="safer-streets run"):
        run = start(environment, IN_DAGSTER)
        said = said_in_dagster(folder)
        assert said.startswith(f"{WAITS}safer-streets run (process {os.getpid()}, since 2")
        assert said.endswith(f" has ended in the folder {folder.root}.")
        assert run.poll() is None
    out, err = run.communicate(timeout=PATIENCE)
    assert run.returncode == 0, out + err


@pytest.mark.thorough
def test_commands_wait_for_a_run_of_dagster_say_so_once_and_end_well(
    folder: DataFolder, environment: dict[str, str]
) -> None:
    run = run_at_work(environment)
    words = (("drops",), ("release", "list"))
    waiting = [start(environment, COMMAND, *command) for command in words]
    first = [one.stderr.readline() for one in waiting if one.stderr is not None]
    status = start(environment, COMMAND, "status")
    assert "a run of accountability (Dagster) (process" in status.communicate(timeout=PATIENCE)[0]
    assert status.returncode == 0
    assert all(line.startswith(f"{WAITS}a run of accountability (Dagster)") for line in first)
    out, err = run.communicate("\n", timeout=PATIENCE)
    assert run.returncode == 0, out + err
    for one in waiting:
        out, err = one.communicate(timeout=PATIENCE)
        assert one.returncode == 0, out + err
        assert WAITS not in err


@pytest.mark.thorough
def test_a_run_of_dagster_that_is_killed_keeps_nobody_waiting(
    folder: DataFolder, environment: dict[str, str]
) -> None:
    run = run_at_work(environment)
    run.kill()
    run.communicate()
    after = start(environment, COMMAND, "drops")
    out, err = after.communicate(timeout=PATIENCE)
    assert after.returncode == 0, out + err
    assert WAITS not in err


def test_a_run_that_has_waited_for_long_is_not_taken_for_one_whose_process_died(
    folder: DataFolder, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with instance_of(folder, monkeypatch) as instance:
        run = dg.DagsterRun("evaluation", remote_job_origin=ORIGIN)
        run_id = instance.add_run(run).run_id
        started = dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, "evaluation")
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        instance.run_storage.handle_run_event(run_id, started, long_ago)
        waiter = run_lock(folder.lock)
        with monkeypatch.context() as patched:
            patched.setattr(orphaned_runs.time, "sleep", lambda _: waiter.__enter__())
            assert orphaned_runs.end_orphaned_runs(instance, folder) == 0
        waiter.__exit__(None, None, None)
        assert orphaned_runs.end_orphaned_runs(instance, folder) == 1
