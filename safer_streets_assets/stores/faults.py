"""What a fault of the machine is, told by the error it comes as: a full disk, damage, a lock.

The text of an error may hold values from the data: it is looked at for the kind of fault, and never
passed on.
"""

from __future__ import annotations

import errno
import sqlite3
from typing import Literal

import duckdb

from safer_streets_assets.errors import chain_of

Fault = Literal["locked", "full", "not ours", "wrong key", "damaged"]
FULL = (
    "The data folder cannot be written, most often because the disk is full: make room and run the "
    "command again; it goes on where it stopped."
)
NOT_OURS = (
    "A file or folder cannot be read or written: give the data folder and all that is in it to the "
    "user that runs the pipeline, see that its volume is not read-only, and run the command again."
)
HISTORY_DAMAGED = (
    "Dagster's history is damaged: move the folder dagster out of the data folder and run the "
    "command again; it holds the history of runs and nothing else, and a new one is begun."
)
HISTORY_AWAY = (
    "Dagster's history in PostgreSQL cannot be used: see that the server runs, that "
    "SAFER_STREETS_POSTGRES and PGPASSWORD are right and that the database belongs to that user, "
    "and run the command again."
)
HISTORY_NO_ROOM = (
    "PostgreSQL, which keeps Dagster's history, has no room or no connection left: see to that and "
    "run the command again; it goes on where it stopped."
)
HISTORY_IN_USE = (
    "Dagster's history is being used by another program; try again when that has ended."
)
_DAMAGED: dict[str, str] = {
    "restricted": (
        "The restricted store (restricted/restricted.duckdb) is damaged or unreadable: restore the "
        "newest backup (safer-streets backup restore)."
    ),
    "research": (
        "The research store (research/research.duckdb) is damaged or unreadable: delete that file "
        "and what lies beside it, and run safer-streets run, which makes it again from the "
        "restricted store."
    ),
    "registers": (
        "The registers (registers/registers.duckdb) are damaged or unreadable: run safer-streets "
        "retention --enforce, which takes them from the copy beside them, or restore the newest "
        "backup (safer-streets backup restore)."
    ),
}
_SOME_STORE_DAMAGED = (
    "A store is damaged or unreadable, and it cannot be told which: restore the newest backup "
    "(safer-streets backup restore)."
)
_OF_THE_MACHINE = (
    duckdb.BinderException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.InvalidInputException,
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.SerializationException,
    duckdb.TransactionException,
)
"""What DuckDB raises for a fault of the machine. Its other errors are about rows or about SQL."""
_SIGNS: dict[Fault, tuple[str, ...]] = {
    # The second one is the same process: Dagster's code server looks at several things at a time.
    "locked": ("Could not set lock on file", "Unique file handle conflict"),
    "full": ("No space left on device", "Disk quota exceeded", "max_temp_directory_size"),
    "not ours": ("Permission denied", "Read-only file system", "Operation not permitted"),
    "wrong key": ("Wrong encryption key",),
    "damaged": (
        "Corrupt database file",
        "AES tag",
        "not a valid DuckDB database file",
        "Could not read enough bytes",
        "Input/output error",
        "Is a directory",
        "while replaying WAL",
    ),
}


def duckdb_fault(error: duckdb.Error) -> Fault | None:
    """Which fault of the machine an error of DuckDB is; None when it is another error."""
    if not isinstance(error, _OF_THE_MACHINE):
        return None
    text = str(error)
    return next((f for f, signs in _SIGNS.items() if any(sign in text for sign in signs)), None)


def damaged_sentence(store: str | None) -> str:
    """What is said of a store that is damaged, and what to do; None: it is not known which."""
    return _SOME_STORE_DAMAGED if store is None else _DAMAGED[store]


def sentence_of_fault(error: BaseException) -> str | None:
    """What is said of a fault of the machine, or of Dagster's history, that an error came from;
    None when it came from something else."""
    for one in chain_of(error):
        if isinstance(one, sqlite3.Error):
            return _of_history(one)
        if type(one).__module__.partition(".")[0] == "psycopg2":
            return _of_postgres(one)
        if isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            return FULL
        if isinstance(one, OSError) and one.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return NOT_OURS
    return None


def _of_postgres(error: BaseException) -> str:
    """PostgreSQL, too, is under Dagster's history and nothing else. Its library is not imported to
    look at an error: few have it open."""
    code = str(getattr(error, "pgcode", None) or "")
    if code == "55P03":
        return HISTORY_IN_USE
    return HISTORY_NO_ROOM if code.startswith("53") else HISTORY_AWAY


def _of_history(error: sqlite3.Error) -> str:
    """SQLite is under Dagster's history in files and nothing else."""
    text = str(error)
    if "locked" in text:
        return HISTORY_IN_USE
    if "readonly" in text or "unable to open" in text:
        return NOT_OURS
    return FULL if isinstance(error, sqlite3.OperationalError) else HISTORY_DAMAGED
