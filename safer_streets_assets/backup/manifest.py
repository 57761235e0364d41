"""What a backup says of itself: format, time, every file with its hash, keys, and erasures."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from safer_streets_assets.backup.errors import BackupError
from safer_streets_assets.retention.holdings.inventory import files_below
from safer_streets_assets.retention.records.chain import Head
from safer_streets_assets.stores.files import CHUNK

FORMAT = 1
NAME = "manifest.json"
DATA = "data"


@dataclass(frozen=True)
class BackupFile:
    """A file of the backup: SHA-256, size in bytes, and the file mode it had."""

    sha256: str
    bytes: int
    mode: int


@dataclass(frozen=True)
class Manifest:
    """The contents of `manifest.json`; times are in UTC, `keys` are fingerprints by name,
    and `erasures` says where the chain of certificates ended."""

    format: int
    made_at: str
    version: str
    files: dict[str, BackupFile]
    folders: dict[str, int]
    keys: dict[str, str]
    erasures: Head

    def as_bytes(self) -> bytes:
        """The manifest as JSON."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()


def sha256_of(path: Path) -> str:
    """SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def read_whole(backup: Path) -> Manifest:
    """The manifest of a backup whose files are all there and as they were.

    Raises:
        BackupError: it is no backup, of a later version, or damaged.
    """
    try:
        facts = json.loads((backup / NAME).read_bytes())
        made_by_later = facts["format"] > FORMAT
        if not made_by_later:
            facts["files"] = {name: BackupFile(**entry) for name, entry in facts["files"].items()}
            facts["erasures"] = Head(**facts["erasures"])
            manifest = Manifest(**facts)
    except (OSError, ValueError, KeyError, TypeError):
        raise BackupError(
            "There is no whole backup in that folder; give the folder that safer-streets backup "
            "make wrote."
        ) from None
    if made_by_later:
        raise BackupError("The backup is of a later version; install that version to restore it.")
    base = backup / DATA
    there = {str(path.relative_to(base)) for path in files_below(base)}
    if there != manifest.files.keys() or not all(
        not (base / name).is_symlink()
        and (base / name).stat().st_size == entry.bytes
        and sha256_of(base / name) == entry.sha256
        for name, entry in manifest.files.items()
    ):
        raise BackupError(
            "The backup is damaged: a file is missing, changed or too many; use another backup."
        )
    return manifest
