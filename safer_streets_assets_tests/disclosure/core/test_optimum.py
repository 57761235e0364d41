"""The search for the cheapest pattern: against trying all patterns, and the same every time."""

from __future__ import annotations

import time
from itertools import combinations

import numpy as np
import pytest

from safer_streets_assets.disclosure.core import CountTable, protect, prove, suppress, suppress_best
from safer_streets_assets.disclosure.core.suppression.optimum import BestPattern, search_optimum
from safer_streets_assets.disclosure.core.suppression.problem import Pattern, Problem
from safer_streets_assets.disclosure.core.suppression.suppressor import greedy
from safer_streets_assets.disclosure.core.suppression.weights import cell_weight
from safer_streets_assets_tests.disclosure.core.test_published_cases import (
    SPEC,
    TEN_BY_FIVE,
    with_totals,
)


def table_of(seed: int, rows: int = 3, columns: int = 3) -> CountTable:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.choice([2.0, 6.0, 12.0], (rows, columns))).tolist()
    named = {f"r{i}": row for i, row in enumerate(counts)}
    return CountTable(SPEC, with_totals(named, [f"c{j}" for j in range(columns)]))


def searched(table: CountTable, threshold: int = 4) -> tuple[Problem, BestPattern]:
    """The problem that `protect` makes of a table, and what the search finds for it."""
    problems: list[Problem] = []

    def note(problem: Problem, deadline: float) -> Pattern:
        problems.append(problem)
        return suppress(problem, deadline)

    protect([table], threshold=threshold, weights=cell_weight, insiders=False, suppressor=note)
    return problems[0], search_optimum(problems[0], time.monotonic() + 60)


def cheapest_by_trying(problem: Problem) -> float:
    """The least cost of any pattern within which the greedy suppressor finds all witnesses."""
    spare = np.flatnonzero(problem.movable & ~problem.free)
    best = np.inf
    for size in range(len(spare) + 1):
        for chosen in combinations(spare, size):
            cost = float(problem.cost[list(chosen)].sum())
            if cost >= best:
                continue
            movable = problem.free.copy()
            movable[list(chosen)] = True
            small = Problem(
                problem.system,
                problem.counts,
                movable,
                problem.free,
                problem.cost,
                problem.targets,
                problem.keep,
            )
            if not greedy(small, problem.cost, time.monotonic() + 60).failed:
                best = cost
        if best < size:
            break
    return best


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 6])
def test_the_optimum_is_that_of_trying_every_pattern(seed: int) -> None:
    problem, found = searched(table_of(seed))
    assert found.optimal
    assert found.cost == pytest.approx(cheapest_by_trying(problem))
    assert found.bound == pytest.approx(found.cost)


def test_a_ten_by_five_table_takes_the_known_optimum_of_23_cells() -> None:
    cells = with_totals(TEN_BY_FIVE, ["off1", "off2", "off3", "off4", "off5"])
    _, found = searched(CountTable(SPEC, cells), 5)
    assert found.optimal
    assert int(found.pattern.hidden.sum()) == 23


@pytest.mark.parametrize("seed", range(4))
def test_the_best_hides_no_more_than_greedy_and_is_proven(seed: int) -> None:
    table = table_of(50 + seed, 8, 4)
    problem, found = searched(table, 5)
    start = greedy(problem, problem.cost, time.monotonic() + 60)
    spare = start.hidden & ~problem.free
    assert found.cost <= float(problem.cost[spare].sum()) + 1e-9
    made = protect([table], threshold=5, weights=cell_weight, suppressor=suppress_best)
    assert not made.withheld
    assert prove([made.release("r")], threshold=5) == {"T": "proven"}


def test_the_best_pattern_is_the_same_whatever_the_order_of_rows() -> None:
    table = table_of(70, 9, 5)
    shuffled = CountTable(SPEC, table.cells.sample(frac=1, random_state=3))
    first, second = (
        protect([t], threshold=5, suppressor=suppress_best).tables["T"].cells
        for t in (table, shuffled)
    )
    key = ["row", "col"]
    first, second = (f.sort_values(key).reset_index(drop=True) for f in (first, second))
    assert first.equals(second)
