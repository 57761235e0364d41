"""The attacker on statistics: what all releases together tell of a few people, or of one.

See docs/statistics.md for what counts as found, and for why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from safer_streets_assets.disclosure.statistics_attack.combinations import few_that_follow
from safer_streets_assets.disclosure.statistics_attack.figures import RowSystem
from safer_streets_assets.disclosure.statistics_attack.groups import Limits, groups_of
from safer_streets_assets.disclosure.statistics_attack.persons import persons_found
from safer_streets_assets.disclosure.statistics_attack.prints import Flags, Numbers
from safer_streets_assets.disclosure.statistics_attack.sums import Group, Sums

FEW = "with what else is printed it tells of too few people"
JOINED = "it tells of the few who joined or left since an earlier release"
PERSON = "it tells how one person answered"


@dataclass(frozen=True)
class GroupFound:
    """What the attacker finds: of a group of the row at that place, and why."""

    row: int
    why: str


class Attack:
    """The attacker on one system.

    A person, or a group of too few, is found when the score, or the mean of the scores, is known
    more closely than the limits allow.

    What is known without the new release is not found again. Where people moved in ways that the
    counts do not show, nobody knows who joined whom: then only rows are compared with their own
    earlier figures, and the sums are those of the new release.
    """

    def __init__(self, system: RowSystem, limits: Limits) -> None:
        self.system, self.limits = system, limits
        self.summed, self.sums = system, Sums(system)
        if not self.sums.possible():
            self.summed = system.newest()
            self.sums = Sums(self.summed)
        self.shares: list[Numbers | None] = [None]
        self.shares += [means.shares for means in self.summed.means if not means.change]

    def found(self, known: Flags) -> GroupFound | None:
        """Something that is found when the new release prints statistics in these rows."""
        direct = self._joined(known)
        if direct is not None:
            return direct
        there = self.summed.known.copy()
        there[-1] = known
        groups = groups_of(self.summed, there, self.limits)
        follows = self._combined(there)
        if follows is not None:
            return GroupFound(follows, FEW)
        for shares in self.shares if known.any() else ():
            row = self._narrow(there, shares, groups)
            if row is not None:
                return GroupFound(row, FEW)
        for means in self.system.means:
            for row in persons_found(self.system, means, self.limits.enough):
                if known[row]:
                    return GroupFound(row, PERSON)
        return None

    def _joined(self, known: Flags) -> GroupFound | None:
        """A row that stands at an earlier release too, with a few people less or more."""
        *before, now = self.system.counts
        for count, was in zip(before, self.system.known, strict=False):
            moved = np.abs(now - count)
            few = was & known & (moved >= 1) & (moved < self.limits.bar)
            if few.any():
                return GroupFound(int(np.flatnonzero(few)[0]), JOINED)
        return None

    def _combined(self, known: Flags) -> int | None:
        """The row of people in a sum over too few that follows, and would not without the new."""
        if not known[-1].any():
            return None
        found = few_that_follow(self.sums, known, self.limits.bar)
        if not found:
            return None
        old = known.copy()
        old[-1] = False
        before = few_that_follow(self.sums, old, self.limits.bar)
        return next((row for column, row in found.items() if column not in before), None)

    def _narrow(self, known: Flags, shares: Numbers | None, groups: Sequence[Group]) -> int | None:
        """The row of a group whose mean is known too closely, and would not be without the new."""
        narrow = self.sums.narrow(known, shares, groups)
        if not narrow:
            return None
        old = known.copy()
        old[-1] = False
        before = self.sums.narrow(old, shares, narrow)
        new = [group.row for group in narrow if group not in before]
        return new[0] if new else None
