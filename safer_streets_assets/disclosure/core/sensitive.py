"""Rows of a sensitive attribute in which everybody is in one category: to print one is to tell of
each of its people what that category says.

Every category of such a row is hidden, also those nobody is in, so that a row hidden whole may
have zeros. So are rows of two categories: else a row hidden whole would be known to have one. A row
that was hidden whole stays so while it has a zero: else that zero, printed, would tell of the row
before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from safer_streets_assets.disclosure.core.grid import TOTAL, FloatArray, Grid

FEW = 2
"""A row whose people are in no more categories than these is hidden whole."""

Line = list[tuple[int, ...]]


def lines(grid: Grid) -> Iterator[Line]:
    """Each row along the sensitive dimension of a table: the places of its categories in the axes
    of `grid`, its total left out."""
    dimension = grid.spec.sensitive
    if dimension is None:
        return
    axis = grid.spec.dimensions.index(dimension)
    inside = [k for k, name in enumerate(grid.categories[axis]) if name != TOTAL]
    others = [len(names) for k, names in enumerate(grid.categories) if k != axis]
    for at in np.ndindex(*others):
        yield [(*at[:axis], k, *at[axis:]) for k in inside]


def is_hidden_whole(values: FloatArray, before: Collection[bool]) -> bool:
    """Whether the categories of a row (NaN: hidden) are all hidden or, when none is, have to be;
    `before` says of each whether it was in a row hidden whole in the last release."""
    hidden = np.isnan(values)
    if hidden.any():
        return bool(hidden.all())
    people = int((values > 0).sum())
    return 0 < people <= FEW or (any(before) and 0 < people < len(values))


def only_category(values: FloatArray) -> int | None:
    """Which category of a row everybody is in, as far as print shows: all others are 0."""
    somebody = np.flatnonzero(np.isnan(values) | (values > 0))
    return int(somebody[0]) if len(somebody) == 1 and len(values) > 1 else None
