"""The stores: folders, keys, encrypted DuckDB files, and how files appear and disappear safely."""

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
