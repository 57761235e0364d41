"""Sealed bundles: answers to subject access requests that lie in the data folder until they go.

Each lies in a folder of its own, its files sealed under a key of its own, as returns are:
destroying the key erases it. The marker beside them says which request it answers and when it was
written, and nothing of anybody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.files import overwrite_and_unlink, sync_folder
from safer_streets_assets.stores.keys import KeyMissingError
from safer_streets_assets.stores.sealed import SealError, unseal

FOLDER = "subject_access_"
"""What the name of a bundle's folder begins with; its request's random id follows."""
SEALED = ".sealed"
MARKER = "bundle.json"
_KEY_FILE = re.compile(r"(bundle-[^/]+?)(\.next)?\.key")
_SEALED_FILE = re.compile(r"[^.].*\.sealed")


def bundle_key(folder_name: str) -> str:
    """The name of the key under which what lies in a bundle's folder is sealed."""
    return f"bundle-{folder_name.removeprefix(FOLDER)}"


def folder_of(key: str) -> str:
    """The name of the folder of which a key is the key."""
    return f"{FOLDER}{key.removeprefix('bundle-')}"


def bundle_keys(folder: DataFolder) -> set[str]:
    """The keys of bundles that are there, also of one whose folder is gone."""
    names = [path.name for path in folder.keys.glob("bundle-*.key")]
    return {found[1] for name in names if (found := _KEY_FILE.fullmatch(name))}


def place_of_bundle(folder: DataFolder, request_id: str) -> Path:
    """The folder of the bundle that answers a request."""
    return folder.bundles / f"{FOLDER}{request_id}"


def sealed_files(folder: DataFolder) -> dict[str, list[Path]]:
    """Key to the files sealed under it, of the bundles whose key is there."""
    keys = Keys(folder.keys)
    found: dict[str, list[Path]] = {}
    for place in _folders(folder):
        files = [path for path in sorted(place.iterdir()) if _SEALED_FILE.fullmatch(path.name)]
        if files and keys.exists(bundle_key(place.name)):
            found[bundle_key(place.name)] = files
    return found


def opened_bundles(folder: DataFolder) -> Iterator[bytes]:
    """The contents of every sealed file of every bundle.

    Raises:
        KeyMissingError, SealError: a bundle does not open with its key.
    """
    for key, files in sealed_files(folder).items():
        for path in files:
            yield unseal(path, Keys(folder.keys).read(key))


def opened_bundle(folder: DataFolder, request_id: str) -> dict[str, bytes]:
    """Name to contents of the files of the bundle of a request; none where there is no bundle.

    Raises:
        KeyMissingError, SealError: the bundle does not open with its key.
    """
    key = bundle_key(request_id)
    return {
        path.name.removesuffix(SEALED): unseal(path, Keys(folder.keys).read(key))
        for path in sealed_files(folder).get(key, [])
    }


def written_at(files: tuple[Path, ...]) -> datetime | None:
    """When a bundle was written, by its marker, in UTC; None when it does not say."""
    marker = next((path for path in files if path.name == MARKER), None)
    try:
        said = json.loads(marker.read_bytes())["written_at"] if marker else None
        return datetime.fromisoformat(said) if said else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def erase_bundle(folder: DataFolder, place: Path) -> None:
    """Destroys the key of a bundle, then overwrites and removes its files and its folder."""
    Keys(folder.keys).destroy(bundle_key(place.name))
    if place.is_dir():
        for path in sorted(place.iterdir()):
            overwrite_and_unlink(path)
        place.rmdir()
        sync_folder(place.parent)


def erase_unfinished(folder: DataFolder, place: Path) -> None:
    """Erases a bundle without its key, which nobody can open: its writing, or its erasing, was
    killed. What somebody else put there is left alone.
    """
    there = place.is_dir() and not Keys(folder.keys).exists(bundle_key(place.name))
    if there and all(path.name == MARKER or SEALED in path.name for path in place.iterdir()):
        erase_bundle(folder, place)


def erase_bundles_that(folder: DataFolder, hold: Callable[[bytes], bool]) -> None:
    """Erases every bundle of which a file holds something, and those that nobody can open."""
    for key, files in sealed_files(folder).items():
        try:
            own = Keys(folder.keys).read(key)
            found = any(hold(unseal(path, own)) for path in files)
        except (KeyMissingError, SealError):
            found = True
        if found:
            erase_bundle(folder, files[0].parent)
    for place in _folders(folder):
        erase_unfinished(folder, place)


def _folders(folder: DataFolder) -> list[Path]:
    found = sorted(folder.bundles.glob(f"{FOLDER}*"))
    return [path for path in found if path.is_dir() and not path.is_symlink()]
