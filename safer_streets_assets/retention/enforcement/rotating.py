"""Rotates the keys of a data folder: which there are, what lies under each, and pseudonyms."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY
from safer_streets_assets.cohort.rekeying import rekeyed_ids
from safer_streets_assets.intake.returns import RETURNS_KEY
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.up_to_date import renamed_inputs
from safer_streets_assets.retention.enforcement.enforcing import resume
from safer_streets_assets.retention.errors import RetentionError
from safer_streets_assets.retention.holdings.asked import sealed_subjects
from safer_streets_assets.retention.holdings.bundles import sealed_files
from safer_streets_assets.retention.holdings.inventory import QUARANTINE_PREFIX, inventory
from safer_streets_assets.stores import STORE_NAMES, DataFolder, Keys, open_stores
from safer_streets_assets.stores.database import ENCRYPTED
from safer_streets_assets.stores.preflight import closed, preflight
from safer_streets_assets.stores.rebuild import next_key
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets.stores.rotation import rename_and_rotate, rotate_keys
from safer_streets_assets.stores.sealed import unseal

SealedPart = Literal["restricted", "research", "quarantine", "returns", "bundles"]
PARTS: tuple[SealedPart, ...] = get_args(SealedPart)


def rotate(
    folder: DataFolder,
    policy: Policy,
    now: datetime,
    *,
    part: SealedPart | None = None,
    pseudonyms: bool = False,
) -> dict[str, int]:
    """Puts everything, or one part, under new keys; returns files put under new keys by part.

    With `pseudonyms` everybody gets a new pseudonym, and near misses new ids, in all stores alike;
    what was decided about them stays, and so do releases. Killed at any moment it is finished by
    the next run or command. The caller holds the run's lock. `now` is the time in UTC.

    Raises:
        RetentionError: the evaluation is closed, or both a part and `pseudonyms` are asked for.
        RekeyingError: a pseudonym stands in a store whose CRN is not known, or a table that no
            stage declares.
        KeyMissingError, StoreError, SealError: a key does not serve; nothing has changed then.
    """
    _refuse_part_of_pseudonyms(part, pseudonyms)
    resume(folder, policy, now)
    if closed(folder):
        raise RetentionError(
            "The evaluation is closed and its personal data was erased: there are no keys to "
            "rotate."
        )
    preflight(folder)
    chosen = {name: _under(folder, name) for name in PARTS if part in (None, name)}
    keys = {key: files for found in chosen.values() for key, files in found.items()}
    _check_they_open(folder, keys)
    if pseudonyms and any(folder.database(store).exists() for store in ENCRYPTED):
        rename_and_rotate(folder, keys, PSEUDONYM_KEY, _renamed(folder, policy))
    else:
        rotate_keys(folder, keys)
    return _counts(chosen)


def to_rotate(
    folder: DataFolder, *, part: SealedPart | None = None, pseudonyms: bool = False
) -> dict[str, int]:
    """How many files a rotation would put under new keys, by part. Changes nothing.

    Raises:
        RetentionError: both a part and `pseudonyms` are asked for.
    """
    _refuse_part_of_pseudonyms(part, pseudonyms)
    return _counts({name: _under(folder, name) for name in PARTS if part in (None, name)})


def _refuse_part_of_pseudonyms(part: SealedPart | None, pseudonyms: bool) -> None:
    if pseudonyms and part is not None:
        raise RetentionError(
            "Pseudonyms stand in all stores: leave --store out, or leave --pseudonyms out."
        )


def _counts(chosen: Mapping[SealedPart, Mapping[str, Collection[Path]]]) -> dict[str, int]:
    """Files by part; a store is one file under a key of its own."""
    return {
        name: sum(max(1, len(files)) for files in found.values()) for name, found in chosen.items()
    }


def _under(folder: DataFolder, part: SealedPart) -> dict[str, list[Path]]:
    """The keys of a part that are in use, and the sealed files under each."""
    if part in ENCRYPTED:
        own: dict[str, list[Path]] = {part: []} if folder.database(part).exists() else {}
        return own | sealed_subjects(folder) if part == "restricted" else own
    if part == "returns":
        files = sorted(folder.returns.glob("*.sealed")) if folder.returns.is_dir() else []
        return {RETURNS_KEY: files} if files else {}
    if part == "bundles":
        return sealed_files(folder)
    units = inventory(folder).items()
    return {
        unit.keys[0]: list(unit.files)
        for name, unit in units
        if name.startswith(QUARANTINE_PREFIX) and unit.files
    }


def _check_they_open(folder: DataFolder, keys: dict[str, list[Path]]) -> None:
    """Nothing is begun that could not be brought to its end (`preflight` opened the stores)."""
    for name, files in keys.items():
        for path in files:
            unseal(path, Keys(folder.keys).read(name))


def _renamed(folder: DataFolder, policy: Policy) -> dict[str, str]:
    """Old identifiers to new ones, made under the next key of the pseudonyms."""
    keys = Keys(folder.keys)
    following = keys.create(next_key(PSEUDONYM_KEY))
    with open_stores(folder, write=STORE_NAMES) as connection:
        ensure_registers(connection)
        renamed = rekeyed_ids(connection, policy, keys.read(PSEUDONYM_KEY), following)
        return renamed | renamed_inputs(connection, renamed)
