"""The instances of DuckDB that stores are attached to: what they may use and reach, and their wait.

To make an instance (its functions, the encryption module) takes longer than to attach small stores.
So in a block of `keeping`, which is for who holds the data folder, one that served without a fault
serves again. Between uses it has no store attached: other programs are not kept out, and each store
is opened from its file, under its key, as it then is. Each use has a connection of its own, so
nothing temporary of one is there in the next.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from safer_streets_assets.stores.folder import DataFolder
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

LEAST_MEMORY, MOST_MEMORY = 512 << 20, 2048 << 20
"""Bytes that the work on the stores has at least and takes at most. With a million people the
cohort's query does not fit into 512 MB, and with 2 GB little is spilled, encrypted, to the disk."""

MOST_WAITING = 3
"""So many instances wait at most: a use within a use needs a second one."""

_guard = threading.Lock()
_blocks = 0
_waiting: list[tuple[int, tuple[str, ...], duckdb.DuckDBPyConnection]] = []
"""The instances that wait, with the process and the settings they were made for."""


def memory_limit() -> str:
    """What the work on the stores may take, for DuckDB's `memory_limit`: a quarter of this
    machine's memory, between `LEAST_MEMORY` and `MOST_MEMORY`."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{min(max(machine // 4, LEAST_MEMORY), MOST_MEMORY) >> 20}MiB"


def settings(folder: DataFolder, extra_folders: Sequence[Path]) -> tuple[str, ...]:
    """The statements that bind an instance to what it may use and reach, for good."""
    allowed = [folder.restricted, folder.research, folder.registers, *extra_folders]
    listed = ", ".join(quoted_text(f"{path}{os.sep}") for path in allowed)
    return (
        "SET temp_file_encryption = true",
        f"SET memory_limit = '{memory_limit()}'",
        "SET enable_progress_bar = false",
        f"SET temp_directory = {quoted_text(str(_spill(folder)))}",
        f"SET allowed_directories = [{listed}]",
        "SET autoinstall_known_extensions = false",
        "SET autoload_known_extensions = false",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    )


def spilled(folder: DataFolder) -> bool:
    """Whether there is a folder of what DuckDB took out of the memory."""
    return _spill(folder).exists()


def _spill(folder: DataFolder) -> Path:
    return folder.restricted / "spill"


@contextmanager
def keeping() -> Iterator[None]:
    """Instances are kept in the block, by all threads; the last block to end closes them."""
    global _blocks  # noqa: PLW0603
    with _guard:
        _blocks += 1
    try:
        yield
    finally:
        with _guard:
            _blocks -= 1
            ended = [] if _blocks else [one for one in _waiting if one[0] == os.getpid()]
            for one in ended:
                _waiting.remove(one)
        for _, _, instance in ended:
            instance.close()


def is_keeping() -> bool:
    """Whether a block of `keeping` goes on."""
    return _blocks > 0


def take(settings: tuple[str, ...]) -> duckdb.DuckDBPyConnection | None:
    """An instance that waits and was made for these settings; None where there is none."""
    with _guard:
        for place, (process, made_for, instance) in enumerate(_waiting):
            if process == os.getpid() and made_for == settings:
                del _waiting[place]
                return instance
    return None


def let_wait(instance: duckdb.DuckDBPyConnection, settings: tuple[str, ...]) -> bool:
    """Lets an instance wait for its next use, without stores; False where that cannot be.

    Its connections are closed. What is False is to be closed by the caller.
    """
    try:
        attached = instance.execute(
            "SELECT database_name FROM duckdb_databases() WHERE NOT internal AND path IS NOT NULL"
        ).fetchall()
        for (database,) in attached:
            instance.execute(f"DETACH {quoted_name(database)}")
        left = instance.execute(
            "SELECT 1 FROM duckdb_tables() "
            "UNION ALL SELECT 1 FROM duckdb_views() WHERE NOT internal"
        ).fetchall()
    except duckdb.Error:
        return False
    if left:
        return False
    with _guard:
        if _blocks == 0 or len(_waiting) >= MOST_WAITING:
            return False
        _waiting.append((os.getpid(), settings, instance))
    return True
