"""What a record would move, and what waits because of one: notice before anything is erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import erasure_in_words
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.holdings.holding import EXCEPTED, REVIEW_DUE, Holding
from safer_streets_assets.retention.holdings.inventory import UNACCOUNTED

MOST_IN_WORDS = 4


@dataclass(frozen=True)
class MovedHolding:
    """A holding, the day it was to be erased before a record, and the day it is after it."""

    holding: Holding
    was_due: date | None
    due: date | None

    @property
    def is_sooner(self) -> bool:
        """Whether it is erased sooner than before."""
        return self.due is not None and (self.was_due is None or self.due < self.was_due)

    @property
    def is_later(self) -> bool:
        """Whether it is erased later than before, or not at all."""
        return self.due is None or (self.was_due is not None and self.due > self.was_due)


@dataclass(frozen=True)
class ErasureAhead:
    """What one record is about to erase: the day, the command that stops it, and the holdings."""

    due_on: date
    recorded_on: date
    stopped_by: str
    holdings: tuple[str, ...]

    def sentence_on(self, today: date) -> str:
        """What will happen and what stops it, as it is on a day."""
        listed = "; ".join(self.holdings[:MOST_IN_WORDS])
        more = len(self.holdings) - MOST_IN_WORDS
        also = f"; {more} more" if more > 0 else ""
        return (
            f"By what was recorded on {self.recorded_on} this "
            f"{erasure_in_words(self.due_on, today)}: {listed}{also}. To stop it: {self.stopped_by}"
        )


def moves(
    policy: Policy, before: Sequence[Holding], after: Sequence[Holding]
) -> list[MovedHolding]:
    """What a record erases on another day, or on the same day by itself; soonest first."""
    was = {one.holding: one for one in before}
    moved = []
    for one in after:
        earlier = was.get(one.holding)
        was_due = erased_on(policy, earlier) if earlier else None
        move = MovedHolding(one, was_due, erased_on(policy, one))
        by_another = earlier is None or one.clock.stopped_by != earlier.clock.stopped_by
        if move.due != was_due or (move.due is not None and by_another):
            moved.append(move)
    return sorted(moved, key=lambda move: move.due or date.max)


def soon(policy: Policy, moved: Sequence[MovedHolding], today: date) -> list[MovedHolding]:
    """What would be erased within the time that is asked about, and was not to be before then."""
    last = today + timedelta(days=policy.dpia.retention.notice_within_days)
    near = [move for move in moved if not move.is_later]
    return [move for move in near if move.due is not None and move.due <= last]


def waiting(policy: Policy, holdings: Sequence[Holding]) -> list[ErasureAhead]:
    """What waits to be erased by what an operator recorded that short a time before.

    What the schedule erases years after a record is warned of by its own days.
    """
    within = timedelta(days=policy.dpia.retention.notice_within_days)
    groups: dict[tuple[date, date, str], list[str]] = {}
    for one in holdings:
        due, recorded = erased_on(policy, one), one.clock.recorded_on
        if due is not None and recorded is not None and due - recorded <= within:
            groups.setdefault((due, recorded, one.clock.stopped_by), []).append(one.what)
    return [ErasureAhead(*key, tuple(names)) for key, names in sorted(groups.items())]


def erased_on(policy: Policy, one: Holding) -> date | None:
    """The day on which a holding is erased if nobody does anything, or None."""
    if not one.is_held or one.state in (EXCEPTED, REVIEW_DUE) or one.holding == UNACCOUNTED:
        return None
    erased = rules.rule_of(policy, one.clock.rule).action == "erase"
    return one.clock.due_on if erased or one.clock.recorded_on is not None else None
