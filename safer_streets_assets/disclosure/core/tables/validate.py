"""Whether a whole table is consistent: totals are sums and nested counts do not grow."""

from __future__ import annotations

import numpy as np

from safer_streets_assets.disclosure.core.tables.grid import Grid
from safer_streets_assets.disclosure.core.tables.hierarchies import Levels, sums_of
from safer_streets_assets.disclosure.core.tables.problems import TableError


def check_counts(grid: Grid) -> None:
    """Raises TableError naming the table and the dimension, with no count in the message."""
    spec = grid.spec
    for axis, dimension in enumerate(spec.dimensions):
        values = np.moveaxis(grid.values, axis, 0)
        if dimension == spec.nested:
            if (np.diff(values, axis=0) > 0).any():
                raise TableError(
                    f"Correct table {spec.name}: a category of {dimension} counts more than the"
                    " wider one before it."
                )
            continue
        at = {category: i for i, category in enumerate(grid.categories[axis])}
        for whole, parts in sums_of(Levels(at, spec.hierarchies.get(dimension, {}))):
            if not np.array_equal(values[[at[c] for c in parts]].sum(axis=0), values[at[whole]]):
                raise TableError(
                    f"Correct table {spec.name}: a total over {dimension} is not the sum of its"
                    " parts."
                )
    if spec.nested_measures:
        order = [spec.measures.index(m) for m in spec.nested_measures]
        if (np.diff(grid.values[..., order], axis=-1) > 0).any():
            raise TableError(
                f"Correct table {spec.name}: a measure counts more than the wider one before it."
            )
