"""The linear system behind linked tables: what both the suppressor and the attacker reason about.

A cell is a count of one release, the same in whichever tables it is printed. Equations sum to zero;
an implied count is a sum of cells that is itself a number of people (a difference between nested
categories, measures, a population and a part of it, or two releases).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, FloatArray, IntArray

Lasting = tuple[str, str, tuple[tuple[str, str], ...]]
Terms = tuple[tuple[int, int], ...]
ASIDE = "no people"


class Cell(NamedTuple):
    """A count: release (by position, oldest first), population, measure, categories."""

    release: int
    population: str
    measure: str
    coords: tuple[tuple[str, str], ...]

    @property
    def lasting(self) -> Lasting:
        """What stays the same from release to release."""
        return self[1:]


class Place(NamedTuple):
    """Where a cell stands: release, table, category in each of the table's dimensions, measure."""

    release: int
    table: str
    coords: tuple[tuple[str, str], ...]
    measure: str


class Implied(NamedTuple):
    """An implied count: what it is, whether it cannot be negative, its threshold, and for a change
    the count that changes (as it is called from release to release).

    With `follows` it cannot be negative because of others that cannot, so a programme need not be
    told.
    """

    kind: str
    never_negative: bool
    threshold: int
    lasting: Lasting | None = None
    follows: bool = False


@dataclass(frozen=True)
class System:
    """`value` is NaN where nobody told; `lowest` and `highest` (inf: no limit) are what a cell can
    be at least and at most when it is not printed; `marked` cells carry a marker somewhere in
    print; `exposed` cells stand in at least one table that is not withheld; `in_whole_row` cells
    stand in a row of a sensitive attribute that is hidden whole, so that they may be 0;
    `one_category` cells are seen to hold everybody of such a row; `threshold` is a cell's own; rows
    of `equations`, `implied` and `facts` are over the cells; a fact lies between `fact_low` and
    `fact_high`. Cells of the population ASIDE are no counts of people: they are there for the facts
    alone."""

    cells: tuple[Cell, ...]
    places: tuple[tuple[Place, ...], ...]
    value: FloatArray
    lowest: IntArray
    highest: FloatArray
    marked: BoolArray
    exposed: BoolArray
    in_whole_row: BoolArray
    one_category: BoolArray
    threshold: IntArray
    equations: sparse.csr_matrix
    implied: sparse.csr_matrix
    implied_kinds: tuple[Implied, ...]
    facts: sparse.csr_matrix
    fact_low: FloatArray
    fact_high: FloatArray
    released: IntArray = field(repr=False)

    @cached_property
    def ranged(self) -> BoolArray:
        """Which cells no table prints or hides: all that is said of them is a range."""
        return np.asarray(self.exposed & np.isnan(self.value) & ~self.marked, dtype=bool)

    @cached_property
    def aside(self) -> BoolArray:
        """Which cells are no counts of people."""
        return np.array([cell.population == ASIDE for cell in self.cells], dtype=bool)

    @cached_property
    def never_negative(self) -> BoolArray:
        """Which implied counts cannot be negative."""
        return np.array([k.never_negative for k in self.implied_kinds], dtype=bool)

    @cached_property
    def binding(self) -> BoolArray:
        """Which implied counts a programme must be told not to make negative."""
        return np.array([k.never_negative and not k.follows for k in self.implied_kinds], bool)

    @cached_property
    def placed(self) -> BoolArray:
        """Which cells stand in a table, not only behind tables that are tied in a cycle."""
        return np.array([bool(places) for places in self.places], dtype=bool)

    @cached_property
    def implied_threshold(self) -> IntArray:
        """The threshold of each implied count."""
        return np.array([k.threshold for k in self.implied_kinds], dtype=np.int64)

    def parts_of(self, row: int) -> list[int]:
        """The cells that an implied count is made of, those it adds before those it takes off."""
        start, stop = self.implied.indptr[row : row + 2]
        inside = zip(self.implied.data[start:stop], self.implied.indices[start:stop], strict=True)
        return [int(i) for _, i in sorted(inside, key=lambda term: (-term[0], term[1]))]

    def changed_by(self, row: int) -> tuple[int, Lasting]:
        """For an implied count that is a change: the release it leads to, and what changes."""
        newer = self.cells[self.parts_of(row)[0]]
        return newer.release, self.implied_kinds[row].lasting or newer.lasting


def rows_to_matrix(rows: list[Terms], width: int) -> sparse.csr_matrix:
    """Sparse integer matrix of rows of (column, coefficient)."""
    indptr = np.cumsum([0] + [len(r) for r in rows])
    flat = [term for row in rows for term in row]
    columns = np.array([c for c, _ in flat], dtype=np.int64)
    numbers = np.array([k for _, k in flat], dtype=np.int64)
    return sparse.csr_matrix((numbers, columns, indptr), shape=(len(rows), width))
