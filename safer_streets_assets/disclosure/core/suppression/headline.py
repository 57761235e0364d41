"""Headline figures: cells that are hidden only where no change of the other cells will do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from safer_streets_assets.disclosure.core.suppression.moves import Moves
from safer_streets_assets.disclosure.core.suppression.problem import Problem
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray

Sought = TypeVar("Sought")


class Headline:
    """Keeps the headline cells of a problem out of a search, until nothing else is found; then the
    least important of them are let in, and the next, as far as it takes.

    For a count that must be left unsure, a safe pattern that prints the headline cells exists only
    if some change of the other cells moves the count: every cell that may be hidden may take part
    in it. So when the solver proves that there is no such change, there is no such pattern.
    `undecided` is whether headline cells were moved without that proof, for want of time.
    """

    def __init__(self, problem: Problem, moves: Moves) -> None:
        self.moves, self.undecided = moves, False
        self.banned = [[int(c) for c in own if int(c) in moves.at] for own in problem.headline]
        _each(moves.ban, self.banned)

    def spared(self, hidden: BoolArray, find: Callable[[], Sought | None]) -> Sought | None:
        """What `find` gives when the headline cells that are not `hidden` yet stay as they are;
        when that is nothing, what it gives when as few kinds of them as will do may move."""
        _each(self.moves.allow, [[c for c in own if hidden[c]] for own in self.banned])
        self.banned = [[c for c in own if not hidden[c]] for own in self.banned]
        before = self.moves.undecided
        found = find()
        let_in: list[list[int]] = []
        for own in reversed(self.banned):
            if found is not None:
                break
            if own:
                _each(self.moves.allow, [own])
                let_in.append(own)
                undecided = self.moves.undecided != before
                found = find()
                self.undecided |= found is not None and undecided
        _each(self.moves.ban, let_in)
        return found


def _each(do: Callable[[int], None], groups: Iterable[Iterable[int]]) -> None:
    for group in groups:
        for cell in group:
            do(cell)
