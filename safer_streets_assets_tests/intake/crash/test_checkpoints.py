"""Killed inside DuckDB, while the log of a store is written back into its file.

DuckDB has a setting that stops a checkpoint half-way; the process is killed right there: in one
place of each checkpoint, another for the next, and with SAFER_STREETS_EVERY_MOMENT=1 in every one.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from safer_streets_assets.stores import database
from safer_streets_assets_tests.builders import EVERY_MOMENT
from safer_streets_assets_tests.intake.crash.children import killed_in_child
from safer_streets_assets_tests.intake.crash.runs import AFTER, Crashes, crashes, whole_intake
from safer_streets_assets_tests.intake.crash.scenarios import loaded

HALF_WAY = ("after_free_list_write", "before_header", "before_truncate")


@pytest.fixture(scope="module")
def made() -> Iterator[Crashes]:
    with crashes(loaded) as found:
        yield found


def run(made: Crashes, closing: Callable[[int], None], stop: tuple[int, str] | None = None) -> None:
    """A run that tells the number of each connection around its close; the checkpoint of one of
    them can be stopped half-way.
    """
    made.begin(AFTER)
    watched: Any = duckdb.DuckDBPyConnection
    connect, real_close = database.connect_with_encryption, watched.close
    opened = 0

    def open_next() -> duckdb.DuckDBPyConnection:
        nonlocal opened
        opened += 1
        connection = connect()
        if stop is not None and opened == stop[0]:
            connection.execute(f"SET debug_checkpoint_abort = '{stop[1]}'")
        return connection

    def close(connection: Any) -> None:
        if stop is None:
            closing(opened)
        real_close(connection)
        if stop is not None:
            closing(opened)

    setattr(database, "connect_with_encryption", open_next)  # noqa: B010
    watched.close = close
    whole_intake(made.folder)


def with_a_log(made: Crashes) -> list[int]:
    """The numbers of the connections at whose close a store has a log to be written back."""
    found = []

    def closing(number: int) -> None:
        if any(path.stat().st_size for path in made.folder.root.rglob("*.wal")):
            found.append(number)

    def work() -> list[int]:
        run(made, closing)
        return found

    made.restore()
    return list(made.child(work, AFTER))


@pytest.mark.thorough
def test_killed_half_way_through_any_checkpoint_and_run_again_it_holds_the_same(
    made: Crashes,
) -> None:
    numbers = with_a_log(made)
    assert len(numbers) >= 2
    wrong = {}
    for turn, number in enumerate(numbers):

        def kill(closed: int, wanted: int = number) -> None:
            if closed == wanted:
                os.kill(os.getpid(), signal.SIGKILL)

        for place in HALF_WAY if EVERY_MOMENT else (HALF_WAY[turn % len(HALF_WAY)],):
            made.restore()
            stop = (number, place)
            assert killed_in_child(lambda k=kill, s=stop: run(made, k, s), made.answer)
            assert list(made.folder.root.rglob("*.wal")), "the checkpoint was not stopped"
            wrong[stop] = made.wrong_once_finished()
    assert {stop: what for stop, what in wrong.items() if what} == {}
