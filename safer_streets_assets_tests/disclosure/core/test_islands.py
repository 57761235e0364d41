"""Programmes over islands of hidden cells: as one programme over all columns, some fixed at 0."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from safer_streets_assets.disclosure.core import Program
from safer_streets_assets.disclosure.core.suppression.islands import Islands

ROWS, COLUMNS = 6, 12


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), density=st.floats(0.15, 0.6))
def test_an_island_gives_the_optimum_of_the_whole_and_prices_that_prove_it(
    seed: int, density: float
) -> None:
    rng = np.random.default_rng(seed)
    matrix = sparse.random_array((ROWS, COLUMNS), density=density, format="csr", rng=rng)
    matrix.data = rng.choice([-1.0, 1.0], len(matrix.data))
    matrix = sparse.csr_matrix(matrix)
    low, high = -rng.integers(0, 2, ROWS).astype(float), rng.choice([0.0, np.inf], ROWS)
    hidden = np.where(rng.random(COLUMNS) < 0.6, rng.random(COLUMNS), 0.0)
    down, up = rng.integers(0, 9, COLUMNS) * hidden, rng.integers(0, 9, COLUMNS) * hidden
    goal = sparse.csr_matrix((rng.random((1, COLUMNS)) < 0.25).astype(float))
    cost = goal.toarray()[0] * -1.0

    tied = sparse.vstack([matrix, goal], format="csr")
    found = Islands(matrix, tied, (low, high), hidden).solve(cost, down, up)
    whole = Program(matrix, (low, high), (-down, up))
    whole.set_costs(cost)
    expected = whole.solve()

    assert found.x is not None
    assert found.prices is not None
    assert found.objective == pytest.approx(expected.objective, abs=1e-7)
    assert cost @ found.x == pytest.approx(expected.objective, abs=1e-7)
    reached = matrix @ found.x
    assert ((reached >= low - 1e-7) & (reached <= high + 1e-7)).all()
    left = cost - matrix.T @ found.prices
    ends = np.where(left > 0, -down, up)
    at_rows = np.where(found.prices > 0, low, np.where(found.prices < 0, high, 0.0))
    proven = left @ ends + found.prices @ at_rows
    assert proven == pytest.approx(expected.objective, abs=1e-6)
