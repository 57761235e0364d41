"""The worker that reads files: `python -m safer_streets_assets.intake.readers.child`.

It takes requests on standard input and answers on standard output, one at a time, until its input
ends. It can write no file, leaves no core dump, and says nothing but tables and codes.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import json
import os
import resource
import signal
import stat
import sys
from typing import Any, BinaryIO

from safer_streets_assets.intake.readers.kind import kind_of
from safer_streets_assets.intake.readers.model import ReadLimits, ReadRequest
from safer_streets_assets.intake.readers.ole import open_ole
from safer_streets_assets.intake.readers.packed import Archive, open_archive
from safer_streets_assets.intake.readers.protocol import (
    EXIT_MEMORY,
    EXIT_PANIC,
    LENGTH,
    frame,
    refusal_message,
    request_from,
    table_message,
)
from safer_streets_assets.intake.readers.reasons import UnreadableDrop
from safer_streets_assets.intake.readers.survey import read_survey
from safer_streets_assets.intake.readers.text import read_text
from safer_streets_assets.intake.readers.workbook import read_workbook

_CHUNK = 1 << 20
_NOT_A_FILE = (errno.ELOOP, errno.ENXIO, errno.EISDIR)
_GRACE_SECONDS = 5.0


def main() -> None:
    """Answer requests until the input ends or the process can no longer be trusted."""
    requests, answers = sys.stdin.buffer, _private_stdout()
    _forbid(resource.RLIMIT_CORE)
    _forbid(resource.RLIMIT_FSIZE)
    while (message := _receive(requests)) is not None:
        answers.write(frame(answer_to(request_from(message))))
        answers.flush()


def answer_to(request: ReadRequest) -> dict[str, Any]:
    """The table, or the code of the reason why there is none.

    Ends the process when memory ran out or a parser panicked: what it left behind is not trusted.
    """
    _limit(request.limits)
    gc.disable()  # Nothing here makes cycles, and collecting among a million cells is slow.
    try:
        return _read(request)
    except UnreadableDrop as refusal:
        return refusal_message(refusal)
    except MemoryError:
        os._exit(EXIT_MEMORY)
    except BaseException:
        # A parser's panic arrives as a BaseException; its message holds text from the file.
        os._exit(EXIT_PANIC)
    finally:
        gc.enable()
        signal.setitimer(signal.ITIMER_REAL, 0)


def _read(request: ReadRequest) -> dict[str, Any]:
    data = _bytes_of(os.fspath(request.path), request.limits.max_bytes)
    kind = kind_of(data)
    archive: Archive | None = None
    if kind == "ole":
        kind, data = open_ole(data, request.passwords)
    if kind == "zip":
        archive = open_archive(data, request.limits)
        kind = archive.kind
    kind = "csv" if kind == "text" else kind
    if kind not in request.formats:
        raise UnreadableDrop("F-FORMAT")
    if kind == "csv":
        table = read_text(data, request)
    elif kind == "sav":
        table = read_survey(data, request)
    else:
        table = read_workbook(data, archive, request)
    return table_message(kind, table)


def _bytes_of(path: str, max_bytes: int) -> bytes:
    """All bytes of an ordinary file: no link is followed, and a pipe cannot hold us up."""
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
        chunks = []
        left = before.st_size + 1
        while left and (chunk := os.read(descriptor, min(left, _CHUNK))):
            chunks.append(chunk)
            left -= len(chunk)
        after = os.fstat(descriptor)
    except OSError:
        raise UnreadableDrop("F-CANNOT-OPEN") from None
    finally:
        os.close(descriptor)
    if left != 1 or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UnreadableDrop("F-CHANGED")
    return b"".join(chunks)


def _limit(limits: ReadLimits) -> None:
    with contextlib.suppress(ValueError, OSError):
        ceiling = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, ceiling))
    # The parent keeps the time; this ends a child whose parent is gone.
    signal.setitimer(signal.ITIMER_REAL, limits.seconds + _GRACE_SECONDS)


def _forbid(what: int) -> None:
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(what, (0, 0))


def _private_stdout() -> BinaryIO:
    """The answer pipe; what a library prints from now on goes nowhere."""
    pipe = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return pipe


def _receive(stream: BinaryIO) -> dict[str, Any] | None:
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    body: dict[str, Any] = json.loads(stream.read(LENGTH.unpack(head)[0]))
    return body


if __name__ == "__main__":
    main()
