"""The greedy suppressor: for each count still to be left unsure, the cheapest change that does it
(after Fischetti and Salazar 2001, and the linear heuristics before them); what it moves is hidden.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from safer_streets_assets.disclosure.core.suppression.cover import cover_insiders
from safer_streets_assets.disclosure.core.suppression.headline import Headline
from safer_streets_assets.disclosure.core.suppression.known_changes import KnownChanges, Start
from safer_streets_assets.disclosure.core.suppression.moves import Moves
from safer_streets_assets.disclosure.core.suppression.problem import (
    Pattern,
    Problem,
    Reaches,
    Target,
)
from safer_streets_assets.disclosure.core.suppression.trim import trim
from safer_streets_assets.disclosure.core.system.batch import Move
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, FloatArray, IntArray

HIDDEN_COST = 1e-3


def suppress(problem: Problem, deadline: float) -> Pattern:
    """Hides what is needed for every target, then prints again what turns out not to be; then the
    same for the insiders."""
    return against_insiders(problem, greedy(problem, problem.cost, deadline), deadline)


def greedy(problem: Problem, cost: FloatArray, deadline: float) -> Pattern:
    """A trimmed pattern that is safe from outsiders, built with these costs in mind."""
    outside = replace(problem, insiders=None)
    pattern = _build(outside, cost, deadline)
    return pattern if pattern.failed else trim(outside, pattern, deadline)


def against_insiders(problem: Problem, pattern: Pattern, deadline: float) -> Pattern:
    """The pattern with what more has to be hidden so that insiders derive nobody."""
    if problem.insiders is None or not problem.insiders.wanted.any():
        return pattern
    cover = cover_insiders(problem, pattern, _costs(problem.cost, pattern.hidden), deadline)
    hidden, witnesses = pattern.hidden.copy(), dict(pattern.witnesses)
    for move in cover.moves:
        hidden[move.cells] = True
    _cover_secondary(problem, hidden, witnesses, cover.moves)
    undecided = pattern.undecided or cover.undecided
    wider = Pattern(hidden, witnesses, pattern.failed, cover.moves, undecided)
    if wider.failed or cover.open.any() or not (hidden & ~pattern.hidden).any():
        return wider
    return trim(problem, wider, deadline)


def _build(problem: Problem, cost: FloatArray, deadline: float) -> Pattern:
    hidden = problem.free.copy()
    moves = Moves(problem, np.flatnonzero(problem.movable), deadline)
    headline = Headline(problem, moves)
    targets = sorted(problem.targets, key=lambda t: (-abs(t.goals[0].amount), t.aim))
    reaches = Reaches(targets)
    known, start = KnownChanges(problem), Start(problem)
    witnesses: dict[int, Move] = {}
    failed: list[int] = []

    def note(move: Move, effect: IntArray) -> None:
        for aim in reaches.by(effect):
            witnesses.setdefault(int(aim), move)

    for target in targets:
        for move, effect in known.inside(hidden):
            note(move, effect)
        if target.aim in witnesses:
            continue
        now = _costs(cost, hidden)
        cheapest = start.cheapest(target, now)
        if cheapest is None:
            moves.set_costs(now)
            cheapest = headline.spared(hidden, partial(_cheapest, moves, target, deadline))
        if cheapest is None:
            failed.append(target.aim)
            continue
        hidden[cheapest.cells] = True
        note(cheapest, problem.effect(cheapest))
    _cover_secondary(problem, hidden, witnesses, list(witnesses.values()))
    return Pattern(hidden, witnesses, tuple(failed), undecided=headline.undecided)


def _costs(cost: FloatArray, hidden: BoolArray) -> FloatArray:
    least = cost[cost > 0].min(initial=1.0)
    return np.where(hidden, HIDDEN_COST * least, cost)


def _cheapest(moves: Moves, target: Target, deadline: float) -> Move | None:
    if time.monotonic() > deadline:
        return None
    found = [answer for goal in target.goals if (answer := moves.find(goal)) is not None]
    return min(found, key=lambda answer: answer[1])[0] if found else None


def _cover_secondary(
    problem: Problem, hidden: BoolArray, witnesses: dict[int, Move], moves: Sequence[Move]
) -> None:
    """Cells hidden on the way were moved by some witness: note which."""
    for move in {id(m): m for m in moves}.values():
        for cell in move.cells:
            if hidden[cell]:
                witnesses.setdefault(int(cell), move)
