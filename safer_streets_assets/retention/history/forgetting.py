"""After an erasure: prunes from Dagster's history what refers to it, until that has succeeded."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg

from safer_streets_assets.retention.history.pruning import Pruned, forget_drops
from safer_streets_assets.retention.history.what_goes import record_forgotten, to_forget
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import ensure_registers, now_utc


def forget_erased(instance: dg.DagsterInstance, folder: DataFolder) -> Pruned | None:
    """Prunes the runs that refer to what was erased since the last time; None when nothing was.

    To be called after each erasure by the holder of the run's lock. It is recorded as done when
    every database was compacted; what Dagster has locked is done by the next call. The run that
    calls is not pruned: it refers to drops by their opaque ids only.
    """
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        found = to_forget(connection)
    if found is None:
        return None
    pruned = forget_drops(
        instance, folder.dagster, found.drop_ids, found.windows, datetime.now(UTC)
    )
    if not pruned.locked:
        with open_stores(folder, write=["registers"]) as connection:
            record_forgotten(connection, found.certificate_ids, now_utc())
    return pruned
