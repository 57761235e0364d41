"""One at a time in a data folder: an advisory lock on a file, let go when its process dies.

Whoever holds it writes into the file who that is, so that whoever waits can say for what.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from safer_streets_assets.errors import SaferStreetsError

POLL_SECONDS = 0.2
PATIENCE_SECONDS = 1.0
"""A wait shorter than this is not worth a line."""
MOST_BYTES = 1000
SOMETHING = "another program"

_held_by_this_process: set[str] = set()
_taken_by_this_process: set[str] = set()
"""The locks that this process has, for all it does or for a block."""


class AnotherRunError(SaferStreetsError):
    """Another process holds the lock."""


class LockError(SaferStreetsError):
    """The lock cannot be taken at all."""


@contextmanager
def run_lock(
    path: Path,
    wait_seconds: float = 0.0,
    what: str = SOMETHING,
    say: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Holds a lock, such as that of the data folder while a run goes on.

    `what` is how others are told of this process; it names nobody. A wait is told once to `say`.
    Where this process holds the lock for all it does (`hold`), there is nothing to wait for.

    Raises:
        AnotherRunError: another process still held it after `wait_seconds`.
        LockError: the file cannot be made or written.
    """
    if _name(path) in _held_by_this_process:
        yield
        return
    descriptor = _opened(path)
    try:
        _take(descriptor, path, wait_seconds, say)
        _write_holder(descriptor, what)
        _taken_by_this_process.add(_name(path))
        try:
            yield
        finally:
            _taken_by_this_process.discard(_name(path))
            _forget_holder(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def hold(
    path: Path, wait_seconds: float, what: str, say: Callable[[str], None] | None = None
) -> Iterator[None]:
    """As `run_lock`, for all that this process does: what it calls takes the lock as held.

    Raises:
        AnotherRunError, LockError: as `run_lock`.
    """
    with run_lock(path, wait_seconds, what, say):
        mine = _name(path) not in _held_by_this_process
        _held_by_this_process.add(_name(path))
        try:
            yield
        finally:
            if mine:
                _held_by_this_process.discard(_name(path))


def is_taken_here(path: Path) -> bool:
    """Whether this process has a lock."""
    return _name(path) in _taken_by_this_process


@contextmanager
def passing_lock(path: Path, what: str) -> Iterator[None]:
    """Holds a lock without a wait, and leaves neither its file nor a folder made for it.

    Raises:
        AnotherRunError: another process holds it.
        LockError: the file cannot be made or written.
    """
    made = [folder for folder in path.parents if not folder.exists()]
    descriptor = _own(path)
    try:
        _write_holder(descriptor, what)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)
        with suppress(OSError):
            for folder in made:
                folder.rmdir()


def keep_until_exit(path: Path, what: str) -> None:
    """Takes a lock for as long as this process lives.

    Raises:
        AnotherRunError: another process holds it.
        LockError: the file cannot be made or written.
    """
    descriptor = _opened(path)
    try:
        _take(descriptor, path, 0.0, None)
    except AnotherRunError:
        os.close(descriptor)
        raise
    _write_holder(descriptor, what)


def holder_of(path: Path) -> str:
    """Who holds a lock, in words: what it does, its process, and since when."""
    try:
        facts = json.loads(path.read_bytes()[:MOST_BYTES])
        return f"{facts['what']} (process {facts['process']}, since {facts['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return SOMETHING


def _name(path: Path) -> str:
    return os.path.realpath(path)


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        raise LockError(
            f"The folder {path.parent} cannot be written: give it and what is in it to the user "
            "that runs the pipeline, and see that its volume is there and not read-only."
        ) from None


def _own(path: Path) -> int:
    """The lock's file, held, that is still in its place: who held it before may have removed it."""
    while True:
        descriptor = _opened(path)
        try:
            _take(descriptor, path, 0.0, None)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), os.lstat(path)):
                    return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _take(
    descriptor: int, path: Path, wait_seconds: float, say: Callable[[str], None] | None
) -> None:
    began = time.monotonic()
    told = say is None
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            waited = time.monotonic() - began
            if waited >= wait_seconds:
                raise AnotherRunError(
                    f"The folder {path.parent} is being used by {holder_of(path)}; try again when "
                    "that has ended."
                ) from None
            if say is not None and not told and waited >= PATIENCE_SECONDS:
                say(f"Waiting until {holder_of(path)} has ended in the folder {path.parent}.")
                told = True
            time.sleep(POLL_SECONDS)


def _forget_holder(descriptor: int) -> None:
    with suppress(OSError):
        os.ftruncate(descriptor, 0)


def _write_holder(descriptor: int, what: str) -> None:
    since = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
    facts = json.dumps({"what": what, "process": os.getpid(), "since": since}).encode()
    # A full disk stops nobody from taking the lock: who waits is told less.
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, facts, 0)
