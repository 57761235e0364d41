"""Rotates keys: stores and sealed files go under new keys, and the old keys are destroyed.

What is to be rotated is written down first, with the fingerprint of each old key. A rotation that
was killed at any moment is finished from that by `finish_rotation`, which every run and command
calls before it opens a store: what still stands under its old key is rotated, the rest is done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from safer_streets_assets.stores.database import ENCRYPTED, STORE_NAMES, open_stores
from safer_streets_assets.stores.files import overwrite_and_unlink, put_in_place, write_whole
from safer_streets_assets.stores.folder import DataFolder
from safer_streets_assets.stores.keys import Keys
from safer_streets_assets.stores.queries import columns_in, transaction
from safer_streets_assets.stores.rebuild import finish_rebuild, next_key, rebuild_store
from safer_streets_assets.stores.sealed import reseal
from safer_streets_assets.stores.sql_files import quoted_name

RENAMED = "restricted.renamed_ids"
"""Identifiers and what they become, there while a rotation of the key under them goes on."""


@dataclass(frozen=True)
class Rotation:
    """What a rotation does: fingerprints of the old keys by name, and the sealed files of each.

    `renaming` is the key whose identifiers get new names, or None. Files are relative to the data
    folder; a key without files that is a store's is rotated by rebuilding the store.
    """

    keys: Mapping[str, str]
    files: Mapping[str, Sequence[str]]
    renaming: str | None = None


def rotate_keys(folder: DataFolder, keys: Mapping[str, Sequence[Path]]) -> None:
    """Puts stores and sealed files under new keys: key name to the files sealed under it.

    The caller holds the run's lock, nothing is open, and every key opens what is under it.

    Raises:
        KeyMissingError, StoreError, SealError: a key does not serve; what was not rotated by then
            stands under its old key, and the rotation is finished when the key is put right.
    """
    _write_down(folder, keys, None)
    finish_rotation(folder)


def rename_and_rotate(
    folder: DataFolder,
    keys: Mapping[str, Sequence[Path]],
    renaming: str,
    renamed: Mapping[str, str],
) -> None:
    """As `rotate_keys`, and the identifiers made under the key `renaming` get new names as well.

    `renamed` (old to new, the new ones made under the key `next_key(renaming)`, which is there) is
    applied wherever one of them is the whole of a text cell, in all three stores.

    Raises:
        KeyMissingError, StoreError, SealError: as `rotate_keys`.
    """
    columns = {"was": list(renamed), "becomes": list(renamed.values())}
    with open_stores(folder, write=["restricted"]) as connection:
        connection.execute(
            f"CREATE OR REPLACE TABLE {RENAMED} AS "
            "SELECT unnest($was::VARCHAR[]) AS was, unnest($becomes::VARCHAR[]) AS becomes",
            columns,
        )
    _write_down(folder, keys, renaming)
    finish_rotation(folder)


def rotation_is_pending(folder: DataFolder) -> bool:
    """Whether a rotation was begun and is not finished."""
    return _intent(folder).exists()


def finish_rotation(folder: DataFolder) -> bool:
    """Finishes a rotation that was begun; returns whether there was one.

    The caller holds the run's lock. A rotation that was killed before it was written down is
    undone with `forget_next_key`.

    Raises:
        KeyMissingError, StoreError, SealError: a key does not serve.
    """
    if not rotation_is_pending(folder):
        return False
    rotation = Rotation(**json.loads(_intent(folder).read_text(encoding="ascii")))
    for store in ENCRYPTED:
        finish_rebuild(folder, store)
    if rotation.renaming is not None:
        _rename(folder, rotation)
    for name, fingerprint in rotation.keys.items():
        if name in ENCRYPTED:
            if Keys(folder.keys).fingerprint(name) == fingerprint:
                rebuild_store(folder, name)
        else:
            files = [folder.root / place for place in rotation.files[name]]
            _rotate_sealed(folder, name, fingerprint, files)
    overwrite_and_unlink(_intent(folder), passes=1)
    return True


def forget_next_key(folder: DataFolder, name: str) -> bool:
    """Undoes what a rotation of identifiers left that was killed before it was written down.

    Returns whether there was anything. The caller holds the run's lock.

    Raises:
        KeyMissingError, StoreError: the restricted store does not open.
    """
    keys = Keys(folder.keys)
    if rotation_is_pending(folder) or not keys.exists(next_key(name)):
        return False
    if folder.database("restricted").exists() and keys.exists("restricted"):
        with open_stores(folder, write=["restricted"]) as connection:
            connection.execute(f"DROP TABLE IF EXISTS {RENAMED}")
    keys.destroy(next_key(name))
    return True


def _intent(folder: DataFolder) -> Path:
    return folder.registers / "rotation.json"


def _write_down(
    folder: DataFolder, keys: Mapping[str, Sequence[Path]], renaming: str | None
) -> None:
    held = Keys(folder.keys)
    rotation = Rotation(
        keys={name: held.fingerprint(name) or "" for name in keys},
        files={
            name: [str(path.relative_to(folder.root)) for path in files]
            for name, files in keys.items()
        },
        renaming=renaming,
    )
    write_whole(_intent(folder), json.dumps(asdict(rotation)).encode("ascii"))


def _rotate_sealed(folder: DataFolder, name: str, fingerprint: str, files: Sequence[Path]) -> None:
    """From wherever it stands. The old key goes when every file is there under the next one; the
    next key takes its place when every file has.
    """
    keys, following = Keys(folder.keys), next_key(name)
    if not keys.exists(following):
        if keys.fingerprint(name) != fingerprint:
            return
        keys.create(following)
    if keys.exists(name):
        if not all(_next(path).exists() for path in files):
            for path in files:
                reseal(path, keys.read(name), _next(path), keys.read(following))
        keys.destroy(name)
    for path in files:
        if _next(path).exists():
            overwrite_and_unlink(path)
            put_in_place(_next(path), path)
    put_in_place(keys.path(following), keys.path(name))


def _next(path: Path) -> Path:
    """Where a sealed file lies under its next key until it takes the place of the old one."""
    return path.with_name(f"{path.name}.next")


def _rename(folder: DataFolder, rotation: Rotation) -> None:
    """Gives identifiers their new names in all stores, then the new key its place.

    Applied twice it does nothing the second time: no new name is an old one.
    """
    keys, name = Keys(folder.keys), str(rotation.renaming)
    if keys.exists(next_key(name)):
        there = [store for store in STORE_NAMES if folder.database(store).exists()]
        with open_stores(folder, write=there) as connection:
            for store in there:
                with transaction(connection):
                    _rename_in(connection, store)
        keys.destroy(name)
        put_in_place(keys.path(next_key(name)), keys.path(name))
    if keys.fingerprint("restricted") == rotation.keys["restricted"]:
        with open_stores(folder, write=["restricted"]) as connection:
            connection.execute(f"DROP TABLE IF EXISTS {RENAMED}")


def _rename_in(connection: duckdb.DuckDBPyConnection, store: str) -> None:
    for column in columns_in(connection, store):
        if column.type == "VARCHAR" and column.table != RENAMED.split(".")[1]:
            cell = quoted_name(column.name)
            connection.execute(
                f"UPDATE {column.place(store)} AS held SET {cell} = renamed.becomes "
                f"FROM {RENAMED} AS renamed WHERE held.{cell} = renamed.was"
            )
