"""Joint counts of tables that are tied in a cycle, such as a by b, b by c and c by a.

Tables whose margins agree need not be the margins of any people: they always are when their
dimensions form no cycle (Vorob'ev 1962), otherwise some finer count must exist behind them. Only
for the cycles, and there only for the cliques of a triangulation of their dimensions, are those
finer counts made: never for all dimensions at once. Where tables of parts of a population would
need more than `MOST` of them, these count as tables of all of it, and what parts that overlap say
together may be more than is found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from math import prod
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from safer_streets_assets.disclosure.core.system.system import Cell
from safer_streets_assets.disclosure.core.tables.grid import Grid
from safer_streets_assets.disclosure.core.tables.hierarchies import ancestors
from safer_streets_assets.disclosure.core.tables.names import TOTAL

MOST = 2000
OUTSIDE = ""
Dimensions = frozenset[str]
Below = Mapping[str, Mapping[str, tuple[str, ...]]]
"""For each dimension and category in a table: the finest categories that it holds. A category that
is a part of one of these is not there."""


class Joint(NamedTuple):
    """Counts that stand in no table, those of them that are zero because a total of theirs is in
    print as zero, and sums that are zero."""

    cells: list[Cell]
    zeros: set[Cell]
    equations: list[dict[Cell, int]]


class _Bag(NamedTuple):
    """A count for every combination of the categories of some dimensions."""

    dimensions: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    atoms: npt.NDArray[np.object_]

    def inside(self, places: Mapping[str, list[int]]) -> list[Cell]:
        """The counts at those places of some dimensions, and anywhere in the others."""
        full = [range(len(c)) for c in self.categories]
        chosen = [places.get(d, list(r)) for d, r in zip(self.dimensions, full, strict=True)]
        return list(self.atoms[np.ix_(*chosen)].ravel())


def joint_counts(
    release: int, grids: Sequence[Grid], cells: Sequence[Cell], value: Mapping[Cell, float]
) -> Iterator[Joint]:
    """What must exist behind the tables of one release, for each population and measure of it that
    has a cycle; `cells` are those of the release, `value` those of them that are in print."""
    for population in sorted({g.spec.population for g in grids}):
        own = [g for g in grids if g.spec.population == population]
        for measure in sorted({m for g in own for m in g.spec.measures}):
            those = [g for g in own if measure in g.spec.measures]
            below, categories = _categories(those)
            edges = _edges(those, set(categories))
            bags = _cut(edges, _whole(edges, those), those, categories)
            if sum(prod(map(len, names)) for _, names in bags) > MOST:
                bags = _cut(edges, edges, those, categories)
            if bags:
                of = [c for c in cells if (c.population, c.measure) == (population, measure)]
                name = Cell(release, population, measure, ())
                yield _joint(name, bags, of, those, below, value)


def _joint(
    name: Cell,
    found: Sequence[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]],
    cells: Sequence[Cell],
    grids: Sequence[Grid],
    below: Below,
    value: Mapping[Cell, float],
) -> Joint:
    nested = {g.spec.nested for g in grids if g.spec.nested is not None}
    bags = [_bag(name, k, *one) for k, one in enumerate(found)]
    zeros: set[Cell] = set()
    equations: list[dict[Cell, int]] = []
    for bag in bags:
        for cell in cells:
            coords = dict(cell.coords)
            if not set(coords) <= set(bag.dimensions):
                continue
            if any(category not in below[d] for d, category in coords.items()):
                continue  # a part of a finest category: which part is told in no whole table
            inside = bag.inside(
                {d: _at(bag, d, below[d][c], d in nested) for d, c in coords.items()}
            )
            if value.get(cell) == 0:
                zeros.update(inside)
            equations.append({cell: -1, **dict.fromkeys(inside, 1)})
    equations += [equation for one, other in _tree(bags) for equation in _shared(one, other)]
    atoms = [atom for bag in bags for atom in bag.atoms.ravel()]
    kept = [{c: k for c, k in e.items() if c not in zeros} for e in equations]
    return Joint(atoms, zeros, [e for e in kept if e])


def _bag(
    name: Cell, number: int, dimensions: tuple[str, ...], categories: tuple[tuple[str, ...], ...]
) -> _Bag:
    atoms = np.empty(tuple(len(c) for c in categories), dtype=object)
    for at in np.ndindex(atoms.shape):
        said = zip(dimensions, (c[i] for c, i in zip(categories, at, strict=True)), strict=True)
        # The number under no dimension's name keeps these apart from the cells of tables.
        atoms[at] = name._replace(coords=(("", str(number)), *said))
    return _Bag(dimensions, categories, atoms)


def _at(bag: _Bag, dimension: str, finest: Sequence[str], nested: bool) -> list[int]:
    names = bag.categories[bag.dimensions.index(dimension)]
    places = [names.index(category) for category in finest]
    if not nested:
        return places
    return [i for i in range(places[0], len(names)) if names[i] != OUTSIDE]


def _shared(one: _Bag, other: _Bag) -> Iterator[dict[Cell, int]]:
    """Two bags count the same people by the dimensions that they share."""
    both = [d for d in one.dimensions if d in other.dimensions]
    sizes = [len(one.categories[one.dimensions.index(d)]) for d in both]
    for at in np.ndindex(*sizes):
        places = {d: [i] for d, i in zip(both, at, strict=True)}
        yield {
            **dict.fromkeys(one.inside(places), 1),
            **dict.fromkeys(other.inside(places), -1),
        }


def _tree(bags: Sequence[_Bag]) -> list[tuple[_Bag, _Bag]]:
    """A junction tree: a spanning tree of the bags with the largest overlaps."""
    joined = list(range(len(bags)))
    edges = []
    pairs = combinations(range(len(bags)), 2)
    overlap = {(i, j): len(set(bags[i].dimensions) & set(bags[j].dimensions)) for i, j in pairs}
    for i, j in sorted(overlap, key=lambda p: (-overlap[p], p)):
        if overlap[i, j] and joined[i] != joined[j]:
            old, new = joined[j], joined[i]
            joined = [new if k == old else k for k in joined]
            edges.append((bags[i], bags[j]))
    return edges


def _categories(grids: Sequence[Grid]) -> tuple[Below, dict[str, tuple[str, ...]]]:
    """What each category holds of the finest categories of its dimension, which exclude one
    another; and these, last of all, where somebody may be in none of them, that. A dimension that
    tables cut differently, other than by a hierarchy, is left out. A table of a part of a
    population may have parts of the finest categories, of which nothing is held."""
    sets: dict[str, list[tuple[bool, tuple[str, ...]]]] = {}
    parents: dict[str, dict[str, str]] = {}
    for grid in grids:
        for d, names in zip(grid.spec.dimensions, grid.categories, strict=True):
            whole = not grid.spec.fixed and d != grid.spec.nested
            sets.setdefault(d, []).append((whole, tuple(n for n in names if n != TOTAL)))
        for d, name in grid.spec.fixed.items():
            sets.setdefault(d, []).append((False, (name,)))
        for d, hierarchy in grid.spec.hierarchies.items():
            parents.setdefault(d, {}).update(hierarchy)
    below: dict[str, dict[str, tuple[str, ...]]] = {}
    out = {}
    for d, found in sorted(sets.items()):
        finest = max((names for _, names in found), key=len)
        everybody = any(whole and names == finest for whole, names in found)
        # Of a group, the categories of a part of a population need not be all there are.
        above = parents.get(d, {}) if everybody else {}
        named = {n for _, names in found for n in names}
        parts = {n for n in named - set(finest) if set(finest) & set(ancestors(above, n))}
        held = _held(finest, named - parts, above)
        if all(_cuts(names, held, finest, whole, everybody) for whole, names in found):
            below[d] = held
            out[d] = finest if any(whole for whole, _ in found) else (*finest, OUTSIDE)
    return below, out


def _held(
    finest: Sequence[str], categories: Collection[str], parents: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """The finest categories that each category is, or is above of."""
    above = {fine: {fine, *ancestors(parents, fine)} for fine in finest}
    return {c: tuple(fine for fine in finest if c in above[fine]) for c in categories}


def _cuts(
    names: Sequence[str],
    held: Mapping[str, Sequence[str]],
    finest: Sequence[str],
    whole: bool,
    everybody: bool,
) -> bool:
    """Whether the categories of a table are sets of the finest ones without overlap, and all of
    them when the table is of its whole population. Where somebody may be in none of the finest
    (not `everybody`), each has to hold one."""
    inside = [fine for name in names for fine in held.get(name, ())]
    if len(set(inside)) < len(inside) or not (everybody or all(held[name] for name in names)):
        return False
    return not whole or set(inside) == set(finest)


def _edges(grids: Sequence[Grid], known: set[str]) -> set[Dimensions]:
    edges = {frozenset((*g.spec.dimensions, *g.spec.fixed)) for g in grids}
    return {e for e in edges if e <= known}


def _whole(edges: set[Dimensions], grids: Sequence[Grid]) -> set[Dimensions]:
    """The edges that a table of the whole population has."""
    return {e for e in edges for g in grids if not g.spec.fixed and e == set(g.spec.dimensions)}


def _cut(
    edges: set[Dimensions],
    whole: set[Dimensions],
    grids: Sequence[Grid],
    categories: Mapping[str, tuple[str, ...]],
) -> list[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]]:
    core = _core(edges, whole)
    return _bags(_around(core, edges, grids), categories) if core else []


def _core(edges: set[Dimensions], whole: set[Dimensions]) -> Dimensions:
    """The dimensions that are tied in cycles: what is left when dimensions of one table alone, and
    tables within others, are taken out again and again (Graham; Yu and Ozsoyoglu). A table of a
    part of its population counts too little for others to be within it (`whole` are not such)."""
    left = {e: e in whole for e in edges}
    while True:
        seen = [d for e in left for d in e]
        fewer: dict[Dimensions, bool] = {}
        for e, is_whole in left.items():
            rest = frozenset(d for d in e if seen.count(d) > 1)
            fewer[rest] = fewer.get(rest, False) or is_whole
        within = {e for e in fewer if any(e < other and fewer[other] for other in fewer)}
        fewer = {e: is_whole for e, is_whole in fewer.items() if e not in within and e}
        if fewer == left or len(fewer) < 2:
            break
        left = fewer
    return frozenset().union(*fewer) if len(fewer) > 1 else frozenset()


def _around(core: Dimensions, edges: set[Dimensions], grids: Sequence[Grid]) -> set[Dimensions]:
    """The core as cut out of each table, with what its counts cannot be told without."""
    bound = {d for g in grids for d in (*g.spec.fixed, *filter(None, [g.spec.nested]))}
    return {frozenset(d for d in e if d in core or d in bound) for e in edges if len(e & core) > 1}


def _bags(
    edges: set[Dimensions], categories: Mapping[str, tuple[str, ...]]
) -> list[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]]:
    """The cliques of a triangulation: the dimension that costs the smallest clique goes first."""
    near: dict[str, set[str]] = {d: set() for e in edges for d in e}
    for edge in edges:
        for d in edge:
            near[d] |= edge - {d}
    cliques: list[Dimensions] = []
    while near:
        cost = {d: prod(len(categories[e]) for e in (d, *near[d])) for d in near}
        first = min(sorted(near), key=lambda d: cost[d])
        around = near.pop(first)
        cliques.append(frozenset({first, *around}))
        for d in around:
            near[d] = (near[d] | around) - {d, first}
    largest = [c for c in cliques if not any(c < other for other in cliques)]
    sorted_ = sorted({tuple(sorted(c)) for c in largest})
    return [(c, tuple(categories[d] for d in c)) for c in sorted_]
