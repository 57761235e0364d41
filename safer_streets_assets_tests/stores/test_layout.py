"""A store says which layout it has; an earlier one becomes today's, a later one is refused."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys

import duckdb
import pytest

from safer_streets_assets.stores import DataFolder, database, layout, open_stores
from safer_streets_assets.stores.database import STORE_NAMES, StoreBusyError, StoreName
from safer_streets_assets.stores.layout import (
    FIRST,
    TABLE,
    LaterLayoutError,
    LayoutStep,
    todays_layout,
)
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets_tests.builders import fetch


class KilledError(BaseException):
    """Stands in for the process being killed."""


TODAY = todays_layout()
LATER = (
    LayoutStep(
        TODAY + 1, "registers", "Adds a column.", "ALTER TABLE registers.t ADD COLUMN b INTEGER;"
    ),
    LayoutStep(
        TODAY + 1, "research", "Nothing there.", "ALTER TABLE research.none ADD COLUMN b INTEGER;"
    ),
    LayoutStep(
        TODAY + 2,
        "registers",
        "Fills it and counts.",
        "UPDATE registers.t SET b = a; INSERT INTO registers.t VALUES (99, 99);",
    ),
)


@pytest.fixture
def old(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """Three stores of today, looked at by a program that has three steps more."""
    with open_stores(folder, write=STORE_NAMES) as connection:
        for store in STORE_NAMES:
            connection.execute(f"CREATE TABLE {store}.t AS SELECT 1 AS a")
    monkeypatch.setattr(layout, "all_steps", lambda: LATER)
    return folder


def versions(folder: DataFolder, store: StoreName) -> list[int]:
    with open_stores(folder, read=[store], as_it_is=True) as connection:
        rows = fetch(connection, f"SELECT version FROM {store}.{TABLE} ORDER BY 1")
    return [version for (version,) in rows]


def make_first(folder: DataFolder, store: StoreName) -> None:
    """What a program wrote that knew of no layouts."""
    with open_stores(folder, write=[store]) as connection:
        connection.execute(f"CREATE TABLE {store}.t AS SELECT 1 AS a")
        connection.execute(f"DROP TABLE {store}.{TABLE}")


@pytest.mark.parametrize("store", STORE_NAMES)
def test_a_new_store_has_todays_layout(folder: DataFolder, store: StoreName) -> None:
    with open_stores(folder, write=["registers", store]):
        pass
    assert versions(folder, store) == [TODAY]


@pytest.mark.parametrize("how", ["read", "write"])
@pytest.mark.parametrize("store", STORE_NAMES)
def test_a_store_without_a_version_has_the_first_and_comes_to_todays_when_it_is_opened(
    folder: DataFolder, store: StoreName, how: str
) -> None:
    with open_stores(folder, write=["registers"]):
        pass
    make_first(folder, store)
    with open_stores(folder, read=[store], as_it_is=True) as connection:
        assert layout.layout_of(connection, store) == FIRST
    with open_stores(folder, **{how: [store]}) as connection:
        assert fetch(connection, f"FROM {store}.t") == [(1,)]
    assert versions(folder, store)[-1] == TODAY


@pytest.mark.parametrize("how", ["read", "write"])
def test_every_step_is_taken_once_and_in_order(old: DataFolder, how: str) -> None:
    for _ in range(2):
        with open_stores(old, **{how: ["registers"]}) as connection:
            assert fetch(connection, "FROM registers.t ORDER BY a") == [(1, 1), (99, 99)]
        assert versions(old, "registers") == [TODAY, TODAY + 1, TODAY + 2]


def test_a_statement_about_a_table_that_is_not_there_is_left_out(old: DataFolder) -> None:
    with open_stores(old, write=["research"]) as connection:
        assert fetch(connection, "FROM research.t") == [(1,)]
    assert versions(old, "research") == [TODAY, TODAY + 1, TODAY + 2]


@pytest.mark.parametrize("statement", range(1, 12))
def test_a_store_has_one_layout_or_the_other_wherever_it_is_killed(
    old: DataFolder, statement: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [statement]
    real = layout._take

    def counted(connection: duckdb.DuckDBPyConnection, step: LayoutStep) -> None:
        real(_Killing(connection, left), step)  # type: ignore[arg-type]

    noted = layout._note

    def noting(connection: duckdb.DuckDBPyConnection, store: str, version: int) -> None:
        noted(_Killing(connection, left), store, version)  # type: ignore[arg-type]

    with monkeypatch.context() as killing:
        killing.setattr(layout, "_take", counted)
        killing.setattr(layout, "_note", noting)
        killed = False
        try:
            with open_stores(old, write=["registers"]):
                pass
        except KilledError:
            killed = True
    assert killed is (statement < 8)
    with open_stores(old, read=["registers"], as_it_is=True) as connection:
        has = layout.layout_of(connection, "registers")
        columns = fetch(connection, "SELECT column_name FROM (DESCRIBE registers.t)")
        assert len(columns) == (1 if has == TODAY else 2)
        assert fetch(connection, "SELECT count(*) FROM registers.t") == [
            (2 if has == TODAY + 2 else 1,)
        ]
    with open_stores(old, write=["registers"]) as connection:
        assert fetch(connection, "FROM registers.t ORDER BY a") == [(1, 1), (99, 99)]


class _Killing:
    """A connection that is killed before its n-th statement from now."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, left: list[int]) -> None:
        self.connection, self.left = connection, left

    def execute(self, *arguments: object) -> object:
        if "duckdb_tables" not in str(arguments[0]):
            self.left[0] -= 1
        if self.left[0] == 0:
            raise KilledError
        return self.connection.execute(*arguments)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self.connection, name)


KILLED = """
import os, signal, sys
from pathlib import Path
from safer_streets_assets.stores import DataFolder, layout, open_stores
from safer_streets_assets_tests.stores.test_layout import LATER

def killed(function, moment):
    def counted(*given):
        left[0] -= 1
        if (left[0], moment) == (0, "before"):
            os.kill(os.getpid(), signal.SIGKILL)
        function(*given)
        if (left[0], moment) == (0, "after"):
            os.kill(os.getpid(), signal.SIGKILL)
    return counted

root, left = Path(sys.argv[1]), [int(sys.argv[2])]
layout.all_steps = lambda: LATER
layout._note = killed(layout._note, sys.argv[3])
with open_stores(DataFolder(root, Path(sys.argv[4])), write=["registers"]):
    pass
"""


@pytest.mark.thorough
@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_process_that_is_killed_in_a_step_leaves_the_layout_before_it(
    old: DataFolder, step: int, moment: str
) -> None:
    """The statements of the step are carried out, and not committed: a power cut would do so."""
    given = [str(old.root), str(step), moment, str(old.keys)]
    ended = subprocess.run([sys.executable, "-c", KILLED, *given], check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert versions(old, "registers") == [TODAY, TODAY + 1][:step]
    with open_stores(old, write=["registers"]) as connection:
        assert fetch(connection, "FROM registers.t ORDER BY a") == [(1, 1), (99, 99)]
    assert versions(old, "registers") == [TODAY, TODAY + 1, TODAY + 2]


@pytest.mark.parametrize("how", ["read", "write"])
def test_a_store_keeps_its_layout_while_somebody_else_works_in_the_folder(
    old: DataFolder, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.0)
    held = os.open(old.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        with (
            pytest.raises(StoreBusyError, match="is being used by"),
            open_stores(old, **{how: ["registers"]}),
        ):
            pass
    finally:
        os.close(held)
    assert versions(old, "registers") == [TODAY]


def test_who_works_in_the_folder_brings_its_stores_to_todays_layout(old: DataFolder) -> None:
    with run_lock(old.lock), open_stores(old, read=["registers"]):
        pass
    assert versions(old, "registers")[-1] == TODAY + 2


@pytest.mark.parametrize("how", ["read", "write"])
def test_no_store_is_brought_to_todays_layout_beside_one_of_a_later_version(
    old: DataFolder, how: str
) -> None:
    with open_stores(old, write=["research"], as_it_is=True) as connection:
        connection.execute(f"INSERT INTO research.{TABLE} VALUES ({TODAY + 9})")
    with (
        pytest.raises(LaterLayoutError, match="research"),
        open_stores(old, **{how: STORE_NAMES}),
    ):
        pass
    assert versions(old, "registers") == versions(old, "restricted") == [TODAY]


@pytest.mark.parametrize("how", ["read", "write"])
@pytest.mark.parametrize("store", STORE_NAMES)
def test_a_store_of_a_later_version_is_refused_and_stays_as_it_is(
    folder: DataFolder, store: StoreName, how: str
) -> None:
    with open_stores(folder, write=["registers", store]) as connection:
        connection.execute(f"INSERT INTO {store}.{TABLE} VALUES ({TODAY + 1})")
    before = folder.database(store).read_bytes()
    with pytest.raises(LaterLayoutError) as refused, open_stores(folder, **{how: [store]}):
        pass
    assert str(refused.value) == (
        f"The {store} store was written by a later version of safer-streets (layout {TODAY + 1}; "
        f"this one knows {TODAY}): install that version or a later one."
    )
    assert folder.database(store).read_bytes() == before


def test_a_step_says_what_it_does_and_names_its_own_store_alone() -> None:
    layout.all_steps.cache_clear()
    for step in layout.all_steps():
        assert step.said.endswith(".")
        others = set(STORE_NAMES) - {step.store}
        assert not any(f"{other}." in step.sql for other in others)
