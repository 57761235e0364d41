"""What callers hand in: table specs, true tables, printed tables, links and releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from safer_streets_assets.disclosure.core.grid import TOTAL, Grid, read_grid
from safer_streets_assets.disclosure.core.hierarchies import check_hierarchies
from safer_streets_assets.disclosure.core.problems import ProofError, TableError
from safer_streets_assets.disclosure.core.validate import check_counts

if TYPE_CHECKING:
    from safer_streets_assets.disclosure.core.facts import Fact

__all__ = [
    "TOTAL",
    "CellRef",
    "CountTable",
    "Link",
    "PrintedTable",
    "ProofError",
    "PublishedRelease",
    "TableError",
    "TableSpec",
]


@dataclass(frozen=True)
class TableSpec:
    """The shape of one table.

    `population` says whom the counts are of: tables of one population share their margins, so the
    same margin is the same number. `fixed` restricts the population (dimension -> category).
    `nested` is the dimension whose categories each hold the next one (`nested_order`, widest
    first); it has no Total row. `measures` are the count columns; `nested_measures` are those of
    them that each hold the next one, widest first. `hierarchies` (dimension -> category ->
    parent, who may have one too) say what each category is a part of: rows may be of several
    levels, and tables of one population at different levels are tied. Whoever is in no row of the
    table is not in its population. Raises TableError when the parts contradict.
    """

    name: str
    dimensions: tuple[str, ...]
    population: str
    fixed: Mapping[str, str] = field(default_factory=dict)
    nested: str | None = None
    nested_order: tuple[str, ...] = ()
    measures: tuple[str, ...] = ("n",)
    nested_measures: tuple[str, ...] = ()
    sensitive: str | None = None
    hierarchies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("dimensions", "nested_order", "measures", "nested_measures"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        columns = self.dimensions + self.measures
        if len(set(columns)) != len(columns) or not self.measures:
            raise TableError(
                f"Give table {self.name} distinct dimensions and at least one measure."
            )
        if set(self.fixed) & set(self.dimensions):
            raise TableError(f"Table {self.name} cannot both fix a dimension and tabulate by it.")
        if self.nested is not None and self.nested not in self.dimensions:
            raise TableError(
                f"The nested dimension of table {self.name} is not one of its dimensions."
            )
        if (self.nested is None) != (not self.nested_order):
            raise TableError(f"Give table {self.name} a nested dimension together with its order.")
        if self.sensitive is not None and (
            self.sensitive not in self.dimensions or self.sensitive == self.nested
        ):
            raise TableError(
                f"The sensitive dimension of table {self.name} is not one of its dimensions that "
                "add up."
            )
        if not set(self.nested_measures) <= set(self.measures):
            raise TableError(
                f"The nested measures of table {self.name} must be among its measures."
            )
        kinds = {*self.dimensions, *self.fixed} - {self.nested}
        check_hierarchies(self.name, self.hierarchies, kinds)


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
class CellRef:
    """One cell of a table: its category in each dimension (left out: Total) and its measure."""

    table: str
    coords: Mapping[str, str] = field(default_factory=dict)
    measure: str = "n"


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
