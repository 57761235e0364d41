"""Looks at the landing folder: which files are there, and which have settled.

A file is settled when its size and modification time are the same on two looks. What a look saw is
kept in the restricted store, under hashes of the paths, because file names may name people.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.files import write_whole

UNFINISHED_PREFIXES = (".", "~$", "~")
UNFINISHED_SUFFIXES = (".part", ".tmp", ".crdownload", ".partial", ".lock", ".filepart")
LOOSE_FILE = "unknown"


class LandingUnreadableError(SaferStreetsError):
    """The landing folder cannot be looked at: a failed look is not an empty folder."""


@dataclass(frozen=True)
class LandingFile:
    """A file in the landing folder: the folder it lies in (its source), and how it looked."""

    path: Path
    source: str
    size: int
    modified_ns: int

    @property
    def token(self) -> str:
        """An opaque name for the place the file lies in."""
        return hashlib.sha256(os.fsencode(self.path)).hexdigest()


@dataclass(frozen=True)
class Look:
    """What a look saw: settled files, files still arriving, and things that are not files."""

    settled: tuple[LandingFile, ...]
    arriving: tuple[LandingFile, ...]
    not_files: int


def look_at_landing(folder: DataFolder) -> Look:
    """Looks once, compares with the look before, and remembers this one.

    Raises:
        LandingUnreadableError: a folder of the landing cannot be read.
    """
    files, not_files = _walk(folder.landing)
    before = _remembered(folder)
    now = {file.token: [file.size, file.modified_ns] for file in files}
    if now != before:
        write_whole(_memory(folder), json.dumps(now, sort_keys=True).encode())
    settled = [file for file in files if before.get(file.token) == now[file.token]]
    arriving = [file for file in files if before.get(file.token) != now[file.token]]
    return Look(tuple(settled), tuple(arriving), not_files)


def drop_id_of(path: Path) -> str:
    """SHA-256 of the bytes of a file: the identity of a drop. Links are not followed."""
    digest = hashlib.sha256()
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _walk(landing: Path) -> tuple[list[LandingFile], int]:
    files: list[LandingFile] = []
    not_files = 0
    try:
        pending = [(landing, "")]
        while pending:
            folder, source = pending.pop()
            for entry in sorted(os.scandir(folder), key=lambda found: found.name):
                if entry.is_dir(follow_symlinks=False):
                    pending.append((Path(entry.path), source or entry.name))
                elif not entry.is_file(follow_symlinks=False):
                    not_files += 1
                elif not _unfinished(entry.name):
                    details = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(details.st_mode):
                        files.append(
                            LandingFile(
                                Path(entry.path),
                                source or LOOSE_FILE,
                                details.st_size,
                                details.st_mtime_ns,
                            )
                        )
    except FileNotFoundError:
        raise LandingUnreadableError(
            "The landing folder changed while it was looked at; run again."
        ) from None
    except OSError:
        raise LandingUnreadableError(
            "The landing folder cannot be read; give the pipeline's user access to it."
        ) from None
    return sorted(files, key=lambda file: (file.source, os.fsencode(file.path))), not_files


def _unfinished(name: str) -> bool:
    lowered = name.lower()
    return lowered.startswith(UNFINISHED_PREFIXES) or lowered.endswith(UNFINISHED_SUFFIXES)


def _memory(folder: DataFolder) -> Path:
    return folder.restricted / "landing_looks.json"


def _remembered(folder: DataFolder) -> dict[str, list[int]]:
    try:
        remembered: dict[str, list[int]] = json.loads(_memory(folder).read_text())
    except (OSError, ValueError):
        return {}
    return remembered
