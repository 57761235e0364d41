"""What ties tables of one population that tabulate it at different levels of a hierarchy.

Where one table prints areas and another boroughs, the area is the sum of its boroughs: an equation
within a release, a change of people over releases, and a rest of people where one of the tables
holds only a part of the population. The count meant is named by a `Cell`, also when it is a cell
of no table: it is then a sum of cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from safer_streets_assets.disclosure.core.system.system import Cell
from safer_streets_assets.disclosure.core.tables.grid import Coords, Grid
from safer_streets_assets.disclosure.core.tables.hierarchies import (
    Hierarchy,
    Levels,
    ancestors,
    contradict,
)
from safer_streets_assets.disclosure.core.tables.names import TOTAL
from safer_streets_assets.disclosure.core.tables.problems import TableError

Sum = tuple[Cell, ...]
"""The cells that add up to a count."""


@dataclass
class Ties:
    """`sums`: a count that is a cell of no table of its release, and cells that add up to it.
    `equal`: sums of the same count. `wholes`: a count, and one that is a part of its people."""

    sums: dict[Cell, Sum] = field(default_factory=dict)
    equal: set[tuple[Sum, Sum]] = field(default_factory=set)
    wholes: set[tuple[Cell, Cell]] = field(default_factory=set)


def find_ties(tables: Sequence[tuple[int, Grid]]) -> Ties:
    """The ties between tables (release, table) of one population at different levels.

    Raises TableError when a group is made of other categories in one table than in another.
    """
    ties = Ties()
    by_population: dict[str, list[_Table]] = {}
    for release, grid in tables:
        by_population.setdefault(grid.spec.population, []).append(_Table(release, grid))
    for own in by_population.values():
        if not any(table.spec.hierarchies for table in own):
            continue
        _refuse_other_groups(own)
        for one, other in product(own, own):
            if one is not other and (one.spec.hierarchies or other.spec.hierarchies):
                _tie(one, other, ties)
    return ties


class _Table:
    def __init__(self, release: int, grid: Grid) -> None:
        self.release, self.spec = release, grid.spec
        self.levels = {
            d: Levels(categories, self.spec.hierarchies.get(d, {}))
            for d, categories in zip(self.spec.dimensions, grid.categories, strict=True)
        }
        self.hierarchies = self.spec.hierarchies

    def categories(self, dimension: str) -> tuple[str, ...]:
        return self.levels[dimension].categories

    def cells(self, coords: Mapping[str, tuple[str, ...]], measure: str) -> Sum:
        """The cells with any of these categories in each dimension that is not at its Total."""
        axes = [[(d, c) for c in found] for d, found in coords.items()]
        fixed = tuple(self.spec.fixed.items())
        return tuple(
            sorted(
                Cell(self.release, self.spec.population, measure, tuple(sorted((*said, *fixed))))
                for said in product(*axes)
            )
        )


@dataclass(frozen=True)
class _Option:
    """A category that two tables can tell (None: not asked for), and how each of them tells it:
    by categories of its own, or by what it has (empty: it says so without)."""

    category: str | None
    one: tuple[str, ...] | None
    other: tuple[str, ...] | None

    @property
    def plain(self) -> bool:
        """Whether both tell it by a category of that name."""
        own = (None, () if self.category is None else (self.category,))
        return self.one in own and self.other in own


def _refuse_other_groups(tables: Sequence[_Table]) -> None:
    for one, other in combinations(tables, 2):
        for dimension in {*one.hierarchies} & {*other.hierarchies}:
            first, second = one.hierarchies[dimension], other.hierarchies[dimension]
            if first is not second and first != second and contradict(first, second):
                raise TableError(
                    f"Give the groups of {dimension} in table {one.spec.name} or"
                    f" {other.spec.name} names of their own: one of the same name holds other"
                    " categories."
                )


def _tie(one: _Table, other: _Table, ties: Ties) -> None:
    """Adds what `one` and `other` both tell of the whole population of `other`, of which that of
    `one` may be a part."""
    for fixed in _populations(one, other):
        part = fixed != dict(one.spec.fixed)
        if part and one.release != other.release:
            continue
        options = _options(one, other, fixed)
        if options is None:
            continue
        widened = any(one.spec.fixed[d] != category for d, category in fixed.items())
        if not widened and all(o.plain for found in options.values() for o in found):
            continue
        for chosen in product(*options.values()):
            if not widened and all(option.plain for option in chosen):
                continue  # both are one cell, or a cell and one of a part: known by its name
            named = dict(zip(options, chosen, strict=True))
            for measure in one.spec.measures:
                if measure in other.spec.measures:
                    _add(one, other, named, fixed, measure, ties, part)


def _add(
    one: _Table,
    other: _Table,
    named: Mapping[str, _Option],
    fixed: Mapping[str, str],
    measure: str,
    ties: Ties,
    part: bool,
) -> None:
    said = {d: o.category for d, o in named.items() if o.category is not None}
    population = one.spec.population
    inner = Cell(one.release, population, measure, _coords({**said, **one.spec.fixed}))
    outer = Cell(other.release, population, measure, _coords({**said, **fixed}))
    first = one.cells({d: o.one for d, o in named.items() if o.one is not None}, measure)
    second = other.cells({d: o.other for d, o in named.items() if o.other is not None}, measure)
    for cell, cells in ((inner, first), (outer, second)):
        known = ties.sums.get(cell)
        if cells and (known is None or (len(cells), cells) < (len(known), known)):
            ties.sums[cell] = cells
    if part:
        if first and second:
            ties.wholes.add((outer, inner))
    elif one.release == other.release:
        ties.equal.add((first, second))


def _populations(one: _Table, other: _Table) -> Iterator[dict[str, str]]:
    """The restrictions of `one`, and those with some of them dropped or widened by a hierarchy."""
    choices = []
    for dimension, category in one.spec.fixed.items():
        wider = ancestors(_tree(one, other, dimension), category)
        choices.append([(dimension, c) for c in (category, *wider, None)])
    for chosen in product(*choices):
        yield {d: c for d, c in chosen if c is not None}


def _options(
    one: _Table, other: _Table, fixed: Mapping[str, str]
) -> dict[str, list[_Option]] | None:
    """For each dimension what both tables tell, when `other` is asked for people of `fixed`; None
    when they have nothing in common."""
    found: dict[str, list[_Option]] = {}
    for d in dict.fromkeys((*one.spec.dimensions, *other.spec.dimensions, *other.spec.fixed)):
        tree = _tree(one, other, d)
        if d in one.spec.dimensions:
            options = _tabulated(one, other, d, tree)
        elif d in one.spec.fixed:
            options = _asked(other, d, fixed.get(d), tree)
        else:
            options = _unasked(other, d)
        if not options:
            return None
        found[d] = options
    missing = set(fixed) - {*other.spec.dimensions, *other.spec.fixed}
    return None if missing else found


def _tabulated(one: _Table, other: _Table, d: str, tree: Hierarchy) -> list[_Option]:
    """Of a dimension of `one`."""
    if d in other.spec.fixed:
        category = other.spec.fixed[d]
        mine = _cover(one, d, category, tree)
        return [] if mine is None else [_Option(category, mine, None)]
    total = [_Option(None, None, None)] if d != one.spec.nested else []
    if d not in other.spec.dimensions:
        return total
    if d == other.spec.nested:
        total = []
    options = total
    for category in dict.fromkeys((*one.categories(d), *other.categories(d))):
        mine, theirs = _cover(one, d, category, tree), _cover(other, d, category, tree)
        if mine is not None and theirs is not None and (mine or theirs):
            options.append(_Option(category, mine, theirs))
    return options


def _asked(other: _Table, d: str, category: str | None, tree: Hierarchy) -> list[_Option]:
    """Of a dimension that `one` fixes, when `other` is asked for that category (None: for all)."""
    if d in other.spec.fixed:
        return [_Option(None, None, None)] if other.spec.fixed[d] == category else []
    if d not in other.spec.dimensions:
        return [_Option(None, None, None)] if category is None else []
    if category is None:
        return [] if d == other.spec.nested else [_Option(None, None, None)]
    theirs = _cover(other, d, category, tree)
    return [] if theirs is None else [_Option(category, None, theirs)]


def _unasked(other: _Table, d: str) -> list[_Option]:
    """Of a dimension that only `other` has."""
    if d in other.spec.fixed or d == other.spec.nested:
        return []
    return [_Option(None, None, None)]


def _cover(table: _Table, d: str, category: str, tree: Hierarchy) -> tuple[str, ...] | None:
    if not tree or d == table.spec.nested:
        return (category,) if category in table.categories(d) else None
    return table.levels[d].cover(category, tree)


def _tree(one: _Table, other: _Table, d: str) -> Hierarchy:
    """What is known of the dimension's categories by either table; that of `other` goes first."""
    mine, theirs = one.hierarchies.get(d, {}), other.hierarchies.get(d, {})
    return mine if mine == theirs or not theirs else {**mine, **theirs}


def _coords(said: Mapping[str, str]) -> Coords:
    return tuple(sorted((d, c) for d, c in said.items() if c != TOTAL))
