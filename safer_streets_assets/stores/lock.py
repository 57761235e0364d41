"""One run at a time: an advisory lock on a file, released by the system when a process dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safer_streets_assets.errors import SaferStreetsError

POLL_SECONDS = 0.2


class AnotherRunError(SaferStreetsError):
    """Another run holds the lock."""


@contextmanager
def run_lock(path: Path, wait_seconds: float = 0.0) -> Iterator[None]:
    """Holds the lock of the data folder while a run goes on.

    Raises:
        AnotherRunError: another process still held it after `wait_seconds`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor, time.monotonic() + wait_seconds)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise AnotherRunError(
                    "Another run is going on in this data folder; wait until it has ended and "
                    "start again."
                ) from None
            time.sleep(POLL_SECONDS)
