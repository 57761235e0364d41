"""Sums of cells, by their numbers in the system: those that tables have by their shape."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt

from safer_streets_assets.disclosure.core.system.system import Terms
from safer_streets_assets.disclosure.core.tables.grid import Grid
from safer_streets_assets.disclosure.core.tables.hierarchies import Levels, sums_of

Ids = npt.NDArray[np.int64]


def row_sums(grid: Grid, ids: Ids) -> Iterator[Terms]:
    """What adds up along each dimension of a table: sums that are zero."""
    for axis, dimension in enumerate(grid.spec.dimensions):
        if dimension == grid.spec.nested:
            continue
        at = {category: i for i, category in enumerate(grid.categories[axis])}
        rows = np.moveaxis(ids, axis, -1).reshape(-1, ids.shape[axis])
        for whole, parts in sums_of(Levels(at, grid.spec.hierarchies.get(dimension, {}))):
            for row in rows:
                own = {int(row[at[part]]): 1 for part in parts}
                yield normal(terms_of({**own, int(row[at[whole]]): -1}))


def nested_pairs(grid: Grid, ids: Ids) -> Iterator[tuple[str, int, int]]:
    """Two counts of which the first holds the second: what their difference is, and both.

    Any two, not only neighbours: where the count between is hidden, nobody would else look at what
    is printed around it.
    """
    spec = grid.spec
    if spec.nested is not None:
        lines = np.moveaxis(ids, spec.dimensions.index(spec.nested), -1)
        for line in lines.reshape(-1, lines.shape[-1]):
            for wider, narrower in combinations(line, 2):
                yield f"difference of {spec.nested}", int(wider), int(narrower)
    order = [spec.measures.index(m) for m in spec.nested_measures]
    for line in ids[..., order].reshape(-1, len(order)) if order else ():
        for wider, narrower in combinations(line, 2):
            yield "difference of measures", int(wider), int(narrower)


def terms_of(sums: dict[int, int]) -> Terms:
    """A sum in the order of its cells, without those that cancel out."""
    return tuple(sorted((i, k) for i, k in sums.items() if k))


def normal(terms: Terms) -> Terms:
    """The same sum with its first coefficient above zero."""
    return terms if terms[0][1] > 0 else tuple((i, -k) for i, k in terms)
