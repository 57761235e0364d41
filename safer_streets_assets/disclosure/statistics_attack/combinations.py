"""Weighted sums of the scores of a few people that follow from printed sums, whatever they are.

Of all sums that follow, with weights of at most one, it asks for the one on the fewest people. That
is the dual of a linear programme: a column is a group of people who joined together, and its sum
may move as far as the sums of all others, each by at most its people, can make up for. It is then
in no sum that follows on fewer people than it has itself and moves by.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core import INFINITY, Program
from safer_streets_assets.disclosure.statistics_attack.prints import Flags, Numbers
from safer_streets_assets.disclosure.statistics_attack.sums import Sums

SLACK = 1e-6


def few_that_follow(sums: Sums, known: Flags, fewest: int) -> dict[int, int]:
    """The columns in a weighted sum on fewer than that many people that follows when the sums of
    these cells are known, with the row of each. Columns of a hidden count are not asked for."""
    people = _people(sums)
    wanted = [k for k in range(sums.size) if 1 <= people[k] < fewest]
    program = _Moves(sums, known, fewest)
    found = {}
    for k in wanted:
        if people[k] + program.sure[k] >= fewest:
            continue
        if people[k] + program.most(k) < fewest - SLACK:
            found[k] = sums.columns[k][1]
    return found


def _people(sums: Sums) -> Numbers:
    """How many people each column has; NaN where its counts are hidden."""
    counts = np.vstack([np.zeros(sums.system.counts.shape[1]), sums.system.counts])
    moved = [abs(counts[step + 1, leaf] - counts[step, leaf]) for _, leaf, step, _ in sums.columns]
    return np.array(moved)


class _Moves:
    """How far a column's sum may move when no known sum does. `sure` is how far each is known to,
    from the moves of others."""

    def __init__(self, sums: Sums, known: Flags, fewest: int) -> None:
        size, self.size, self.first, self.fewest = sums.size, sums.size, sums.first_limit, fewest
        both = sparse.hstack([sparse.eye(size), sparse.eye(size)])
        matrix = sparse.vstack([sums.matrix, both]).tocsr()
        low = np.concatenate([sums.low, np.zeros(size)])
        high = np.concatenate([sums.high, np.full(size, INFINITY)])
        for cell, row in sums.row_of.items():
            low[row], high[row] = (0.0, 0.0) if known[cell] else (-INFINITY, INFINITY)
        leavers = slice(self.first + size, len(sums.low), 2)
        low[leavers] = -INFINITY
        self.shared = len(sums.low) == self.first + size
        self.second = len(sums.low)
        columns = (
            np.concatenate([np.zeros(size), np.full(size, -INFINITY)]),
            np.full(2 * size, INFINITY),
        )
        self.program = Program(matrix, (low, high), columns)
        self.sure = np.zeros(size)

    def most(self, column: int) -> float:
        """The furthest that the sum of a column may move, not looked into beyond `fewest`."""
        place = self.size + column
        self.program.set_row(self.first + column, -INFINITY, INFINITY)
        self.program.set_row(self.second + column, -INFINITY, INFINITY)
        self.program.set_columns([place], [-INFINITY], [float(self.fewest)])
        cost = np.zeros(2 * self.size)
        cost[place] = -1.0
        self.program.set_costs(cost)
        answer = self.program.solve()
        self.program.set_row(self.first + column, 0.0, INFINITY)
        self.program.set_row(self.second + column, 0.0, INFINITY)
        self.program.set_columns([place], [-INFINITY], [INFINITY])
        if answer.status != "optimal" or answer.x is None:
            return 0.0
        if self.shared:
            self._learn(answer.x[: self.size], np.abs(answer.x[self.size :]))
        return float(answer.x[place])

    def _learn(self, people: Numbers, moves: Numbers) -> None:
        """Every column that moves in an answer may move so far, scaled to what the others allow."""
        moving = np.flatnonzero(moves > SLACK)
        allowed = people[moving] / moves[moving]
        for at, column in enumerate(moving):
            scale = np.delete(allowed, at).min(initial=self.fewest / moves[column])
            self.sure[column] = max(self.sure[column], scale * moves[column] * (1 - SLACK))
