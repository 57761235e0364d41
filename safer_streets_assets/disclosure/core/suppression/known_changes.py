"""Changes known from earlier protections, taken up wherever they need nothing more to be hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.suppression.problem import Problem, Reaches, Target
from safer_streets_assets.disclosure.core.system.batch import (
    Move,
    agreeing,
    distinct,
    effects,
    stacked,
)
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, FloatArray, IntArray


class KnownChanges:
    """The changes that a problem knows of, those of them that agree with all that it holds."""

    def __init__(self, problem: Problem) -> None:
        self.moves, self.effect = _agreeing(problem, problem.known)
        self.moved = _moved(problem, self.effect)
        self.left = np.ones(len(self.moves), dtype=bool)
        self.asked: int | None = None

    def inside(self, hidden: BoolArray) -> Iterator[tuple[Move, IntArray]]:
        """Each change, with its effect, as soon as it moves nothing but hidden cells; once."""
        size = int(hidden.sum())
        if not self.left.any() or size == self.asked:
            return
        self.asked = size
        now = self.left & _within(self.moved, hidden)
        self.left &= ~now
        for k in np.flatnonzero(now):
            yield self.moves[k], self.effect[:, [k]].toarray().ravel()


class Start:
    """The changes that a problem is to start with, those that agree with all that it holds and that
    move no headline cell which is not hidden anyway."""

    def __init__(self, problem: Problem) -> None:
        self.moves, self.effect = _agreeing(problem, problem.start)
        allowed = problem.free | ~problem.is_headline
        fine = _within(_moved(problem, self.effect), allowed)
        self.moves = [self.moves[k] for k in np.flatnonzero(fine)]
        self.effect = self.effect[:, np.flatnonzero(fine)]
        self.by_count = self.effect.tocsr()
        self.amounts = abs(self.effect[: len(problem.counts)]).T.tocsr()

    def cheapest(self, target: Target, cost: FloatArray) -> Move | None:
        """The change that reaches a target at the least cost; None: none of them does."""
        row = self.by_count[target.aim]
        found = np.sort(row.indices[Reaches([target]).reach(row.data)])
        if not len(found):
            return None
        return self.moves[int(found[np.argmin(self.amounts[found] @ cost)])]


def known_within(problem: Problem, hidden: BoolArray) -> list[Move]:
    """The changes that a problem knows of and that move nothing but hidden cells."""
    moves, effect = _agreeing(problem, problem.known)
    return [moves[k] for k in np.flatnonzero(_within(_moved(problem, effect), hidden))]


def _agreeing(problem: Problem, known: Sequence[Move]) -> tuple[list[Move], sparse.csc_matrix]:
    """The changes that agree with all that the problem holds, and their effects."""
    moves = distinct(known)
    effect = effects(problem.system, stacked(moves, len(problem.counts)))
    fine = np.flatnonzero(agreeing(problem.system, problem.counts, effect, problem.movable))
    return [moves[k] for k in fine], effect[:, fine]


def _moved(problem: Problem, effect: sparse.csc_matrix) -> sparse.csr_matrix:
    """Which cells (columns) each change moves."""
    return (effect[: len(problem.counts)] != 0).T.astype(np.int64).tocsr()


def _within(moved: sparse.csr_matrix, hidden: BoolArray) -> BoolArray:
    """Which changes move nothing but hidden cells."""
    return np.asarray(moved @ (~hidden).astype(np.int64) == 0)
