"""Which tables of the newest release a count that is not shown to be safe may be the fault of.

A count of earlier releases is no fault of a table that tells nothing of it: one of which no figure
and no marker shares an equation, a difference that cannot be negative or a fact with the cells that
the count hangs on. Without such a table the newest release adds nothing to what was known of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.system.system import System
from safer_streets_assets.disclosure.core.tables.arrays import IntArray


class Blame:
    """Asks it of counts of a system (cells, and implied counts from the number of cells on).
    `open_tables` are those of the newest release that are not withheld."""

    def __init__(self, system: System, newest: int, open_tables: Collection[str]) -> None:
        self.system, self.newest = system, newest
        self.open_tables = frozenset(open_tables)

    def of(self, count: int) -> tuple[list[str], bool]:
        """The tables to withhold, and whether the count itself stands in them. First those that the
        count stands in; else those in which the newest release has the same count; else all that
        tell of the cells it hangs on; none when no table of the newest release does."""
        n = len(self.system.cells)
        cells = [count] if count < n else self.system.parts_of(count - n)
        own = self._standing(cells)
        if own:
            return own, True
        keys = {self.system.cells[i].lasting for i in cells}
        same = [i for i in self._new if self.system.cells[i].lasting in keys]
        return self._standing(same) or self._telling(cells), False

    @cached_property
    def _new(self) -> list[int]:
        exposed = self.system.exposed & (self.system.released == self.newest)
        return [int(i) for i in np.flatnonzero(exposed)]

    @cached_property
    def _ties(self) -> sparse.csr_matrix:
        """All that ties cells to one another, whether their counts are known or not."""
        system = self.system
        tied = system.implied[np.flatnonzero(system.never_negative)]
        return abs(sparse.vstack([system.equations, tied, system.facts], format="csr"))

    @cached_property
    def _part(self) -> IntArray:
        """The component of each cell whose count is not known, by what ties it; -1 for others."""
        unknown = np.flatnonzero(np.isnan(self.system.value))
        ties = self._ties[:, unknown]
        _, label = sparse.csgraph.connected_components(ties.T @ ties, directed=False)
        part = np.full(len(self.system.cells), -1, dtype=np.int64)
        part[unknown] = label
        return part

    def _telling(self, cells: Iterable[int]) -> list[str]:
        parts = {int(self._part[i]) for i in cells} - {-1}
        inside = np.isin(self._part, list(parts)).astype(np.int64)
        rows = np.flatnonzero(self._ties @ inside)
        return self._standing(np.unique(self._ties[rows].indices))

    def _standing(self, cells: Iterable[int]) -> list[str]:
        """The open tables of the newest release that some cells stand in."""
        places = (place for i in cells for place in self.system.places[int(i)])
        found = {place.table for place in places if place.release == self.newest}
        return sorted(found & self.open_tables)
