"""Whether a file is still being written: by open writers, and by how its text ends."""

from __future__ import annotations

import os
from pathlib import Path

_PROCESSES = "/proc"
_LINE_ENDS = b"\r\n\x1a"
# Archives and OLE containers, where how the last byte looks says nothing.
_NO_TEXT = (b"PK", b"\xd0\xcf\x11\xe0", b"$FL", b"%PDF", b"\x1f\x8b")
_NEVER_IN_TEXT = frozenset(range(32)) - set(b"\t\n\v\f\r\x1a")
_TWO_BYTES = (b"\xff\xfe", b"\xfe\xff")


def inodes_open_for_writing() -> set[tuple[int, int]]:
    """Device and inode of each file that a process has open for writing.

    Only Linux tells, and of other users' processes only to the superuser: what cannot be seen is
    left out.
    """
    found = set()
    try:
        processes = [entry for entry in os.listdir(_PROCESSES) if entry.isdigit()]
    except OSError:
        return set()
    for process in processes:
        # Paths as plain texts: a busy machine has tens of thousands of open files.
        own = f"{_PROCESSES}/{process}"
        try:
            numbers = os.listdir(f"{own}/fd")
        except OSError:
            continue
        for number in numbers:
            opened = f"{own}/fd/{number}"
            try:
                # Sockets, pipes and the like have no path.
                if not os.readlink(opened).startswith("/"):
                    continue
                with open(f"{own}/fdinfo/{number}", "rb") as stream:
                    flags = stream.read()
                if _for_writing(flags):
                    details = os.stat(opened)
                    found.add((details.st_dev, details.st_ino))
            except OSError:
                continue
    return found


def _for_writing(fdinfo: bytes) -> bool:
    for line in fdinfo.splitlines():
        name, _, value = line.partition(b":")
        if name == b"flags":
            return int(value, 8) & os.O_ACCMODE != os.O_RDONLY
    return False


def ends_within_a_line(path: Path, size: int) -> bool:
    """Whether a file of that size is a text whose last line has no end; not so when unreadable."""
    if size == 0:
        return False
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return False
    try:
        start, end = os.pread(descriptor, 512, 0), os.pread(descriptor, 2, max(size - 2, 0))
    except OSError:
        return False
    finally:
        os.close(descriptor)
    if not _may_be_text(start):
        return False
    ends = _LINE_ENDS if _in_two_bytes(start) else _LINE_ENDS + b"\0"
    return not any(letter in ends for letter in end)


def _may_be_text(start: bytes) -> bool:
    """Whether a file that begins so may be a text."""
    if not start or start.startswith(_NO_TEXT) or b"\x00\x00" in start:
        return False
    return _in_two_bytes(start) or _NEVER_IN_TEXT.isdisjoint(start)


def _in_two_bytes(start: bytes) -> bool:
    """Whether a text that begins so is in UTF-16, where nearly every other byte is 0."""
    return start.startswith(_TWO_BYTES) or start.count(0) * 4 > len(start)
