"""The suppressor that looks for the cheapest pattern: whole-number programming with cuts from the
attacker (Fischetti and Salazar 2001). Greedy patterns are the start and the way back to a pattern
with witnesses; what it hides costs no more than theirs. Work is limited by numbers of programmes
and nodes, not by the clock, so that the pattern does not hang on the machine's speed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.suppression.cuts import Cut, Separator
from safer_streets_assets.disclosure.core.suppression.problem import Pattern, Problem
from safer_streets_assets.disclosure.core.suppression.suppressor import against_insiders, greedy
from safer_streets_assets.disclosure.core.system.highs import Program
from safer_streets_assets.disclosure.core.tables.arrays import FloatArray

WORK = 10_000
ROUNDS = 60
NODES = 400
GUIDE = 0.05
SAME = 1e-9
SHARE = 1 / 3
"""Of the time that is left: the proof needs some too."""
GUIDED = 15
"""How many linear masters guide a greedy pattern."""
WHOLE_MASTERS = 6
"""How many whole ones do so after them, at most."""
NEAR = 0.03
"""By what share of what it costs besides headline cells a guided pattern may be above the bound."""
LITTLE = 0.005
"""By what share of its cost a whole master must bring pattern and bound nearer, to be followed by
another."""
LARGEST = 1_000_000
"""Of how many counts to be left unsure, times cells, a problem is guided."""


@dataclass(frozen=True)
class BestPattern:
    """A pattern, what it costs beyond the cells that are hidden by rule, and a cost below which no
    pattern that is safe from outsiders can be; `optimal` when the two are as good as one."""

    pattern: Pattern
    cost: float
    bound: float
    optimal: bool


def suppress_best(problem: Problem, deadline: float) -> Pattern:
    """A suppressor (see `Suppressor`) that spends more time than `suppress` to hide less."""
    return search_optimum(problem, deadline).pattern


def suppress_guided(problem: Problem, deadline: float) -> Pattern:
    """A suppressor (see `Suppressor`) between `suppress` and `suppress_best`: the greedy pattern,
    or one that is greedy with an eye to what masters choose, whichever costs less in the end. Where
    there are earlier releases, most is hidden as it was, and a large problem takes long: these get
    the greedy one."""
    patterns = guided(problem, deadline)
    safe = [against_insiders(problem, pattern, deadline) for pattern in patterns]
    return min(safe, key=lambda p: float(problem.cost[p.hidden & ~problem.free].sum()))


def guided(problem: Problem, deadline: float) -> list[Pattern]:
    """The best patterns that are safe from outsiders, the cheapest first, as `suppress_guided`
    finds them."""
    outside = replace(problem, insiders=None)
    best = greedy(outside, problem.cost, deadline)
    large = len(problem.targets) * int(problem.movable.sum()) > LARGEST
    if best.failed or large or problem.system.released.max(initial=0) > 0:
        return [best]
    now = time.monotonic()
    search = _Search(outside, best, now + (deadline - now) * SHARE, WORK)
    search.guide(GUIDED)
    return sorted(search.patterns, key=lambda p: search.cost_of(p.hidden))[:2]


def search_optimum(
    problem: Problem, deadline: float, *, work: int = WORK, rounds: int = ROUNDS
) -> BestPattern:
    """The cheapest pattern found with `work` programmes of the attacker and `rounds` masters, made
    safe from insiders too. `cost` and `bound` are those before that."""
    now = time.monotonic()
    net = now + (deadline - now) * SHARE
    outside = replace(problem, insiders=None)
    best = greedy(outside, problem.cost, deadline)
    if best.failed:
        return BestPattern(against_insiders(problem, best, deadline), np.inf, 0.0, False)
    search = _Search(outside, best, net, work)
    search.run(rounds)
    known = sorted(search.patterns, key=lambda p: search.cost_of(p.hidden))[:2]
    safe = [against_insiders(problem, pattern, deadline) for pattern in known]
    open_ = search.cost_of(search.best.hidden)
    return BestPattern(
        min(safe, key=lambda p: search.cost_of(p.hidden)),
        open_,
        min(search.bound, open_),
        search.bound >= open_ - search.step,
    )


class _Search:
    def __init__(self, problem: Problem, start: Pattern, deadline: float, work: int) -> None:
        self.problem, self.deadline, self.work = problem, deadline, work
        self.separator = Separator(problem)
        self.patterns = [start]
        self.best = start
        self.spare = np.flatnonzero(problem.movable & ~problem.free)
        self.cuts: list[Cut] = []
        self.bound = 0.0
        self.step = SAME * max(1.0, float(problem.cost.max(initial=1.0)))

    def cost_of(self, hidden: np.ndarray) -> float:
        """What a pattern costs beyond the cells that are hidden by rule."""
        return float(self.problem.cost[hidden & ~self.problem.free].sum())

    def _of_headline(self) -> float:
        """What the headline cells cost that the best pattern hides: so much that a pattern far from
        the bound in all others would look near it."""
        return self.cost_of(self.best.hidden & self.problem.is_headline)

    def run(self, rounds: int) -> None:
        """Linear masters until no cut is violated, then whole ones."""
        whole = False
        for _ in range(rounds):
            if self._stop():
                return
            hidden, bound = self._master(whole)
            if hidden is None:
                return
            self.bound = max(self.bound, bound)
            cuts = self.separator.cuts(hidden, self.work)
            self.cuts += cuts
            if whole and not self._stop():
                self._try(np.where(hidden > 0.5, GUIDE, 1.0))
            if cuts:
                continue
            if whole:
                return
            self._try(1.0 + GUIDE - hidden)
            whole = True

    def guide(self, rounds: int) -> None:
        """Linear masters until no cut is violated, and one pattern with an eye to the last; then
        whole ones, until the best is `NEAR` the bound or comes no nearer. Counts that had a cut are
        asked first, and all only when these have none."""
        hidden, among = None, None
        for _ in range(rounds):
            if self._stop():
                return
            hidden, bound = self._master(False)
            if hidden is None:
                return
            self.bound = max(self.bound, bound)
            cuts = self.separator.cuts(hidden, self.work, among)
            if not cuts and among is not None:
                cuts = self.separator.cuts(hidden, self.work)
            among = self.separator.violated
            self.cuts += cuts
            if not cuts:
                break
        if hidden is not None:
            self._try(1.0 + GUIDE - hidden)
        between = np.inf
        for _ in range(WHOLE_MASTERS):
            cost = self.cost_of(self.best.hidden)
            nearer = between - (cost - self.bound)
            near = cost - self.bound <= NEAR * (cost - self._of_headline())
            if self._stop() or near or nearer < LITTLE * cost:
                return
            between = cost - self.bound
            hidden, bound = self._master(True)
            if hidden is None:
                return
            self.bound = max(self.bound, bound)
            self.cuts += self.separator.cuts(hidden, self.work)
            self._try(np.where(hidden > 0.5, GUIDE, 1.0))

    def _stop(self) -> bool:
        spent = self.separator.used >= self.work or time.monotonic() > self.deadline
        return spent or self.bound >= self.cost_of(self.best.hidden) - self.step

    def _try(self, guide: FloatArray) -> None:
        pattern = greedy(self.problem, self.problem.cost * guide, self.deadline)
        if pattern.failed:
            return
        self.patterns.append(pattern)
        if self.cost_of(pattern.hidden) < self.cost_of(self.best.hidden) - self.step:
            self.best = pattern

    def _master(self, whole: bool) -> tuple[FloatArray | None, float]:
        """The cheapest cells that satisfy the cuts so far, and the least that any such cost."""
        n = len(self.spare)
        rows = []
        for cut in self.cuts:
            row = cut.weights.copy()
            if cut.only_if is not None:
                row[cut.only_if] -= 1.0
            rows.append(row[self.spare])
        low = np.array([0.0 if cut.only_if is not None else 1.0 for cut in self.cuts])
        matrix = sparse.csr_matrix(np.array(rows).reshape(len(rows), n))
        program = Program(
            matrix,
            (low, np.full(len(low), np.inf)),
            (np.zeros(n), np.ones(n)),
            whole=whole,
            time_limit=max(self.deadline - time.monotonic(), 0.1),
            nodes=NODES if whole else None,
        )
        program.set_costs(self.problem.cost[self.spare])
        answer = program.solve()
        if answer.x is None:
            return None, self.bound
        hidden = self.problem.free.astype(np.float64)
        hidden[self.spare] = np.clip(answer.x, 0.0, 1.0)
        return hidden, answer.bound
