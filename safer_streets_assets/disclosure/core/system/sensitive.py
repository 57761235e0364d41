"""Rows of a sensitive attribute in which everybody is in one category: to print one is to tell of
each of its people what that category says.

Every category of such a row is hidden, also those nobody is in, so that a row hidden whole may
have zeros. So are rows of two categories: else a row hidden whole would be known to have one. A row
that was hidden whole stays so while it has a zero: else that zero, printed, would tell of the row
before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

import numpy as np

from safer_streets_assets.disclosure.core.tables.arrays import FloatArray
from safer_streets_assets.disclosure.core.tables.grid import Grid
from safer_streets_assets.disclosure.core.tables.names import TOTAL

FEW = 2
"""A row whose people are in no more categories than these is hidden whole."""

GridPlace = tuple[int, ...]


class SensitiveRow(NamedTuple):
    """A row along the sensitive dimension, of one measure: the places of its categories in
    `grid.values`, whether they are (or have to be) hidden whole, and the place that is seen to hold
    everybody of the row, if one is."""

    places: list[GridPlace]
    hidden_whole: bool
    only: GridPlace | None


def rows(grid: Grid, was_hidden: Callable[[GridPlace], bool]) -> Iterator[SensitiveRow]:
    """The rows of a table, that of everybody first; `was_hidden` says of a count whether it stood
    in a row hidden whole in the last release.

    A category that nobody of the whole table is in, as print shows, is known to be empty in every
    row, and left out of all but the row of everybody.
    """
    dimension = grid.spec.sensitive
    if dimension is None:
        return
    axis = grid.spec.dimensions.index(dimension)
    inside = [k for k, name in enumerate(grid.categories[axis]) if name != TOTAL]
    others = [len(names) for k, names in enumerate(grid.categories) if k != axis]
    last = tuple(size - 1 for size in others)

    def row(at: GridPlace, kept: list[int], measure: int) -> SensitiveRow:
        places = [(*at[:axis], k, *at[axis:], measure) for k in kept]
        values = np.array([grid.values[place] for place in places])
        hidden = _is_hidden_whole(values, [was_hidden(place) for place in places])
        only = _only_category(values)
        return SensitiveRow(places, hidden, None if only is None else places[only])

    for measure in range(grid.values.shape[-1]):
        everybody = row(last, inside, measure)
        yield everybody
        seen = [place for place in everybody.places if grid.values[place] != 0]
        kept = inside if everybody.hidden_whole else [place[axis] for place in seen]
        for at in np.ndindex(*others):
            if at != last:
                yield row(at, kept, measure)


def _is_hidden_whole(values: FloatArray, before: Collection[bool]) -> bool:
    hidden = np.isnan(values)
    if hidden.any():
        return bool(hidden.all())
    people = int((values > 0).sum())
    return 0 < people <= FEW or (any(before) and 0 < people < len(values))


def _only_category(values: FloatArray) -> int | None:
    somebody = np.flatnonzero(np.isnan(values) | (values > 0))
    return int(somebody[0]) if len(somebody) == 1 and len(values) > 1 else None
