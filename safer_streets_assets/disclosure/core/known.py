"""Changes known from earlier releases, taken up wherever they need nothing more to be hidden."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from safer_streets_assets.disclosure.core.batch import agreeing, distinct, effects, stacked
from safer_streets_assets.disclosure.core.problem import Move, Problem
from safer_streets_assets.disclosure.core.system import BoolArray, IntArray


class Known:
    """The changes that a problem knows of, those of them that agree with all that it holds."""

    def __init__(self, problem: Problem) -> None:
        moves = distinct(problem.known)
        effect = effects(problem.system, stacked(moves, len(problem.counts)))
        fine = np.flatnonzero(agreeing(problem.system, problem.counts, effect, problem.movable))
        self.moves = [moves[k] for k in fine]
        self.effect = effect[:, fine]
        own = self.effect[: len(problem.counts)] != 0
        self.moved = own.T.astype(np.int64).tocsr()
        self.left = np.ones(len(fine), dtype=bool)
        self.asked: int | None = None

    def inside(self, hidden: BoolArray) -> Iterator[tuple[Move, IntArray]]:
        """Each change, with its effect, as soon as it moves nothing but hidden cells; once."""
        size = int(hidden.sum())
        if not self.left.any() or size == self.asked:
            return
        self.asked = size
        now = self.left & (self.moved @ (~hidden).astype(np.int64) == 0)
        self.left &= ~now
        for k in np.flatnonzero(now):
            yield self.moves[k], self.effect[:, [k]].toarray().ravel()
