"""Killed at any boundary and run again, intake ends as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from safer_streets_assets.intake.quarantine import key_name
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.sealed import unseal
from safer_streets_assets_tests.builders import (
    NPS,
    csv_drop,
    data_folder,
    fetch,
    opened,
    people_rows,
    put,
    shipped_policy,
    stores_in_memory,
    take_in_everything,
)

GOOD = csv_drop(people_rows(NPS, 9) + people_rows(NPS, 1, first=50, Gender="7"))
NO_COURT = csv_drop([{k: v for k, v in r.items() if k != "Court"} for r in people_rows(NPS, 2)])
WRITES = ("INSERT", "UPDATE", "DELETE", "COMMIT")
FILE_PRIMITIVES = ("fsync", "replace", "unlink")


class KilledError(BaseException):
    """Stands in for the process being killed."""


class Tripwire:
    """Counts what writes and kills before the write of a number; 0 kills nothing."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.passed = 0
        self.dead = False

    def step(self) -> None:
        if self.dead:
            return
        self.passed += 1
        if self.passed == self.number:
            self.dead = True
            raise KilledError


class WatchedConnection:
    """A connection whose writing statements pass a tripwire."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, wire: Tripwire) -> None:
        self._connection = connection
        self._wire = wire

    def execute(self, query: str, *args: Any) -> Any:
        if query.lstrip().startswith(WRITES):
            self._wire.step()
        return self._connection.execute(query, *args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@contextmanager
def watched_files(wire: Tripwire) -> Iterator[None]:
    """Syncs, renames and removals pass a tripwire."""

    def passing(real: Any) -> Any:
        def wrapped(*args: Any, **named: Any) -> Any:
            wire.step()
            return real(*args, **named)

        return wrapped

    with pytest.MonkeyPatch.context() as patched:
        for name in FILE_PRIMITIVES:
            patched.setattr(os, name, passing(getattr(os, name)))
        yield


def small_policy() -> Policy:
    """The policy with one source, so that a run makes few tables."""
    policy = shipped_policy()
    dpia = policy.dpia.model_copy(update={"sources": {NPS: policy.dpia.sources[NPS]}})
    return Policy(dpia, policy.questionnaire, policy.tables, policy.digest)


def run_again(connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy) -> None:
    """Runs until the landing is empty; what a killed run left may have to settle first."""
    for _ in range(3):
        take_in_everything(connection, folder, policy)
        if not any(path.is_file() for path in folder.landing.rglob("*")):
            return


def land(folder: DataFolder) -> None:
    """A good drop, sent twice, a drop without a column, and one that no agreement covers."""
    places = [
        put(folder, NPS, "good.csv", GOOD),
        put(folder, NPS, "good again.csv", GOOD),
        put(folder, NPS, "no court.csv", NO_COURT),
        put(folder, "nobody", "other.csv", b"unread"),
    ]
    for number, place in enumerate(places):
        os.utime(place, (1_600_000_000 + number, 1_600_000_000 + number))


TABLES = {
    "registers.drops": "* EXCLUDE (arrived_at, decided_at)",
    "registers.set_aside_counts": "*",
    "registers.sends": "drop_id",
    "restricted.nps_court_outcomes_raw": "*",
    "restricted.set_aside_rows": "*",
    "restricted.loaded_drops": "* EXCLUDE (arrived_at)",
    "restricted.arrivals": "*",
    "restricted.quarantined_drops": "*",
}


def state_of(connection: duckdb.DuckDBPyConnection, folder: DataFolder) -> dict[str, Any]:
    """Everything that intake holds, but for times and the marks of sends."""
    held: dict[str, Any] = {
        table: fetch(connection, f"SELECT {columns} FROM {table} ORDER BY ALL")
        for table, columns in TABLES.items()
    }
    keys = Keys(folder.keys)
    held["landing"] = sorted(p.name for p in folder.landing.rglob("*") if p.is_file())
    held["sealed"] = {
        path.stem: unseal(path, keys.read(key_name(path.stem)))
        for path in sorted(folder.quarantine.glob("*.sealed"))
    }
    return held


def run_killed_at(number: int, folder: DataFolder) -> tuple[int, dict[str, Any]]:
    """Kills a run before a write, starts it again; returns writes passed and what is held."""
    policy = small_policy()
    with stores_in_memory(policy) as connection, pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda descriptor: None)  # slow, and nothing loses power here
        land(folder)
        wire = Tripwire(number)
        watched: Any = WatchedConnection(connection, wire)
        try:
            with watched_files(wire):
                take_in_everything(watched, folder, policy)
        except KilledError:
            run_again(connection, folder, policy)
        return wire.passed, state_of(connection, folder)


@pytest.fixture(scope="session")
def uninterrupted(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[int, dict[str, Any]]:
    """A run that nothing interrupts: how many writes it makes, and what it ends with."""
    return run_killed_at(0, data_folder(tmp_path_factory.mktemp("whole")))


PARTS = 8


def test_an_uninterrupted_run_takes_in_everything(
    uninterrupted: tuple[int, dict[str, Any]],
) -> None:
    writes, held = uninterrupted
    assert writes > 50
    assert held["landing"] == []
    assert sorted(held["sealed"].values()) == sorted([NO_COURT, b"unread"])
    assert len(held["registers.drops"]) == 3
    assert len(held["restricted.nps_court_outcomes_raw"]) == 9


@pytest.mark.parametrize("part", range(PARTS))
def test_a_run_killed_before_any_write_ends_the_same_when_it_is_run_again(
    tmp_path: Path,
    quick_reader: object,
    uninterrupted: tuple[int, dict[str, Any]],
    part: int,
) -> None:
    writes, expected = uninterrupted
    different = {}
    for number in range(part + 1, writes + 1, PARTS):
        _, held = run_killed_at(number, data_folder(tmp_path / str(number)))
        changed = [name for name in expected if held[name] != expected[name]]
        if changed:
            different[number] = changed
    assert different == {}, "write number: what differs"


KILLED_PROCESS = """
import os, signal, sys
from pathlib import Path
from safer_streets_assets_tests.intake import test_kill_safety as tests
from safer_streets_assets_tests.builders import *

class Killing(tests.Tripwire):
    def step(self):
        self.passed += 1
        if self.passed == self.number:
            os.kill(os.getpid(), signal.SIGKILL)

folder = data_folder(Path(sys.argv[1]))
wire = Killing(int(sys.argv[2]))
with opened(folder) as connection, tests.watched_files(wire):
    watched = tests.WatchedConnection(connection, wire)
    take_in_everything(watched, folder, tests.small_policy())
"""


def test_a_process_that_is_really_killed_leaves_nothing_half_done(
    tmp_path: Path, quick_reader: object, uninterrupted: tuple[int, dict[str, Any]]
) -> None:
    writes, expected = uninterrupted
    root = Path(__file__).parents[2]
    folder = data_folder(tmp_path / "data")
    land(folder)
    command = [sys.executable, "-c", KILLED_PROCESS, str(folder.root), str(writes * 2 // 3)]
    ended = subprocess.run(command, cwd=root, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    with opened(folder) as connection:
        run_again(connection, folder, small_policy())
        assert state_of(connection, folder) == expected
