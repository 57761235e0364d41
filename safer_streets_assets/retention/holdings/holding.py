"""A holding: one line of the retention register, with its state; the register as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from safer_streets_assets.retention.holdings.rules import LegalFacts
from safer_streets_assets.stores.ids import SHOWN_DIGITS

NOT_TRIGGERED = "held, not triggered"
HELD_UNTIL = "held until"
DUE_TODAY = "due today"
OVERDUE = "overdue"
ERASED = "erased"
NOTHING_HELD = "nothing held"
PRUNED = "held, pruned as it ages"
FOR_ASSESSMENT = "for assessment"
EXCEPTED = "held by exception"
REVIEW_DUE = "held by exception, review due"
PART_KEPT = "held for a part of it"

TAKEN_IN = "landing/taken-in"
WAITING = "landing/waiting"
"""Holdings that are no unit of what lies there by themselves."""
ASKED_PREFIX = "asked/"
"""Lines of erasures that were asked for and wait."""

DUE = (DUE_TODAY, OVERDUE)
AMBER = (FOR_ASSESSMENT, REVIEW_DUE)
"""States in which an operator has something to do, though nothing is late."""


@dataclass(frozen=True)
class Clock:
    """When a rule strikes: the rule, what sets it off, when it did, and when it is due.

    Where an operator's record set it off, `recorded_on` is the day from which its notice runs,
    which `due_on` is never before, and `stopped_by` the command that takes the record back.
    """

    rule: str
    trigger: str
    triggered_on: date | None = None
    due_on: date | None = None
    recorded_on: date | None = None
    stopped_by: str = ""


@dataclass(frozen=True)
class Holding:
    """What is held (stable id, store, what), why it may be, and until when.

    `row_count` is None where rows do not apply or the store was not opened; `files` and `bytes`
    count the files that belong to this line alone. `whereabouts` is a place below the data folder
    (or of the keys), and names no file that somebody sent.
    """

    holding: str
    store: str
    what: str
    legal: LegalFacts
    clock: Clock
    state: str
    row_count: int | None = None
    files: int = 0
    bytes: int = 0
    whereabouts: str = ""
    owner: str = ""

    @property
    def is_due(self) -> bool:
        """Whether it is to be erased now."""
        return self.state in DUE

    @property
    def is_held(self) -> bool:
        """Whether anything of it is there."""
        return self.state not in (ERASED, NOTHING_HELD)


def shown_name(holding: str) -> str:
    """The name of a holding as people see and give it: of a long opaque one the first digits."""
    store, _, rest = holding.partition("/")
    return (
        f"{store}/{rest[:SHOWN_DIGITS]}" if store in ("quarantine", "bundles", "asked") else holding
    )


def state_on(today: date, due_on: date | None, warn_days: list[int]) -> str:
    """The state of something that is held: `due within N days` names the nearest warning."""
    if due_on is None:
        return NOT_TRIGGERED
    left = (due_on - today).days
    if left <= 0:
        return OVERDUE if left < 0 else DUE_TODAY
    reached = [days for days in warn_days if left <= days]
    return f"due within {min(reached)} days" if reached else HELD_UNTIL


def earliest(*clocks: Clock) -> Clock:
    """The clock that strikes first; one that has not been set off strikes last."""
    return min(clocks, key=lambda clock: (clock.due_on is None, clock.due_on or date.max))


def as_frame(holdings: Sequence[Holding]) -> pd.DataFrame:
    """The register as a table: one row a holding, in its order, without personal data."""
    return pd.DataFrame(
        {
            "holding": [h.holding for h in holdings],
            "store": [h.store for h in holdings],
            "what": [h.what for h in holdings],
            "whereabouts": [h.whereabouts for h in holdings],
            "owner": [h.owner for h in holdings],
            "source": [h.legal.source for h in holdings],
            "controller": [h.legal.controller for h in holdings],
            "classification": [h.legal.classification for h in holdings],
            "article_6": [h.legal.article_6 for h in holdings],
            "article_9": [h.legal.article_9 for h in holdings],
            "article_10": [h.legal.article_10 for h in holdings],
            "processor": [h.legal.processor for h in holdings],
            "dpia_article_6": [h.legal.dpia_6 for h in holdings],
            "dpia_article_9": [h.legal.dpia_9 for h in holdings],
            "dpia_article_10": [h.legal.dpia_10 for h in holdings],
            "open_question": [h.legal.open_question for h in holdings],
            "special_category": [h.legal.special_category for h in holdings],
            "rule": [h.clock.rule for h in holdings],
            "trigger": [h.clock.trigger for h in holdings],
            "triggered_on": pd.Series([h.clock.triggered_on for h in holdings], dtype=object),
            "due_on": pd.Series([h.clock.due_on for h in holdings], dtype=object),
            "state": [h.state for h in holdings],
            "row_count": pd.array([h.row_count for h in holdings], dtype="Int64"),
            "files": [h.files for h in holdings],
            "bytes": [h.bytes for h in holdings],
        }
    )


def counts_by_state(holdings: Sequence[Holding]) -> dict[str, int]:
    """State to the number of holdings in it."""
    return dict(Counter(holding.state for holding in holdings))
