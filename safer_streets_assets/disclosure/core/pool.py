"""All changes found so far, asked for one that shows a count without moving a certain cell."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from safer_streets_assets.disclosure.core.batch import distinct, effects, stacked
from safer_streets_assets.disclosure.core.problem import Move, Problem


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
            for count in counts[(by >= self.up[counts]) | (by <= self.down[counts])].tolist():
                self.showing[count].append(number)

    def find(self, count: int, without: int) -> Move | None:
        """A change that shows a count and leaves the cell `without` alone; None: there is none."""
        out = self.moving[without]
        found = (k for k in self.showing[count] if k not in self.gone and k not in out)
        number = next(found, None)
        return None if number is None else self.moves[number]

    def shown_by(self, move: Move, counts: Sequence[int]) -> list[int]:
        """Those of some counts that a change shows."""
        effect = self.problem.effect(move)
        return [c for c in counts if effect[c] >= self.up[c] or effect[c] <= self.down[c]]

    def drop(self, cell: int) -> None:
        """Forgets the changes that move a cell."""
        self.gone |= self.moving[cell]
