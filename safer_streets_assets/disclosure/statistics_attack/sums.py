"""The linear programme of sums: what is known of the people of a group, and how widely they range.

Unknowns are, for each group of a facet and each step from release to release, how many people
joined it (or left, where its count fell) and the sum of their scores, as shares of the range: from
0 to their number. Printed counts and the sums of rows with a statistic are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core import INFINITY, Program
from safer_streets_assets.disclosure.statistics_attack.figures import ReleaseRow, RowSystem
from safer_streets_assets.disclosure.statistics_attack.prints import Facet, Flags, Numbers

NARROW = 1e-9
"""Sums are held to this: the programme's own rounding."""


@dataclass(frozen=True)
class Group:
    """People of whom an attacker may learn something: cells, how often the people of each are
    counted in, and how many they are. `row` is the one that it is a group of. It is found when the
    mean of its scores is known within less than `width`, as a share of the range of a score."""

    cells: tuple[tuple[ReleaseRow, int], ...]
    people: float
    row: int
    width: float


class Sums:
    """What the counts of a system say of people and sums. Columns are people, then sums, by facet,
    lowest row, step and direction."""

    def __init__(self, system: RowSystem) -> None:
        self.system = system
        leaves = [_leaves(part) for part in system.facets]
        falling = [False, *(bool((own < 0).any()) for own in np.diff(system.counts, axis=0))]
        columns = [
            (facet, leaf, step, sign)
            for facet, own in enumerate(leaves)
            for leaf in own
            for step, signs in enumerate(_directions(system.counts[:, leaf], falling))
            for sign in signs
        ]
        self.columns, self.size = columns, len(columns)
        self.cells = [(t, r) for t, r in np.ndindex(*system.counts.shape)]
        facet, leaf, step, sign = (np.array(own) for own in zip(*columns, strict=True))

        def stock(of: int, cell: ReleaseRow) -> Numbers:
            part = system.facets[of]
            under = [one for one in leaves[of] if part[cell[1]] <= part[one]]
            there = (facet == of) & np.isin(leaf, under) & (step <= cell[0])
            return np.where(there, sign, 0).astype(float)

        nought = np.zeros(self.size)
        rows: list[Numbers] = []
        low: list[float] = []
        high: list[float] = []

        def add(people: Numbers, sums: Numbers, least: float, most: float) -> None:
            rows.append(np.concatenate([people, sums]))
            low.append(least)
            high.append(most)

        self.stocks: dict[ReleaseRow, Numbers] = {}
        for cell in self.cells:
            first, *others = (k for k, part in enumerate(system.facets) if cell[1] in part)
            self.stocks[cell] = own = stock(first, cell)
            add(nought, own, 0.0, INFINITY)
            for other in others:
                less = own - stock(other, cell)
                add(less, nought, 0.0, 0.0)
                add(nought, less, 0.0, 0.0)
            count = float(system.counts[cell])
            if not np.isnan(count):
                add(own, nought, count, count)
        self.first_limit = len(rows)
        """The first of the rows that hold a column's sum to its people; those of leavers follow."""
        for k in range(self.size):
            one = np.eye(1, self.size, k)[0]
            add(one, -one, 0.0, INFINITY)
        for place in sorted({(of, one) for of, one, _, way in columns if way < 0}):
            for release in range(len(system.counts)):
                own = stock(place[0], (release, place[1]))
                add(nought, own, 0.0, INFINITY)
                add(own, -own, 0.0, INFINITY)
        self.matrix = sparse.csr_matrix(np.array(rows))
        self.low, self.high = np.array(low), np.array(high)
        self.row_of = self._places()

    def _places(self) -> dict[ReleaseRow, int]:
        """The row that holds each cell's sum."""
        places, at = {}, 0
        for t, r in self.cells:
            places[t, r] = at
            facets = sum(r in part for part in self.system.facets)
            at += 2 * facets - 1 + int(not np.isnan(self.system.counts[t, r]))
        return places

    def possible(self) -> bool:
        """Whether there are people with these counts who only joined, or left where counts fell."""
        return _program(self.matrix, self.low, self.high).solve().status == "optimal"

    def narrow(self, known: Flags, shares: Numbers | None, groups: Sequence[Group]) -> list[Group]:
        """The groups that are found when the sums of these cells are known; all of them when that
        cannot be computed.

        `shares` are the printed means as shares of the range: where one is missing (and everywhere,
        when None) the sum is taken as half of what it may be.
        """
        fixed = [cell for cell in self.cells if known[cell]]
        places = [self.row_of[cell] for cell in fixed]
        sums = self._consistent(places, [self._wanted(cell, shares) for cell in fixed])
        if sums is None or not groups:
            return list(groups)
        low, high = self.low.copy(), self.high.copy()
        low[places], high[places] = sums - NARROW, sums + NARROW
        program = _program(self.matrix, low, high)
        costs = np.array([self._cost(group) for group in groups])
        wanted = np.array([group.width * group.people for group in groups])
        least, most = np.full(len(groups), np.inf), np.full(len(groups), -np.inf)
        for k in range(len(groups)):
            for sign in (1.0, -1.0):
                if most[k] - least[k] >= wanted[k]:
                    break
                # One corner serves all groups: most of them are seen to range without a search.
                program.set_costs(sign * costs[k])
                answer = program.solve()
                if answer.status != "optimal" or answer.x is None:
                    return list(groups)
                seen = costs @ answer.x
                least, most = np.minimum(least, seen), np.maximum(most, seen)
        return [g for g, few in zip(groups, most - least < wanted, strict=True) if few]

    def _wanted(self, cell: ReleaseRow, shares: Numbers | None) -> float:
        share = np.nan if shares is None else shares[cell]
        count = self.system.counts[cell]
        return float(count * (0.5 if np.isnan(share) else share))

    def _consistent(self, places: list[int], wanted: list[float]) -> Numbers | None:
        """The sums nearest to those in print that people can have."""
        known = len(places)
        slack = sparse.csr_matrix(
            (np.ones(known), (places, range(known))), shape=(len(self.low), known)
        )
        low, high = self.low.copy(), self.high.copy()
        low[places] = high[places] = wanted
        program = _program(sparse.hstack([self.matrix, slack, -slack]).tocsr(), low, high)
        program.set_costs(np.concatenate([np.zeros(2 * self.size), np.ones(2 * known)]))
        answer = program.solve()
        if answer.status != "optimal" or answer.x is None:
            return None
        found: Numbers = (self.matrix @ answer.x[: 2 * self.size])[places]
        return found

    def _cost(self, group: Group) -> Numbers:
        sums = sum((times * self.stocks[cell] for cell, times in group.cells), np.zeros(self.size))
        return np.concatenate([np.zeros(self.size), sums])


def _program(matrix: sparse.csr_matrix, low: Numbers, high: Numbers) -> Program:
    width = matrix.shape[1]
    return Program(matrix, (low, high), (np.zeros(width), np.full(width, INFINITY)))


def _leaves(facet: Facet) -> list[int]:
    """The rows of a facet that no other row of it is a part of."""
    return [row for row, at in facet.items() if not any(at < o for o in facet.values())]


def _directions(counts: Numbers, falling: Sequence[bool]) -> list[tuple[int, ...]]:
    """For each step whether people joined (1) or left (-1) a group; both where a count is hidden
    while one of the system falls, or its own falls around it."""
    result: list[tuple[int, ...]] = []
    for step in range(len(counts)):
        before = counts[:step][~np.isnan(counts[:step])]
        after = counts[step:][~np.isnan(counts[step:])]
        falls = len(before) > 0 and len(after) > 0 and after[0] < before[-1]
        exact = step > 0 and not np.isnan(counts[step - 1 : step + 1]).any()
        if exact:
            result.append((-1,) if falls else (1,))
        else:
            result.append((1, -1) if step > 0 and (falls or falling[step]) else (1,))
    return result
