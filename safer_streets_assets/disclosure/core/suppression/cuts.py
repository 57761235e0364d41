"""Cuts from the attacker: what every safe pattern must satisfy, and a given one does not.

For each count that must be left unsure, the attacker's programme (how far can it move when only the
hidden cells do?) has prices that prove an upper limit. Whatever is hidden, the limit holds with the
same prices, so enough of the cells that it leans on have to be hidden (capacity constraints of
Fischetti and Salazar 2001), each counted for no more than what is missing (cover inequalities).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.suppression.islands import Islands
from safer_streets_assets.disclosure.core.suppression.problem import (
    Goal,
    Problem,
    Target,
    target_for_hidden,
)
from safer_streets_assets.disclosure.core.tables.arrays import FloatArray, IntArray

LITTLE = 1e-6
VIOLATED = 1e-3
FARTHEST = 8
"""No cell is moved by more than this many times what is asked of a count: the bound that is proven
is that of patterns whose witnesses do without."""


class Cut(NamedTuple):
    """`weights @ hidden >= 1`; or, when `only_if` is a cell, at least 1 if that cell is hidden."""

    weights: FloatArray
    only_if: int | None = None


class Separator:
    """Finds cuts that a pattern, whole or fractional, does not satisfy; counts its programmes."""

    def __init__(self, problem: Problem) -> None:
        system = problem.system
        self.problem, self.used = problem, 0
        self.cells = np.flatnonzero(problem.movable)
        self.at = {int(cell): k for k, cell in enumerate(self.cells)}
        equations = system.equations[:, self.cells].tocsr()
        equations = equations[np.diff(equations.indptr) > 0]
        self.implied = system.implied[:, self.cells].tocsr()
        kept = system.never_negative & (np.diff(self.implied.indptr) > 0)
        self.matrix = sparse.vstack([equations, self.implied[kept]], format="csr")
        self.first_floor = equations.shape[0]
        self.floor = -(system.implied @ problem.counts)[kept].astype(np.float64)
        self.room = np.maximum(problem.counts - system.lowest, 0)[self.cells].astype(np.float64)
        self.free = problem.free[self.cells]
        self.low = np.concatenate([np.zeros(self.first_floor), self.floor])
        self.high = np.concatenate([np.zeros(self.first_floor), np.full(len(self.floor), np.inf)])
        self.columns = self.matrix.T.tocsr()
        aimed = {t.aim - len(problem.counts) for t in problem.targets}
        wanted = self.implied[[row for row in sorted(aimed) if row >= 0]]
        self.tied = sparse.vstack([self.matrix, wanted], format="csr")
        self.reaching: dict[Goal, tuple[IntArray, FloatArray]] = {}

    def cuts(
        self, hidden: FloatArray, most: int, among: Collection[int] | None = None
    ) -> list[Cut]:
        """Cuts that `hidden` (0..1 a cell) violates, with `most` programmes altogether; those of
        the counts `among` alone (None: of all). `violated` are then the counts that had one."""
        found: list[Cut] = []
        self.violated: set[int] = set()
        self.islands = Islands(self.matrix, self.tied, (self.low, self.high), hidden[self.cells])
        for target in self._targets(hidden):
            if among is not None and target.aim not in among:
                continue
            if self.used >= most:
                break
            must = self.problem.free[target.aim] if self._is_cell(target.aim) else True
            only_if = None if must else target.aim
            weights = self._weights(target, hidden)
            if weights is None:
                continue
            asked = 1.0 if only_if is None else hidden[only_if]
            if weights @ hidden < asked - VIOLATED:
                found.append(Cut(weights, only_if))
                self.violated.add(target.aim)
        return found

    def _targets(self, hidden: FloatArray) -> list[Target]:
        problem = self.problem
        spare = np.flatnonzero((hidden > 0.1) & ~problem.free & problem.system.exposed)
        more = [target_for_hidden(problem.system, problem.counts, int(c)) for c in spare]
        return [*problem.targets, *more]

    def _is_cell(self, count: int) -> bool:
        return count < len(self.problem.counts)

    def _weights(self, target: Target, hidden: FloatArray) -> FloatArray | None:
        """The cut of a target; None when one of its goals can be reached, or none helps."""
        weights = np.zeros(len(self.problem.counts))
        for goal in target.goals:
            one = self._of_goal(goal, hidden[self.cells])
            if one is None:
                return None
            weights[self.cells] = np.maximum(weights[self.cells], one)
        return weights

    def _of_goal(self, goal: Goal, hidden: FloatArray) -> FloatArray | None:
        amount, sign = float(abs(goal.amount)), 1 if goal.amount > 0 else -1
        cost = np.zeros(len(self.cells))
        own = self.at.get(goal.aim) if self._is_cell(goal.aim) else None
        if own is not None:
            cost[own] = -sign
            if sign < 0 and self.room[own] < amount:
                return cost * 0.0
        elif self._is_cell(goal.aim):
            return cost
        else:
            row = self.implied[goal.aim - len(self.problem.counts)]
            cost[row.indices] = -sign * row.data
        up, down = np.full(len(cost), amount) * hidden, np.minimum(self.room, amount) * hidden
        if own is not None:
            up[own], down[own] = (amount, 0.0) if sign > 0 else (0.0, amount)
        if self._seen(goal, down, up):
            return None
        self.used += 1
        answer = self.islands.solve(cost, down, up)
        if answer.prices is None or answer.x is None:
            return None
        if -answer.objective >= amount - LITTLE:
            inside = np.flatnonzero(answer.x)
            self.reaching[goal] = (inside, answer.x[inside])
            return None
        return self._strengthened(answer.prices, cost, amount, own, sign)

    def _seen(self, goal: Goal, down: FloatArray, up: FloatArray) -> bool:
        """Whether the change that last reached a goal is still within what may be moved."""
        if goal not in self.reaching:
            return False
        inside, by = self.reaching[goal]
        return bool((by <= up[inside] + LITTLE).all() and (by >= -down[inside] - LITTLE).all())

    def _strengthened(
        self, prices: FloatArray, cost: FloatArray, amount: float, own: int | None, sign: int
    ) -> FloatArray | None:
        prices = np.where(abs(prices) < LITTLE, 0.0, prices)
        floors = np.maximum(prices[self.first_floor :], 0.0)
        prices = np.concatenate([prices[: self.first_floor], floors])
        left = cost - self.columns @ prices
        left = np.where(abs(left) < LITTLE, 0.0, left)
        most = np.where(left > 0, left * self.room, -left * amount * FARTHEST)
        fixed = float(floors @ -self.floor)
        if own is not None:
            limit = amount if (left[own] < 0) == (sign > 0) else 0.0
            fixed += abs(left[own]) * limit
            most[own] = 0.0
        missing = amount - fixed - float(most[self.free].sum())
        if missing <= LITTLE:
            return None
        return np.where(self.free, 0.0, np.minimum(most / missing, 1.0))
