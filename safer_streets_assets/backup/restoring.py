"""Restores a backup into an empty data folder: whole, or not at all.

The copy is made beside the data folder with its keys in it; there what was erased since is erased
again, and every store is opened. Only then it is named as whole, the keys go to their folder, and
it takes its place. Killed before it is whole, nothing is restored; afterwards the next restore
finishes it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from safer_streets_assets.backup.erasing_again import (
    erase_again,
    let_wait_anew,
    refuse_what_cannot_be_erased_again,
)
from safer_streets_assets.backup.errors import RestoreError
from safer_streets_assets.backup.manifest import DATA, Manifest, read_whole
from safer_streets_assets.backup.position import later_than, read_newest, refuse_uncertified
from safer_streets_assets.intake.quarantine import key_name, sealed_path_name
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.holdings.inventory import files_below
from safer_streets_assets.stores import DataFolder, Keys, check_stores_open
from safer_streets_assets.stores.files import (
    overwrite_and_unlink,
    sync_file,
    sync_folder,
    write_whole,
)
from safer_streets_assets.stores.folder import OWNER_ONLY, READABLE, TOP_FILES
from safer_streets_assets.stores.preflight import REQUIRED_KEYS


@dataclass(frozen=True)
class Restored:
    """What was restored, and how many holdings were erased again."""

    files: int
    made_at: str
    erased_again: int


def restore_backup(
    folder: DataFolder,
    policy: Policy,
    backup: Path,
    now: datetime,
    *,
    keys_from: Path | None = None,
    certificates: Path | None = None,
    last: str | None = None,
) -> Restored | None:
    """Puts a backup in the place of an empty data folder; None when one was only finished.

    `keys_from` is the copy of the keys, without it the keys folder in use. `certificates` is the
    newest file of certificates or the registers that were in use (see `position.later_than`).

    Raises:
        BackupError: it is no whole backup.
        RestoreError: the data folder is not empty, a key is missing or not the backup's, or it is
            not proven what was erased since.
        ErasureNotVerifiedError, KeyMissingError, StoreError: as any erasure.
    """
    whole = folder.root.with_name(f".{folder.root.name}.restored")
    if whole.exists():
        _put_in_place(whole, folder)
        return None
    _refuse_in_use(folder)
    manifest = read_whole(backup)
    if certificates is None:
        raise RestoreError(
            "Give the newest certificates with --certificates: without them what was erased since "
            "the backup would come back."
        )
    if certificates.resolve().is_relative_to(backup.resolve()):
        raise RestoreError(
            "The registers in the backup do not know what was erased since; give those that were "
            "in use, or the newest file of certificates."
        )
    newest = read_newest(certificates)
    later = later_than(manifest.erasures, newest, last)
    refuse_uncertified(newest, datetime.fromisoformat(manifest.made_at))
    refuse_what_cannot_be_erased_again(policy, later)
    source = Keys(keys_from.absolute() if keys_from is not None else folder.keys)
    _refuse_other_keys(manifest, source)
    _refuse_strange_keys(manifest, folder)
    with _built(folder.root.with_name(f".{folder.root.name}.restoring")) as building:
        copy = _copied(backup, manifest, source, building)
        check_stores_open(copy)
        erased = erase_again(copy, policy, later, now)
        let_wait_anew(copy, policy, now)
        _sync(building)
        building.chmod(READABLE)
        os.rename(building, whole)
    sync_folder(whole.parent)
    _put_in_place(whole, folder)
    return Restored(len(manifest.files), manifest.made_at, erased)


def _refuse_in_use(folder: DataFolder) -> None:
    if any(path.name not in TOP_FILES for path in _files_but_keys(folder)):
        raise RestoreError(
            "The data folder is not empty: nothing is restored over data; give a new folder with "
            "--data."
        )


def _files_but_keys(folder: DataFolder) -> Iterator[Path]:
    return (path for path in files_below(folder.root) if not path.is_relative_to(folder.keys))


def _refuse_other_keys(manifest: Manifest, source: Keys) -> None:
    """The keys without which nothing runs have to be those of the backup."""
    needed = [name for name in REQUIRED_KEYS if name in manifest.keys]
    for name in needed:
        found = source.fingerprint(name)
        if found is None:
            raise RestoreError(
                f"The key {name} of this backup is missing; give the folder with the copy of its "
                "keys with --keys."
            )
        if found != manifest.keys[name]:
            raise RestoreError(
                f"The key {name} is not the one of this backup: it was rotated, or destroyed by an "
                "erasure since; give the copy of the keys made with the backup with --keys, or "
                "restore a newer backup."
            )


def _refuse_strange_keys(manifest: Manifest, folder: DataFolder) -> None:
    """Keys that lie in the data folder make way for those of the backup: no other may be there."""
    if folder.keys.is_relative_to(folder.root):
        held = Keys(folder.keys)
        there = {held.fingerprint(path.stem) for path in folder.keys.glob("*.key")}
        if not there <= set(manifest.keys.values()):
            raise RestoreError(
                "There are keys in the data folder that are not of this backup; move them away "
                "first."
            )


@contextmanager
def _built(building: Path) -> Iterator[Path]:
    """A folder to restore into; on an error nothing of it is left."""
    _discard(building)
    building.mkdir(mode=OWNER_ONLY, parents=True)
    try:
        yield building
    except BaseException:
        _discard(building)
        raise


def _discard(building: Path) -> None:
    """Erases the keys of a half restored copy, without which the rest cannot be read."""
    if building.is_dir():
        for path in (building / "keys").glob("*"):
            overwrite_and_unlink(path)
        shutil.rmtree(building)


def _copied(backup: Path, manifest: Manifest, source: Keys, building: Path) -> DataFolder:
    copy = DataFolder(building, building / "keys").prepare()
    for name, entry in manifest.files.items():
        place = building / name
        place.parent.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        shutil.copyfile(backup / DATA / name, place)
        place.chmod(entry.mode)
    for name, mode in manifest.folders.items():
        (building / name).chmod(mode)
    for name, fingerprint in manifest.keys.items():
        if source.fingerprint(name) == fingerprint:
            write_whole(copy.keys / f"{name}.key", source.read(name).encode())
    return copy


def _sync(building: Path) -> None:
    for path in sorted(building.rglob("*")):
        if path.is_dir():
            sync_folder(path)
        elif path.is_file():
            sync_file(path)
    sync_folder(building)


def _put_in_place(whole: Path, folder: DataFolder) -> None:
    """From the whole copy to the data folder in use; can be done again from any moment."""
    inside = folder.keys == folder.root / "keys"
    if not inside:
        folder.keys.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        for path in sorted((whole / "keys").glob("*.key")):
            write_whole(folder.keys / path.name, path.read_bytes())
            overwrite_and_unlink(path)
        for path in folder.keys.glob(f"{key_name('')}*.key"):
            drop_id = path.stem.removeprefix(key_name(""))
            if not (whole / "restricted" / "quarantine" / sealed_path_name(drop_id)).exists():
                overwrite_and_unlink(path)
        shutil.rmtree(whole / "keys", ignore_errors=True)
    _refuse_in_use(folder)
    if folder.root.exists():
        for path in sorted(folder.root.rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                overwrite_and_unlink(path)
        folder.root.rmdir()
    os.rename(whole, folder.root)
    sync_folder(folder.root.parent)
