"""The stores: folders, keys, encrypted DuckDB files, and how files appear and disappear safely.

What every stage needs to open, write and erase data belongs here, and the catalogue in which each
stage declares its tables. What a table means does not: the stage that makes it says so.
"""

from safer_streets_assets.stores.database import (
    STORE_NAMES,
    StoreError,
    StoreName,
    check_stores_open,
    open_stores,
)
from safer_streets_assets.stores.folder import DataFolder
from safer_streets_assets.stores.keys import KeyMissingError, Keys

__all__ = [
    "STORE_NAMES",
    "DataFolder",
    "KeyMissingError",
    "Keys",
    "StoreError",
    "StoreName",
    "check_stores_open",
    "open_stores",
]
