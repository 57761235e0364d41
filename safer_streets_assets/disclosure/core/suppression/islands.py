"""The attacker's programmes over what a pattern hides, in parts that no equation ties together.

Cells that are printed do not move, so the hidden ones fall into islands, and a programme about one
of them needs no other: a few small programmes in place of a large one, and the prices of all rows
beyond the island are 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from safer_streets_assets.disclosure.core.system.highs import Program, SolverAnswer
from safer_streets_assets.disclosure.core.tables.arrays import FloatArray, IntArray

Island = tuple[IntArray, IntArray, Program]
"""Columns, rows and the programme over them."""


class Islands:
    """The columns of `matrix` that are above 0 in `hidden` (0 to 1 a column), in islands.

    `tied` are rows that may hold a goal together besides: columns in one of them share an island.
    `rows` are the bounds on `matrix @ x`; 0 is within them.
    """

    def __init__(
        self,
        matrix: sparse.csr_matrix,
        tied: sparse.csr_matrix,
        rows: tuple[FloatArray, FloatArray],
        hidden: FloatArray,
    ) -> None:
        self.matrix, self.rows = matrix, rows
        self.loose = hidden > 0
        among = tied[:, self.loose]
        count = among.shape[0]
        both = sparse.bmat([[None, abs(among)], [abs(among).T, None]], format="csr")
        _, at = connected_components(both, directed=False)
        self.island = np.full(len(hidden), -1)
        self.island[self.loose] = at[count:]
        self.made: dict[int, Island] = {}

    def solve(self, cost: FloatArray, down: FloatArray, up: FloatArray) -> SolverAnswer:
        """Minimises `cost @ x` for x between `-down` and `up`; both are 0 for a column that is not
        hidden, and all columns with a cost are of one island. `x` and `prices` are of the whole."""
        asked = np.flatnonzero((cost != 0) & self.loose)
        if not len(asked):
            return SolverAnswer(
                "optimal", np.zeros(len(cost)), 0.0, 0.0, np.zeros(self.matrix.shape[0])
            )
        columns, rows, program = self._of(int(self.island[asked[0]]))
        program.set_columns(np.arange(len(columns)), -down[columns], up[columns])
        program.set_costs(cost[columns])
        answer = program.solve()
        if answer.prices is None or answer.x is None:
            return answer
        x, prices = np.zeros(len(cost)), np.zeros(self.matrix.shape[0])
        x[columns], prices[rows] = answer.x, answer.prices
        return replace(answer, x=x, prices=prices)

    def _of(self, number: int) -> Island:
        if number not in self.made:
            columns = np.flatnonzero(self.island == number)
            within = self.matrix[:, columns]
            rows = np.flatnonzero(np.diff(within.indptr))
            low, high = (bounds[rows] for bounds in self.rows)
            n = np.zeros(len(columns))
            self.made[number] = columns, rows, Program(within[rows], (low, high), (n, n.copy()))
        return self.made[number]
