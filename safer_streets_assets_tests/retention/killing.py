"""Kills a step, as `kill -9` does, before each change it makes to disk or to a store.

The step runs in a forked child that ends without cleaning up at its k-th change. Changes are what
Python reports of files (opened for writing, renamed, linked), the first sync of a file (what is
being overwritten is random bytes from then on, until the file after it is opened), and what makes
DuckDB write: statements inside a transaction do not.

The suite kills at a few moments of each step, always the same ones; SAFER_STREETS_EVERY_MOMENT=1
kills at every one of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import duckdb

from safer_streets_assets_tests.builders import EVERY_MOMENT

PARTS = 3 if EVERY_MOMENT else 1
"""Tests over which the moments of one step are dealt out, so that they can run side by side."""
KILLED = 99
FINISHED = 0
_FILE_EVENTS = ("os.rename", "os.link", "os.rmdir")
_STATEMENTS = ("DELETE FROM restricted", "COPY", "COMMIT", "DETACH", "CHECKPOINT")


def moments(each: int, part: int = 1, parts: int = 1) -> range:
    """The changes before which a step is killed, from 1 on: each so-many-th or, when asked for,
    every one; of those the share of a part (from 1) of several.
    """
    step = 1 if EVERY_MOMENT else each
    return range(1 + (part - 1) * step, 10_000, parts * step)


def run_until(step: Callable[[], object], changes: int) -> bool:
    """Runs a step in a child that dies before its change number `changes` (from 1).

    Returns whether the step came to its end before that. A step that fails is an error.
    """
    child = os.fork()
    if child == 0:
        os._exit(_in_child(step, changes))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (KILLED, FINISHED), f"the step failed in the child ({code})"
    return code == FINISHED


def _in_child(step: Callable[[], object], changes: int) -> int:
    left = changes
    synced = set()

    def change() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(KILLED)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_ACCMODE
        if writes or event in _FILE_EVENTS:
            change()

    real_execute, real_sync = duckdb.DuckDBPyConnection.execute, os.fsync

    def execute(self: duckdb.DuckDBPyConnection, query: str, *arguments: Any) -> Any:
        if query.lstrip().startswith(_STATEMENTS):
            change()
        return real_execute(self, query, *arguments)

    def sync(descriptor: int) -> None:
        inode = os.fstat(descriptor).st_ino
        if inode not in synced:
            synced.add(inode)
            change()
        real_sync(descriptor)

    try:
        duckdb.DuckDBPyConnection.execute = execute  # type: ignore[assignment, method-assign]
        os.fsync = sync
        sys.addaudithook(watch)
        step()
    except BaseException:
        return 1
    return FINISHED
