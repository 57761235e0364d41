"""A table as an array: one axis a dimension, in an order that ignores the order of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from safer_streets_assets.disclosure.core.tables.arrays import FloatArray
from safer_streets_assets.disclosure.core.tables.names import HIGH, LOW, TOTAL
from safer_streets_assets.disclosure.core.tables.problems import TableError
from safer_streets_assets.disclosure.core.tables.spec import TableSpec

LARGEST = 2**40

Coords = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Grid:
    """`values` has one axis a dimension (Total last) and the measures as its last axis; NaN is
    hidden. `rows[i...]` is the position in the caller's frame of the row of that cell. `low` and
    `high` (None: nowhere) are the ends of the range that a cell says, NaN where it says none; such
    a cell has no value."""

    spec: TableSpec
    categories: tuple[tuple[str, ...], ...]
    values: FloatArray
    rows: npt.NDArray[np.int64]
    withheld: bool = False
    low: FloatArray | None = None
    high: FloatArray | None = None

    @cached_property
    def names(self) -> tuple[Coords, ...]:
        """The category in each dimension, for every place of `rows` in its order."""
        axes = [
            [(d, c) for c in names]
            for d, names in zip(self.spec.dimensions, self.categories, strict=True)
        ]
        return tuple(product(*axes))

    @cached_property
    def coords(self) -> tuple[Coords, ...]:
        """What says which people each of them counts (see `coords_of`)."""
        return tuple(coords_of(self.spec, dict(names)) for names in self.names)

    def emptied(self) -> Grid:
        """The same table when all of it is withheld."""
        nothing = np.full_like(self.values, np.nan)
        return replace(self, values=nothing, withheld=True, low=None, high=None)


def coords_of(spec: TableSpec, names: Mapping[str, str]) -> Coords:
    """Which people a row of a table counts: its Total dimensions say nothing, its fixed ones do."""
    said = {d: c for d, c in names.items() if c != TOTAL or d == spec.nested}
    return tuple(sorted({**said, **spec.fixed}.items()))


def read_grid(
    spec: TableSpec,
    cells: pd.DataFrame,
    *,
    may_be_hidden: bool,
    ranges: pd.DataFrame | None = None,
) -> Grid:
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
    grid = Grid(spec, categories, values, rows.reshape(shape))
    return grid if ranges is None else _with_ranges(grid, ranges)


def _with_ranges(grid: Grid, ranges: pd.DataFrame) -> Grid:
    spec, shape = grid.spec, grid.values.shape
    ends = _range_columns(spec.name, spec.measures, ranges, grid.rows.size)
    low, high = (end[grid.rows.ravel()].reshape(shape) for end in ends)
    return replace(grid, values=np.where(np.isnan(low), grid.values, np.nan), low=low, high=high)


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


def _range_columns(
    name: str, measures: tuple[str, ...], ranges: pd.DataFrame, rows: int
) -> tuple[FloatArray, FloatArray]:
    """Least and greatest value of each row and measure, NaN where no range is said.

    Raises:
        TableError: a column or row is missing, or a range is not one of whole counts.
    """
    wanted = [f"{m}{end}" for m in measures for end in (LOW, HIGH)]
    if set(wanted) - set(ranges.columns) or len(ranges) != rows:
        raise TableError(f"Give table {name} a least and a greatest value for each row and count.")
    try:
        ends = {
            column: ranges[column].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
            for column in wanted
        }
    except (TypeError, ValueError):
        raise TableError(f"Make every range of table {name} one of whole counts.") from None
    low = np.stack([ends[f"{m}{LOW}"] for m in measures], axis=-1)
    high = np.stack([ends[f"{m}{HIGH}"] for m in measures], axis=-1)
    said = ~(np.isnan(low) & np.isnan(high))
    low = np.where(said & np.isnan(low), 0.0, low)
    high = np.where(said & np.isnan(high), np.inf, high)
    whole = (low[said] == np.round(low[said])) & (high[said] == np.round(high[said]))
    if not (whole & (low[said] >= 0) & (low[said] <= high[said])).all():
        raise TableError(f"Make every range of table {name} one of whole counts.")
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
