"""A worker whose parsers do what a file tells them to: end, panic, use up memory, never return."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from safer_streets_assets.intake.readers import child


class Panic(BaseException):
    """What a parser written in Rust raises; its message holds text of the file."""


def poisoned(data: bytes, *args: Any) -> Any:
    """The plain parser, but some words in the data are obeyed."""
    if b"poison exit" in data:
        os._exit(3)
    if b"poison abort" in data:
        os.abort()
    if b"poison panic" in data:
        sys.stdout.write(repr(data))
        raise Panic(data)
    if b"poison error" in data:
        raise ValueError(data)
    if b"poison memory" in data:
        return bytearray(1 << 40)
    while b"poison loop" in data:
        time.sleep(0.01)
    return _READ_TEXT(data, *args)


_READ_TEXT = child.read_text

if __name__ == "__main__":
    setattr(child, "read_text", poisoned)  # noqa: B010 - the module does not export it
    child.main()
