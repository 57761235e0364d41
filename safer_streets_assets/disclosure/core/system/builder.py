"""Builds the linear system from tables, links and releases, in an order only content decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from safer_streets_assets.disclosure.core.system.joint import joint_counts
from safer_streets_assets.disclosure.core.system.levels import Ties, find_ties
from safer_streets_assets.disclosure.core.system.reading import (
    Reading,
    ReleaseGrids,
    cell_of,
    cells_of,
)
from safer_streets_assets.disclosure.core.system.system import (
    ASIDE,
    Cell,
    Implied,
    Lasting,
    System,
    Terms,
    rows_to_matrix,
)
from safer_streets_assets.disclosure.core.system.terms import (
    Ids,
    nested_pairs,
    normal,
    row_sums,
    terms_of,
)
from safer_streets_assets.disclosure.core.tables.facts import Fact, Unknown
from safer_streets_assets.disclosure.core.tables.grid import Grid
from safer_streets_assets.disclosure.core.tables.model import Link
from safer_streets_assets.disclosure.core.tables.problems import TableError
from safer_streets_assets.disclosure.core.tables.spec import CellRef, TableSpec


def build_system(
    releases: Sequence[ReleaseGrids],
    links: Sequence[Link] = (),
    *,
    hidden_at_least: int = 1,
    growing: bool = True,
    joint: bool = True,
) -> System:
    """The system of all releases, oldest first. A cell that is seen to fall is not assumed to grow,
    and no cell is without `growing`. Without `joint` it has the counts of tables alone, and not
    those that must exist behind tables tied in a cycle.
    Raises TableError when tables of a release contradict each other, or a link of the newest
    release or a fact names a cell that is not there."""
    return _Builder(releases, hidden_at_least, growing).build(links, joint)


class _Builder:
    def __init__(
        self, releases: Sequence[ReleaseGrids], hidden_at_least: int, growing: bool
    ) -> None:
        self.releases = releases
        self.growing = growing
        self.printed = Reading(releases, hidden_at_least)
        self.id_of: dict[Cell, int] = {}

    def build(self, links: Sequence[Link], joint: bool) -> System:
        grids = [(r, g) for r, release in enumerate(self.releases) for g in release.grids]
        facts = [
            self._read_fact(r, fact) for r, own in enumerate(self.releases) for fact in own.facts
        ]
        for sums, _, _ in facts:
            for cell in sums:
                self.printed.places.setdefault(cell, [])
        cells = tuple(sorted(self.printed.places))
        self.id_of = {cell: i for i, cell in enumerate(cells)}
        equations: set[Terms] = set()
        implied: dict[Terms, Implied] = {}
        for r, grid in grids:
            ids = self._ids(r, grid)
            equations.update(row_sums(grid, ids))
            threshold = self.releases[r].threshold
            for kind, wider, narrower in nested_pairs(grid, ids):
                implied[terms_of({wider: 1, narrower: -1})] = Implied(kind, True, threshold)
        fixed = {(r, grid.spec.name): frozenset(grid.spec.fixed) for r, grid in grids}
        for cell in cells:
            for whole in self._wholes(cell, fixed):
                terms = terms_of({self.id_of[whole]: 1, self.id_of[cell]: -1})
                implied.setdefault(
                    terms, Implied("rest of a population", True, self.printed.threshold(cell))
                )
        for r, release in enumerate(self.releases):
            own = links if release.links is None else release.links
            self._read_links(r, own, equations, implied)
        self._tie_levels(find_ties(grids), cells, equations, implied)
        if joint:
            cells = (*cells, *self._joint(cells, equations))
        told = sorted({(self._in_numbers(sums), low, high) for sums, low, high in facts})
        return self._finish(cells, sorted(equations), sorted(implied.items()), told)

    def _joint(self, cells: tuple[Cell, ...], equations: set[Terms]) -> list[Cell]:
        """The counts that must exist behind tables tied in a cycle, and what ties them."""
        added: list[Cell] = []
        for r, release in enumerate(self.releases):
            own = [cell for cell in cells if cell.release == r]
            for joint in joint_counts(r, release.grids, own, self.printed.value):
                self.id_of |= {c: len(self.id_of) + k for k, c in enumerate(joint.cells)}
                self.printed.value |= dict.fromkeys(joint.zeros, 0.0)
                added += joint.cells
                for sums in joint.equations:
                    equations.add(normal(terms_of({self.id_of[c]: k for c, k in sums.items()})))
        return added

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
        return terms_of({self.id_of[cell]: k for cell, k in sums.items()})

    def _ids(self, r: int, grid: Grid) -> Ids:
        found = [[self.id_of[cell] for cell in row] for row in cells_of(grid, r)]
        return np.array(found, dtype=np.int64).reshape(grid.values.shape)

    def _wholes(
        self, cell: Cell, fixed_in: Mapping[tuple[int, str], frozenset[str]]
    ) -> Iterator[Cell]:
        """The cells that this one is a part of because its table's population is restricted."""
        places = self.printed.places[cell]
        fixed = frozenset[str]().union(*(fixed_in[place[:2]] for place in places))
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
            terms = terms_of(sums)
            if link.is_count:
                implied[terms] = Implied("link", True, self.releases[r].threshold)
            elif terms:
                equations.add(normal(terms))

    def _find(self, specs: dict[str, TableSpec], ref: CellRef, r: int) -> Cell | None:
        spec = specs.get(ref.table)
        if spec is None or ref.measure not in spec.measures:
            return None
        if not set(ref.coords) <= set(spec.dimensions):
            return None
        cell = cell_of(spec, ref.measure, dict(ref.coords), r)
        return cell if cell in self.printed.places else None

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
                equations.add(normal(terms))
        for whole, part in ties.wholes:
            terms = self._difference(sums.get(whole, (whole,)), sums.get(part, (part,)))
            rest = Implied("rest of a population", True, self.printed.threshold(whole))
            if terms:
                implied.setdefault(terms, rest)
        self._compare_releases(cells, sums, implied)

    def _difference(self, one: Sequence[Cell], other: Sequence[Cell]) -> Terms:
        return _difference(*([self.id_of[cell] for cell in found] for found in (one, other)))

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
            made_of = [sums.get(cell, (cell,)) for cell in versions]
            printed = [self._printed_sum(own) for own in made_of]
            numbers = [[self.id_of[cell] for cell in own] for own in made_of]
            latest = 0  # the place of the latest version before that is known to have grown
            for k, new in enumerate(versions):
                after, threshold = printed[k], self.printed.threshold(new)
                fell = after is not None and any((was or 0) > after for was in printed[:k])
                may_fall = fell or key in self.releases[new.release].not_monotone
                grew = self.growing and not may_fall
                for j in range(k):
                    # What grew past one that grew past an older one has grown past that, too.
                    kind = Implied("change", grew, threshold, key, latest > j)
                    implied[_difference(numbers[k], numbers[j])] = kind
                latest = k if grew else latest

    def _printed_sum(self, cells: Sequence[Cell]) -> float | None:
        values = [self.printed.value.get(cell) for cell in cells]
        return None if None in values else sum(v for v in values if v is not None)

    def _finish(
        self,
        cells: tuple[Cell, ...],
        equations: list[Terms],
        implied: list[tuple[Terms, Implied]],
        facts: list[tuple[Terms, float, float]],
    ) -> System:
        exposed = np.array([c in self.printed.exposed for c in cells], dtype=bool)
        low, high = np.array([self.printed.ends(c) for c in cells]).reshape(-1, 2).T
        return System(
            cells=cells,
            places=tuple(tuple(self.printed.places.get(c, ())) for c in cells),
            value=np.array([self.printed.value.get(c, np.nan) for c in cells], dtype=np.float64),
            lowest=low.astype(np.int64),
            highest=high,
            marked=np.array([c in self.printed.marked for c in cells], dtype=bool),
            exposed=exposed,
            in_whole_row=np.array([c in self.printed.whole_rows for c in cells], dtype=bool),
            one_category=np.array([c in self.printed.one_category for c in cells], dtype=bool),
            threshold=np.array([self.printed.threshold(c) for c in cells], dtype=np.int64),
            facts=rows_to_matrix([terms for terms, _, _ in facts], len(cells)),
            fact_low=np.array([low for _, low, _ in facts], dtype=np.float64),
            fact_high=np.array([high for _, _, high in facts], dtype=np.float64),
            equations=rows_to_matrix(equations, len(cells)),
            implied=rows_to_matrix([t for t, _ in implied], len(cells)),
            implied_kinds=tuple(k for _, k in implied),
            released=np.array([c.release for c in cells], dtype=np.int64),
        )


def _difference(one: Sequence[int], other: Sequence[int]) -> Terms:
    if len(one) == len(other) == 1:
        (new,), (old,) = one, other
        return () if new == old else ((old, -1), (new, 1)) if old < new else ((new, 1), (old, -1))
    sums: dict[int, int] = {}
    for times, found in ((1, one), (-1, other)):
        for cell in found:
            sums[cell] = sums.get(cell, 0) + times
    return terms_of(sums)
