"""What lies where under the data folder, in units that are erased together.

Every file belongs to exactly one unit. A unit that nobody accounts for is listed, so that nothing
is held unseen. Places are told in words that name no file which somebody sent.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY
from safer_streets_assets.intake.erased_people import ERASED_KEY
from safer_streets_assets.intake.ledger import SEND_KEY
from safer_streets_assets.intake.quarantine import key_name
from safer_streets_assets.intake.returns import RETURNS_KEY
from safer_streets_assets.retention.holdings.asked import kept_ids, subject_key
from safer_streets_assets.retention.holdings.bundles import bundle_key, bundle_keys, folder_of
from safer_streets_assets.retention.holdings.intent import ERASING_KEY, open_keys
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.folder import TOP_FILES
from safer_streets_assets.stores.rebuild import next_key

RESTRICTED = "restricted/store"
RESEARCH = "research/store"
PSEUDONYM = "keys/pseudonym"
LANDED = "landing/files"
PUBLISHED = "published/releases"
REGISTERS = "registers/store"
DAGSTER = "dagster/history"
HOUSEKEEPING = "data/housekeeping"
UNACCOUNTED = "data/unaccounted"
QUARANTINE_PREFIX = "quarantine/"
BUNDLE_PREFIX = "bundles/"

VERIFY_KEY = "verify"
"""The key of the fingerprints by which a rebuilt store is checked; it goes when that is done."""

_DROP_ID = r"[0-9a-f]{64}"
_DROP_KEY = re.compile(rf"drop-({_DROP_ID})(\.next)?\.key")
_SEALED = re.compile(rf"\.?({_DROP_ID})\.sealed(\.next)?(\.part)?")
_KEY_PART = re.compile(r"\..+\.key\.part")


@dataclass(frozen=True)
class Unit:
    """What is erased together: keys first, then files (the files of the keys not among them)."""

    name: str
    keys: tuple[str, ...]
    files: tuple[Path, ...]

    def keys_there(self, folder: DataFolder) -> tuple[str, ...]:
        """The keys of the unit that exist."""
        return tuple(name for name in self.keys if Keys(folder.keys).exists(name))

    def there(self, folder: DataFolder) -> tuple[Path, ...]:
        """Every file of the unit that exists, keys first."""
        keys = tuple(Keys(folder.keys).path(name) for name in self.keys_there(folder))
        return (*keys, *self.files)


def quarantine_unit(drop_id: str) -> str:
    """The name of the unit of a quarantined drop."""
    return f"{QUARANTINE_PREFIX}{drop_id}"


def drop_id_in(holding: str) -> str | None:
    """The drop of a quarantine holding, or None for another holding."""
    there = holding.startswith(QUARANTINE_PREFIX)
    return holding.removeprefix(QUARANTINE_PREFIX) if there else None


def inventory(folder: DataFolder) -> dict[str, Unit]:
    """Every unit by name; those of the stores are there even when nothing lies in them."""
    drops = _quarantined(folder)
    bundles = _bundles(folder)
    apart = {path for unit in bundles for path in unit.files}
    restricted = [
        *leftover_key_parts(folder),
        *(
            path
            for path in files_below(folder.restricted)
            if not _of_a_drop(folder, path) and path not in apart
        ),
    ]
    store_keys = (
        *_with_next("restricted"),
        SEND_KEY,
        *_with_next(RETURNS_KEY),
        VERIFY_KEY,
        ERASED_KEY,
        ERASING_KEY,
        *open_keys(folder),
        *(key for one in sorted(kept_ids(folder)) for key in _with_next(subject_key(one))),
    )
    units = [
        Unit(RESTRICTED, store_keys, tuple(restricted)),
        Unit(RESEARCH, _with_next("research"), tuple(files_below(folder.research))),
        Unit(PSEUDONYM, _with_next(PSEUDONYM_KEY), ()),
        *drops,
        *bundles,
        Unit(LANDED, (), tuple(files_below(folder.landing))),
        Unit(PUBLISHED, (), tuple(files_below(folder.published))),
        Unit(REGISTERS, (), tuple(files_below(folder.registers))),
        Unit(DAGSTER, (), tuple(files_below(folder.dagster))),
        Unit(HOUSEKEEPING, (), tuple(_housekeeping(folder))),
    ]
    accounted = {path for unit in units for path in unit.there(folder)}
    everything = dict.fromkeys([*files_below(folder.root), *_key_files(folder)])
    unaccounted = tuple(path for path in everything if path not in accounted)
    return {unit.name: unit for unit in [*units, Unit(UNACCOUNTED, (), unaccounted)]}


def _with_next(key: str) -> tuple[str, str]:
    """A key, and the one that is to take its place while a rotation goes on."""
    return key, next_key(key)


def files_below(folder: Path) -> Iterator[Path]:
    """Everything below a folder that is not a folder, in order; links are not followed."""
    for base, folders, files in os.walk(folder):
        folders.sort()
        links = [name for name in folders if (Path(base) / name).is_symlink()]
        for name in sorted([*files, *links]):
            yield Path(base) / name


def _quarantined(folder: DataFolder) -> list[Unit]:
    by_drop: dict[str, list[Path]] = {}
    for path in files_below(folder.quarantine):
        if (drop_id := _of_a_drop(folder, path)) is not None:
            by_drop.setdefault(drop_id, []).append(path)
    for path in _key_files(folder):
        if found := _DROP_KEY.fullmatch(path.name):
            by_drop.setdefault(found[1], [])
    return [
        Unit(quarantine_unit(drop_id), _with_next(key_name(drop_id)), tuple(files))
        for drop_id, files in sorted(by_drop.items())
    ]


def _bundles(folder: DataFolder) -> list[Unit]:
    """What lies in the bundles' folder, each folder in it whole, by an opaque name, with its key.

    A key whose folder somebody removed is a unit of its own.
    """
    by_name: dict[str, list[Path]] = {}
    for path in files_below(folder.bundles):
        by_name.setdefault(path.relative_to(folder.bundles).parts[0], []).append(path)
    units = [
        Unit(_opaque(name), _with_next(bundle_key(name)), tuple(files))
        for name, files in by_name.items()
    ]
    alone = sorted(bundle_keys(folder) - {unit.keys[0] for unit in units})
    return [*units, *(Unit(_opaque(folder_of(key)), _with_next(key), ()) for key in alone)]


def _opaque(name: str) -> str:
    return f"{BUNDLE_PREFIX}{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}"


def _of_a_drop(folder: DataFolder, path: Path) -> str | None:
    if path.parent != folder.quarantine:
        return None
    found = _SEALED.fullmatch(path.name)
    return found[1] if found else None


def leftover_key_parts(folder: DataFolder) -> Iterator[Path]:
    """What is left of keys that were being written when a run was killed."""
    return (path for path in _key_files(folder) if path.suffix == ".part")


def _key_files(folder: DataFolder) -> Iterator[Path]:
    """Keys, whole and in part."""
    if folder.keys.is_dir():
        for path in sorted(folder.keys.iterdir()):
            if path.suffix == ".key" or _KEY_PART.fullmatch(path.name):
                yield path


def _housekeeping(folder: DataFolder) -> Iterator[Path]:
    for name in TOP_FILES:
        if (folder.root / name).exists():
            yield folder.root / name


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
    if name == PSEUDONYM and folder.keys != folder.root / "keys":
        return "the keys folder (SAFER_STREETS_KEYS)"
    return _PLACES.get(store, "")
