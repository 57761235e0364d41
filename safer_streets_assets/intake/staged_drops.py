"""Reads one drop and judges its rows, before anything of it is in a store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import duckdb

from safer_streets_assets.intake.copies import holds_drop
from safer_streets_assets.intake.decisions import Decision
from safer_streets_assets.intake.erased import ErasedPeople
from safer_streets_assets.intake.ledger import Arrival
from safer_streets_assets.intake.order import Waiting
from safer_streets_assets.intake.outstanding import SentFile
from safer_streets_assets.intake.readers import (
    DropReader,
    ReadDrop,
    ReadRequest,
    UnreadableDrop,
)
from safer_streets_assets.intake.reasons import DropRefusedError
from safer_streets_assets.intake.refused_rows import keep_refused_rows
from safer_streets_assets.intake.staging import (
    position_of,
    refuse_if_too_many_bad,
    rows_of_erased,
    rows_repeated,
    stage_rows,
    stated_position,
)
from safer_streets_assets.policy import Policy


def read_unchanged(reader: DropReader, request: ReadRequest, drop_id: str) -> ReadDrop:
    """The rows of a drop, when the file holds the drop's bytes before and after it was read."""
    if not holds_drop(request.path, drop_id):
        raise UnreadableDrop("F-CHANGED")
    drop = reader.read(request)
    if not holds_drop(request.path, drop_id):
        raise UnreadableDrop("F-CHANGED")
    return drop


@dataclass(frozen=True)
class StagedDrop:
    """A drop whose rows are judged and lie in a temporary view; `drop` without its cells."""

    arrival: Arrival
    drop: ReadDrop
    view: str
    decision: Decision
    stated: date | None

    @property
    def waiting(self) -> Waiting:
        """What the place of the drop among the others depends on."""
        return Waiting(self.arrival, self.stated, self.decision.position_date)


def stage_drop(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    name: str,
    arrival: Arrival,
    drop: ReadDrop,
    identifying: set[int],
    erased: ErasedPeople,
    number: int,
) -> StagedDrop:
    """Judges the rows of a drop that was read. Raises DropRefusedError when too many are bad."""
    source = policy.sources[name]
    view = f"staged_{number}"
    rows, bad = stage_rows(connection, source, policy, drop, identifying, view, erased)
    position = position_of(connection, source, drop, view, arrival.arrived_at)
    refused = rows_of_erased(connection, view)
    if refused == 0 or refused < rows:
        broken = bad - refused - rows_repeated(connection, view)
        try:
            refuse_if_too_many_bad(rows - refused, broken, policy)
        except DropRefusedError:
            sent = SentFile(position, arrival.saved_at, drop.sheet)
            keep_refused_rows(connection, arrival.drop_id, view, rows, sent)
            raise
    decision = Decision(
        "loaded",
        position_date=position,
        format=drop.format,
        rows_read=rows,
        rows_loaded=rows - bad,
        columns_dropped=len(drop.dropped),
    )
    stated = stated_position(drop, arrival.arrived_at)
    return StagedDrop(arrival, replace(drop, columns={}), view, decision, stated)
