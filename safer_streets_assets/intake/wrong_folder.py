"""A drop in the folder of a source it is not of: which one it is of, and bringing it there.

The file is sealed and gone from the landing, so it is moved on the ledger: the next run puts it
back from its sealed file, into the folder of the other source, and judges it as a drop of that one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import duckdb

from safer_streets_assets.intake.finding_drops import (
    DropDecisionError,
    source_on_ledger,
    state_of_drop,
)
from safer_streets_assets.intake.held_drops import erase_put_back, reason_sentence
from safer_streets_assets.intake.landing_copies import clear_landing
from safer_streets_assets.intake.ledger import Arrival
from safer_streets_assets.intake.quarantine import is_sealed
from safer_streets_assets.intake.read_requests import request_of
from safer_streets_assets.intake.readers import BulkStore, DropReader, UnreadableDrop
from safer_streets_assets.intake.reasons import (
    ERASED_DROP,
    GONE,
    HELD_REASONS,
    OTHER_SOURCE,
    DropRefusedError,
)
from safer_streets_assets.intake.run_requests import request_run
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.queries import transaction

NOT_THE_COLUMNS = ("F-NO-COLUMN", "F-NO-SHEET", "F-FORMAT")
"""Reasons that a file of another source gives."""
_MOVABLE = ("quarantined", "refused", "held", "released")


def source_it_is_of(
    reader: DropReader,
    arrival: Arrival,
    policy: Policy,
    new_store: Callable[[], BulkStore],
    error: UnreadableDrop | DropRefusedError,
) -> DropRefusedError | None:
    """Why a drop that cannot be read as its folder's source is refused, when it can be read as one
    other agreed source and has most of its columns; None otherwise. Nothing that is read is kept.
    """
    if error.code not in NOT_THE_COLUMNS:
        return None
    found = []
    for name, source in policy.sources.items():
        if name != arrival.source:
            try:
                drop = reader.read(request_of(arrival, source, policy, new_store))
            except UnreadableDrop:
                continue
            # Some sources require one column alone, which any file may have.
            if 2 * len(drop.absent) < len(source.fields):
                found.append(name)
    return DropRefusedError(OTHER_SOURCE, found[0]) if len(found) == 1 else None


def move_drop(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    policy: Policy,
    drop_id: str,
    source: str,
    decided_by: str,
    now: datetime,
) -> None:
    """Makes a sealed drop one of another agreed source, and records who did and when.

    Its own source will do too: then it is judged again. Killed anywhere, it is where it was or
    moved, and may be moved again. The restricted store and the registers are attached for writing.

    Raises:
        DropDecisionError: the source is not agreed, the drop is not sealed, or it was erased.
    """
    if source not in policy.sources:
        raise DropDecisionError(f"There is no such agreed source; use one of {_listed(policy)}.")
    before, reason = state_of_drop(connection, drop_id)
    if before not in _MOVABLE or reason == ERASED_DROP:
        raise DropDecisionError(
            f"This drop is {before}; only one that is sealed (quarantined, refused, held or "
            "released) can be moved."
        )
    if not is_sealed(folder, drop_id):
        raise DropDecisionError(reason_sentence(HELD_REASONS[GONE]))
    # What a killed run left in the landing is sealed as well, and would be judged where it lies.
    clear_landing(connection, drop_id)
    erase_put_back(folder, source_on_ledger(connection, drop_id), drop_id)
    request_run(folder)
    with transaction(connection):
        connection.execute(
            "INSERT INTO registers.drop_decisions VALUES (?, 'move', ?, ?, ?)",
            [drop_id, before, decided_by, now],
        )
        connection.execute(
            "UPDATE registers.drops SET state = 'released', source = ?, reason = NULL, "
            "sentence = NULL WHERE drop_id = ?",
            [source, drop_id],
        )


def _listed(policy: Policy) -> str:
    return ", ".join(policy.sources)
