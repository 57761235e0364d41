"""Builds the linear system from tables, links and releases, in an order only content decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from safer_streets_assets.disclosure.core.facts import Fact, Unknown
from safer_streets_assets.disclosure.core.grid import TOTAL, Grid
from safer_streets_assets.disclosure.core.hierarchies import Levels, sums_of
from safer_streets_assets.disclosure.core.joint import joint_counts
from safer_streets_assets.disclosure.core.levels import Ties, find_ties
from safer_streets_assets.disclosure.core.model import CellRef, Link, TableSpec
from safer_streets_assets.disclosure.core.problems import TableError
from safer_streets_assets.disclosure.core.sensitive import rows
from safer_streets_assets.disclosure.core.system import (
    ASIDE,
    Cell,
    Implied,
    Lasting,
    Place,
    System,
    Terms,
    rows_to_matrix,
)

Ids = npt.NDArray[np.int64]


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


def build_system(
    releases: Sequence[ReleaseGrids],
    links: Sequence[Link] = (),
    *,
    hidden_at_least: int = 1,
    growing: bool = True,
) -> System:
    """The system of all releases, oldest first. A cell that is seen to fall is not assumed to grow,
    and no cell is without `growing`.
    Raises TableError when tables of a release contradict each other, or a link of the newest
    release or a fact names a cell that is not there."""
    return _Builder(releases, hidden_at_least, growing).build(links)


def cell_of(spec: TableSpec, measure: str, coords: dict[str, str], release: int) -> Cell:
    """The cell behind a row of a table: its Total dimensions say nothing, its fixed ones do."""
    said = {d: c for d, c in coords.items() if c != TOTAL or d == spec.nested}
    return Cell(release, spec.population, measure, tuple(sorted({**said, **spec.fixed}.items())))


class _Builder:
    def __init__(
        self, releases: Sequence[ReleaseGrids], hidden_at_least: int, growing: bool
    ) -> None:
        self.releases = releases
        self.growing = growing
        self.hidden_at_least = hidden_at_least
        self.places: dict[Cell, list[Place]] = {}
        self.value: dict[Cell, float] = {}
        self.marked: set[Cell] = set()
        self.exposed: set[Cell] = set()
        self.ranges: dict[Cell, tuple[float, float]] = {}
        self.whole_rows: set[Cell] = set()
        self.one_category: set[Cell] = set()
        self.id_of: dict[Cell, int] = {}

    def build(self, links: Sequence[Link]) -> System:
        grids = [(r, g) for r, release in enumerate(self.releases) for g in release.grids]
        for r, release in enumerate(self.releases):
            names = [g.spec.name for g in release.grids]
            if len(set(names)) != len(names):
                raise TableError("Give every table of a release a name of its own.")
            for grid in sorted(release.grids, key=lambda g: g.spec.name):
                self._read(r, grid)
                if not grid.withheld:
                    self._read_sensitive(r, grid)
        self._check_ranges()
        facts = [
            self._read_fact(r, fact) for r, own in enumerate(self.releases) for fact in own.facts
        ]
        for sums, _, _ in facts:
            for cell in sums:
                self.places.setdefault(cell, [])
        cells = tuple(sorted(self.places))
        self.id_of = {cell: i for i, cell in enumerate(cells)}
        equations: set[Terms] = set()
        implied: dict[Terms, Implied] = {}
        for r, grid in grids:
            ids = self._ids(r, grid)
            equations.update(_sums(grid, ids))
            threshold = self.releases[r].threshold
            for kind, wider, narrower in _nested_pairs(grid, ids):
                implied[_terms({wider: 1, narrower: -1})] = Implied(kind, True, threshold)
        for cell in cells:
            for whole in self._wholes(cell, [g for r, g in grids if r == cell.release]):
                terms = _terms({self.id_of[whole]: 1, self.id_of[cell]: -1})
                implied.setdefault(
                    terms, Implied("rest of a population", True, self._threshold(cell))
                )
        for r, release in enumerate(self.releases):
            own = links if release.links is None else release.links
            self._read_links(r, own, equations, implied)
        self._tie_levels(find_ties(grids), cells, equations, implied)
        cells = (*cells, *self._joint(cells, equations))
        told = sorted({(self._in_numbers(sums), low, high) for sums, low, high in facts})
        return self._finish(cells, sorted(equations), sorted(implied.items()), told)

    def _joint(self, cells: tuple[Cell, ...], equations: set[Terms]) -> list[Cell]:
        """The counts that must exist behind tables tied in a cycle, and what ties them."""
        added: list[Cell] = []
        for r, release in enumerate(self.releases):
            own = [cell for cell in cells if cell.release == r]
            for joint in joint_counts(r, release.grids, own, self.value):
                self.id_of |= {c: len(self.id_of) + k for k, c in enumerate(joint.cells)}
                self.value |= dict.fromkeys(joint.zeros, 0.0)
                added += joint.cells
                for sums in joint.equations:
                    equations.add(_normal(_terms({self.id_of[c]: k for c, k in sums.items()})))
        return added

    def _read(self, r: int, grid: Grid) -> None:
        for at in np.ndindex(grid.rows.shape):
            names = {d: grid.categories[k][at[k]] for k, d in enumerate(grid.spec.dimensions)}
            for k, measure in enumerate(grid.spec.measures):
                cell = cell_of(grid.spec, measure, names, r)
                place = Place(r, grid.spec.name, tuple(names.items()), measure)
                self.places.setdefault(cell, []).append(place)
                value = grid.values[(*at, k)]
                if not grid.withheld:
                    self.exposed.add(cell)
                if grid.low is not None and grid.high is not None and grid.low[(*at, k)] >= 0:
                    least, most = self.ranges.get(cell, (0.0, np.inf))
                    ends = float(grid.low[(*at, k)]), float(grid.high[(*at, k)])
                    self.ranges[cell] = max(least, ends[0]), min(most, ends[1])
                elif np.isnan(value):
                    if not grid.withheld:
                        self.marked.add(cell)
                elif self.value.setdefault(cell, value) != value:
                    raise TableError(
                        f"Correct table {grid.spec.name}: it disagrees with another table of its"
                        " population on the same count."
                    )

    def _check_ranges(self) -> None:
        for cell, (low, high) in self.ranges.items():
            if not low <= self.value.get(cell, low) <= high:
                raise TableError(
                    f"Correct table {self.places[cell][0].table}: its range of a count disagrees"
                    " with another table of its population."
                )

    def _read_fact(self, r: int, fact: Fact) -> tuple[dict[Cell, int], float, float]:
        specs = {g.spec.name: g.spec for g in self.releases[r].grids}
        sums: dict[Cell, int] = {}
        for k, term in fact.terms:
            if isinstance(term, Unknown):
                # Named by release: the same name in another release is another number.
                cell: Cell | None = Cell(r, ASIDE, f"{r} {term.name}", ())
            else:
                cell = self._find(specs, term, r)
            if cell is None:
                raise TableError("Correct the facts of a release: one names no cell of its tables.")
            sums[cell] = sums.get(cell, 0) + k
        low = -np.inf if fact.low is None else float(fact.low)
        return sums, low, np.inf if fact.high is None else float(fact.high)

    def _in_numbers(self, sums: dict[Cell, int]) -> Terms:
        return _terms({self.id_of[cell]: k for cell, k in sums.items()})

    def _ids(self, r: int, grid: Grid) -> Ids:
        ids = np.empty(grid.values.shape, dtype=np.int64)
        for at in np.ndindex(grid.rows.shape):
            names = {d: grid.categories[k][at[k]] for k, d in enumerate(grid.spec.dimensions)}
            for k, measure in enumerate(grid.spec.measures):
                ids[(*at, k)] = self.id_of[cell_of(grid.spec, measure, names, r)]
        return ids

    def _threshold(self, cell: Cell) -> int:
        return 1 if cell.population == ASIDE else self.releases[cell.release].threshold

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

    def _ends(self, cell: Cell) -> tuple[float, float]:
        """The least and the greatest that a cell can be when it is not printed."""
        low, high = self.ranges.get(cell, (0.0, np.inf))
        hidden = cell in self.exposed and (cell in self.marked or cell not in self.ranges)
        hidden = hidden and cell not in self.whole_rows
        return (max(low, float(self.hidden_at_least)) if hidden else low), high

    def _wholes(self, cell: Cell, grids: Sequence[Grid]) -> Iterator[Cell]:
        """The cells that this one is a part of because its table's population is restricted."""
        fixed: set[str] = set()
        tables = {place.table for place in self.places[cell]}
        for grid in grids:
            if grid.spec.name in tables:
                fixed |= set(grid.spec.fixed)
        for size in range(1, len(fixed) + 1):
            for dropped in combinations(sorted(fixed), size):
                rest = tuple(c for c in cell.coords if c[0] not in dropped)
                whole = cell._replace(coords=rest)
                if whole in self.id_of:
                    yield whole

    def _read_links(
        self, r: int, links: Sequence[Link], equations: set[Terms], implied: dict[Terms, Implied]
    ) -> None:
        specs = {g.spec.name: g.spec for g in self.releases[r].grids}
        newest = r == len(self.releases) - 1
        for link in links:
            found = [(k, self._find(specs, ref, r)) for k, ref in link.terms]
            if any(cell is None for _, cell in found):
                if newest:
                    names = ", ".join(sorted({ref.table for _, ref in link.terms}))
                    raise TableError(
                        f"Correct the link between {names}: it names no cell of theirs."
                    )
                continue
            sums: dict[int, int] = {}
            for k, cell in found:
                if cell is not None:
                    sums[self.id_of[cell]] = sums.get(self.id_of[cell], 0) + k
            terms = _terms(sums)
            if link.is_count:
                implied[terms] = Implied("link", True, self.releases[r].threshold)
            elif terms:
                equations.add(_normal(terms))

    def _find(self, specs: dict[str, TableSpec], ref: CellRef, r: int) -> Cell | None:
        spec = specs.get(ref.table)
        if spec is None or ref.measure not in spec.measures:
            return None
        if not set(ref.coords) <= set(spec.dimensions):
            return None
        cell = cell_of(spec, ref.measure, dict(ref.coords), r)
        return cell if cell in self.places else None

    def _tie_levels(
        self,
        ties: Ties,
        cells: tuple[Cell, ...],
        equations: set[Terms],
        implied: dict[Terms, Implied],
    ) -> None:
        """What counts at different levels of a hierarchy say of each other, and all changes."""
        sums = {cell: parts for cell, parts in ties.sums.items() if cell not in self.id_of}
        for one, other in ties.equal:
            terms = self._difference(one, other)
            if terms:
                equations.add(_normal(terms))
        for whole, part in ties.wholes:
            terms = self._difference(sums.get(whole, (whole,)), sums.get(part, (part,)))
            rest = Implied("rest of a population", True, self._threshold(whole))
            if terms:
                implied.setdefault(terms, rest)
        self._compare_releases(cells, sums, implied)

    def _difference(self, one: Sequence[Cell], other: Sequence[Cell]) -> Terms:
        sums: dict[int, int] = {}
        for times, found in ((1, one), (-1, other)):
            for cell in found:
                sums[self.id_of[cell]] = sums.get(self.id_of[cell], 0) + times
        return _terms(sums)

    def _compare_releases(
        self,
        cells: tuple[Cell, ...],
        sums: Mapping[Cell, tuple[Cell, ...]],
        implied: dict[Terms, Implied],
    ) -> None:
        by_key: dict[Lasting, list[Cell]] = {}
        for cell in sorted({*cells, *sums}):
            by_key.setdefault(cell.lasting, []).append(cell)
        for key, versions in by_key.items():
            grew: list[bool] = []
            printed = [self._printed_sum(sums.get(cell, (cell,))) for cell in versions]
            for k, new in enumerate(versions):
                after = printed[k]
                fell = after is not None and any((was or 0) > after for was in printed[:k])
                may_fall = fell or key in self.releases[new.release].not_monotone
                grew.append(self.growing and not may_fall)
                for j, old in enumerate(versions[:k]):
                    terms = self._difference(sums.get(new, (new,)), sums.get(old, (old,)))
                    # What grew past one that grew past an older one has grown past that, too.
                    follows = any(grew[j + 1 : k])
                    implied[terms] = Implied("change", grew[k], self._threshold(new), key, follows)

    def _printed_sum(self, cells: Sequence[Cell]) -> float | None:
        values = [self.value.get(cell) for cell in cells]
        return None if None in values else sum(v for v in values if v is not None)

    def _finish(
        self,
        cells: tuple[Cell, ...],
        equations: list[Terms],
        implied: list[tuple[Terms, Implied]],
        facts: list[tuple[Terms, float, float]],
    ) -> System:
        exposed = np.array([c in self.exposed for c in cells], dtype=bool)
        low, high = np.array([self._ends(c) for c in cells]).reshape(-1, 2).T
        return System(
            cells=cells,
            places=tuple(tuple(self.places.get(c, ())) for c in cells),
            value=np.array([self.value.get(c, np.nan) for c in cells], dtype=np.float64),
            lowest=low.astype(np.int64),
            highest=high,
            marked=np.array([c in self.marked for c in cells], dtype=bool),
            exposed=exposed,
            in_whole_row=np.array([c in self.whole_rows for c in cells], dtype=bool),
            one_category=np.array([c in self.one_category for c in cells], dtype=bool),
            threshold=np.array([self._threshold(c) for c in cells], dtype=np.int64),
            facts=rows_to_matrix([terms for terms, _, _ in facts], len(cells)),
            fact_low=np.array([low for _, low, _ in facts], dtype=np.float64),
            fact_high=np.array([high for _, _, high in facts], dtype=np.float64),
            equations=rows_to_matrix(equations, len(cells)),
            implied=rows_to_matrix([t for t, _ in implied], len(cells)),
            implied_kinds=tuple(k for _, k in implied),
            released=np.array([c.release for c in cells], dtype=np.int64),
        )


def _sums(grid: Grid, ids: Ids) -> Iterator[Terms]:
    for axis, dimension in enumerate(grid.spec.dimensions):
        if dimension == grid.spec.nested:
            continue
        at = {category: i for i, category in enumerate(grid.categories[axis])}
        rows = np.moveaxis(ids, axis, -1).reshape(-1, ids.shape[axis])
        for whole, parts in sums_of(Levels(at, grid.spec.hierarchies.get(dimension, {}))):
            for row in rows:
                own = {int(row[at[part]]): 1 for part in parts}
                yield _normal(_terms({**own, int(row[at[whole]]): -1}))


def _nested_pairs(grid: Grid, ids: Ids) -> Iterator[tuple[str, int, int]]:
    spec = grid.spec
    if spec.nested is not None:
        lines = np.moveaxis(ids, spec.dimensions.index(spec.nested), -1)
        for line in lines.reshape(-1, lines.shape[-1]):
            for wider, narrower in pairwise(line):
                yield f"difference of {spec.nested}", int(wider), int(narrower)
    order = [spec.measures.index(m) for m in spec.nested_measures]
    for line in ids[..., order].reshape(-1, len(order)) if order else ():
        for wider, narrower in pairwise(line):
            yield "difference of measures", int(wider), int(narrower)


def _terms(sums: dict[int, int]) -> Terms:
    return tuple(sorted((i, k) for i, k in sums.items() if k))


def _normal(terms: Terms) -> Terms:
    return terms if terms[0][1] > 0 else tuple((i, -k) for i, k in terms)
