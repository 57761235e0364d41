"""What tables at several levels say of each other, by sets of leaves: none of the library's code.

A category is the set of its leaves. A table tells a count when its rows inside that set leave over
only leaves that nobody of the table can be in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product

import pandas as pd

from safer_streets_assets.disclosure.core import PublishedRelease, TableSpec
from safer_streets_assets_tests.disclosure.core.enumeration import Name, Puzzle, name_of

Tree = Mapping[str, str]
Terms = frozenset[tuple[Name, int]]
Target = frozenset[tuple[str, str]]


class LevelPuzzle(Puzzle):
    """A puzzle whose tables may be at several levels of `trees` (dimension -> category -> parent).

    `gaps` are the sums that are themselves people, and what each is.
    """

    def __init__(
        self, releases: Sequence[PublishedRelease], trees: Mapping[str, Tree], cap: int = 45
    ) -> None:
        self.trees = trees
        self.gaps: dict[Terms, str] = {}
        self.tables = [(r, t.spec, t.cells) for r, one in enumerate(releases) for t in one.tables]
        self.population = self.tables[0][1].population
        super().__init__(releases, cap=cap)
        self._tie_tables()
        self._compare(releases)

    def leaves(self, dimension: str, category: str) -> frozenset[str]:
        """The leaves of a category, and one for those of it in none of the categories below."""
        tree = self.trees.get(dimension, {})
        below = [self.leaves(dimension, c) for c, parent in tree.items() if parent == category]
        return frozenset({category}).union(*below)

    def covered(self, cells: pd.DataFrame, d: str, category: str) -> set[str] | None:
        wanted = self.leaves(d, category)
        sets = {c: self.leaves(d, c) for c in set(cells[d]) - {"Total"}}
        inside = {c: own for c, own in sets.items() if own <= wanted}
        if category in inside:
            return {category}
        chosen = {c for c, own in inside.items() if not any(own < o for o in inside.values())}
        for leaf in wanted - frozenset().union(*(sets[c] for c in chosen)):
            around = [own for own in sets.values() if leaf in own]
            if around:
                least = min(around, key=len)
                if not any(own < least for own in sets.values()):
                    return None
        return chosen

    def told(self, r: int, spec: TableSpec, cells: pd.DataFrame, target: Target) -> dict | None:
        """Terms of measure n for a target, as a table tells it; None when it does not."""
        said = dict(target)
        for d, category in spec.fixed.items():
            if said.pop(d, None) != category:
                return None
        axes = []
        for d in spec.dimensions:
            wanted = said.pop(d, "Total")
            if d == spec.nested:
                if wanted == "Total":
                    return None
                axes.append([wanted])
            elif wanted == "Total":
                axes.append(["Total"])
            else:
                found = self.covered(cells, d, wanted)
                if found is None:
                    return None
                axes.append(sorted(found))
        if said:
            return None
        return {
            name_of(spec, dict(zip(spec.dimensions, row, strict=True)), "n", r): 1
            for row in product(*axes)
        }

    def _tie(self, spec: TableSpec, cells: pd.DataFrame, r: int) -> None:
        for row in cells[list(spec.dimensions)].to_dict("records"):
            for d in spec.dimensions:
                if d == spec.nested:
                    continue
                sets = {c: self.leaves(d, c) for c in set(cells[d]) - {"Total"}}
                inside = sets
                if row[d] != "Total":
                    inside = {c: own for c, own in sets.items() if own < sets[row[d]]}
                parts = [c for c in inside if not any(inside[c] < o for o in inside.values())]
                if parts or row[d] == "Total":
                    terms = {name_of(spec, {**row, d: c}, "n", r): 1 for c in parts}
                    self.sums.append(({**terms, name_of(spec, row, "n", r): -1}, True))
            if spec.nested:
                order = list(spec.nested_order)
                for wide, narrow in combinations(order, 2):
                    if row[spec.nested] == wide:
                        inner = name_of(spec, {**row, spec.nested: narrow}, "n", r)
                        self._gap({name_of(spec, row, "n", r): 1}, {inner: 1}, "stage", True)

    def _changes(self, releases: Sequence[PublishedRelease]) -> None:
        return

    def _gap(self, whole: dict, part: dict, kind: str, never_negative: bool) -> None:
        terms = dict(whole)
        for name, k in part.items():
            terms[name] = terms.get(name, 0) - k
        terms = {n: k for n, k in terms.items() if k}
        if terms:
            self.gaps[frozenset(terms.items())] = kind
            if never_negative:
                self.sums.append((terms, False))

    def targets(self, one: tuple, other: tuple) -> Iterator[Target]:
        """Coordinates that both tables could tell, of categories that one of them has."""
        axes = []
        for d in {d for _, s, _ in (one, other) for d in (*s.dimensions, *s.fixed)}:
            found = {s.fixed[d] for _, s, _ in (one, other) if d in s.fixed}
            for _, s, cells in (one, other):
                if d in s.dimensions:
                    found |= set(cells[d])
            axes.append([(d, c) for c in sorted(found | {"Total"})])
        for said in product(*axes):
            yield frozenset(pair for pair in said if pair[1] != "Total")

    def _tie_tables(self) -> None:
        self.versions: dict[Target, dict[int, list[dict]]] = {}
        for one, other in product(self.tables, self.tables):
            for target in self.targets(one, other):
                mine, theirs = self.told(*one, target), self.told(*other, target)
                if mine is None or theirs is None:
                    continue
                for (r, *_), terms in ((one, mine), (other, theirs)):
                    self.versions.setdefault(target, {}).setdefault(r, []).append(terms)
                if one[0] == other[0]:
                    equal = {**mine, **{n: -1 for n in theirs if n not in mine}}
                    same = set(mine) & set(theirs)
                    self.sums.append(({n: k for n, k in equal.items() if n not in same}, True))
        for one, other in product(self.tables, self.tables):
            if one[0] == other[0] and one[1].fixed:
                self._parts(one, other)

    def _parts(self, one: tuple, other: tuple) -> None:
        r, spec, _ = one
        wider = [[(d, c) for c in (*self.above(d, c), None)] for d, c in spec.fixed.items()]
        for said in product(*wider):
            fixed = {d: c for d, c in said if c is not None}
            if fixed == dict(spec.fixed):
                continue
            for target in self.targets(one, other):
                free = {d: c for d, c in target if d not in spec.fixed}
                part = frozenset({**free, **spec.fixed}.items())
                whole = frozenset({**free, **fixed}.items())
                mine, theirs = self.told(*one, part), self.told(*other, whole)
                if mine and theirs:
                    self._gap(self.one(r, whole), self.one(r, part), "rest", True)

    def above(self, d: str, category: str) -> list[str]:
        tree = self.trees.get(d, {})
        return [category, *(self.above(d, tree[category]) if category in tree else [])]

    def one(self, r: int, target: Target) -> dict:
        """A cell when there is one, else the shortest sum."""
        cell = (r, self.population, "n", target)
        if cell in self.domain:
            return {cell: 1}
        found = [
            terms
            for (release, *table) in self.tables
            if release == r and (terms := self.told(r, *table, target))
        ]
        return min(found, key=lambda t: (len(t), sorted(map(repr, t))))

    def _compare(self, releases: Sequence[PublishedRelease]) -> None:
        for target, versions in self.versions.items():
            there = [r for r in sorted(versions) if any(versions[r])]
            for k, new in enumerate(there):
                now = self.one(new, target)
                after = self._sum(now)
                before = [self._sum(self.one(old, target)) for old in there[:k]]
                fell = any(b is not None and after is not None and b > after for b in before)
                key = (self.population, "n", tuple(sorted(target)))
                grows = not fell and key not in releases[new].not_monotone
                for old in there[:k]:
                    self._gap(now, self.one(old, target), "change", grows)

    def _sum(self, terms: dict) -> int | None:
        values = [self.printed.get(n) for n in terms]
        return None if None in values else sum(v for v in values if v is not None)
