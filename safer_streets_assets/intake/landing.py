"""Looks at the landing folder: which files are there, and which have settled.

A file is settled when two looks, the policy's time apart, see the same: its size, the time its
content was modified, the time anything about it changed, and its inode. A copy may preserve an old
modification time, and another file may be put under a name with the same size and time: the time
of change and the inode show it. A file that another process still has open for writing is not
settled, and a text whose last line has no end settles later: a copy may have stopped there for a
while. Of a file no more than its ends is looked at. What a look saw is kept in the restricted
store, under hashes of the paths, because file names may name people.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.intake.writers import ends_within_a_line, inodes_open_for_writing
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.files import write_whole

UNFINISHED_PREFIXES = (".", "~$", "~")
UNFINISHED_SUFFIXES = (".part", ".tmp", ".crdownload", ".partial", ".lock", ".filepart")
# What this program itself puts there for a while: a drop that was released, or is being erased.
_OUR_OWN = re.compile(r"\.[0-9a-f]{64}\.(?:released|part)|\.[0-9a-f]{16}\.erasing")
LOOSE_FILE = "unknown"
A_LINK, NO_FILE, TOO_LARGE = "a link", "a pipe, a socket or a device", "a file beyond the limit"


class LandingUnreadableError(SaferStreetsError):
    """The landing folder cannot be looked at: a failed look is not an empty folder."""


@dataclass(frozen=True)
class LandingFile:
    """A file in the landing folder: the folder it lies in (its source), and how it looked."""

    path: Path
    source: str
    size: int
    modified_ns: int
    changed_ns: int = 0
    inode: int = 0
    device: int = 0

    @cached_property
    def token(self) -> str:
        """An opaque name for the place the file lies in."""
        return hashlib.sha256(os.fsencode(self.path)).hexdigest()

    @property
    def facts(self) -> list[int]:
        """What two looks compare."""
        return [self.size, self.modified_ns, self.changed_ns, self.inode]


@dataclass(frozen=True)
class Look:
    """What a look saw: settled files, files still arriving, and things that are not files.

    `settled_ns` is when the settled files looked as they do for the first time, all of them: in ns
    since 1970 by this machine's clock, 0 when none has settled; later for a text without a last
    line end. `unended` is how many of the files still arriving are such texts.
    """

    settled: tuple[LandingFile, ...]
    arriving: tuple[LandingFile, ...]
    not_files: int
    settled_ns: int = 0
    unended: int = 0


def clock_ns() -> int:
    """The time by this machine's clock, in ns since 1970."""
    return time.time_ns()


def look_at_landing(
    folder: DataFolder, settle_seconds: float = 0.0, open_end_settles: int = 1
) -> Look:
    """Looks once, compares with the looks before, and remembers this one.

    A file is settled when it has looked the same for `settle_seconds`, and on two looks at least; a
    text without a last line end when it has for `open_end_settles` times as long.

    Raises:
        LandingUnreadableError: a folder of the landing cannot be read; nothing is forgotten.
    """
    now = clock_ns()
    files, not_files = files_in_landing(folder)
    before = _remembered(folder)
    seen = {file.token: _first_seen(file, before, now) for file in files}
    settle = int(settle_seconds * 1e9)
    longer = settle * (open_end_settles - 1)
    long_ago = min(now - 1, now - settle)
    waited = [file for file in files if seen[file.token][0] <= long_ago]
    # They settle anew when they are closed.
    seen |= dict.fromkeys((file.token for file in being_written(waited)), (now, 0))
    for file in waited:
        first, added = seen[file.token]
        if first > long_ago - longer and not added and ends_within_a_line(file.path, file.size):
            seen[file.token] = (first, longer)
    remembered = {file.token: [*file.facts, *seen[file.token]] for file in files}
    if remembered != before:
        write_whole(_memory(folder), json.dumps(remembered).encode())
    since = {token: sum(times) for token, times in seen.items()}
    settled = tuple(file for file in files if since[file.token] <= long_ago)
    arriving = tuple(file for file in files if since[file.token] > long_ago)
    newest = max((since[file.token] for file in settled), default=0)
    unended = sum(seen[file.token][1] > 0 for file in arriving)
    return Look(settled, arriving, not_files, newest, unended)


def drop_id_of(path: Path) -> str:
    """SHA-256 of the bytes of a file: the identity of a drop. Links are not followed."""
    digest = hashlib.sha256()
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def source_of(landing: Path, path: Path) -> str:
    """The source in whose folder of the landing a file lies; `LOOSE_FILE` for one in none."""
    parents = path.relative_to(landing).parts[:-1]
    return parents[0] if parents else LOOSE_FILE


def files_in_landing(folder: DataFolder) -> tuple[list[LandingFile], int]:
    """The files as they lie there, by source and path, and how many things are not files.

    A file that goes while the folder is looked at is not there.

    Raises:
        LandingUnreadableError: a folder of the landing cannot be read, or went meanwhile.
    """
    files: list[LandingFile] = []
    not_files = 0
    with _saying_what_cannot_be_read():
        for entry, source in _entries(folder.landing):
            if not entry.is_file(follow_symlinks=False):
                not_files += 1
            elif not _unfinished(entry.name):
                found = _file(entry, source)
                files += [found] if found else []
    return sorted(files, key=lambda file: (file.source, os.fsencode(file.path))), not_files


@dataclass(frozen=True)
class LeftOut:
    """Something in the landing that no look sees, or that is too large, and when it was saved."""

    source: str
    what: str
    modified_ns: int


def left_out(folder: DataFolder, max_bytes: int) -> list[LeftOut]:
    """What lies in the landing and is not taken in.

    Raises:
        LandingUnreadableError: a folder of the landing cannot be read, or went meanwhile.
    """
    found = []
    with _saying_what_cannot_be_read():
        for entry, source in _entries(folder.landing):
            try:
                details = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            what = _why_left_out(entry.name, details, max_bytes)
            if what is not None:
                found.append(LeftOut(source or LOOSE_FILE, what, details.st_mtime_ns))
    return found


def _why_left_out(name: str, details: os.stat_result, max_bytes: int) -> str | None:
    if stat.S_ISLNK(details.st_mode):
        return A_LINK
    if not stat.S_ISREG(details.st_mode):
        return NO_FILE
    lowered = name.lower()
    if start := next((mark for mark in UNFINISHED_PREFIXES if lowered.startswith(mark)), None):
        return None if _OUR_OWN.fullmatch(name) else f"a file whose name begins with {start}"
    if end := next((mark for mark in UNFINISHED_SUFFIXES if lowered.endswith(mark)), None):
        return f"a file whose name ends in {end}"
    return TOO_LARGE if details.st_size > max_bytes else None


def being_written(files: Sequence[LandingFile]) -> list[LandingFile]:
    """Those of some files that a process still has open for writing."""
    if not files:
        return []
    writing = inodes_open_for_writing()
    return [file for file in files if (file.device, file.inode) in writing]


@contextmanager
def _saying_what_cannot_be_read() -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise LandingUnreadableError(
            "The landing folder changed while it was looked at; run again."
        ) from None
    except OSError:
        raise LandingUnreadableError(
            "The landing folder cannot be read; give the pipeline's user access to it."
        ) from None


def _entries(landing: Path) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Everything in the landing but folders, each with the source whose folder it lies in."""
    pending = [(landing, "")]
    while pending:
        folder, source = pending.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append((Path(entry.path), source or entry.name))
                else:
                    yield entry, source


def _file(entry: os.DirEntry[str], source: str) -> LandingFile | None:
    try:
        details = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(details.st_mode):
        return None
    return LandingFile(
        path=Path(entry.path),
        source=source or LOOSE_FILE,
        size=details.st_size,
        modified_ns=details.st_mtime_ns,
        changed_ns=details.st_ctime_ns,
        inode=details.st_ino,
        device=details.st_dev,
    )


def _first_seen(file: LandingFile, before: dict[str, list[int]], now: int) -> tuple[int, int]:
    """When a file was first seen as it is, and how much later it is to count as seen so.

    A time to come (the clock was set back) is now.
    """
    remembered = before.get(file.token)
    if remembered is None or remembered[:-2] != file.facts:
        return now, 0
    return min(remembered[-2], now), remembered[-1]


def _unfinished(name: str) -> bool:
    lowered = name.lower()
    return lowered.startswith(UNFINISHED_PREFIXES) or lowered.endswith(UNFINISHED_SUFFIXES)


def _memory(folder: DataFolder) -> Path:
    return folder.restricted / "landing_looks.json"


def _remembered(folder: DataFolder) -> dict[str, list[int]]:
    """Token to facts and first sight (as `_first_seen` has it).

    Where it is lost or damaged, files have to settle again.
    """
    try:
        remembered = json.loads(_memory(folder).read_text())
    except (OSError, ValueError):
        return {}
    whole = isinstance(remembered, dict) and all(
        isinstance(facts, list) and all(isinstance(fact, int) for fact in facts) and facts
        for facts in remembered.values()
    )
    return remembered if whole else {}
