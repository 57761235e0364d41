"""Before a run writes anything: every key is there, and every store opens with its own."""

from __future__ import annotations

from contextlib import nullcontext

from safer_streets_assets.stores.database import (
    ENCRYPTED,
    STORE_NAMES,
    StoreError,
    check_stores_open,
    open_stores,
    refuse_missing_registers,
)
from safer_streets_assets.stores.folder import DataFolder
from safer_streets_assets.stores.keys import Keys
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets.stores.rebuild import finish_rebuild, is_being_rebuilt
from safer_streets_assets.stores.registers import ensure_registers, evaluation_closed
from safer_streets_assets.stores.rotation import finish_rotation, forget_next_key

PSEUDONYM_KEY = "pseudonym"
REQUIRED_KEYS = (*ENCRYPTED, PSEUDONYM_KEY, "sends")
"""The stores' keys, the key of the pseudonyms and the key of the ledger's send marks."""


ERASURE_BEGUN = "erasing.sealed"
"""A file of the restricted store: there from the begin of an erasure on request to its end."""


def preflight(folder: DataFolder) -> None:
    """Makes the keys of a new data folder; on one in use, checks that all are there and fit.

    A rotation of keys or a rebuild of a store that was interrupted is finished first.

    Raises:
        KeyMissingError: a key is missing, damaged or readable by others.
        StoreError: a store does not open with its key, another program holds it, an erasure was
            interrupted, or the registers are missing beside the stores.
    """
    folder.prepare()
    refuse_missing_registers(folder)
    if (folder.restricted / ERASURE_BEGUN).exists():
        raise StoreError(
            "An erasure was interrupted: run safer-streets retention --enforce to finish it."
        )
    finish_rotation(folder)
    for store in STORE_NAMES:
        finish_rebuild(folder, store)
    forget_next_key(folder, PSEUDONYM_KEY)
    keys = Keys(folder.keys)
    in_use = any(folder.database(store).exists() for store in ENCRYPTED)
    missing = [name for name in REQUIRED_KEYS if not keys.exists(name)] if in_use else []
    erased = bool(missing) and closed(folder)
    if erased and any(name in missing for name in ENCRYPTED if folder.database(name).exists()):
        raise StoreError(
            "An erasure was interrupted: run safer-streets retention --enforce to finish it."
        )
    # What is erased while an exception holds the rest back needs no key any more.
    for name in (key for key in REQUIRED_KEYS if not (erased and key in missing)):
        if in_use:
            keys.read(name)
        else:
            keys.read_or_create(name)
    check_stores_open(folder)


def keys_beside_data(folder: DataFolder) -> str | None:
    """A warning when the keys lie in the data folder, where one copy takes both; else None."""
    if not folder.keys.resolve().is_relative_to(folder.root.resolve()):
        return None
    return (
        "The keys lie in the data folder, so whoever copies it has both: set SAFER_STREETS_KEYS to "
        "a folder on another volume and move the keys there."
    )


def closed(folder: DataFolder) -> bool:
    """Whether the evaluation of a data folder is closed; one without registers is not."""
    if not folder.database("registers").exists():
        return False
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        return evaluation_closed(connection)


def ready_registers(folder: DataFolder, *, is_locked: bool = False) -> None:
    """Makes the registers where there are none yet, and finishes a rebuild of them that was killed.

    `is_locked`: the caller, or the run it is a step of, holds the run's lock.

    Raises:
        StoreError: the registers are missing beside the stores, or do not open.
        AnotherRunError: they are being rebuilt, and a run goes on.
    """
    folder.prepare()
    if is_being_rebuilt(folder, "registers"):
        with nullcontext() if is_locked else run_lock(folder.lock):
            finish_rebuild(folder, "registers")
    refuse_missing_registers(folder)
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
