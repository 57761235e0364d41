"""Whole runs that many tests look at: made once for all test processes, and never changed.

`first` has taken in the first half of a small year of drops, in their order of arrival, and the
drops with canaries; `second` is a copy of it that has taken in the rest. A test that changes
something does so in a copy of its own.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from safer_streets_assets.definitions import EVALUATION_JOB, build_defs
from safer_streets_assets.demo.drops import write_demo_drops
from safer_streets_assets.intake.passwords import PASSWORDS_VARIABLE
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.stores import STORE_NAMES, DataFolder, open_stores
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets_tests.builders import digests_under
from safer_streets_assets_tests.e2e.commands import (
    REPOSITORY,
    Commands,
    Finished,
    Surroundings,
    forking_process,
)
from safer_streets_assets_tests.privacy.planting import plant
from safer_streets_assets_tests.privacy.traces import traces

PEOPLE, MONTHS = 60, 12
LOOKING = "safer_streets_assets_tests.modes:look_at_a_command"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class WholeRun:
    """A data folder after a run: how the command ended, where it ran, the truth about its drops.

    `planted` are the canaries found in the landing before the run, by the place they were in.
    """

    folder: DataFolder
    finished: Finished
    around: Surroundings
    manifest: dict[str, Any]
    planted: dict[str, set[str]]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all test processes of this session share."""
    base = tmp_path_factory.getbasetemp()
    place = (base if worker_id == "master" else base.parent) / "whole_runs"
    place.mkdir(exist_ok=True)
    return place


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Runs commands in forked children; starts when it is first asked for."""
    with forking_process(Surroundings(tmp_path_factory.mktemp("forking"))) as running:
        yield running


@pytest.fixture(scope="session")
def first(shared: Path, request: pytest.FixtureRequest) -> WholeRun:
    """The run over the first half of the drops and those with canaries."""
    with _made_once(shared / "first") as (place, missing):
        if missing:
            _make_first(place, request.getfixturevalue("commands"))
        return _load(place)


@pytest.fixture(scope="session")
def second(shared: Path, first: WholeRun, request: pytest.FixtureRequest) -> WholeRun:
    """The run over the rest of the drops, after the first."""
    with _made_once(shared / "second") as (place, missing):
        if missing:
            copy_data(first.folder, place / "data")
            run_second(first, place, request.getfixturevalue("commands"))
        return _load(place)


def run_second(first: WholeRun, place: Path, commands: Commands, **how: Any) -> None:
    """Puts the second half of the drops into a copy of the first run's folder, and runs."""
    folder = at(place / "data")
    land_second_half(first, folder)
    finished = run_in(commands, folder, Surroundings(place / "around"), **how)
    _keep(place, finished, first.manifest, {})


def land_second_half(first: WholeRun, folder: DataFolder) -> None:
    """Puts the drops that the first run has not seen into a landing folder."""
    shutil.copytree(first.folder.root.parent / "rest", folder.landing, dirs_exist_ok=True)


def run_in(commands: Commands, folder: DataFolder, around: Surroundings, **how: Any) -> Finished:
    """`safer-streets run` in a data folder."""
    return commands.run(around, "run", "--data", str(folder.root), **with_password(folder), **how)


def with_password(folder: DataFolder) -> dict[str, str]:
    """The environment variable that names the password of the protected drop, if there is one."""
    passwords = folder.root.parent / "passwords.txt"
    return {PASSWORDS_VARIABLE: str(passwords)} if passwords.exists() else {}


def at(root: Path) -> DataFolder:
    """The data folder at a place, with its keys inside."""
    return DataFolder(root=root, keys=root / "keys")


def copy_data(folder: DataFolder, place: Path) -> DataFolder:
    """A copy of a data folder, with the times of its files."""
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(folder.root, place, symlinks=True)
    passwords = folder.root.parent / "passwords.txt"
    if passwords.exists():
        shutil.copy(passwords, place.parent)
    return at(place)


def states_under(root: Path) -> dict[str, tuple[int, str]]:
    """Path to modification time and a digest of the content of every file below a folder."""
    return {
        name: ((root / name).stat().st_mtime_ns, digest)
        for name, digest in digests_under(root).items()
    }


@contextmanager
def instance_of(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of a data folder, under the project's own settings."""
    monkeypatch.setenv("SAFER_STREETS_DAGSTER", str(folder.dagster))
    monkeypatch.setenv("DAGSTER_HOME", str(folder.dagster))
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")
    folder.prepare()
    shutil.copy(REPOSITORY / "dagster.yaml", folder.dagster)
    with dg.DagsterInstance.get() as instance:
        yield instance


def run_steps(
    folder: DataFolder,
    instance: dg.DagsterInstance,
    assets: Sequence[str] | None = None,
    *,
    policy: Policy | None = None,
    wait_seconds: float = 5.0,
    quiet: bool = True,
) -> dg.ExecuteInProcessResult:
    """The evaluation job in this process, with the checks of its assets; all of them with None."""
    stores = StoresResource(data_folder=str(folder.root), wait_seconds=wait_seconds)
    definitions = build_defs(policy or load_policy(), {"stores": stores}, str(folder.root))
    return definitions.resolve_job_def(EVALUATION_JOB).execute_in_process(
        instance=instance,
        raise_on_error=False,
        asset_selection=None if assets is None else [dg.AssetKey(name) for name in assets],
        run_config=QUIET if quiet else None,
    )


def failures_of(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """Step to what it said when it failed; a check that failed says so."""
    said = {}
    for event in result.all_events:
        if event.is_step_failure:
            told = event.step_failure_data.user_failure_data
            said[str(event.step_key)] = (told.description or "") if told else "a check failed"
    return said


def failed_checks(result: dg.ExecuteInProcessResult) -> set[str]:
    """The names of the checks that failed; one that only warns is none of them."""
    return {
        found.check_name
        for found in result.get_asset_check_evaluations()
        if not found.passed and found.severity == dg.AssetCheckSeverity.ERROR
    }


def published(folder: DataFolder) -> duckdb.DuckDBPyConnection:
    """`published.duckdb`, as an analyst opens it."""
    return duckdb.connect(str(folder.published / "published.duckdb"), read_only=True)


def query(folder: DataFolder, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query over the stores of a data folder."""
    with open_stores(folder, read=STORE_NAMES) as connection:
        return connection.execute(sql).fetchall()


@contextmanager
def _made_once(place: Path) -> Iterator[tuple[Path, bool]]:
    """Whether this process is the one that makes what lies there; others wait for it."""
    place.mkdir(exist_ok=True)
    with (place.parent / f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place, not (place / "run.json").exists()


def _make_first(place: Path, commands: Commands) -> None:
    folder = at(place / "data").prepare()
    manifest = json.loads(write_demo_drops(place / "all", people=PEOPLE, months=MONTHS).to_json())
    drops = manifest["drops"]
    for number, drop in enumerate(drops):
        half = folder.landing if number < len(drops) // 2 else place / "rest"
        (half / drop["path"]).parent.mkdir(parents=True, exist_ok=True)
        os.replace(place / "all" / drop["path"], half / drop["path"])
    shutil.rmtree(place / "all")
    plant(folder, place / "passwords.txt")
    planted = traces(folder.landing)
    # Under the worst mask there is; `test_beside_others` looks at what came of it.
    finished = run_in(commands, folder, Surroundings(place / "around"), first=LOOKING)
    _keep(place, finished, manifest, planted)


def _keep(
    place: Path, finished: Finished, manifest: dict[str, Any], planted: dict[str, set[str]]
) -> None:
    (place / "run.json").write_text(
        json.dumps(
            {
                "finished": [finished.code, finished.out, finished.err],
                "manifest": manifest,
                "planted": {path: sorted(found) for path, found in planted.items()},
            }
        )
    )


def _load(place: Path) -> WholeRun:
    kept = json.loads((place / "run.json").read_text())
    run = WholeRun(
        at(place / "data"),
        Finished(*kept["finished"]),
        Surroundings(place / "around"),
        kept["manifest"],
        {path: set(found) for path, found in kept["planted"].items()},
    )
    assert run.finished.code == 0, run.finished.out + run.finished.err
    return run
