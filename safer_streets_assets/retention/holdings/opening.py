"""Which stores open: what is due is erased whatever does not."""

from __future__ import annotations

from safer_streets_assets.retention.holdings.known import read_beside, read_known
from safer_streets_assets.stores import (
    STORE_NAMES,
    DataFolder,
    Keys,
    StoreError,
    StoreName,
    open_stores,
)
from safer_streets_assets.stores.keys import KeyMissingError


def openable(folder: DataFolder) -> list[StoreName]:
    """The stores that exist and whose key exists."""
    keys = Keys(folder.keys)
    there = [store for store in STORE_NAMES if folder.database(store).exists()]
    return [store for store in there if store == "registers" or keys.exists(store)]


def readable(folder: DataFolder) -> list[StoreName]:
    """The stores that open and in which everything that the register reads can be read.

    A key that is cut short or another's, and a file that is damaged, make their store none of them.
    """
    there = openable(folder)
    if _can_be_read(folder, there):  # nearly always: each by itself would be opened anew
        return there
    return [store for store in there if _can_be_read(folder, [store])]


def _can_be_read(folder: DataFolder, stores: list[StoreName]) -> bool:
    try:
        with open_stores(folder, read=stores) as connection:
            read_known(connection)
            read_beside(connection)
    except (StoreError, KeyMissingError):
        return False
    return True
