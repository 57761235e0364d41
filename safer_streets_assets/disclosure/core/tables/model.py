"""What callers hand in: true tables, printed tables, links and releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from safer_streets_assets.disclosure.core.tables.facts import Fact
from safer_streets_assets.disclosure.core.tables.grid import Grid, read_grid
from safer_streets_assets.disclosure.core.tables.spec import CellRef, TableSpec
from safer_streets_assets.disclosure.core.tables.validate import check_counts


@dataclass(frozen=True)
class CountTable:
    """A table with its true counts.

    `cells` has one row for every combination of categories, the margin rows ("Total") included,
    with the dimensions and the measures as columns. Raises TableError unless every combination is
    there once, counts are whole and not negative, totals are the sums of their parts, and nested
    counts do not grow.
    """

    spec: TableSpec
    cells: pd.DataFrame = field(repr=False)
    grid: Grid = field(init=False, repr=False)

    def __post_init__(self) -> None:
        grid = read_grid(self.spec, self.cells, may_be_hidden=False)
        check_counts(grid)
        object.__setattr__(self, "grid", grid)


@dataclass(frozen=True)
class PrintedTable:
    """A table as printed: a hidden cell is missing (NA). A withheld table prints no cell at all,
    so nothing is known of its counts, not even that they are above zero.

    `ranges` (rows as in `cells`) say of a cell no more than a range, whatever figure or marker
    stands there: `<measure>_low` and `<measure>_high`, both missing where the cell is no such one.
    """

    spec: TableSpec
    cells: pd.DataFrame = field(repr=False)
    withheld: bool = False
    ranges: pd.DataFrame | None = field(default=None, repr=False)
    grid: Grid = field(init=False, repr=False)

    def __post_init__(self) -> None:
        grid = read_grid(self.spec, self.cells, may_be_hidden=True, ranges=self.ranges)
        if self.withheld:
            grid = grid.emptied()
        object.__setattr__(self, "grid", grid)


@dataclass(frozen=True)
class Link:
    """A sum of coefficient x cell that is zero by meaning.

    With `is_count` the sum is itself a number of people: never negative, and as protected as a
    difference between nested stages.
    """

    terms: tuple[tuple[int, CellRef], ...]
    is_count: bool = False


@dataclass(frozen=True)
class PublishedRelease:
    """What one release printed. `threshold` is the one it was made under (None: today's).

    `not_monotone` lists the cells (as `Protection.not_monotone` gave them) whose true count fell
    below an earlier one, so that nobody may be assumed to know that it did not. `links` are what
    was equal by meaning in this release (None: the links given for all releases). `facts` are what
    else it tells of its counts, by printed statistics for example. `alone` lists the cells (as
    `Protection.alone` gave them) that hold one person, who knows it and may use it: an attacker
    from outside does not know them, so give them only to prove against insiders (None: nobody is
    modelled as one).
    """

    name: str
    tables: Sequence[PrintedTable] = field(repr=False)
    threshold: int | None = None
    not_monotone: frozenset[tuple[str, str, tuple[tuple[str, str], ...]]] = field(
        default=frozenset(), repr=False
    )
    links: Sequence[Link] | None = field(default=None, repr=False)
    facts: Sequence[Fact] = field(default=(), repr=False)
    alone: frozenset[tuple[str, str, tuple[tuple[str, str], ...]]] | None = field(
        default=None, repr=False
    )
