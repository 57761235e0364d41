"""The worker that reads files: `python -m safer_streets_assets.intake.readers.child`.

It takes requests on standard input and answers on standard output, one at a time, until its input
ends. It can write no file, leaves no core dump, and says nothing but tables and codes.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
from typing import Any

from safer_streets_assets.intake.readers.confined import (
    allow,
    limit,
    opened,
    private_stdout,
    receive,
)
from safer_streets_assets.intake.readers.kind import kind_of_bytes
from safer_streets_assets.intake.readers.model import ReadRequest
from safer_streets_assets.intake.readers.ole import open_ole
from safer_streets_assets.intake.readers.packed import Archive, open_archive
from safer_streets_assets.intake.readers.protocol import (
    EXIT_MEMORY,
    EXIT_PANIC,
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


def main() -> None:
    """Answer requests until the input ends or the process can no longer be trusted."""
    answers = private_stdout()
    allow(resource.RLIMIT_CORE, 0)
    allow(resource.RLIMIT_FSIZE, 0)
    while (message := receive()) is not None:
        answers.write(frame(answer_to(request_from(message))))
        answers.flush()


def answer_to(request: ReadRequest) -> dict[str, Any]:
    """The table, or the code of the reason why there is none.

    Ends the process when memory ran out or a parser panicked: what it left behind is not trusted.
    """
    limit(request.limits)
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
    kind = kind_of_bytes(data)
    archive: Archive | None = None
    if kind == "ole":
        kind, data = open_ole(data, request.passwords)
    if kind == "zip":
        archive = open_archive(data, request.limits)
        kind = archive.kind
    kind = "csv" if kind == "text" else kind
    if kind not in request.formats:
        raise UnreadableDrop("F-FORMAT", [name.upper() for name in request.formats])
    if kind == "csv":
        table = read_text(data, request)
    elif kind == "sav":
        table = read_survey(data, request)
    else:
        table = read_workbook(data, archive, request)
    return table_message(kind, table)


def _bytes_of(path: str, max_bytes: int) -> bytes:
    with opened(path, max_bytes) as (descriptor, size):
        chunks = []
        left = size + 1
        while left and (chunk := os.read(descriptor, min(left, _CHUNK))):
            chunks.append(chunk)
            left -= len(chunk)
    if left != 1:
        raise UnreadableDrop("F-CHANGED")
    return b"".join(chunks)


if __name__ == "__main__":
    main()
