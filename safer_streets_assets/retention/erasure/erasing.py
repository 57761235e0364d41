"""Erases units: their keys first, then their files, and rows of the restricted store by rebuilding.

Every function can be run again after it was killed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import duckdb

from safer_streets_assets.retention.holdings.inventory import Unit, leftover_key_parts
from safer_streets_assets.retention.records.certificates import PendingErasure
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.files import overwrite_and_unlink, sync_folder
from safer_streets_assets.stores.rebuild import rebuild_store
from safer_streets_assets.stores.sql_files import quoted_text

METHOD = "keys, then files, overwritten in place with 3 random passes and unlinked"
METHOD_WITH_REBUILD = (
    f"{METHOD}; its row left out of a restricted store rebuilt under a new key, the old key and "
    "file erased likewise"
)


def key_fingerprint(folder: DataFolder, name: str) -> str | None:
    """SHA-256 of a key file, or None without one; a key is random, so this gives nothing away."""
    return Keys(folder.keys).fingerprint(name)


def copies_of_keys(folder: DataFolder, fingerprints: Iterable[str]) -> bool:
    """Whether a file of the keys folder is one of the keys of which these are the fingerprints."""
    files = folder.keys.glob("*.key")
    left = {hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()}
    return not left.isdisjoint(fingerprints)


def erase_leftover_key_parts(folder: DataFolder) -> None:
    """Erases what is left of keys that were being written when a run was killed."""
    for path in leftover_key_parts(folder):
        overwrite_and_unlink(path)


def erase_units(folder: DataFolder, units: Collection[Unit]) -> None:
    """Destroys the keys of all units, then overwrites and unlinks their files."""
    for unit in units:
        for name in unit.keys:
            Keys(folder.keys).destroy(name)
    for unit in units:
        for path in unit.files:
            sent = path.is_relative_to(folder.landing)
            overwrite_and_unlink(path, keep_other_names=sent)


def erase_quarantined_rows(
    folder: DataFolder, drop_ids: Iterable[str], erasures: Iterable[PendingErasure]
) -> None:
    """Rebuilds the restricted store without the lines of quarantined drops.

    A store that stands under another key than when the erasures were begun is rebuilt already.

    Raises:
        KeyMissingError, StoreError: the store does not open.
    """
    listed = ", ".join(map(quoted_text, drop_ids))

    def without(_: duckdb.DuckDBPyConnection, was: str) -> Mapping[str, str]:
        kept = f"SELECT * FROM {was}.quarantined_drops WHERE drop_id NOT IN ({listed})"
        return {'"main"."quarantined_drops"': kept}

    before = {found for erasure in erasures for found in erasure.key_fingerprints}
    if key_fingerprint(folder, "restricted") in before:
        rebuild_store(folder, "restricted", without)


def remove_empty_folders(folder: Path, kept: Collection[Path] = ()) -> None:
    """Removes the empty folders below a folder: a folder's name may name a person."""
    below = (path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())
    for path in sorted(below, key=lambda found: len(found.parts), reverse=True):
        if path not in kept and not any(path.iterdir()):
            path.rmdir()
            sync_folder(path.parent)
