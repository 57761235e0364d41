"""Every whole table that agrees with what is printed, found by trying: no solver, no library code.

Reads the printed frames on its own, so that it can say whether the attacker is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

import pandas as pd

from safer_streets_assets.disclosure.core import CellRef, Link, PublishedRelease, TableSpec

Name = tuple[int, str, str, frozenset[tuple[str, str]]]
Sum = tuple[dict[Name, int], bool]
Shown = Callable[..., bool]
Compiled = list[tuple[list[tuple[int, int]], int, bool]]


class TooMany(Exception):
    """More tables than it is worth looking at."""


def name_of(spec: TableSpec, coords: dict[str, str], measure: str, release: int) -> Name:
    said = {(d, c) for d, c in coords.items() if c != "Total"} | set(spec.fixed.items())
    return release, spec.population, measure, frozenset(said)


class Puzzle:
    """Names of counts, what is printed, and sums that are zero (or never negative)."""

    def __init__(
        self,
        releases: Sequence[PublishedRelease],
        links: Sequence[Link] = (),
        hidden_at_least: int = 1,
        cap: int = 45,
    ) -> None:
        self.printed: dict[Name, int] = {}
        self.hidden: set[Name] = set()
        self.sums: list[Sum] = []
        self.differences: list[tuple[Name, Name, str]] = []
        self.cap, self.least = cap, hidden_at_least
        for r, release in enumerate(releases):
            for table in release.tables:
                self._read(table.spec, table.cells, r)
        unknown = self.hidden - set(self.printed)
        self.domain = {n: (v, v) for n, v in self.printed.items()}
        self.domain |= dict.fromkeys(unknown, (hidden_at_least, cap))
        for r, release in enumerate(releases):
            for table in release.tables:
                self._tie(table.spec, table.cells, r)
            specs = {t.spec.name: t.spec for t in release.tables}
            for link in links:
                self._link(link, specs, r)
        self._changes(releases)
        self.unknown = unknown

    def _read(self, spec: TableSpec, cells: pd.DataFrame, r: int) -> None:
        for row in cells.to_dict("records"):
            for m in spec.measures:
                name = name_of(spec, {d: row[d] for d in spec.dimensions}, m, r)
                if pd.isna(row[m]):
                    self.hidden.add(name)
                else:
                    self.printed[name] = int(row[m])

    def _tie(self, spec: TableSpec, cells: pd.DataFrame, r: int) -> None:
        rows = [{d: row[d] for d in spec.dimensions} for row in cells.to_dict("records")]
        for m in spec.measures:
            for row in rows:
                for d in spec.dimensions:
                    if d != spec.nested and row[d] == "Total":
                        total: dict[Name, int] = {name_of(spec, row, m, r): -1}
                        for other in rows:
                            same = all(other[e] == row[e] for e in row if e != d)
                            if same and other[d] != "Total":
                                total[name_of(spec, other, m, r)] = 1
                        self.sums.append((total, True))
                if spec.nested:
                    at = spec.nested_order.index(row[spec.nested])
                    for after in spec.nested_order[at + 1 :]:
                        narrow = {**row, spec.nested: after}
                        wide, inner = name_of(spec, row, m, r), name_of(spec, narrow, m, r)
                        self._differ(wide, inner, "stage")
                self._part_of(spec, row, m, r)
        for wide, narrow in combinations(spec.nested_measures, 2):
            for row in rows:
                self._differ(name_of(spec, row, wide, r), name_of(spec, row, narrow, r), "measures")

    def _part_of(self, spec: TableSpec, row: dict[str, str], m: str, r: int) -> None:
        part = name_of(spec, row, m, r)
        for size in range(1, len(spec.fixed) + 1):
            for dropped in combinations(spec.fixed.items(), size):
                whole = (*part[:3], part[3] - set(dropped))
                if whole in self.domain:
                    self._differ(whole, part, "part")

    def _differ(self, wide: Name, narrow: Name, kind: str) -> None:
        if (wide, narrow, kind) not in self.differences:
            self.differences.append((wide, narrow, kind))
            self.sums.append(({wide: 1, narrow: -1}, False))

    def _link(self, link: Link, specs: dict[str, TableSpec], r: int) -> None:
        total: dict[Name, int] = {}
        for k, ref in link.terms:
            name = self._ref(ref, specs, r)
            if name not in self.domain:
                return
            total[name] = total.get(name, 0) + k
        self.sums.append((total, not link.is_count))

    def _ref(self, ref: CellRef, specs: dict[str, TableSpec], r: int) -> Name:
        return name_of(specs[ref.table], dict(ref.coords), ref.measure, r)

    def _changes(self, releases: Sequence[PublishedRelease]) -> None:
        for new in sorted(self.domain, key=repr):
            older = [n for n in self.domain if n[0] < new[0] and n[1:] == new[1:]]
            key = (new[1], new[2], tuple(sorted(new[3])))
            fell = key in releases[new[0]].not_monotone or any(
                self.printed.get(o, 0) > self.printed.get(new, 10**9) for o in older
            )
            for old in older:
                self.differences.append((new, old, "change"))
                if not fell:
                    self.sums.append(({new: 1, old: -1}, False))

    def solutions(self, extra: Sequence[Sum] = (), most: int = 20_000) -> Iterator[dict[Name, int]]:
        """All of them; raises TooMany after `most`."""
        names = list(self.domain)
        at = {n: i for i, n in enumerate(names)}
        sums = []
        for terms, equal in [*self.sums, *extra]:
            constant = terms.get(ONE, 0)
            sums.append(([(at[n], k) for n, k in terms.items() if n != ONE], constant, equal))
        uses: list[list[int]] = [[] for _ in names]
        for j, (terms_, _, _) in enumerate(sums):
            for i, _ in terms_:
                uses[i].append(j)
        low = [self.domain[n][0] for n in names]
        high = [self.domain[n][1] for n in names]
        if not _narrow(low, high, sums, uses, range(len(sums))):
            return
        for found, solution in enumerate(_search(low, high, sums, uses)):
            if found >= most:
                raise TooMany
            yield dict(zip(names, solution, strict=True))

    def possible(self, extra: Sequence[Sum]) -> bool:
        """Whether some table also has these sums."""
        return self.first(extra) is not None

    def first(self, extra: Sequence[Sum] = ()) -> dict[Name, int] | None:
        """Some table that also has these sums."""
        return next(self.solutions(extra), None)


def _search(
    low: list[int], high: list[int], sums: Compiled, uses: list[list[int]]
) -> Iterator[list[int]]:
    open_ = [i for i in range(len(low)) if low[i] < high[i]]
    if not open_:
        yield low
        return
    branch = min(open_, key=lambda i: (high[i] - low[i], i))
    for value in range(low[branch], high[branch] + 1):
        new_low, new_high = low.copy(), high.copy()
        new_low[branch] = new_high[branch] = value
        if _narrow(new_low, new_high, sums, uses, uses[branch]):
            yield from _search(new_low, new_high, sums, uses)


def _narrow(
    low: list[int], high: list[int], sums: Compiled, uses: list[list[int]], start: Iterable[int]
) -> bool:
    """Interval reasoning until nothing moves; false when there is no table left."""
    todo = set(start)
    while todo:
        j = todo.pop()
        terms, constant, equal = sums[j]
        least = constant + sum(k * (low[i] if k > 0 else high[i]) for i, k in terms)
        most = constant + sum(k * (high[i] if k > 0 else low[i]) for i, k in terms)
        if most < 0 or (equal and least > 0):
            return False
        for i, k in terms:
            a, b = low[i], high[i]
            if a == b:
                continue
            room_up, room_down = most - abs(k) * (b - a), -least
            shrink = -(room_up // abs(k)) if room_up < 0 else 0
            reach = room_down // abs(k) if equal else b - a
            if k > 0:
                low[i], high[i] = max(a, a + shrink), min(b, a + reach)
            else:
                low[i], high[i] = max(a, b - reach), min(b, b - shrink)
            if low[i] > high[i]:
                return False
            if (low[i], high[i]) != (a, b):
                todo.update(uses[i])
                least = constant + sum(k * (low[i] if k > 0 else high[i]) for i, k in terms)
                most = constant + sum(k * (high[i] if k > 0 else low[i]) for i, k in terms)
    return True


ONE: Name = (0, "1", "", frozenset())


def at_least(name: Name, value: int) -> Sum:
    return {name: 1, ONE: -value}, False


def at_most(name: Name, value: int) -> Sum:
    return {name: -1, ONE: value}, False


def unsafe_cells(puzzle: Puzzle, threshold: int) -> tuple[list[str], Shown]:
    """What is wrong with single cells, in words, and how to ask whether a table that agrees with
    everything printed shows something: `shown(wanted, *goals)` looks at the tables met so far, then
    for one that reaches a goal."""
    wrong = [f"printed {n}" for n, v in puzzle.printed.items() if 0 < v < threshold]
    wrong += [f"hidden and printed {n}" for n in puzzle.hidden if n in puzzle.printed]
    seen = [puzzle.first()]

    def shown(wanted: Callable[[dict[Name, int]], bool], *goals: Sum) -> bool:
        if any(wanted(table) for table in seen):
            return True
        for goal in goals:
            table = puzzle.first([goal])
            if table is not None:
                seen.append(table)
                return True
        return False

    for n in sorted(puzzle.hidden - set(puzzle.printed), key=repr):
        one = seen[0][n]
        if not shown(lambda t, n=n: t[n] >= threshold, at_least(n, threshold)):
            wrong.append(f"below the threshold {n}")
        goals = (at_least(n, one + 1), at_most(n, one - 1))
        if not shown(lambda t, n=n, one=one: t[n] != one, *goals):
            wrong.append(f"derivable {n}")
    return wrong, shown
