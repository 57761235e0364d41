"""Prints again hidden cells that the protection of the others turns out not to need."""

from __future__ import annotations

import time

import numpy as np

from safer_streets_assets.disclosure.core.suppression.cover import Cover
from safer_streets_assets.disclosure.core.suppression.known_changes import known_within
from safer_streets_assets.disclosure.core.suppression.moves import Moves
from safer_streets_assets.disclosure.core.suppression.pool import Pool
from safer_streets_assets.disclosure.core.suppression.problem import (
    Pattern,
    Problem,
    Target,
    target_for_hidden,
)
from safer_streets_assets.disclosure.core.system.batch import Move, distinct

WORK = 4000


def trim(problem: Problem, pattern: Pattern, deadline: float, work: int = WORK) -> Pattern:
    """The pattern with fewer cells hidden, each target still with a witness. Tries dear cells first
    and stops after `work` programmes, so that the result does not hang on the machine's speed."""
    hidden, witnesses = pattern.hidden.copy(), dict(pattern.witnesses)
    goals = {t.aim: t for t in problem.targets}
    pool = Pool(problem, [*witnesses.values(), *pattern.more, *known_within(problem, hidden)])
    spare = np.flatnonzero(hidden & ~problem.free & ~problem.keep)
    order = sorted(spare, key=lambda c: (-problem.cost[c], c))
    moves = Moves(problem, np.flatnonzero(hidden), deadline, any_will_do=True)
    moves.set_costs(np.ones(len(problem.counts)))
    cover = None if problem.insiders is None else Cover(problem, problem.insiders, pattern.more)
    left = work
    for cell in order:
        if time.monotonic() > deadline or left <= 0:
            break
        if _needed_at_once(problem, hidden, int(cell)):
            continue
        moves.ban(int(cell))
        changed, used = _without(problem, moves, witnesses, goals, pool, int(cell))
        left -= used
        fewer = None
        if changed is not None and cover is not None:
            fewer = cover.without(int(cell))
            for move in changed.values():
                fewer.add(move)
            left -= fewer.fill(moves, deadline, all_or_none=True)
            changed = None if fewer.open.any() else changed
        if changed is None:
            moves.allow(int(cell))
            continue
        hidden[cell] = False
        pool.drop(int(cell))
        witnesses.pop(int(cell), None)
        witnesses.update(changed)
        cover = fewer
    more = () if cover is None else cover.moves
    return Pattern(hidden, witnesses, pattern.failed, more, pattern.undecided)


def _needed_at_once(problem: Problem, hidden: np.ndarray, cell: int) -> bool:
    """Whether printing the cell would leave just one hidden cell in one of its sums."""
    equations = problem.system.equations
    rows = equations[:, [cell]].nonzero()[0]
    seen = hidden & problem.system.placed
    others = (abs(equations[rows]) > 0).astype(np.int64) @ seen.astype(np.int64)
    return bool((others == 2).any())


def _beside(problem: Problem, cell: int) -> set[int]:
    """The cells that share a sum with a cell."""
    equations = problem.system.equations
    rows = equations[:, [cell]].nonzero()[0]
    return set(equations[rows].indices.tolist())


def _without(
    problem: Problem,
    moves: Moves,
    witnesses: dict[int, Move],
    goals: dict[int, Target],
    pool: Pool,
    cell: int,
) -> tuple[dict[int, Move] | None, int]:
    """New witnesses for the counts whose witness moves the cell (None: there are none for some),
    and how many programmes that took."""
    moving = {id(m) for m in {id(m): m for m in witnesses.values()}.values() if cell in m.cells}
    broken = [c for c, move in witnesses.items() if c != cell and id(move) in moving]
    changed = pool.find(broken, cell)
    left = [c for c in broken if c not in changed]
    if left:
        pool.lead_around(left, distinct(witnesses[c] for c in left), cell)
        changed |= pool.find(left, cell)
    used = 0
    beside = _beside(problem, cell)
    for count in sorted(broken, key=lambda c: (-pool.missed[c], c not in beside, c)):
        if count in changed:
            continue
        target = goals.get(count) or target_for_hidden(problem.system, problem.counts, count)
        found = None
        for goal in target.goals:
            used += 1
            found = moves.find(goal)
            if found is not None:
                break
        if found is None:
            pool.missed[count] += 1
            return None, used
        pool.add([found[0]])
        left = [other for other in broken if other not in changed]
        changed |= dict.fromkeys(pool.shown_by(found[0], left), found[0])
    return changed, used
