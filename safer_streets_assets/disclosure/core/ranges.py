"""Printed figures that say a range: markers such as "1 to 4", and rounded counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from safer_streets_assets.disclosure.core.system.builder import build_system
from safer_streets_assets.disclosure.core.system.reading import ReleaseGrids
from safer_streets_assets.disclosure.core.tables.model import Link, PrintedTable
from safer_streets_assets.disclosure.core.tables.names import HIGH, LOW
from safer_streets_assets.disclosure.core.tables.problems import TableError

RoundingMethod = Literal["conventional", "controlled", "random"]


def reach(base: int, method: RoundingMethod, steps: int = 1) -> int:
    """How far a count can be from the multiple of `base` that is printed for it.

    Conventional rounding goes to the nearest multiple, half either way. Controlled and random
    rounding go to a multiple less than `steps` x base away (1: to a neighbouring one).

    Raises:
        TableError: the base is below 2, there is no step, or the method is not one of the three.
    """
    if base < 2 or steps < 1:
        raise TableError("Give a rounding base of at least two, and at least one step.")
    if method not in ("conventional", "controlled", "random"):
        raise TableError("Round by the method conventional, controlled or random.")
    return base // 2 if method == "conventional" else steps * base - 1


def rounded(table: PrintedTable, base: int, method: RoundingMethod, steps: int = 1) -> PrintedTable:
    """A table whose printed figures are multiples of `base`: each says only how far it can be from
    the count. A missing figure stays hidden.

    Raises:
        TableError: a figure is no multiple of the base; see also `reach`.
    """
    far = reach(base, method, steps)
    ranges = pd.DataFrame(index=table.cells.index)
    for measure in table.spec.measures:
        figures = table.cells[measure].astype("Int64")
        if (figures.dropna() % base != 0).any():
            raise TableError(f"Round every count of table {table.spec.name} to its base.")
        ranges[f"{measure}{LOW}"] = (figures - far).clip(lower=0)
        ranges[f"{measure}{HIGH}"] = figures + far
    return replace(table, ranges=ranges)


def figures_add_up(tables: Sequence[PrintedTable], links: Sequence[Link] = ()) -> bool:
    """Whether printed figures, each taken for the number it says, are the same wherever the same
    count is printed, are the sums of their parts, and keep every link and nested order. Sums with a
    figure that is hidden or withheld say nothing."""
    grids = tuple(replace(table, ranges=None).grid for table in tables)
    try:
        system = build_system([ReleaseGrids("figures", grids, 1)], links)
    except TableError:
        return False
    unknown = np.isnan(system.value).astype(np.int64)
    figures = np.nan_to_num(system.value).astype(np.int64)
    seen = abs(system.equations) @ unknown == 0
    if (system.equations @ figures)[seen].any():
        return False
    seen = (abs(system.implied) @ unknown == 0) & system.never_negative
    return not bool(((system.implied @ figures)[seen] < 0).any())
