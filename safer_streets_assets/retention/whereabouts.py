"""Where a holding lies, in words that name no file which somebody sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from safer_streets_assets.retention import inventory as lie
from safer_streets_assets.stores import DataFolder

_PLACES = {
    "published": "published/",
    "landing": "landing/",
    "registers": "registers/registers.duckdb",
    "keys": "keys/pseudonym.key",
    "bundles": "subject_access/",
    "data": "",
    "dagster": "dagster/",
}


def whereabouts(folder: DataFolder, name: str, there: Sequence[Path]) -> str:
    """A place below the data folder: a database and its table, a folder, a sealed file.

    `there` are the files of the holding; only those that bear an opaque name are told.
    """
    store, _, rest = name.partition("/")
    if store in ("restricted", "research"):
        database = f"{store}/{store}.duckdb"
        return f"{store}/" if rest == "store" else f"{database} ({rest})"
    if store == "quarantine":
        return "restricted/quarantine/" if there else "restricted/restricted.duckdb"
    if name == lie.PSEUDONYM and folder.keys != folder.root / "keys":
        return "the keys folder (SAFER_STREETS_KEYS)"
    return _PLACES.get(store, "")
