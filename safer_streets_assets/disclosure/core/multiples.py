"""The whole-number programme of controlled rounding: multiples near the truth that add up.

After Cox (1987) and Salazar, Lowthian, Young, Merola, Bond and Brown (2004): each count goes to a
multiple of the base near it, sums hold among the multiples, and the total distance is least.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.system.highs import Program, as_whole
from safer_streets_assets.disclosure.core.system.system import System
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, IntArray

GAP = 1e-3
TIE = 1e-4
NOBODY = 1000.0
"""What it costs to round a cell to 0 of which print tells that it is not."""


class Multiples:
    """Chooses a multiple of `base` for each cell of a release whose true counts are all known.

    A multiple is less than `steps` x base from the count. `aims` are what the figures should be
    near (the counts, or figures printed before), `weight` what a unit of distance from them costs.
    Cells of `somebody` are not rounded to 0, because print tells that they are not; where not
    `strict`, they are only where nothing else adds up.
    """

    def __init__(
        self,
        system: System,
        base: int,
        steps: int,
        aims: IntArray,
        weight: np.ndarray,
        somebody: BoolArray,
        *,
        strict: bool = True,
    ) -> None:
        counts = system.value.astype(np.int64)
        far = steps * base - 1
        top = (counts + far) // base
        self.base = base
        self.bottom = np.maximum(-((far - counts) // base), 0)
        if strict:
            self.bottom = np.minimum(np.maximum(self.bottom, somebody), top)
        width = top - self.bottom
        # A column for each step that a cell can go up, taken in order: else figures that were cut
        # off would come back as other steps to the same multiple.
        self.cell = np.repeat(np.arange(len(counts)), width)
        first = np.repeat(np.cumsum(width) - width, width)
        figure = (self.bottom[self.cell] + np.arange(len(self.cell)) - first) * base
        self.cost = np.abs(figure + base - aims[self.cell]) - np.abs(figure - aims[self.cell])
        self.cost = self.cost * weight[self.cell] * (1.0 + TIE * self.cell / max(len(counts), 1))
        leaves_0 = (figure == 0) & somebody[self.cell]
        self.cost = np.where(leaves_0, self.cost - NOBODY, self.cost)
        nested = system.implied[np.flatnonzero(system.never_negative)]
        rows = sparse.vstack([system.equations, nested], format="csr")
        start = rows @ self.bottom
        equal = system.equations.shape[0]
        steps_in_order = _in_order(self.cell)
        self.matrix = sparse.vstack([rows[:, self.cell], steps_in_order], format="csr")
        self.low = np.concatenate([-start, np.zeros(steps_in_order.shape[0])]).astype(np.float64)
        self.high = np.where(np.arange(len(self.low)) < equal, self.low, np.inf)
        tied = abs(rows)
        self.beside = (tied.T @ tied).tocsr()
        self.cuts: list[tuple[np.ndarray, float]] = []

    def cut(self, cells: list[int], figures: IntArray) -> None:
        """From now on the figures of these cells are not all what they are in `figures`."""
        columns = np.flatnonzero(np.isin(self.cell, cells))
        up = self._taken(figures)[columns]
        row = np.zeros(len(self.cell))
        row[columns] = np.where(up, -1.0, 1.0)
        self.cuts.append((row, 1.0 - up.sum()))

    def around(self, cells: list[int]) -> list[int]:
        """The cells that share a sum or a difference with some of these."""
        return [int(c) for c in np.unique(self.beside[cells].indices)]

    def solve(self, time_limit: float) -> IntArray | None:
        """The nearest figures (multiples, one a cell); None when there are none, or no time."""
        extra = sparse.csr_matrix(
            np.array([row for row, _ in self.cuts]).reshape(len(self.cuts), len(self.cell))
        )
        low = np.concatenate([self.low, [least for _, least in self.cuts]])
        high = np.concatenate([self.high, np.full(len(self.cuts), np.inf)])
        empty = np.diff(self.matrix.indptr) == 0
        at_fault = (self.low[: len(empty)] > 0) | (self.high[: len(empty)] < 0)
        if time_limit <= 0 or (empty & at_fault).any():
            return None
        if not len(self.cell):
            return None if self.cuts else self.bottom * self.base
        program = Program(
            sparse.vstack([self.matrix, extra], format="csr"),
            (low, high),
            (np.zeros(len(self.cell)), np.ones(len(self.cell))),
            whole=True,
            time_limit=time_limit,
            gap=GAP,
        )
        program.set_costs(self.cost)
        answer = program.solve()
        x = None if answer.x is None else as_whole(answer.x)
        if x is None:
            return None
        up = np.bincount(self.cell, weights=x, minlength=len(self.bottom))
        figures: IntArray = (self.bottom + up.astype(np.int64)) * self.base
        return figures if self._holds(figures) else None

    def _taken(self, figures: IntArray) -> BoolArray:
        """Which columns are 1 in these figures, when each cell takes its steps in order."""
        width = np.bincount(self.cell, minlength=len(self.bottom))
        step = np.arange(len(self.cell)) - np.repeat(np.cumsum(width) - width, width)
        taken = (figures // self.base - self.bottom)[self.cell] > step
        return np.asarray(taken, dtype=bool)

    def _holds(self, figures: IntArray) -> bool:
        """Whether sums and nested order hold among the figures, by addition."""
        whole = figures // self.base
        up = np.zeros(len(self.cell))
        up[self._taken(figures)] = 1.0
        rows = self.matrix @ up
        return bool((whole >= 0).all() and (rows >= self.low).all() and (rows <= self.high).all())


def _in_order(cell: IntArray) -> sparse.csr_matrix:
    """A row for each step that follows another one of its cell: it is not taken without that."""
    later = np.flatnonzero(cell[1:] == cell[:-1]) + 1
    at = np.arange(len(later))
    values = np.concatenate([np.ones(len(later)), -np.ones(len(later))])
    places = np.concatenate([at, at]), np.concatenate([later - 1, later])
    return sparse.csr_matrix((values, places), shape=(len(later), len(cell)))
