"""Changes put together from two that are known, so that they leave a cell alone."""

from __future__ import annotations

import time

import numpy as np
import pytest

from safer_streets_assets.disclosure.core.suppression.pool import Pool
from safer_streets_assets.disclosure.core.suppression.suppressor import greedy
from safer_streets_assets.disclosure.core.system.batch import agreeing, distinct, effects, stacked
from safer_streets_assets_tests.disclosure.core.test_optimum import searched, table_of


@pytest.mark.parametrize("seed", range(3))
def test_what_leads_around_a_cell_leaves_it_alone_agrees_with_all_and_shows_a_count(
    seed: int,
) -> None:
    problem, _ = searched(table_of(seed, rows=7, columns=6))
    pattern = greedy(problem, problem.cost, time.monotonic() + 60)
    pool = Pool(problem, list(pattern.witnesses.values()))
    led = 0
    for cell in np.flatnonzero(pattern.hidden & ~problem.free).tolist():
        moving = {c: m for c, m in pattern.witnesses.items() if cell in m.cells and c != cell}
        before = len(pool.moves)
        pool.lead_around(list(moving), distinct(moving.values()), cell)
        made = pool.moves[before:]
        led += len(made)
        effect = effects(problem.system, stacked(made, len(problem.counts)))
        assert agreeing(problem.system, problem.counts, effect, pattern.hidden).all()
        assert not any(cell in move.cells for move in made)
        assert all(pool.shown_by(move, list(moving)) for move in made)
    assert led
