"""How a command ends that does not go well: one true sentence, and an exit code.

The text of an exception that is not our own may hold personal data: it is looked at for the kind of
fault, and never shown.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator

from safer_streets_assets.errors import SaferStreetsError, was_query_interrupted

FAILED = 1
INTERRUPTED = 130
SAID_INTERRUPTED = "Interrupted; run again: what was begun is finished or undone then."
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
HISTORY_IN_USE = (
    "Dagster's history is being used by another program; try again when that has ended."
)


def sentence_of(error: BaseException) -> str:
    """What is said of an error that ends a command."""
    if isinstance(error, SaferStreetsError):
        return str(error)
    for one in _chain(error):
        if isinstance(one, sqlite3.Error):
            return _of_history(one)
        if isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            return FULL
        if isinstance(one, OSError) and one.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return NOT_OURS
    return (
        f"An unexpected {type(error).__name__} ended the command; its text is withheld, as it may "
        "hold personal data: run it again with --debug where nobody else sees the screen."
    )


def was_interrupted(error: BaseException) -> bool:
    """Whether an operator ended the command (Ctrl-C), also where a library made another of it.

    A question that was answered with no is none.
    """
    return any(
        isinstance(one, KeyboardInterrupt)
        or type(one).__name__ == "DagsterExecutionInterruptedError"
        or was_query_interrupted(one)
        for one in _chain(error)
    )


def input_ended(error: BaseException) -> bool:
    """Whether the input ended where an answer was waited for."""
    return any(isinstance(one, EOFError) for one in _chain(error))


def _of_history(error: sqlite3.Error) -> str:
    """SQLite is under Dagster's history and nothing else."""
    text = str(error)
    if "locked" in text:
        return HISTORY_IN_USE
    if "readonly" in text or "unable to open" in text:
        return NOT_OURS
    return FULL if isinstance(error, sqlite3.OperationalError) else HISTORY_DAMAGED


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came from, whether or not that was said on purpose."""
    found: BaseException | None = error
    seen: set[int] = set()
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__
