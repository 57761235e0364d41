"""The whole counts nearest to the true ones that add up and lie in one of some intervals each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.grid import FloatArray
from safer_streets_assets.disclosure.core.highs import Program, as_whole
from safer_streets_assets.disclosure.core.system import IntArray, System

HIDING = 50.0
"""How far all counts together may be from the truth so that one more need not be hidden."""
GAP = 1e-4

Interval = tuple[int, int]
Column = tuple[int, Interval]
"""A count and an interval that it may lie in: a yes or no of the programme."""


def nearest(
    system: System,
    true: IntArray,
    ranges: Sequence[Interval],
    choices: Sequence[Sequence[Interval]],
    time_limit: float,
) -> IntArray | None:
    """For each cell a count within its range that agrees with every equation and every difference
    that cannot be negative, and lies in one of its `choices` (none: anywhere) or, at a price,
    elsewhere. The sum of distances from the true counts is least. None when it was not found in
    `time_limit` seconds.

    The truth is at one end of a range, or beyond it.
    """
    n = len(true)
    chosen = [i for i, intervals in enumerate(choices) if intervals]
    columns: list[Column] = [(i, interval) for i in chosen for interval in choices[i]]
    columns += [(i, ranges[i]) for i in chosen]
    limits = np.array(ranges, dtype=np.float64).reshape(n, 2)
    matrix, rows = _constraints(system, chosen, columns)
    lower = np.concatenate([limits[:, 0], np.zeros(len(columns))])
    upper = np.concatenate([limits[:, 1], np.ones(len(columns))])
    program = Program(matrix, rows, (lower, upper), whole=True, time_limit=time_limit, gap=GAP)
    distance = np.where(true >= limits[:, 1], -1.0, 1.0) * system.placed
    program.set_costs(np.concatenate([distance, _prices(columns, len(chosen), true)]))
    answer = program.solve()
    x = as_whole(answer.x) if answer.status == "optimal" and answer.x is not None else None
    if x is None:
        return None
    counts = x[:n].astype(np.int64)
    adds_up = not (system.equations @ counts).any()
    fits = bool(((system.implied @ counts)[system.never_negative] >= 0).all())
    return counts if adds_up and fits else None


def _constraints(
    system: System, chosen: Sequence[int], columns: Sequence[Column]
) -> tuple[sparse.csr_matrix, tuple[FloatArray, FloatArray]]:
    """What adds up; what is not negative; each count within the interval that is chosen for it."""
    implied = system.implied[system.binding]
    zero, k, n = system.equations.shape[0], len(chosen), len(system.cells)
    place = {i: row for row, i in enumerate(chosen)}
    at = ([place[i] for i, _ in columns], range(len(columns)))

    def by_column(numbers: Sequence[int]) -> sparse.csr_matrix:
        return sparse.csr_matrix((numbers, at), (k, len(columns)), dtype=np.float64)

    bind = sparse.identity(n, format="csr")[list(chosen)]
    matrix = sparse.bmat(
        [
            [sparse.vstack([system.equations, implied]), None],
            [bind, by_column([-low for _, (low, _) in columns])],
            [-bind, by_column([high for _, (_, high) in columns])],
            [None, by_column([1] * len(columns))],
        ],
        format="csr",
    )
    low = np.concatenate([np.zeros(zero + implied.shape[0] + 2 * k), np.ones(k)])
    high = np.concatenate([np.zeros(zero), np.full(implied.shape[0] + 2 * k, np.inf), np.ones(k)])
    return matrix, (low, high)


def _prices(columns: Sequence[Column], last: int, true: IntArray) -> FloatArray:
    """What choosing each column costs: the `last` ones leave their count to be hidden."""
    prices = np.zeros(len(columns))
    for j in range(len(columns) - last, len(columns)):
        prices[j] = HIDING * (1.0 + np.log1p(true[columns[j][0]]))
    return prices
