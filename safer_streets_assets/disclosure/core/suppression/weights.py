"""What losing a cell costs."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from safer_streets_assets.disclosure.core.system.system import System
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, FloatArray, IntArray
from safer_streets_assets.disclosure.core.tables.names import TOTAL

Weight = Callable[[int, int], float]

KEPT = 0.05
TIE = 1e-4


def log_weight(count: int, totals: int, margin: float = 4.0) -> float:
    """log(1 + n), `margin` times as much for each dimension that the cell is a total over."""
    return math.log1p(count) * margin**totals


def cell_weight(count: int, totals: int) -> float:
    """Every cell alike; the larger first to stay, among equals."""
    return 1.0 + 1e-3 * math.log1p(count) + 1e-3 * totals


def costs(system: System, counts: IntArray, weight: Weight, keep: BoolArray) -> FloatArray:
    """A cost for each cell; cells hidden before are cheap, and ties go by the cells' own order."""
    total = np.array(
        [max((_totals(p.coords) for p in places), default=0) for places in system.places]
    )
    cost = np.array([weight(int(n), int(t)) for n, t in zip(counts, total, strict=True)])
    cost *= np.where(keep, KEPT, 1.0)
    return cost * (1.0 + TIE * np.arange(len(cost)) / max(len(cost), 1))


def _totals(coords: tuple[tuple[str, str], ...]) -> int:
    return sum(category == TOTAL for _, category in coords)
