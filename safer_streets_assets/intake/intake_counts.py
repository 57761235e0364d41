"""What became of the drops of one source in a run: counts only."""

from __future__ import annotations

from dataclasses import dataclass, field

from safer_streets_assets.intake.decisions import Decision


@dataclass
class TakenIn:
    """What became of the drops of one source: counts only."""

    loaded: int = 0
    quarantined: int = 0
    refused: int = 0
    held: int = 0
    rows_loaded: int = 0
    rows_set_aside: int = 0
    unreadable: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, decision: Decision) -> None:
        """Counts one decision."""
        if decision.state == "loaded":
            self.loaded += 1
        elif decision.state == "refused":
            self.refused += 1
        elif decision.state == "held":
            self.held += 1
        else:
            self.quarantined += 1
        if decision.rows_read is not None and decision.rows_loaded is not None:
            self.rows_loaded += decision.rows_loaded
            self.rows_set_aside += decision.rows_read - decision.rows_loaded
        if decision.reason:
            self.reasons[decision.reason] = self.reasons.get(decision.reason, 0) + 1
