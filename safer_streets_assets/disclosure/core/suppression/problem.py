"""The suppressor's problem: true counts, what hiding costs, and what must be left unsure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from safer_streets_assets.disclosure.core.system.batch import Move
from safer_streets_assets.disclosure.core.system.insiders import Insiders
from safer_streets_assets.disclosure.core.system.system import System
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, FloatArray, IntArray


class Goal(NamedTuple):
    """Move the count `aim` by at least `amount` upwards (+) or downwards (-). A count is a cell, or
    an implied count numbered from the number of cells on."""

    aim: int
    amount: int


class Target(NamedTuple):
    """A count (`aim`) that must be left unsure: some whole table must reach one of the goals."""

    aim: int
    goals: tuple[Goal, ...]

    def reached(self, effect: IntArray) -> bool:
        """Whether a move of this effect (`Problem.effect`) reaches one of the goals."""
        by = effect[self.aim]
        return any(by >= g.amount if g.amount > 0 else by <= g.amount for g in self.goals)


class Reaches:
    """Which of some targets a move reaches, all asked at once."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self.aims = np.array([target.aim for target in targets], dtype=np.int64)
        ways = [[g.amount for g in target.goals] for target in targets]
        self.up = np.array([min((a for a in own if a > 0), default=np.inf) for own in ways])
        self.down = np.array([max((a for a in own if a < 0), default=-np.inf) for own in ways])

    def by(self, effect: IntArray) -> IntArray:
        """The aims of the targets that a move of this effect (`Problem.effect`) reaches."""
        return self.aims[self.reach(effect[self.aims])]

    def reach(self, by: IntArray) -> BoolArray:
        """Whether a change by so much reaches the target."""
        return np.asarray((by >= self.up) | (by <= self.down), dtype=bool)


@dataclass(frozen=True)
class Problem:
    """`counts` are a whole table that agrees with everything (the truth, completed for earlier
    releases); `movable` cells can be hidden; `free` are hidden anyway; `must` are the counts below
    the threshold, hidden by rule; `cost` is what each cell's loss weighs; `keep` are cells hidden
    in the latest release (the caller made them cheap already). `insiders` are those who are alone
    in a hidden cell (None: nobody is modelled as such). `headline` cells (the most important first)
    are moved only for what no change of the others leaves unsure. `known` are changes that may be
    of use: nothing is believed of them; those to `start` with are taken where they will do, though
    others may cost less."""

    system: System
    counts: IntArray
    movable: BoolArray
    free: BoolArray
    cost: FloatArray
    targets: tuple[Target, ...]
    keep: BoolArray = field(repr=False)
    insiders: Insiders | None = field(default=None, repr=False)
    headline: tuple[IntArray, ...] = field(default=(), repr=False)
    known: tuple[Move, ...] = field(default=(), repr=False)
    start: tuple[Move, ...] = field(default=(), repr=False)

    @property
    def is_headline(self) -> BoolArray:
        """Which cells of the system are headline cells, of whatever importance."""
        found = np.zeros(len(self.counts), dtype=bool)
        for cells in self.headline:
            found[cells] = True
        return found

    def effect(self, move: Move) -> IntArray:
        """By how much a move changes each cell, and after them each implied count."""
        dense = np.zeros(len(self.counts), dtype=np.int64)
        dense[move.cells] = move.amounts
        return np.concatenate([dense, self.system.implied @ dense])


@dataclass(frozen=True)
class Pattern:
    """Which cells are hidden, a witness for each target that has one, and the targets without.
    `more` are witnesses that are needed against insiders. `undecided` is whether headline cells are
    hidden for want of time, not because the solver proved that nothing else would do."""

    hidden: BoolArray
    witnesses: dict[int, Move]
    failed: tuple[int, ...]
    more: tuple[Move, ...] = ()
    undecided: bool = False


class Suppressor(Protocol):
    """Chooses what to hide. Any implementation will do: the proof does not depend on it."""

    def __call__(self, problem: Problem, deadline: float) -> Pattern:
        """A pattern for the problem, by `deadline` (of time.monotonic) at the latest."""


def target_for_hidden(system: System, counts: IntArray, cell: int) -> Target:
    """What a hidden cell of these counts must be able to be (see `goals_for_hidden`)."""
    whole_row = bool(system.in_whole_row[cell])
    goals = goals_for_hidden(cell, int(counts[cell]), int(system.threshold[cell]), whole_row)
    return Target(cell, goals)


def targets_for_implied(system: System, counts: IntArray, cells: Iterable[int]) -> Iterator[Target]:
    """What some cells that nobody prints, and all implied counts, must be able to be (see
    `goals_for_implied`)."""
    implied = system.implied @ counts
    values = [(int(c), int(counts[c]), int(system.threshold[c])) for c in cells]
    values += [
        (len(counts) + row, int(implied[row]), int(system.implied_threshold[row]))
        for row in range(len(implied))
    ]
    for count, value, threshold in values:
        goals = goals_for_implied(count, value, threshold)
        if goals:
            yield Target(count, goals)


def goals_for_hidden(
    count: int, value: int, threshold: int, in_whole_row: bool
) -> tuple[Goal, ...]:
    """A hidden cell must be able to reach the threshold, and must not be derivable. In a row that
    is hidden whole it may be nobody instead, and a 0 there must be able to be somebody."""
    if value == 0:
        return (Goal(count, 1),)
    if value >= threshold:
        return (Goal(count, 1), Goal(count, -1))
    away = Goal(count, threshold - value)
    return (away, Goal(count, -value)) if in_whole_row else (away,)


def goals_for_implied(count: int, value: int, threshold: int) -> tuple[Goal, ...]:
    """A small number of people must be able to be none or at least the threshold."""
    if not 0 < abs(value) < threshold:
        return ()
    away, back = threshold - abs(value), abs(value)
    sign = 1 if value > 0 else -1
    return (Goal(count, sign * away), Goal(count, -sign * back))
