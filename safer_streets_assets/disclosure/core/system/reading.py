"""What the releases print of each cell, read from their tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from safer_streets_assets.disclosure.core.system.sensitive import rows
from safer_streets_assets.disclosure.core.system.system import ASIDE, Cell, Lasting, Place
from safer_streets_assets.disclosure.core.tables.arrays import FloatArray
from safer_streets_assets.disclosure.core.tables.facts import Fact
from safer_streets_assets.disclosure.core.tables.grid import Grid, coords_of
from safer_streets_assets.disclosure.core.tables.model import Link
from safer_streets_assets.disclosure.core.tables.problems import TableError
from safer_streets_assets.disclosure.core.tables.spec import TableSpec


@dataclass(frozen=True)
class ReleaseGrids:
    """The tables of one release, the threshold it was made under, the lasting keys of the cells
    that nobody may be assumed to know to have grown since the releases before it, its own links
    (None: those of the system), the facts it tells, and the cells of rows that were hidden whole
    before (see `sensitive`)."""

    name: str
    grids: tuple[Grid, ...]
    threshold: int
    not_monotone: frozenset[Lasting] = frozenset()
    links: tuple[Link, ...] | None = None
    facts: tuple[Fact, ...] = ()
    hidden_before: frozenset[Lasting] = frozenset()


def cell_of(spec: TableSpec, measure: str, coords: dict[str, str], release: int) -> Cell:
    """The cell behind a row of a table."""
    return Cell(release, spec.population, measure, coords_of(spec, coords))


def cells_of(grid: Grid, release: int) -> list[list[Cell]]:
    """The cells behind all rows of a table, in the order of `grid.rows`, one for each measure."""
    population, measures = grid.spec.population, grid.spec.measures
    return [[Cell(release, population, m, coords) for m in measures] for coords in grid.coords]


class Reading:
    """By cell: `places` it stands in, `value` where it is printed, whether it is `marked` as hidden
    somewhere and `exposed` at all, `ranges` it is printed as, and what rows of a sensitive
    attribute tell (`whole_rows`, `one_category`)."""

    def __init__(self, releases: Sequence[ReleaseGrids], hidden_at_least: int) -> None:
        self.releases = releases
        self.hidden_at_least = hidden_at_least
        self.places: dict[Cell, list[Place]] = {}
        self.value: dict[Cell, float] = {}
        self.marked: set[Cell] = set()
        self.exposed: set[Cell] = set()
        self.ranges: dict[Cell, tuple[float, float]] = {}
        self.whole_rows: set[Cell] = set()
        self.one_category: set[Cell] = set()
        for r, release in enumerate(self.releases):
            names = [g.spec.name for g in release.grids]
            if len(set(names)) != len(names):
                raise TableError("Give every table of a release a name of its own.")
            for grid in sorted(release.grids, key=lambda g: g.spec.name):
                self._read(r, grid)
                if not grid.withheld:
                    self._read_sensitive(r, grid)
        self._check_ranges()

    def threshold(self, cell: Cell) -> int:
        """The threshold that a cell was made under."""
        return 1 if cell.population == ASIDE else self.releases[cell.release].threshold

    def ends(self, cell: Cell) -> tuple[float, float]:
        """The least and the greatest that a cell can be when it is not printed."""
        low, high = self.ranges.get(cell, (0.0, np.inf))
        hidden = cell in self.exposed and (cell in self.marked or cell not in self.ranges)
        hidden = hidden and cell not in self.whole_rows
        return (max(low, float(self.hidden_at_least)) if hidden else low), high

    def _read(self, r: int, grid: Grid) -> None:
        name, measures = grid.spec.name, grid.spec.measures
        values = _flat(grid.values, len(measures))
        low, high = _flat(grid.low, len(measures)), _flat(grid.high, len(measures))
        for at, (names, row) in enumerate(zip(grid.names, cells_of(grid, r), strict=True)):
            for k, cell in enumerate(row):
                self.places.setdefault(cell, []).append(Place(r, name, names, measures[k]))
                if not grid.withheld:
                    self.exposed.add(cell)
                value = values[at][k]
                if low and low[at][k] >= 0:
                    least, most = self.ranges.get(cell, (0.0, np.inf))
                    self.ranges[cell] = max(least, low[at][k]), min(most, high[at][k])
                elif isnan(value):
                    if not grid.withheld:
                        self.marked.add(cell)
                elif self.value.setdefault(cell, value) != value:
                    raise TableError(
                        f"Correct table {name}: it disagrees with another table of its"
                        " population on the same count."
                    )

    def _check_ranges(self) -> None:
        for cell, (low, high) in self.ranges.items():
            if not low <= self.value.get(cell, low) <= high:
                raise TableError(
                    f"Correct table {self.places[cell][0].table}: its range of a count disagrees"
                    " with another table of its population."
                )

    def _read_sensitive(self, r: int, grid: Grid) -> None:
        def at(place: tuple[int, ...]) -> Cell:
            names = {d: grid.categories[k][place[k]] for k, d in enumerate(grid.spec.dimensions)}
            return cell_of(grid.spec, grid.spec.measures[place[-1]], names, r)

        before = self.releases[r].hidden_before
        for row in rows(grid, lambda place: at(place).lasting in before):
            if row.hidden_whole:
                self.whole_rows.update(map(at, row.places))
            if row.only is not None:
                self.one_category.add(at(row.only))


def _flat(values: FloatArray | None, measures: int) -> list[list[float]]:
    """A row for each row of a table; none where there are no values."""
    return [] if values is None else values.reshape(-1, measures).tolist()
