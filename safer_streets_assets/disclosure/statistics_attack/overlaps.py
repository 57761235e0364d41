"""Systems of rows of different tables, or comparisons, with the same scores of the same people.

The policy lists them under `overlaps`. Who is in the whole and not in the part is a group that no
table has: it stands in the system as a row without a statistic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np

from safer_streets_assets.disclosure.statistics_attack.figures import RowSystem, Statistic
from safer_streets_assets.disclosure.statistics_attack.prints import Facet, Flags, Numbers, Prints
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.links import Overlap, PolicyCell


def overlapping(policy: Policy, tables: Mapping[str, Prints]) -> Iterator[RowSystem]:
    """The systems of the policy's overlaps in which the new release prints a statistic."""
    systems: dict[tuple[str, ...], _Joined] = {}
    for overlap in policy.tables.overlaps:
        cells = (*overlap.whole, overlap.part, *(overlap.where_equal or ()))
        if all(cell.table in tables for cell in cells):
            for values in _values(overlap, tables):
                key = (overlap.scores, *values.values())
                systems.setdefault(key, _Joined(tables)).add(overlap, values)
    for joined in systems.values():
        system = joined.system()
        if system is not None:
            yield system


def _values(overlap: Overlap, tables: Mapping[str, Prints]) -> Iterator[dict[str, str]]:
    """What an overlap runs over: the values that the first table with all these columns has."""
    named = [tables[cell.table] for cell in (overlap.part, *overlap.whole)]
    prints = next(own for own in named if set(overlap.each) <= set(own.categories))
    listed = [dict.fromkeys(map(str, prints.categories[column])) for column in overlap.each]
    for values in product(*listed):
        yield dict(zip(overlap.each, values, strict=True))


class _Joined:
    """The rows of a system as they are found; `releases` are those of any of the tables."""

    def __init__(self, tables: Mapping[str, Prints]) -> None:
        self.tables = tables
        self.releases = sorted({at for prints in tables.values() for at in prints.releases})
        self.counts: list[Numbers] = []
        self.known: list[Flags] = []
        self.statistics: list[tuple[Statistic, ...]] = []
        self.last: set[int] = set()
        self.places: dict[tuple[tuple[str, int, str], ...], int] = {}
        self.facets: list[Facet] = []

    def add(self, overlap: Overlap, values: Mapping[str, str]) -> None:
        """The rows of an overlap for those values, where the tables have them and they fit."""
        whole = [self._row(cell, values) for cell in overlap.whole]
        part = self._row(overlap.part, values)
        if part is None or any(row is None for row in whole):
            return
        rows = [row for row in whole if row is not None]
        total = rows[0] if len(rows) == 1 else self._sum(rows)
        rest = self.counts[total] - self.counts[part]
        if (rest < 0).any() or not self._applies(overlap, values):
            return
        self.last |= {"part": {part}, "whole": set(rows), "neither": set()}[overlap.keep]
        left = self._new(rest, np.zeros(len(rest), dtype=bool), ())
        at = len(self.facets)
        self.facets.append({total: frozenset(), **_apart(at, [part, left])})

    def system(self) -> RowSystem | None:
        """What was found; None when the new release prints no statistic in it."""
        rows = sorted({row for facet in self.facets for row in facet})
        if not any(self.known[row][-1] for row in rows):
            return None
        known = np.array([self.known[row] for row in rows], dtype=bool).T
        kept = np.append(known[:-1].any(axis=1), True)
        return RowSystem(
            np.array([row in self.last for row in rows]),
            tuple({rows.index(row): at for row, at in own.items()} for own in self.facets),
            np.array([self.counts[row] for row in rows]).T[kept],
            known[kept],
            (),
            tuple(self.statistics[row] for row in rows),
        )

    def _applies(self, overlap: Overlap, values: Mapping[str, str]) -> bool:
        if overlap.where_equal is None:
            return True
        counts = []
        for cell in overlap.where_equal:
            row = self._place(cell, values)
            own = np.nan if row is None else self.tables[cell.table].values[cell.count][-1, row]
            counts.append(float(own))
        return counts[0] == counts[1]  # a count that is not printed is NaN, and equals nothing

    def _row(self, cell: PolicyCell, values: Mapping[str, str]) -> int | None:
        row = self._place(cell, values)
        if row is None:
            return None
        key = ((cell.table, row, cell.count),)
        if key not in self.places:
            self.places[key] = self._printed(self.tables[cell.table], row, cell.count)
        return self.places[key]

    def _place(self, cell: PolicyCell, values: Mapping[str, str]) -> int | None:
        """Which row of its table a cell stands in; None when the table has no such row."""
        where = {name: text.format(**values) for name, text in cell.where.items()}
        prints = self.tables[cell.table]
        return prints.places.get(tuple(where.get(n, values.get(n)) for n in prints.categories))

    def _printed(self, prints: Prints, row: int, count: str) -> int:
        facets = next(own for own in prints.systems if any(row in facet for facet in own))
        names = prints.standing_on(count, facets)
        at = [self.releases.index(release) for release in prints.releases]
        counts = np.full(len(self.releases), np.nan)
        known = np.zeros(len(self.releases), dtype=bool)
        counts[at] = prints.values[count][:, row]
        if names:
            known[at] = prints.printed(names)[:, row]
        return self._new(counts, known, tuple((prints.name, row, name) for name in names))

    def _sum(self, rows: Sequence[int]) -> int:
        key = tuple(("", row, "") for row in rows)
        if key not in self.places:
            counts = np.sum([self.counts[row] for row in rows], axis=0)
            self.places[key] = self._new(counts, np.zeros(len(counts), dtype=bool), ())
            at = len(self.facets)
            self.facets.append({self.places[key]: frozenset(), **_apart(at, rows)})
        return self.places[key]

    def _new(self, counts: Numbers, known: Flags, statistics: tuple[Statistic, ...]) -> int:
        self.counts.append(counts)
        self.known.append(known)
        self.statistics.append(statistics)
        return len(self.counts) - 1


def _apart(facet: int, rows: Sequence[int]) -> Facet:
    return {row: frozenset({(str(facet), str(row))}) for row in rows}
