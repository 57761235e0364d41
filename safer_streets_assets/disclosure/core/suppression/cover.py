"""Shows that insiders derive nobody: enough whole tables that each leave an insider's cell alone.

A pool of changes is kept, of which each may show many pairs of a small count and an insider. What
no change shows yet is looked for among the hidden cells, and then among all, at the least cost.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial

import numpy as np

from safer_streets_assets.disclosure.core.suppression.headline import Headline
from safer_streets_assets.disclosure.core.suppression.known_changes import known_within
from safer_streets_assets.disclosure.core.suppression.moves import Moves
from safer_streets_assets.disclosure.core.suppression.problem import Goal, Pattern, Problem
from safer_streets_assets.disclosure.core.system.batch import Move, distinct, effects, stacked
from safer_streets_assets.disclosure.core.system.insiders import (
    Insiders,
    Persons,
    asked_in_attack,
)
from safer_streets_assets.disclosure.core.system.system import System
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, IntArray


class Cover:
    """A pool of changes, and how many of them show each pair of `insiders` (aims x singles).

    `undecided` is whether headline cells were moved without a proof that nothing else would do.
    """

    def __init__(self, problem: Problem, insiders: Insiders, pool: Iterable[Move]) -> None:
        self.problem, self.insiders = problem, insiders
        self.pool: dict[bytes, tuple[Move, IntArray, IntArray]] = {}
        self.undecided = False
        self.times = np.zeros(insiders.wanted.shape, dtype=np.int32)
        self._add_all(distinct(pool))

    @property
    def moves(self) -> tuple[Move, ...]:
        """The changes in the pool."""
        return tuple(move for move, _, _ in self.pool.values())

    @property
    def open(self) -> BoolArray:
        """The pairs that no change shows."""
        return np.asarray(self.insiders.wanted & (self.times == 0), dtype=bool)

    def add(self, move: Move) -> None:
        """Puts a change into the pool."""
        if _key(move) not in self.pool:
            self._add_all([move])

    def _add_all(self, moves: Sequence[Move]) -> None:
        if not moves:
            return
        effect = effects(self.problem.system, stacked(moves, len(self.problem.counts)))
        moved = (effect[self.insiders.aims] != 0).tocsc()
        still = self.insiders.left_alone(effect)
        self.times += np.asarray(moved.astype(np.int32) @ still.T.astype(np.int32))
        for k, move in enumerate(moves):
            aims = moved.indices[moved.indptr[k] : moved.indptr[k + 1]]
            self.pool[_key(move)] = (move, aims.astype(np.int64), np.flatnonzero(still[:, k]))

    def without(self, cell: int) -> Cover:
        """The pool of those changes that leave a cell alone."""
        other = Cover(self.problem, self.insiders, ())
        other.pool, other.times = dict(self.pool), self.times.copy()
        for key, (move, moved, still) in self.pool.items():
            if cell in move.cells:
                del other.pool[key]
                other.times[np.ix_(moved, still)] -= 1
        return other

    def fill(self, finder: Moves, deadline: float, *, all_or_none: bool = False) -> int:
        """Looks for changes for the open pairs, and says how many programmes that took. With
        `all_or_none` it stops at the first pair for which there is none."""
        used = 0
        for k, cells in enumerate(self.insiders.singles):
            banned = False
            for a in np.flatnonzero(self.insiders.wanted[:, k] & (self.times[:, k] == 0)):
                if self.times[a, k]:
                    continue
                if time.monotonic() > deadline:
                    break
                if not banned:
                    _each(finder.ban, finder, cells)
                    banned = True
                move, tries = self._find(finder, int(self.insiders.aims[a]))
                used += tries
                if move is not None:
                    self.add(move)
                elif all_or_none:
                    _each(finder.allow, finder, cells)
                    return used
            if banned:
                _each(finder.allow, finder, cells)
        return used

    def _find(self, finder: Moves, aim: int) -> tuple[Move | None, int]:
        found = [answer for way in (1, -1) if (answer := finder.find(Goal(aim, way))) is not None]
        return (min(found, key=lambda answer: answer[1])[0] if found else None), 2


def _key(move: Move) -> bytes:
    return move.cells.tobytes() + move.amounts.tobytes()


def _each(do: Callable[[int], None], finder: Moves, cells: IntArray) -> None:
    for cell in cells:
        if int(cell) in finder.at:
            do(int(cell))


def cover_insiders(problem: Problem, pattern: Pattern, costs: np.ndarray, deadline: float) -> Cover:
    """A pool that shows what it can within the pattern, and what remains at the least of `costs`
    beyond it: its changes may move cells that the pattern prints."""
    insiders = problem.insiders
    if insiders is None:
        raise ValueError("the problem knows of no insiders")
    known = known_within(problem, pattern.hidden)
    cover = Cover(problem, insiders, [*pattern.witnesses.values(), *pattern.more, *known])
    cover.fill(finder_within(problem, pattern.hidden, deadline), deadline)
    if cover.open.any():
        finder = Moves(problem, np.flatnonzero(problem.movable), deadline)
        finder.set_costs(costs)
        headline = Headline(problem, finder)
        headline.spared(pattern.hidden, partial(_filled, cover, finder, deadline))
        cover.undecided = headline.undecided
    return cover


def for_the_attack(
    problem: Problem,
    pattern: Pattern,
    printed: System,
    alone: Collection[int],
    people: Persons,
    deadline: float,
) -> tuple[Move, ...]:
    """Changes within a pattern that spare an attack on what it prints (`printed`) searches: those
    that show what print does not tell of insiders to be their own. Where there is none, it searches
    itself: nothing depends on them."""
    asked = asked_in_attack(printed, problem.counts, alone, people)
    cover = Cover(problem, asked, [*pattern.witnesses.values(), *pattern.more])
    if cover.open.any():
        cover.fill(finder_within(problem, pattern.hidden, deadline), deadline)
    return cover.moves


def _filled(cover: Cover, finder: Moves, deadline: float) -> bool | None:
    """Fills the pool: true when no pair is left open, None when some is."""
    cover.fill(finder, deadline)
    return None if cover.open.any() else True


def finder_within(problem: Problem, hidden: BoolArray, deadline: float) -> Moves:
    """Looks for changes of hidden cells alone, the fewest people moved first."""
    cells: IntArray = np.flatnonzero(hidden)
    finder = Moves(problem, cells, deadline)
    finder.set_costs(np.ones(len(problem.counts)))
    return finder
