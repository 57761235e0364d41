"""Makes a backup: a consistent copy of the data folder, and apart from it one of the keys.

The landing folder is left out: its files are not encrypted, and wait to be taken in. So are bundles
for subject access and their keys: they can be made again.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from safer_streets_assets import __version__
from safer_streets_assets.backup.errors import BackupError
from safer_streets_assets.backup.manifest import DATA, FORMAT, NAME, BackupFile, Manifest, sha256_of
from safer_streets_assets.backup.position import head_of, whole_chain
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import resume
from safer_streets_assets.retention.holdings.bundles import bundle_keys
from safer_streets_assets.retention.holdings.inventory import files_below
from safer_streets_assets.retention.records.chain import Head
from safer_streets_assets.stores import DataFolder, Keys, open_stores
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.files import built_beside
from safer_streets_assets.stores.folder import OWNER_ONLY
from safer_streets_assets.stores.preflight import closed, preflight

OWN_FILE = 0o600
_SQLITE = b"SQLite format 3\0"
_SQLITE_SIDES = ("-wal", "-shm", "-journal")
_HOUSEKEEPING = ("README.md", ".gitignore")


@dataclass(frozen=True)
class Made:
    """What was copied, and how many files wait in the landing folder and were not."""

    files: int
    bytes: int
    keys: int
    waiting: int


def make_backup(
    folder: DataFolder, policy: Policy, place: Path, keys_to: Path | None, now: datetime
) -> Made:
    """Copies the data folder to a new place, and the keys to another one when it is given.

    Erasures, rotations and rebuilds that were interrupted are finished first. The backup is put in
    place whole, its manifest in it; killed before, it is not there. The caller holds the run's
    lock. `now` is the time in UTC.

    Raises:
        BackupError: a place is in use, or data and keys would lie together.
        BrokenChainError: a certificate is not as it was written, or is missing.
        KeyMissingError, StoreError: a store does not open: a backup of it would be of no use.
    """
    place, keys_to = place.absolute(), keys_to.absolute() if keys_to else None
    _refuse_places(folder, place, keys_to)
    resume(folder, policy, now)
    if not closed(folder):
        preflight(folder)
    position = _checkpointed(folder, policy)
    names = _key_names(folder)
    if keys_to is not None:
        _copy_keys(folder, names, keys_to)
    with built_beside(place) as building:
        building.chmod(OWNER_ONLY)
        manifest = _copied(folder, policy, building / DATA, names, position, now)
        _write(building / NAME, manifest.as_bytes())
    return Made(
        files=len(manifest.files),
        bytes=sum(entry.bytes for entry in manifest.files.values()),
        keys=len(names) if keys_to is not None else 0,
        waiting=sum(1 for _ in files_below(folder.landing)),
    )


def _refuse_places(folder: DataFolder, place: Path, keys_to: Path | None) -> None:
    held = [folder.root.resolve(), folder.keys.resolve()]
    wanted = [found.resolve() for found in (place, keys_to) if found is not None]
    for found in wanted:
        if any(_nested(found, other) for other in held):
            raise BackupError(
                "A backup does not lie in the data folder or the keys folder, nor they in it; "
                "choose a place on another volume."
            )
        if found.exists() and (not found.is_dir() or any(found.iterdir())):
            raise BackupError("There is something in that place already; choose a new folder.")
    if keys_to is not None and _nested(*wanted):
        raise BackupError(
            "Data and keys do not go to the same place: whoever has both can read everything; "
            "choose a folder on another volume for --with-keys-to."
        )


def _nested(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _checkpointed(folder: DataFolder, policy: Policy) -> Head:
    """Puts the logs of the stores into their files; returns the position of the erasures."""
    there = [store for store in Catalogue(policy).stores if folder.database(store).exists()]
    with open_stores(folder, write=dict.fromkeys([*there, "registers"])) as connection:  # type: ignore[arg-type]
        certificates = whole_chain(folder, connection)
        for store in there:
            connection.execute(f"CHECKPOINT {store}")
        return head_of(certificates)


def _key_names(folder: DataFolder) -> list[str]:
    """Every key but those of bundles, which are not copied."""
    return sorted({path.stem for path in folder.keys.glob("*.key")} - bundle_keys(folder))


def _copy_keys(folder: DataFolder, names: Sequence[str], place: Path) -> None:
    with built_beside(place) as building:
        building.chmod(OWNER_ONLY)
        for name in names:
            _write(building / f"{name}.key", Keys(folder.keys).read(name).encode())


def _copied(
    folder: DataFolder,
    policy: Policy,
    base: Path,
    names: Sequence[str],
    position: Head,
    now: datetime,
) -> Manifest:
    files, folders = {}, {}
    for path in _to_copy(folder, Catalogue(policy)):
        relative = path.relative_to(folder.root)
        for parent in reversed(list(relative.parents)):
            (base / parent).mkdir(mode=OWNER_ONLY, exist_ok=True)
        _copy(path, base / relative)
        files[str(relative)] = BackupFile(
            sha256_of(base / relative),
            (base / relative).stat().st_size,
            path.stat().st_mode & 0o777,
        )
        for parent in list(relative.parents)[:-1]:
            folders[str(parent)] = (folder.root / parent).stat().st_mode & 0o777
    prints = {name: Keys(folder.keys).fingerprint(name) or "" for name in names}
    return Manifest(FORMAT, now.isoformat(), __version__, files, folders, prints, position)


def _to_copy(folder: DataFolder, catalogue: Catalogue) -> Iterator[Path]:
    """The files of a backup: each store of the catalogue with what lies beside it, releases, and
    Dagster's history."""
    for name in _HOUSEKEEPING:
        if (folder.root / name).is_file():
            yield folder.root / name
    stores = [folder.database(store).parent for store in catalogue.stores]
    parts = (*stores, folder.published, folder.dagster)
    for part in parts:
        for path in files_below(part):
            spilled = path.is_relative_to(folder.restricted / "spill")
            unfinished = path.name.startswith(".") and path.suffix == ".part"
            side = part == folder.dagster and path.name.endswith(_SQLITE_SIDES)
            if path.is_file() and not path.is_symlink() and not (spilled or unfinished or side):
                yield path


def _copy(path: Path, place: Path) -> None:
    """Copies a file; one of SQLite, which Dagster may be writing to, by SQLite's own backup."""
    with path.open("rb") as stream:
        is_sqlite = stream.read(len(_SQLITE)) == _SQLITE
    os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWN_FILE))
    if not is_sqlite:
        shutil.copyfile(path, place)
        return
    source, copy = sqlite3.connect(f"file:{path}?mode=ro", uri=True), sqlite3.connect(place)
    try:
        source.backup(copy)
    finally:
        source.close()
        copy.close()


def _write(place: Path, content: bytes) -> None:
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWN_FILE)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
