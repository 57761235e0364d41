"""The attacker's search inside one component: how low and how high a count can go, exactly."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from safer_streets_assets.disclosure.core.components import Component
from safer_streets_assets.disclosure.core.grid import FloatArray
from safer_streets_assets.disclosure.core.highs import WHOLE, Program, as_whole
from safer_streets_assets.disclosure.core.system import IntArray

KEPT_TABLES = 500
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
        self.met: list[IntArray] = []
        self.program = Program(part.matrix, part.row_bounds, self.columns)
        self.low = np.full(n + len(part.constant), np.inf)
        self.high = np.full(n + len(part.constant), -np.inf)

    def by_insider(self, known: Mapping[int, int], deadline: float) -> Search:
        """The search of somebody who also knows the counts of some cells (by their places), with
        the tables met so far that agree with them."""
        other = Search(self.part, deadline=deadline, cap=self.cap, knowing=known)
        if self.met:
            met = np.array(self.met)
            agreeing = met[(met[:, list(known)] == list(known.values())).all(axis=1)]
            if len(agreeing):
                other._widen(agreeing.min(axis=0))
                other._widen(agreeing.max(axis=0))
        return other

    def look_round(self, rng: np.random.Generator) -> None:
        """Meets a table in a direction that touches many counts at once."""
        self.program.set_costs(rng.standard_normal(self.program.width))
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
        if self.part.holds(counts):
            values = np.concatenate([counts, self.part.implied @ counts + self.part.constant])
            if len(self.met) < KEPT_TABLES:
                self.met.append(values)
            self._widen(values)

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
