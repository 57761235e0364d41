"""Walks the data folder for files that no holding explains, and says so without naming them.

A name may be that of a person, so a file is told by the folder at the top it lies in and by what
kind of thing its name says it is. What lies in a store's folder goes with the store when that is
erased; until then an operator has to look at it.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from safer_streets_assets.intake.landing import UNFINISHED_PREFIXES, UNFINISHED_SUFFIXES
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.holdings import inventory as units_of
from safer_streets_assets.retention.holdings.inventory import files_below, inventory, top_folder
from safer_streets_assets.stores import DataFolder, StoreError, open_stores
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.keys import KeyMissingError

_ODD = {
    "editor backup": re.compile(r".*~|.*\.(sw[a-z]|bak|orig|old|save)|#.*#|\.#.*|~\$.*", re.I),
    "temporary file": re.compile(r".*\.(te?mp|crdownload|partial|filepart)|\.nfs.*", re.I),
    "core dump": re.compile(r"(.*\.)?core(\.\d+)?|.*\.dmp", re.I),
    "file of the desktop": re.compile(r"\.DS_Store|Thumbs\.db|desktop\.ini|\._.*", re.I),
}
_STORE = r"{0}\.duckdb(\.wal)?|{0}\.(next|making|old)\.duckdb(\.wal)?"
_SEALED = r"\.?[0-9a-f]{64}\.sealed(\.part)?"
_BESIDE = {
    "restricted": "|".join(
        [
            r"\.?(landing_looks\.json|run_requested)(\.part)?",
            rf"quarantine/{_SEALED}",
            r"returns/\.?[a-z0-9_]+\.xlsx\.sealed(\.part)?",
            r"(spill|reading)/.*",
            r"\.?(erasing|open-[0-9a-f]{32})\.sealed(\.part)?",
            r"\.?asked-[0-9a-f]{32}\.sealed(\.next)?(\.part)?",
        ]
    ),
    "registers": "|".join(
        [
            r"\.?registers(\.copy)?\.duckdb(\.part)?",
            r"\.?(rotation|chain|releases|alerts_told|evaluation)\.json(\.part)?",
        ]
    ),
    "published": r"\.?published\.duckdb(\.part|\.building|\.wal)?|index\.html|releases/.+/.+",
    "dagster": r"(.*/)?[^/]*\.db(-wal|-shm|-journal)?|\.?dagster\.yaml(\.part)?|\.telemetry/.*"
    r"|\.nux/.*|\.logs_queue/.*|logs/event\.log",
    "keys": r"\.?(drop-[0-9a-f]{64}|bundle-[^/]+|restricted|research|pseudonym|sends|returns|verify"
    r"|erased|erasing|(open|asked)-[0-9a-f]{32})(\.next)?\.key(\.part)?",
}
"""What lies in a folder of the data folder, beside the store in it."""
UNDECLARED = "undeclared table"
_SPILLED = re.compile(r"spill/duckdb_temp[^/]*|reading/.*")


@dataclass(frozen=True, order=True)
class Stray:
    """Files that no holding explains: how many, in which folder, and of which kind. Or tables of a
    store that no stage declares."""

    place: str
    kind: str
    files: int

    @property
    def sentence(self) -> str:
        """What it is, without a name."""
        what = self.kind if self.files == 1 else f"{self.kind}s"
        return f"{self.files} {what} in {self.place}"


def find_strays(folder: DataFolder, policy: Policy) -> list[Stray]:
    """Every file below the data folder that no holding explains, counted by folder and kind, and
    every table of a store that opens which no stage declares.

    In a folder of a store only what the store itself writes is explained; in the landing a file
    that is in the making is, for as long as the policy gives it.
    """
    catalogue = Catalogue(policy)
    places = _places(catalogue)
    units = inventory(folder)
    unaccounted = set(units[units_of.UNACCOUNTED].files)
    patience = policy.dpia.retention.stray_hours * 3600
    found: Counter[tuple[str, str]] = Counter(
        (f"the {store} store", UNDECLARED) for store in _undeclared(folder, catalogue)
    )
    for path in _everything(folder):
        kind = _stray_kind(folder, path, places, unaccounted, patience)
        if kind is not None:
            found[top_folder(folder, path), kind] += 1
    return sorted(Stray(place, kind, files) for (place, kind), files in found.items())


def what_to_do(strays: list[Stray]) -> str:
    """One sentence for an operator: what lies where, and what to do about it."""
    listed = "; ".join(stray.sentence for stray in strays)
    what = [
        "look at it there, put what was sent into the landing folder of its source, overwrite and "
        "remove the rest (shred -u), and stop what left it"
    ] * any(stray.kind != UNDECLARED for stray in strays)
    what += ["report a table that no stage of this version declares"] * any(
        stray.kind == UNDECLARED for stray in strays
    )
    why = "no holding explains it, so no rule would erase it in time"
    return f"{listed}: {why}; {', and '.join(what)}."


def _undeclared(folder: DataFolder, catalogue: Catalogue) -> Iterator[str]:
    """The store of each table that no stage declares. That a store does not open is told by the
    retention register."""
    for store in catalogue.stores:
        try:
            with open_stores(folder, read=[store]) as connection:
                yield from (store for _ in catalogue.undeclared_in(connection, store))
        except (StoreError, KeyMissingError):
            continue


def _places(catalogue: Catalogue) -> dict[str, str]:
    """What the names of files in a folder may be, as a pattern: of each store of the catalogue its
    own files."""
    own: dict[str, str] = {store: _STORE.format(store) for store in catalogue.stores}
    return {
        place: "|".join(filter(None, (own.get(place), _BESIDE.get(place))))
        for place in {**own, **_BESIDE}
    }


def _everything(folder: DataFolder) -> Iterator[Path]:
    yield from files_below(folder.root)
    if not folder.keys.is_relative_to(folder.root) and folder.keys.is_dir():
        # Elsewhere the folder of the keys may hold what is not ours.
        yield from (path for path in folder.keys.iterdir() if path.suffix in (".key", ".part"))


def _stray_kind(
    folder: DataFolder,
    path: Path,
    places: Mapping[str, str],
    unaccounted: set[Path],
    patience: float,
) -> str | None:
    """What kind of stray a file is, or None when a holding explains it."""
    place, below = top_folder(folder, path), _below(folder, path)
    spilled = place == "restricted" and _SPILLED.fullmatch(below)
    if place == "landing":
        return _odd(path) if _is_old(path, patience) and _unfinished(path.name) else None
    known = places.get(place)
    if path in unaccounted or (known is not None and not re.fullmatch(known, below, re.DOTALL)):
        return _odd(path) or "file"
    if path.is_symlink():
        return "link"
    if place in ("published", "subject_access") or below.startswith("spill/"):
        return None if spilled else _odd(path)
    return None


def _odd(path: Path) -> str | None:
    kinds = (kind for kind, pattern in _ODD.items() if pattern.fullmatch(path.name))
    found = next(kinds, None)
    return found or ("unfinished file" if _unfinished(path.name) else None)


def _unfinished(name: str) -> bool:
    odd = any(pattern.fullmatch(name) for pattern in _ODD.values())
    return odd or name.startswith(UNFINISHED_PREFIXES) or name.endswith(UNFINISHED_SUFFIXES)


def _is_old(path: Path, patience: float) -> bool:
    return time.time() - path.lstat().st_mtime > patience


def _below(folder: DataFolder, path: Path) -> str:
    if path.is_relative_to(folder.keys):
        return str(path.relative_to(folder.keys))
    return "/".join(path.relative_to(folder.root).parts[1:])
