"""Whether somebody alone in a hidden cell may derive others, by addition, for `check_witnesses`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from safer_streets_assets.disclosure.check_levels import CheckedCell, Coords
from safer_streets_assets.disclosure.check_printed import CheckedSum, Counts, PrintedReleases


class InsiderCheck:
    """For each small count that is not printed, the people alone in a cell who may still derive it.

    A count of 1 may be the very person when it is on the other side of a sum, directly or by way of
    other cells of one person; a difference of 1 may always be, and so may one that is made of such
    counts alone.
    """

    def __init__(
        self,
        printed: PrintedReleases,
        counts: Counts,
        sums: Mapping[CheckedCell, list[tuple[bool, CheckedSum]]],
        alone: Collection[tuple[str, str, Coords]],
    ) -> None:
        unseen = {*printed.hidden, *printed.unseen} - set(printed.value)
        newest = max((cell[0] for cell in unseen), default=0)
        self.single = {c for c in unseen if c[0] == newest and c[1:] in alone}
        self.left: dict[Any, set[CheckedCell]] = {}
        self.sums: dict[CheckedCell, list[tuple[int, int]]] = defaultdict(list)
        small = range(1, max(printed.hidden.values(), default=1))
        for cell in unseen:
            if counts[cell] in small:
                self.left[cell] = self.single - {cell}
        own = {single: _same_person(single, counts, sums) for single in self.single}
        for single, cells in own.items():
            for same in cells:
                self.left.get(same, set()).discard(single)
        for row, terms in enumerate(printed.not_negative):
            if sum(k * counts[cell] for k, cell in terms) in small[1:]:
                people = {cell for _, cell in terms if counts[cell]}
                self.left[row] = {s for s in self.single if not people <= own[s]}
                for k, cell in terms:
                    self.sums[cell].append((row, k))

    @property
    def open(self) -> bool:
        """Whether somebody may derive a count."""
        return any(self.left.values())

    def add(self, moved: Mapping[CheckedCell, int]) -> None:
        """Takes note of a whole table that agrees with everything printed."""
        by: dict[Any, int] = defaultdict(int, moved)
        for cell, change in moved.items():
            for row, k in self.sums.get(cell, ()):
                by[row] += k * change
        stirred = {cell for cell in self.single if by.get(cell)}
        for count, change in by.items():
            if change and count in self.left:
                self.left[count] &= stirred


def _same_person(
    single: CheckedCell, counts: Counts, sums: Mapping[CheckedCell, list[tuple[bool, CheckedSum]]]
) -> set[CheckedCell]:
    found, todo = {single}, [single]
    while todo:
        one = todo.pop()
        for _, terms in sums.get(one, ()):
            own = next(k for k, cell in terms if cell == one)
            for k, cell in terms:
                if k * own < 0 and counts[cell] == 1 and cell not in found:
                    found.add(cell)
                    todo.append(cell)
    return found
