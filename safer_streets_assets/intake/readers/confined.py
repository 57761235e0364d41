"""What a child process that reads files may do, and how it opens a file and hears a request."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from safer_streets_assets.intake.readers.model import ReadLimits
from safer_streets_assets.intake.readers.protocol import LENGTH
from safer_streets_assets.intake.readers.reasons import UnreadableDrop

_NOT_A_FILE = (errno.ELOOP, errno.ENXIO, errno.EISDIR)
_GRACE_SECONDS = 5.0


def allow(what: int, most: int) -> None:
    """Bound a resource of this process for good (see `resource.setrlimit`)."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(what, (most, most))


def limit(limits: ReadLimits) -> None:
    """Bound the memory and the time of this process for one file."""
    with contextlib.suppress(ValueError, OSError):
        ceiling = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, ceiling))
    # The parent keeps the time; this ends a child whose parent is gone.
    signal.setitimer(signal.ITIMER_REAL, limits.seconds + _GRACE_SECONDS)


@contextmanager
def opened(path: str, max_bytes: int) -> Iterator[tuple[int, int]]:
    """The descriptor and size of an ordinary file, which must not change until the block ends.

    No link is followed, and a pipe cannot hold us up. Raises UnreadableDrop: F-NOT-A-FILE,
    F-CANNOT-OPEN, F-TOO-LARGE, F-CHANGED.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        code = "F-NOT-A-FILE" if error.errno in _NOT_A_FILE else "F-CANNOT-OPEN"
        raise UnreadableDrop(code) from None
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise UnreadableDrop("F-NOT-A-FILE")
        if before.st_size > max_bytes:
            raise UnreadableDrop("F-TOO-LARGE")
        yield descriptor, before.st_size
        after = os.fstat(descriptor)
    except OSError:
        raise UnreadableDrop("F-CANNOT-OPEN") from None
    finally:
        os.close(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UnreadableDrop("F-CHANGED")


def private_stdout() -> BinaryIO:
    """The answer pipe; what a library prints from now on goes nowhere."""
    pipe = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return pipe


def receive() -> dict[str, Any] | None:
    """The next message on standard input; None when it has ended."""
    head = sys.stdin.buffer.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    body: dict[str, Any] = json.loads(sys.stdin.buffer.read(LENGTH.unpack(head)[0]))
    return body
