"""The copies of a drop in the landing folder: whether a file is one, and taking them away."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import duckdb

from safer_streets_assets.intake.landing import drop_id_of
from safer_streets_assets.stores.files import overwrite_and_unlink
from safer_streets_assets.stores.queries import sync_store_folders


def clear_landing(
    connection: duckdb.DuckDBPyConnection, drop_id: str, source: str | None = None
) -> None:
    """Overwrites and removes the landing's copies of a drop that is durable elsewhere.

    With a `source` only those in its folder. A file that is no longer the drop (somebody put
    another under its name) is left alone.
    """
    rows = connection.execute(
        "SELECT path FROM restricted.arrivals WHERE drop_id = $1 AND ($2 IS NULL OR source = $2) "
        "ORDER BY path",
        [drop_id, source],
    ).fetchall()
    if rows:
        sync_store_folders(connection)
    for (path,) in rows:
        place = path_from_hex(path)
        erasing = erasing_place(path)
        if holds_drop(place, drop_id):
            os.replace(place, erasing)
        overwrite_and_unlink(erasing, keep_other_names=True)
        connection.execute("DELETE FROM restricted.arrivals WHERE path = ?", [path])


def holds_drop(path: Path, drop_id: str) -> bool:
    """Whether a file is there and holds the bytes of a drop."""
    try:
        return path.is_file() and not path.is_symlink() and drop_id_of(path) == drop_id
    except OSError:
        return False


def erasing_place(path: str) -> Path:
    """Where the file of a place lies while it is overwritten: hidden names are not looked at, so
    that a half overwritten file is not taken for a new drop.
    """
    return path_from_hex(path).with_name(
        f".{hashlib.sha256(path.encode()).hexdigest()[:16]}.erasing"
    )


def path_from_hex(path: str) -> Path:
    """The path that is written in hexadecimal."""
    return Path(os.fsdecode(bytes.fromhex(path)))
