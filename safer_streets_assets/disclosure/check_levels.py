"""What tables at different levels of a hierarchy say of each other, for `check_witnesses`.

By sets of categories, from what release.json states, with nothing of the core: a category is the
set of itself and all below it, and a table tells a count when its rows inside that set leave over
only categories that it has nobody in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

TOTAL = "Total"
Coords = tuple[tuple[str, str], ...]
CheckedCell = tuple[int, str, str, Coords]
"""A count: release (0 is the oldest), population, measure, categories."""
Hierarchy = Mapping[str, str]


@dataclass(frozen=True)
class LevelTable:
    """A table of a release: its spec as release.json states it, and its categories by dimension."""

    release: int
    spec: Mapping[str, Any]
    categories: Mapping[str, frozenset[str]]

    def hierarchy(self, dimension: str) -> Hierarchy:
        """The hierarchy that the table states of a dimension (empty: none)."""
        found: Hierarchy = self.spec.get("hierarchies", {}).get(dimension, {})
        return found


@dataclass(frozen=True)
class Told:
    """A count that two tables tell, as one and as the other tells it: the cells that add up to it.
    Where `part` is true the first counts a part of the people of the other."""

    lasting: tuple[str, str, Coords]
    one: tuple[CheckedCell, ...]
    other: tuple[CheckedCell, ...]
    part: bool


def row_parts(categories: Sequence[str], hierarchy: Hierarchy) -> Iterator[tuple[str, list[str]]]:
    """Each whole of a dimension of one table (Total, or a group) and the categories that add up to
    it, those next below."""
    own = {c: _with_below(c, categories, hierarchy) for c in categories if c != TOTAL}
    for whole in categories:
        inside = set(own) if whole == TOTAL else own[whole] - {whole}
        parts = [c for c in inside if not any(c in own[d] for d in inside if d != c)]
        if parts or whole == TOTAL:
            yield whole, sorted(parts)


def told_by_both(one: LevelTable, other: LevelTable) -> Iterator[Told]:
    """The counts that both tables tell and at least one of them as a sum, or of a part."""
    if one.spec["population"] != other.spec["population"]:
        return
    if not (one.spec.get("hierarchies") or other.spec.get("hierarchies")):
        return
    for fixed in _populations(one, other):
        part = fixed != dict(one.spec["fixed"])
        if part and one.release != other.release:
            continue
        free = [d for d in one.spec["dimensions"] if d in _known(other)]
        axes = [[*sorted(_named(one, d) | _named(other, d)), None] for d in free]
        for said in product(*axes):
            named = {d: c for d, c in zip(free, said, strict=True) if c is not None}
            mine = _cells(one, other, {**named, **one.spec["fixed"]})
            theirs = _cells(other, one, {**named, **fixed})
            if mine is None or theirs is None:
                continue
            coords = tuple(sorted({**named, **fixed}.items()))
            for measure in set(one.spec["measures"]) & set(other.spec["measures"]):
                found = Told(
                    (one.spec["population"], measure, coords),
                    tuple((one.release, one.spec["population"], measure, c) for c in mine),
                    tuple((other.release, one.spec["population"], measure, c) for c in theirs),
                    part,
                )
                if [c[1:] for c in found.one] != [c[1:] for c in found.other]:
                    yield found


def _known(table: LevelTable) -> set[str]:
    return {*table.spec["dimensions"], *table.spec["fixed"]}


def _named(table: LevelTable, dimension: str) -> frozenset[str]:
    if dimension in table.spec["fixed"]:
        return frozenset({table.spec["fixed"][dimension]})
    return table.categories[dimension]


def _populations(one: LevelTable, other: LevelTable) -> Iterator[dict[str, str]]:
    """What `one` fixes, and the same with some of it dropped or widened."""
    axes = []
    for dimension, category in one.spec["fixed"].items():
        tree = {**one.hierarchy(dimension), **other.hierarchy(dimension)}
        axes.append([(dimension, c) for c in (category, *_above(category, tree), None)])
    for said in product(*axes):
        yield {d: c for d, c in said if c is not None}


def _cells(table: LevelTable, other: LevelTable, target: Mapping[str, str]) -> list[Coords] | None:
    """The coordinates of the cells of a table that add up to a target; None: it does not tell."""
    wanted = dict(target)
    for dimension, category in table.spec["fixed"].items():
        if wanted.pop(dimension, None) != category:
            return None
    axes: list[list[tuple[str, str]]] = []
    for dimension in table.spec["dimensions"]:
        asked = wanted.pop(dimension, None)
        if asked is None:
            if dimension == table.spec["nested"]:
                return None
            continue
        tree = {**other.hierarchy(dimension), **table.hierarchy(dimension)}
        found = _cover(asked, table.categories[dimension], tree)
        if found is None:
            return None
        axes.append([(dimension, c) for c in found])
    if wanted:
        return None
    fixed = tuple(table.spec["fixed"].items())
    return sorted(tuple(sorted((*said, *fixed))) for said in product(*axes))


def _cover(category: str, there: frozenset[str], tree: Hierarchy) -> list[str] | None:
    if category in there or not tree:
        return [category] if category in there else None
    below = _with_below(category, there, tree)
    if below:
        return sorted(c for c in below if not any(a in below for a in _above(c, tree)))
    above = next((a for a in _above(category, tree) if a in there), None)
    return None if above is not None and _with_below(above, there, tree) == {above} else []


def _with_below(category: str, there: Sequence[str] | frozenset[str], tree: Hierarchy) -> set[str]:
    return {c for c in there if c == category or category in _above(c, tree)}


def _above(category: str, tree: Hierarchy) -> list[str]:
    found: list[str] = []
    while category in tree and tree[category] not in found:
        category = tree[category]
        found.append(category)
    return found
