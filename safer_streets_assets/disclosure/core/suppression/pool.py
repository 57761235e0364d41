"""All changes found so far, asked for one that shows a count without moving a certain cell."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.suppression.problem import Problem
from safer_streets_assets.disclosure.core.system.batch import (
    Move,
    agreeing,
    distinct,
    effects,
    stacked,
)
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, IntArray

MOST_AT_ONCE = 100
"""How many changes are put together with others at a time: it bounds what that takes in memory."""
MOST_OTHERS = 20
"""With how many others a change is put together, those of the fewest cells."""


class Pool:
    """Changes of a problem's counts. A count is shown by a change that reaches a goal of its
    target; a cell without a target by one that leaves it at or above its threshold.
    `missed` says how often a count was searched for in vain: such ones are worth asking first."""

    def __init__(self, problem: Problem, moves: Sequence[Move]) -> None:
        self.problem = problem
        counts, limits = problem.counts, problem.system.threshold
        implied = problem.system.implied.shape[0]
        up = np.where((counts > 0) & (counts < limits), limits - counts, 1.0)
        self.up = np.concatenate([up, np.full(implied, np.inf)])
        down = np.where(counts >= limits, -1.0, -np.inf)
        self.down = np.concatenate([down, np.full(implied, -np.inf)])
        for target in problem.targets:
            ways = [goal.amount for goal in target.goals]
            self.up[target.aim] = min((a for a in ways if a > 0), default=np.inf)
            self.down[target.aim] = max((a for a in ways if a < 0), default=-np.inf)
        self.moves: list[Move] = []
        self.showing: dict[int, list[int]] = defaultdict(list)
        self.moving: dict[int, set[int]] = defaultdict(set)
        self.gone: set[int] = set()
        self.missed: Counter[int] = Counter()
        self.add(distinct(moves))

    def add(self, moves: Sequence[Move]) -> None:
        """Takes changes in."""
        effect = effects(self.problem.system, stacked(moves, len(self.problem.counts)))
        for k, move in enumerate(moves):
            inside = slice(effect.indptr[k], effect.indptr[k + 1])
            counts, by = effect.indices[inside], effect.data[inside]
            number = len(self.moves)
            self.moves.append(move)
            for cell in move.cells.tolist():
                self.moving[cell].add(number)
            for count in counts[self._shows(counts, by)].tolist():
                self.showing[count].append(number)

    def find(self, counts: Sequence[int], without: int) -> dict[int, Move]:
        """For each of some counts a change that shows it and leaves the cell `without` alone, where
        there is one."""
        out = self.moving[without] | self.gone
        found = {c: next((k for k in self.showing[c] if k not in out), None) for c in counts}
        return {count: self.moves[k] for count, k in found.items() if k is not None}

    def lead_around(self, counts: Sequence[int], moves: Sequence[Move], cell: int) -> None:
        """Takes in changes that leave the cell alone and show some of the counts: each of `moves`,
        which move the cell, less another known change as many times as takes that back."""
        problem = self.problem
        known = [self.moves[k] for k in sorted(self.moving[cell] - self.gone)]
        others = sorted(known, key=lambda move: len(move.cells))[:MOST_OTHERS]
        tried = _without(cell, moves[:MOST_AT_ONCE], others, len(problem.counts))
        if not tried.shape[1]:
            return
        effect = effects(problem.system, tried)
        anything = np.ones(len(problem.counts), dtype=bool)
        fine = agreeing(problem.system, problem.counts, effect, anything)
        asked = np.asarray(counts, dtype=np.int64)[:, None]
        shows = self._shows(asked, effect.tocsr()[asked.ravel()].toarray())
        size = np.where(shows & fine, np.diff(tried.indptr), np.inf)
        best = np.unique(size.argmin(axis=1)[np.isfinite(size).any(axis=1)])
        self.add([_move(tried, k) for k in best])

    def shown_by(self, move: Move, counts: Sequence[int]) -> list[int]:
        """Those of some counts that a change shows."""
        asked = np.asarray(counts, dtype=np.int64)
        shown: list[int] = asked[self._shows(asked, self.problem.effect(move)[asked])].tolist()
        return shown

    def drop(self, cell: int) -> None:
        """Forgets the changes that move a cell."""
        self.gone |= self.moving[cell]

    def _shows(self, counts: IntArray, by: IntArray) -> BoolArray:
        """Whether a change of counts by so much shows them."""
        return np.asarray((by >= self.up[counts]) | (by <= self.down[counts]), dtype=bool)


def _without(
    cell: int, moves: Sequence[Move], others: Sequence[Move], width: int
) -> sparse.csc_matrix:
    """Each change less each other one as many whole times as leaves the cell alone, stacked."""
    ours, theirs = stacked(moves, width), stacked(others, width)
    by, step = (stack[[cell]].toarray().ravel() for stack in (ours, theirs))
    one, other = np.nonzero(by[:, None] % step[None, :] == 0)
    times = sparse.diags(by[one] // step[other], shape=(len(one), len(one)), dtype=np.int64)
    left = (ours[:, one] - theirs[:, other] @ times).tocsc()
    left.eliminate_zeros()
    left.sort_indices()
    return left


def _move(stack: sparse.csc_matrix, k: int) -> Move:
    """One of some changes that are stacked, in the order of its cells."""
    inside = slice(stack.indptr[k], stack.indptr[k + 1])
    return Move(stack.indices[inside].astype(np.int64), stack.data[inside])
