"""The attacker's search inside one component: how low and how high a count can go, exactly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.system.components import Component
from safer_streets_assets.disclosure.core.system.highs import WHOLE, Program, as_whole
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, FloatArray, IntArray

Enough = Callable[[float, float], bool]


@dataclass(frozen=True)
class Range:
    """Least and greatest value found (reached by whole tables) and proven (cannot be passed)."""

    low: float
    high: float
    proven_low: float
    proven_high: float

    @property
    def exact(self) -> bool:
        """Whether what was found is all there is."""
        return self.low == self.proven_low and self.high == self.proven_high


class Search:
    """Answers for the unknown cells (0..n-1) and the implied counts (n..) of a component.

    Every whole table met on the way is checked by addition and widens what is known of all counts.
    With `cap` no count may pass it: ranges are then inner ones, enough to show that a cell is safe,
    and a solver that calls them unbounded has failed. `knowing` are unknown cells (by their place
    in the component) whose count the attacker knows from elsewhere.
    """

    def __init__(
        self,
        part: Component,
        *,
        deadline: float,
        cap: float | None = None,
        knowing: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        self.part = part
        self.deadline, self.cap = deadline, cap
        self.capped = cap is not None
        n = len(part.unknown)
        highest = part.highest.astype(np.float64)
        if cap is not None:
            highest = np.where(part.aside, highest, np.minimum(highest, cap))
        self.columns = (part.lowest.astype(np.float64), highest)
        heaviest = abs(part.matrix).sum(axis=1).max() if part.matrix.shape[0] else 1
        self.largest = min(2**52, 2**62 // max(int(heaviest), 1))
        for place, count in knowing.items():
            self.columns[0][place] = max(count, self.columns[0][place])
            self.columns[1][place] = count
        self.first: IntArray = np.zeros(0, dtype=np.int64)
        self.met: list[sparse.csc_matrix] = []
        self.program = Program(part.matrix, part.row_bounds, self.columns)
        self.low = np.full(n + len(part.constant), np.inf)
        self.high = np.full(n + len(part.constant), -np.inf)

    def differing(self, knowing: Sequence[Mapping[int, int]]) -> BoolArray | None:
        """For each count and each insider (who knows the counts at some places) whether it differs
        between two of the tables met that agree with what they know; None when the first one met
        does not agree with what they all know."""
        if not len(self.first) or not knowing:
            return None
        if any(self.first[place] != count for known in knowing for place, count in known.items()):
            return None
        pool = sparse.hstack(self.met, format="csr") if self.met else None
        if pool is None:
            return np.zeros((len(self.first), len(knowing)), dtype=bool)
        moved = (pool != 0).astype(np.int32)
        touched = np.array([moved[list(known)].toarray().any(axis=0) for known in knowing])
        return np.asarray(moved @ (~touched).T.astype(np.int32)) > 0

    @contextmanager
    def by_insider(self, known: Mapping[int, int], deadline: float) -> Iterator[Search]:
        """The search of somebody who also knows the counts of some cells (by their places), with
        the tables met so far that agree with them. This one rests meanwhile."""
        places = list(known)
        other = copy(self)
        other.deadline = deadline
        other.columns = (self.columns[0].copy(), self.columns[1].copy())
        for place, count in known.items():
            other.columns[0][place] = max(count, self.columns[0][place])
            other.columns[1][place] = count
        nothing = np.full(len(self.low), np.inf)
        other.low, other.high = nothing, -nothing
        other.first, other.met = np.zeros(0, dtype=np.int64), []
        if len(self.first):
            self._pass_on(other, known)
        self.program.set_columns(places, *(list(ends[places]) for ends in other.columns))
        try:
            yield other
        finally:
            self.program.set_columns(places, *(list(ends[places]) for ends in self.columns))

    def _pass_on(self, other: Search, known: Mapping[int, int]) -> None:
        """Lets another search know the tables met so far that agree with what it knows."""
        places, counts = list(known), np.array(list(known.values()))
        if (self.first[places] == counts).all():
            other._widen(self.first)
            wanted = np.zeros((len(places), 1), dtype=np.int64)
        else:
            wanted = (counts - self.first[places]).reshape(-1, 1)
        for pool in self.met:
            off = (pool[places].toarray() != wanted).any(axis=0)
            if not off.all():
                other._widen_by(self.first, pool[:, np.flatnonzero(~off)])

    def look_round(self, rng: np.random.Generator) -> None:
        """Meets a table in a direction that touches many counts at once."""
        self.program.set_costs(rng.standard_normal(self.program.width))
        answer = self.program.solve()
        if answer.x is not None:
            self._meet(answer.x)

    def look_at(self, count: int) -> None:
        """Meets the tables in which a count is greatest and least, where these are whole."""
        for sign in (1, -1):
            if self.low[count] < self.high[count] or time.monotonic() > self.deadline:
                return
            self.program.set_costs(-sign * self._cost(count)[0])
            answer = self.program.solve()
            if answer.x is not None:
                self._meet(answer.x)

    def feasible(self) -> bool:
        """Whether any table, whole or not, agrees with what is printed: found in time, and checked,
        because a solver that fails must not be taken at its word."""
        if time.monotonic() > self.deadline:
            return False
        answer = self.program.solve()
        if answer.x is None or answer.status != "optimal":
            return False
        self._meet(answer.x)
        low, high = self.part.row_bounds
        sums = self.part.matrix @ answer.x
        slack = WHOLE * (1.0 + np.abs(answer.x).max(initial=0.0))
        inside = (answer.x >= self.columns[0] - slack) & (answer.x <= self.columns[1] + slack)
        return bool(inside.all() and (sums >= low - slack).all() and (sums <= high + slack).all())

    def range_of(self, count: int, enough: Enough | None = None) -> Range:
        """The range of a count; stops early once `enough(low, high)` holds for what was found."""
        proven_high = self._reach(count, 1, enough)
        proven_low = self._reach(count, -1, enough)
        return Range(self.low[count], self.high[count], proven_low, proven_high)

    def _reach(self, count: int, sign: int, enough: Enough | None) -> float:
        unproven = sign * np.inf
        if time.monotonic() > self.deadline:
            return unproven
        if enough is not None and enough(self.low[count], self.high[count]):
            return unproven
        cost, constant = self._cost(count)
        self.program.set_costs(-sign * cost)
        answer = self.program.solve()
        if answer.status == "unbounded" and not self.capped:
            self._found(count, sign, unproven)
            return unproven
        if answer.status != "optimal" or answer.x is None:
            return unproven
        self._meet(answer.x)
        bound = float(sign * np.floor(-answer.objective + WHOLE) + constant)
        if self._found_at(count, sign) == bound:
            return bound
        if enough is not None and enough(self.low[count], self.high[count]):
            return bound
        return self._reach_whole(-sign * cost, constant, sign, bound)

    def _reach_whole(self, cost: FloatArray, constant: float, sign: int, bound: float) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            return bound
        program = Program(
            self.part.matrix, self.part.row_bounds, self.columns, whole=True, time_limit=left
        )
        program.set_costs(cost)
        answer = program.solve()
        if answer.x is not None:
            self._meet(answer.x)
        if answer.status != "optimal":
            return bound
        return float(sign * np.floor(-answer.bound + WHOLE) + constant)

    def _cost(self, count: int) -> tuple[FloatArray, float]:
        n = len(self.part.unknown)
        if count < n:
            cost = np.zeros(n)
            cost[count] = 1.0
            return cost, 0.0
        row = self.part.implied[count - n].toarray().ravel().astype(np.float64)
        return row, float(self.part.constant[count - n])

    def _meet(self, x: FloatArray) -> None:
        whole = as_whole(x)
        if whole is not None and np.abs(whole).max(initial=0.0) <= self.largest:
            self.meet(whole.astype(np.int64))

    def meet(self, counts: IntArray) -> None:
        """Takes note of counts for the unknown cells, if they agree with what ties these."""
        if not len(self.first):
            self.start_from(counts)
        elif self.part.holds(counts):
            values = self._values(counts)
            self._widen(values)
            self.met.append(sparse.csc_matrix((values - self.first).reshape(-1, 1)))

    def start_from(self, counts: IntArray) -> bool:
        """Takes counts as the table that others are told from, if they agree with what ties them:
        whether they do."""
        agree = self.part.holds(counts)
        if agree:
            self.first, self.met = self._values(counts), []
            self._widen(self.first)
        return agree

    def meet_changed(self, change: sparse.csc_matrix) -> None:
        """Takes note of the table last started from as changed by each of some changes of the
        unknown cells (a column each), if that agrees with what ties these."""
        effect = self.part.effects(change)
        start = self.first[: len(self.part.unknown)]
        effect = effect[:, np.flatnonzero(self.part.hold(start, effect))]
        self._widen_by(self.first, effect)
        self.met.append(effect)

    def _values(self, counts: IntArray) -> IntArray:
        return np.concatenate([counts, self.part.implied @ counts + self.part.constant])

    def _widen_by(self, first: IntArray, effect: sparse.csc_matrix) -> None:
        if effect.shape[1]:
            self._widen(first + effect.min(axis=1).toarray().ravel())
            self._widen(first + effect.max(axis=1).toarray().ravel())

    def _widen(self, values: IntArray) -> None:
        self.low = np.minimum(self.low, values)
        self.high = np.maximum(self.high, values)

    def _found(self, count: int, sign: int, value: float) -> None:
        if sign > 0:
            self.high[count] = value
        else:
            self.low[count] = value

    def _found_at(self, count: int, sign: int) -> float:
        return float(self.high[count] if sign > 0 else self.low[count])
