"""Erases units, keys first, then files, and lines of quarantined drops; checks that they are gone.

Every function can be run again after it was killed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import duckdb

from safer_streets_assets.retention.errors import ErasureNotVerifiedError
from safer_streets_assets.retention.holdings.inventory import Unit, leftover_key_parts
from safer_streets_assets.retention.records.certificates import PendingErasure
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.files import overwrite_and_unlink, sync_folder
from safer_streets_assets.stores.keys import keyed_digest, keyed_digest_sql
from safer_streets_assets.stores.queries import columns_in
from safer_streets_assets.stores.rebuild import rebuild_store
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

METHOD = "keys, then files, overwritten in place with 3 random passes and unlinked"
METHOD_WITH_REBUILD = (
    f"{METHOD}; its row left out of a restricted store rebuilt under a new key, the old key and "
    "file erased likewise"
)


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
    if Keys(folder.keys).fingerprint("restricted") in before:
        rebuild_store(folder, "restricted", without)


def remove_empty_folders(folder: Path, kept: Collection[Path] = ()) -> None:
    """Removes the empty folders below a folder: a folder's name may name a person."""
    below = (path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())
    for path in sorted(below, key=lambda found: len(found.parts), reverse=True):
        if path not in kept and not any(path.iterdir()):
            path.rmdir()
            sync_folder(path.parent)


VERIFIED = "verified: its keys and files are gone, and no key in the keys folder ever opened it"
VERIFIED_REBUILT = (
    f"{VERIFIED}; every text column of the rebuilt restricted store was read and its file name is "
    "in none"
)
VERIFIED_FILES = "verified: its files are gone"
VERIFIED_KEYLESS = (
    f"{VERIFIED_FILES}; its key was not in the keys folder when the erasure began: destroy it "
    "where it is kept"
)
VERIFIED_WITH_STORE = "verified: gone with its store, as that store's certificate says"


def statement(erasure: PendingErasure, rebuilt: bool) -> str:
    """What was verified, in the words of the certificate."""
    if rebuilt:
        return VERIFIED_REBUILT
    if erasure.key_fingerprints:
        return VERIFIED
    if erasure.store == "landing":
        return VERIFIED_FILES
    return VERIFIED_KEYLESS if erasure.files else VERIFIED_WITH_STORE


def verify_gone(folder: DataFolder, units: Iterable[Unit]) -> None:
    """Checks that keys and files of the units are gone.

    Raises:
        ErasureNotVerifiedError: something is left.
    """
    for unit in units:
        if unit.there(folder):
            raise _not_verified(unit.name)


def verify_lines_gone(
    connection: duckdb.DuckDBPyConnection, erasures: Mapping[str, PendingErasure]
) -> None:
    """Checks that the rebuilt restricted store, which is attached, has no line of erased drops.

    Raises:
        ErasureNotVerifiedError: a line is left.
    """
    lines = connection.execute("SELECT drop_id FROM restricted.quarantined_drops").fetchall()
    for (drop_id,) in lines:
        if drop_id in erasures:
            raise _not_verified(erasures[drop_id].holding)


def names_left(
    connection: duckdb.DuckDBPyConnection, key: str | None, erasures: Collection[PendingErasure]
) -> dict[str, list[str]]:
    """Holding to the places in the restricted store where a text cell is the name an erased drop
    came under: table and column, no name.

    Another drop that came under the same name and is still quarantined may keep it on its own line.
    Without a key no name was known when the erasures were begun, without a store none is left.
    """
    left: dict[str, list[str]] = {erasure.holding: [] for erasure in erasures}
    cells = " UNION ALL ".join(_text_queries(connection))
    if key is None or not cells:
        return left
    names = {e.name_fingerprint: e.holding for e in erasures if e.name_fingerprint}
    marks = {mark.partition(":")[0]: holding for mark, holding in names.items()}
    lengths = [int(length) for mark in names if (length := mark.partition(":")[2])]
    # Only cells as long as a name are hashed: hashing takes longer than all else together.
    as_long = "list_contains($lengths::BIGINT[], strlen(cell))"
    digest, pads = keyed_digest_sql(key)
    found = connection.execute(
        f"SELECT DISTINCT mark, place FROM (SELECT {digest} AS mark, place FROM ({cells}) "
        f"WHERE {as_long}) WHERE list_contains($marks::VARCHAR[], mark) ORDER BY ALL",
        {**pads, "lengths": lengths, "marks": list(marks)},
    ).fetchall()
    for mark, place in found:
        left[marks[mark]].append(place)
    return left


def name_fingerprint(key: str, name: str) -> str:
    """A keyed hash of the name that a drop came under, and after a colon its length in bytes."""
    return f"{keyed_digest(key, name)}:{len(name.encode())}"


def _text_queries(connection: duckdb.DuckDBPyConnection) -> list[str]:
    queries = []
    for column in columns_in(connection, "restricted"):
        if (column.table, column.name) == ("quarantined_drops", "file_name"):
            continue
        if column.type not in ("VARCHAR", "JSON", "VARCHAR[]"):
            continue
        name = quoted_name(column.name)
        value = f"unnest({name})" if column.type.endswith("[]") else f"{name}::VARCHAR"
        place = quoted_text(f"the restricted store, table {column.table}, column {column.name}")
        rows = f"(SELECT {value} AS cell FROM {column.place('restricted')})"
        queries.append(f"SELECT cell, {place} AS place FROM {rows}")
    return queries


def _not_verified(holding: str) -> ErasureNotVerifiedError:
    return ErasureNotVerifiedError(
        f"Something of holding {holding} is still there after erasing it; run "
        "safer-streets retention --enforce again, and report it if this happens twice."
    )
