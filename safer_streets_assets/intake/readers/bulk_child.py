"""The worker that reads one large text: `python -m safer_streets_assets.intake.readers.bulk_child`.

Unlike the worker for all other files it writes one file, the store that its request names.
"""

from __future__ import annotations

import os
import resource
from typing import Any

from safer_streets_assets.intake.readers.bulk import NotPlainError, read_in_bulk
from safer_streets_assets.intake.readers.confined import (
    allow,
    limit,
    opened,
    private_stdout,
    receive,
)
from safer_streets_assets.intake.readers.model import ReadRequest
from safer_streets_assets.intake.readers.protocol import (
    EXIT_PANIC,
    bulk_message,
    frame,
    request_from,
)
from safer_streets_assets.intake.readers.reasons import UnreadableDrop


def main() -> None:
    """Answer one request: what was read into the store, or that the file is not plain."""
    answers = private_stdout()
    message = receive()
    if message is None:
        return
    request = request_from(message)
    allow(resource.RLIMIT_CORE, 0)
    allow(resource.RLIMIT_FSIZE, request.limits.max_unpacked_bytes)
    limit(request.limits)
    try:
        answer = _answer_to(request)
    except BaseException:
        # An exception's message may hold text from the file.
        os._exit(EXIT_PANIC)
    answers.write(frame(answer))
    answers.flush()


def _answer_to(request: ReadRequest) -> dict[str, Any]:
    if request.bulk is None:
        return bulk_message(None)
    try:
        with opened(os.fspath(request.path), request.limits.max_bytes) as (descriptor, _):
            table = read_in_bulk(descriptor, request, request.bulk)
    except (NotPlainError, UnreadableDrop):
        return bulk_message(None)
    return bulk_message(table)


if __name__ == "__main__":
    main()
