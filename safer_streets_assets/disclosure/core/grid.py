"""A table as an array: one axis a dimension, in an order that ignores the order of the rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from safer_streets_assets.disclosure.core.problems import TableError

if TYPE_CHECKING:
    from safer_streets_assets.disclosure.core.model import TableSpec

TOTAL = "Total"
LARGEST = 2**40

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """`values` has one axis a dimension (Total last) and the measures as its last axis; NaN is
    hidden. `rows[i...]` is the position in the caller's frame of the row of that cell."""

    spec: TableSpec
    categories: tuple[tuple[str, ...], ...]
    values: FloatArray
    rows: npt.NDArray[np.int64]
    withheld: bool = False

    def emptied(self) -> Grid:
        """The same table when all of it is withheld."""
        return replace(self, values=np.full_like(self.values, np.nan), withheld=True)


def read_grid(spec: TableSpec, cells: pd.DataFrame, *, may_be_hidden: bool) -> Grid:
    """Reads a tidy frame. Raises TableError when a combination of categories is missing or twice
    there, when a margin is missing, or when a count is not whole, negative or (unless
    `may_be_hidden`) missing."""
    missing = [c for c in (*spec.dimensions, *spec.measures) if c not in cells.columns]
    if missing:
        raise TableError(f"Add the columns {', '.join(missing)} to table {spec.name}.")
    if any(cells[d].isna().any() for d in spec.dimensions):
        raise TableError(f"Fill the empty categories in table {spec.name}.")
    labels = [cells[d].astype(str).to_numpy() for d in spec.dimensions]
    categories = tuple(
        _categories(spec, d, set(column)) for d, column in zip(spec.dimensions, labels, strict=True)
    )
    shape = tuple(len(c) for c in categories)
    if len(cells) != int(np.prod(shape)):
        raise TableError(f"Give table {spec.name} one row for every combination of categories.")
    places = np.zeros(len(cells), dtype=np.int64)
    for names, column in zip(categories, labels, strict=True):
        position = {name: i for i, name in enumerate(names)}
        places = places * len(names) + np.array([position[x] for x in column], dtype=np.int64)
    if len(np.unique(places)) != len(places):
        raise TableError(f"Give table {spec.name} one row for every combination of categories.")
    rows = np.empty(len(cells), dtype=np.int64)
    rows[places] = np.arange(len(cells))
    columns = [_counts(spec, cells[m], may_be_hidden) for m in spec.measures]
    values = np.stack(columns, axis=-1)[rows].reshape((*shape, len(columns)))
    return Grid(spec, categories, values, rows.reshape(shape))


def _categories(spec: TableSpec, dimension: str, found: set[str]) -> tuple[str, ...]:
    if dimension == spec.nested:
        if found != set(spec.nested_order) or len(found) != len(spec.nested_order):
            raise TableError(
                f"Give table {spec.name} exactly the categories of its order in {dimension}."
            )
        return spec.nested_order
    if TOTAL not in found:
        raise TableError(f"Add the {TOTAL} rows of {dimension} to table {spec.name}.")
    return (*sorted(found - {TOTAL}), TOTAL)


def _counts(spec: TableSpec, column: pd.Series, may_be_hidden: bool) -> FloatArray:
    try:
        numbers = column.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise TableError(f"Make every count of table {spec.name} a number.") from None
    known = numbers[~np.isnan(numbers)]
    if not may_be_hidden and len(known) < len(numbers):
        raise TableError(f"Fill the missing counts of table {spec.name}.")
    if (known < 0).any() or (known != np.round(known)).any() or (known > LARGEST).any():
        raise TableError(f"Make every count of table {spec.name} a whole number of zero or more.")
    return np.asarray(numbers, dtype=np.float64)
