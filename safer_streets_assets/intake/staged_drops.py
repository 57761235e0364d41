"""One drop on its way: read while its file does not change, then judged and laid out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from safer_streets_assets.intake.decisions import Decision
from safer_streets_assets.intake.drop_order import WaitingDrop
from safer_streets_assets.intake.landing_copies import holds_drop
from safer_streets_assets.intake.ledger import Arrival
from safer_streets_assets.intake.readers import (
    DropReader,
    ReadDrop,
    ReadRequest,
    UnreadableDrop,
)


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
    def waiting(self) -> WaitingDrop:
        """What the place of the drop among the others depends on."""
        return WaitingDrop(self.arrival, self.stated, self.decision.position_date)
