"""The attacker on statistics: what all releases together tell of a few people, or of one.

See docs/statistics.md for what counts as found, and for why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from safer_streets_assets.disclosure.statistics_attack.figures import System
from safer_streets_assets.disclosure.statistics_attack.persons import persons_found
from safer_streets_assets.disclosure.statistics_attack.prints import Flags, Numbers
from safer_streets_assets.disclosure.statistics_attack.sums import Group, Sums

FEW = "with what else is printed it tells of too few people"
JOINED = "it tells of the few who joined or left since an earlier release"
PERSON = "it tells how one person answered"


@dataclass(frozen=True)
class Found:
    """What the attacker finds: of a group of the row at that place, and why."""

    row: int
    why: str


class Attack:
    """The attacker on one system.

    A person, or a group of fewer than `bar`, is found when the score, or the mean of the scores, is
    known within less than `enough` of the range of a score. A group of one release of fewer than
    `base` is found when its mean follows: within less than `follows`.

    What is known without the new release is not found again. Where people moved in ways that the
    counts do not show, nobody knows who joined whom: then only rows are compared with their own
    earlier figures, and the sums are those of the new release.
    """

    def __init__(
        self, system: System, *, base: int, bar: int, enough: float, follows: float
    ) -> None:
        self.system, self.bar, self.enough = system, bar, enough
        self.summed, self.sums = system, Sums(system)
        if not self.sums.possible():
            self.summed = system.newest()
            self.sums = Sums(self.summed)
        self.groups = list(_groups(self.summed, base, bar, enough, follows))
        self.shares: list[Numbers | None] = [None]
        self.shares += [means.shares for means in self.summed.means if not means.change]

    def found(self, known: Flags) -> Found | None:
        """Something that is found when the new release prints statistics in these rows."""
        direct = self._joined(known)
        if direct is not None:
            return direct
        for shares in self.shares:
            row = self._narrow(known, shares)
            if row is not None:
                return Found(row, FEW)
        for means in self.system.means:
            for row in persons_found(self.system, means, self.enough):
                if known[row]:
                    return Found(row, PERSON)
        return None

    def _joined(self, known: Flags) -> Found | None:
        """A row that stands at an earlier release too, with a few people less or more."""
        *before, now = self.system.counts
        for count, was in zip(before, self.system.known, strict=False):
            moved = np.abs(now - count)
            few = was & known & (moved >= 1) & (moved < self.bar)
            if few.any():
                return Found(int(np.flatnonzero(few)[0]), JOINED)
        return None

    def _narrow(self, known: Flags, shares: Numbers | None) -> int | None:
        """The row of a group whose mean is known too closely, and would not be without the new."""
        if not self.groups or not known.any():
            return None
        there = self.summed.known.copy()
        there[-1] = known
        narrow = self.sums.narrow(there, shares, self.groups)
        if not narrow:
            return None
        there[-1] = False
        before = self.sums.narrow(there, shares, narrow)
        new = [group.row for group in narrow if group not in before]
        return new[0] if new else None


def _groups(system: System, base: int, bar: int, enough: float, follows: float) -> Iterator[Group]:
    """The groups of too few that print itself speaks of: a row at a release, who joined or
    left it between two, and what is left of a Total beside the rows with a count, or a statistic.
    """
    releases, rows = system.counts.shape
    times = [(t, s) for t in range(releases) for s in [None, *range(t)]]
    made = [
        {(row, t): 1} if s is None else {(row, t): 1, (row, s): -1}
        for row in range(rows)
        for t, s in times
    ]
    counted = ~np.isnan(system.counts)
    for part in system.facets:
        own = [row for row, at in part.items() if len(at) == 1]
        for total in (row for row, at in part.items() if not at):
            for t, s in times:
                for there in (system.known, counted):
                    both = there[t] if s is None else there[t] & there[s]
                    taken = {total: 1} | {row: -1 for row in own if both[row]}
                    if 1 < len(taken) <= len(own):
                        made.append(
                            {(row, t): way for row, way in taken.items()}
                            | ({} if s is None else {(row, s): -way for row, way in taken.items()})
                        )
    for cells in {tuple(cells.items()): None for cells in made}:
        people = abs(sum(way * float(system.counts[t, row]) for (row, t), way in cells))
        between = len({t for (_, t), _ in cells}) > 1
        if 1 <= people < (bar if between else base):
            width = enough if people < bar else follows
            group = tuple(((t, row), way) for (row, t), way in cells)
            yield Group(group, people, cells[0][0][0], width)
