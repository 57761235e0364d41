"""Where a holding lies, in words that name no file which somebody sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from safer_streets_assets.retention.holdings import inventory as lie
from safer_streets_assets.stores import DataFolder

_PLACES = {
    "published": "published/",
    "landing": "landing/",
    "registers": "registers/registers.duckdb",
    "keys": "keys/pseudonym.key",
    "bundles": "subject_access/",
    "asked": "restricted/",
    "data": "",
    "dagster": "dagster/",
}

THE_FOLDER_ITSELF = "the data folder itself"
_FOLDERS = (*_PLACES, "restricted", "research", "subject_access")


def top_folder(folder: DataFolder, path: Path) -> str:
    """The folder of the data folder that a file lies in: a name that somebody else gave is none."""
    if path.is_relative_to(folder.keys):
        return "keys"
    parts = path.relative_to(folder.root).parts
    return parts[0] if len(parts) > 1 and parts[0] in _FOLDERS else THE_FOLDER_ITSELF


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
