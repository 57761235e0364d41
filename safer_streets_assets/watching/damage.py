"""What is damaged in a data folder: stores that do not open, Dagster's history."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.stores import STORE_NAMES, DataFolder, StoreError, open_stores
from safer_streets_assets.stores.database import StoreBusyError, refuse_missing_registers
from safer_streets_assets.stores.history import lost_sentence
from safer_streets_assets.stores.keys import KeyMissingError
from safer_streets_assets.watching.findings import Finding


def lost_history() -> Finding:
    """Dagster's history cannot be had: meanwhile its daemon starts nothing and tells nothing."""
    return Finding("daemon_stopped", "history damaged", lost_sentence())


def damaged_stores(folder: DataFolder) -> Iterator[Finding]:
    """Each store that does not open, and why; registers that are missing beside the others.

    Raises:
        StoreBusyError: another program has a store open.
    """
    try:
        refuse_missing_registers(folder)
    except StoreError as missing:
        yield Finding("store_damaged", "registers missing", str(missing))
    for store in STORE_NAMES:
        if not folder.database(store).exists():
            continue
        try:
            with open_stores(folder, read=[store]):
                pass
        except StoreBusyError:
            raise
        except (KeyMissingError, StoreError) as error:
            yield Finding("store_damaged", f"{store} {error}", str(error))
