"""Looks for the cheapest change of whole counts, over some of the cells, that reaches a goal."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.suppression.problem import Goal, Problem
from safer_streets_assets.disclosure.core.system.batch import Move
from safer_streets_assets.disclosure.core.system.highs import Program, SolverAnswer, as_whole
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, FloatArray, IntArray

GAP = 0.02
NODES = 20
OTHERS = 6
SEED = 20010401
MULTIPLES = (1, 2, 3, 4, 6)
NEAR = 0.1
"""By what share a whole change may cost more than the cheapest that need not be whole."""


class Moves:
    """Changes of the given cells that keep every equation and fact, every difference, and the
    least and greatest value of each.

    A change is split in its rise and its fall, so that cost counts both alike. Where `any_will_do`,
    a change need not be the cheapest: when that is not whole, a few others are tried before a
    whole-number programme over the cells that it moves, and that gives up early. `undecided` counts
    the searches that found nothing without a proof that there is nothing.
    """

    def __init__(
        self, problem: Problem, cells: IntArray, deadline: float, *, any_will_do: bool = False
    ) -> None:
        system = problem.system
        self.any_will_do, self.rng = any_will_do, np.random.default_rng(SEED)
        self.problem, self.cells, self.deadline = problem, cells, deadline
        self.undecided = 0
        self.at = {int(cell): k for k, cell in enumerate(cells)}
        equations = system.equations[:, cells].tocsr()
        equations = equations[np.diff(equations.indptr) > 0]
        aimed = {t.aim - len(system.cells) for t in problem.targets}
        wanted = system.binding | np.isin(np.arange(system.implied.shape[0]), list(aimed))
        implied = system.implied[:, cells].tocsr()
        kept = np.flatnonzero(wanted & (np.diff(implied.indptr) > 0))
        start = equations.shape[0]
        self.row_of = {int(row): start + k for k, row in enumerate(kept)}
        facts = system.facts[:, cells].tocsr()
        told = np.flatnonzero(np.diff(facts.indptr))
        stacked = sparse.vstack([equations, implied[kept], facts[told]], format="csr")
        self.matrix = sparse.hstack([stacked, -stacked], format="csr")
        now = (system.implied @ problem.counts)[kept]
        floor = np.where(system.never_negative[kept], -now, -np.inf)
        zeros = np.zeros(start)
        said = (system.facts @ problem.counts)[told]
        self.row_low = np.concatenate([zeros, floor, system.fact_low[told] - said])
        self.row_high = np.concatenate(
            [zeros, np.full(len(kept), np.inf), system.fact_high[told] - said]
        )
        n = len(cells)
        self.lower = np.zeros(2 * n)
        room = np.maximum(problem.counts[cells] - system.lowest[cells], 0)
        self.rise = np.maximum(system.highest[cells] - problem.counts[cells], 0.0)
        self.upper = np.concatenate([self.rise, room.astype(np.float64)])
        self.cost = np.ones(2 * n)
        rows = (self.row_low.copy(), self.row_high.copy())
        self.program = Program(self.matrix, rows, (self.lower.copy(), self.upper.copy()))

    def set_costs(self, cost: FloatArray) -> None:
        """Cost of a unit of change, a cell of the system each."""
        self.cost = np.tile(cost[self.cells], 2)
        self.program.set_costs(self.cost)

    def ban(self, cell: int) -> None:
        """No move may change this cell until `allow`."""
        k, n = self.at[cell], len(self.cells)
        self.upper[[k, k + n]] = 0.0
        self.program.set_columns([k, k + n], [0.0, 0.0], [0.0, 0.0])

    def allow(self, cell: int) -> None:
        """Undoes `ban`."""
        k, n = self.at[cell], len(self.cells)
        room = float(max(self.problem.counts[cell] - self.problem.system.lowest[cell], 0))
        self.upper[[k, k + n]] = [self.rise[k], room]
        self.program.set_columns([k, k + n], [0.0, 0.0], [float(self.rise[k]), room])

    def find(self, goal: Goal) -> tuple[Move, float] | None:
        """The cheapest move to a goal and what it costs; None when there is none, or no time."""
        if not self._aim(goal):
            return None
        # From no change at all it is nearer than from the change to another goal.
        self.program.restart()
        answer = self.program.solve()
        change = None if answer.status == "infeasible" else self._whole(goal, answer)
        self._forget(goal)
        if change is None:
            return None
        inside = np.flatnonzero(change)
        move = Move(self.cells[inside], change[inside])
        return move, float(self.cost[inside] @ np.abs(move.amounts))

    def _aim(self, goal: Goal) -> bool:
        """Sets the bounds of the goal; false when its cell cannot move that far at all."""
        n, amount = len(self.problem.counts), float(abs(goal.amount))
        if goal.aim >= n:
            row = self.row_of.get(goal.aim - n)
            if row is None:
                return False
            low, high = self.row_low[row], self.row_high[row]
            bounds = (max(low, amount), high) if goal.amount > 0 else (low, -amount)
            self.program.set_row(row, *bounds)
            return bool(bounds[0] <= bounds[1])
        k = self.at.get(goal.aim)
        if k is None:
            return False
        up, down = (k, k + len(self.cells)) if goal.amount > 0 else (k + len(self.cells), k)
        if self.upper[up] < amount:
            return False
        self.program.set_columns([up, down], [amount, 0.0], [self.upper[up], 0.0])
        return True

    def _forget(self, goal: Goal) -> None:
        n = len(self.problem.counts)
        if goal.aim >= n:
            row = self.row_of[goal.aim - n]
            self.program.set_row(row, self.row_low[row], self.row_high[row])
            return
        k = self.at[goal.aim]
        both = [k, k + len(self.cells)]
        self.program.set_columns(both, list(self.lower[both]), list(self.upper[both]))

    def _whole(self, goal: Goal, answer: SolverAnswer) -> IntArray | None:
        """The answer in whole numbers, or another change that is."""
        if answer.status != "optimal" or answer.x is None:
            self.undecided += 1
            return None
        n = len(self.cells)
        for times in MULTIPLES:
            x = as_whole(answer.x * times)
            if x is not None and (change := self._checked(goal, x[:n] - x[n:])) is not None:
                return change
        enough = np.inf if self.any_will_do else (1.0 + NEAR) * answer.objective
        if (change := self._another(goal, enough)) is not None:
            return change
        used = answer.x > 0
        used = used[:n] | used[n:]
        cheap = self.cost[:n] < np.median(self.cost)
        wider = () if self.any_will_do else (self._beside(used), np.ones(n, dtype=bool))
        for columns in (used | cheap, *wider):
            found = self._solve_whole(goal, columns)
            x = None if found is None or found.x is None else as_whole(found.x)
            if x is not None:
                change = self._checked(goal, x[:n] - x[n:])
                self.undecided += change is None
                return change
        proven = found is not None and found.status == "infeasible" and not self.any_will_do
        self.undecided += not proven
        return None

    def _beside(self, cells: BoolArray) -> BoolArray:
        """The cells that share a sum with some of these, and these."""
        tied = abs(self.matrix[:, : len(self.cells)])
        return np.asarray(tied.T @ (tied @ cells) > 0) | cells

    def _another(self, goal: Goal, enough: float) -> IntArray | None:
        """A whole change that is the cheapest at costs somewhat off, and costs no more than
        `enough`."""
        n, found = len(self.cells), None
        for _ in range(OTHERS):
            self.program.set_costs(self.cost * (1.0 + np.tile(self.rng.random(n), 2)))
            answer = self.program.solve()
            if answer.status != "optimal" or answer.x is None:
                break
            x = as_whole(answer.x)
            if x is None or float(self.cost @ x) > enough:
                continue
            found = self._checked(goal, x[:n] - x[n:])
            if found is not None:
                break
        self.program.set_costs(self.cost)
        return found

    def _solve_whole(self, goal: Goal, columns: BoolArray) -> SolverAnswer | None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            return None
        lower, upper = self.lower.copy(), np.where(np.tile(columns, 2), self.upper, 0.0)
        low, high = self.row_low.copy(), self.row_high.copy()
        n, amount = len(self.problem.counts), abs(goal.amount)
        if goal.aim >= n:
            row = self.row_of[goal.aim - n]
            if goal.amount > 0:
                low[row] = max(low[row], amount)
            else:
                high[row] = -amount
        else:
            k = self.at[goal.aim]
            up, down = (k, k + len(self.cells)) if goal.amount > 0 else (k + len(self.cells), k)
            lower[up], upper[down] = amount, 0.0
        inside = np.flatnonzero(upper > 0)
        matrix = self.matrix[:, inside]
        filled = np.diff(matrix.indptr) > 0
        reached = filled | ((low <= 0) & (high >= 0))
        if (lower > upper).any() or not reached.all():
            return SolverAnswer("infeasible")
        program = Program(
            matrix[filled],
            (low[filled], high[filled]),
            (lower[inside], upper[inside]),
            whole=True,
            time_limit=left,
            gap=GAP,
            nodes=NODES if self.any_will_do else None,
            first=self.any_will_do,
        )
        program.set_costs(self.cost[inside])
        answer = program.solve()
        if answer.x is None:
            return answer
        x = np.zeros(len(upper))
        x[inside] = answer.x
        return replace(answer, x=x)

    def _checked(self, goal: Goal, change: FloatArray) -> IntArray | None:
        """The change in whole numbers if plain addition confirms it."""
        whole = np.round(change).astype(np.int64)
        system, problem = self.problem.system, self.problem
        dense = np.zeros(len(problem.counts), dtype=np.int64)
        dense[self.cells] = whole
        after = problem.counts + dense
        moved = dense != 0
        if (after[moved] < system.lowest[moved]).any() or (system.equations @ dense).any():
            return None
        if (after[moved] > system.highest[moved]).any():
            return None
        said = system.facts @ after
        if (said < system.fact_low).any() or (said > system.fact_high).any():
            return None
        if ((system.implied @ after)[system.never_negative] < 0).any():
            return None
        inside = np.flatnonzero(whole)
        by = problem.effect(Move(self.cells[inside], whole[inside]))[goal.aim]
        return whole if (by >= goal.amount if goal.amount > 0 else by <= goal.amount) else None
