"""The greedy suppressor: for each count still to be left unsure, the cheapest change that does it
(after Fischetti and Salazar 2001, and the linear heuristics before them); what it moves is hidden.
"""

from __future__ import annotations

import time

import numpy as np

from safer_streets_assets.disclosure.core.moves import Moves
from safer_streets_assets.disclosure.core.problem import Move, Pattern, Problem, Target
from safer_streets_assets.disclosure.core.trim import trim

HIDDEN_COST = 1e-3


def suppress(problem: Problem, deadline: float) -> Pattern:
    """Hides what is needed for every target, then prints again what turns out not to be."""
    hidden = problem.free.copy()
    cells = np.flatnonzero(problem.movable)
    moves = Moves(problem, cells, deadline)
    witnesses: dict[int, Move] = {}
    failed: list[int] = []
    for target in sorted(problem.targets, key=lambda t: (-abs(t.goals[0].amount), t.aim)):
        if target.aim in witnesses:
            continue
        moves.set_costs(_costs(problem, hidden))
        move = _cheapest(moves, target, deadline)
        if move is None:
            failed.append(target.aim)
            continue
        hidden[move.cells] = True
        effect = problem.effect(move)
        for other in problem.targets:
            if other.aim not in witnesses and other.reached(effect):
                witnesses[other.aim] = move
    _cover_secondary(problem, hidden, witnesses)
    pattern = Pattern(hidden, witnesses, tuple(failed))
    return pattern if failed else trim(problem, pattern, deadline)


def _costs(problem: Problem, hidden: np.ndarray) -> np.ndarray:
    least = problem.cost[problem.cost > 0].min(initial=1.0)
    return np.where(hidden, HIDDEN_COST * least, problem.cost)


def _cheapest(moves: Moves, target: Target, deadline: float) -> Move | None:
    if time.monotonic() > deadline:
        return None
    found = [answer for goal in target.goals if (answer := moves.find(goal)) is not None]
    return min(found, key=lambda answer: answer[1])[0] if found else None


def _cover_secondary(problem: Problem, hidden: np.ndarray, witnesses: dict[int, Move]) -> None:
    """Cells hidden on the way were moved by some witness: note which."""
    moves = list({id(m): m for m in witnesses.values()}.values())
    for move in moves:
        for cell in move.cells:
            if hidden[cell]:
                witnesses.setdefault(int(cell), move)
