"""Somebody who is alone in a hidden cell, and knows it: which counts they must not derive.

Such an insider knows one count more than anybody else: their own cell holds 1. For each other small
count that is not printed, some whole table must leave their cell at 1 and give that count another
value. What counts nobody but themself is no news to them and needs none: a count of 1 that holds
the same person, a part of their own cell, or a sum or change of such counts. Nor is a change
between their own count and one that an earlier release printed: they know of it whatever the newest
release prints.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.system.system import Lasting, System, Terms
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, IntArray
from safer_streets_assets.disclosure.core.tables.model import PublishedRelease

Edges = dict[int, set[int]]


@dataclass(frozen=True)
class Insiders:
    """`singles` are for each insider the cells in which they are alone: one count of several
    releases, which they know of all of them. `aims` are the small counts that they must not derive
    (cells, and implied counts from the number of cells on); `wanted[a, s]` is whether that holds
    for this pair."""

    singles: tuple[IntArray, ...]
    aims: IntArray
    wanted: BoolArray

    @cached_property
    def _flat(self) -> tuple[IntArray, IntArray]:
        """All cells of all insiders, and where each insider's begin."""
        sizes = [len(cells) for cells in self.singles]
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        return np.concatenate(self.singles), starts

    def left_alone(self, effect: sparse.csc_matrix) -> BoolArray:
        """For each insider and each change (a column of the `effects`) whether it leaves all of
        their cells alone."""
        if not self.singles:
            return np.zeros((0, effect.shape[1]), dtype=bool)
        cells, starts = self._flat
        touched = (effect[cells] != 0).toarray()
        return ~np.logical_or.reduceat(touched, starts, axis=0)

    def shown(self, effect: sparse.csc_matrix) -> IntArray:
        """How many changes of these `effects` show each pair (aims x singles): they move the count
        and leave the insider's cells alone."""
        moved = (effect[self.aims] != 0).astype(np.int32)
        return np.asarray(moved @ self.left_alone(effect).T.astype(np.int32))


class SamePerson:
    """Which counts of 1 hold the same person: one is a part of the other by the sums of the tables,
    by nesting or by growth, or both are so with a cell that is 1 itself: one in `alone`, or a
    hidden part of such a one. Cells printed as 0 are left out; cells that are equal by a sum of
    two are one."""

    def __init__(self, system: System, alone: Collection[int]) -> None:
        self.nothing = np.asarray(system.value == 0)
        self.same = self._united(system)
        self.members: dict[int, list[int]] = defaultdict(list)
        for cell, one in enumerate(self.same.tolist()):
            self.members[one].append(cell)
        equations = self._terms(system.equations)
        self.alone = {int(self.same[cell]) for cell in alone}
        self.hidden = set(self.same[system.lowest > 0].tolist())
        self.near: Edges = defaultdict(set)
        self.parts: Edges = defaultdict(set)
        using: dict[int, set[int]] = defaultdict(set)
        for row, terms in enumerate(equations):
            self._split(terms)
            for cell, _ in terms:
                using[cell].add(row)
        named: dict[Terms, int] = {}
        for row, terms in enumerate(self._terms(system.implied)):
            if not terms:
                continue
            count, kind = len(system.cells) + row, system.implied_kinds[row]
            first = named.setdefault(_positive(terms), count)
            if first != count:
                self._split(((first, 1), (count, -1)))
            if len(terms) == 1 and abs(terms[0][1]) == 1:
                self._split(((terms[0][0], 1), (count, -1)))
            elif kind.never_negative:
                self._split((*terms, (count, -1)))
            for other in set.intersection(*(using[c] for c, _ in terms)):
                self._split(_rest(equations[other], terms, count))

    def of(self, cell: int) -> set[int]:
        """The counts that hold the same person as the cell if they are 1 (or -1: who has left)."""
        start = int(self.same[cell])
        found, ones, todo = {start}, {start}, [start]
        while todo:
            one = todo.pop()
            near = self.near.get(one, set())
            found |= near
            parts = self.parts.get(one, set()) & self.hidden
            further = ((near & self.alone) | parts) - ones
            ones |= further
            todo += further
        return found.union(*(self.members[one] for one in found if one in self.members))

    def only(self, cells: Collection[int]) -> set[int]:
        """The counts that hold nobody but the person alone in these cells, whatever they are: the
        parts of the cells, and parts of parts."""
        found = {int(self.same[cell]) for cell in cells}
        todo = list(found)
        while todo:
            further = self.parts.get(todo.pop(), set()) - found
            found |= further
            todo += further
        return found.union(*(self.members[one] for one in found if one in self.members))

    def _united(self, system: System) -> IntArray:
        """For each cell the first of those that it is equal to by sums of two."""
        same = np.arange(len(system.cells))
        while True:
            self.same = same
            pairs = [terms for terms in self._terms(system.equations) if _equals(terms)]
            if not pairs:
                return same
            ends = np.array([[first, second] for (first, _), (second, _) in pairs])
            shape = (len(same), len(same))
            ties = sparse.csr_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=shape)
            _, group = sparse.csgraph.connected_components(ties, directed=False)
            _, least = np.unique(group, return_index=True)
            same = least[group][same]

    def _terms(self, matrix: sparse.csr_matrix) -> list[Terms]:
        """The rows of a matrix, with cells that are equal as one, and without those of 0."""
        cells = np.flatnonzero(~self.nothing)
        shape = (len(self.same), len(self.same))
        merged = sparse.csr_matrix(
            (np.ones(len(cells), dtype=np.int64), (cells, self.same[cells])), shape=shape
        )
        found = (matrix @ merged).tocsr()
        found.eliminate_zeros()
        found.sort_indices()
        terms = list(zip(found.indices.tolist(), found.data.tolist(), strict=True))
        ends = found.indptr.tolist()
        return [tuple(terms[start:stop]) for start, stop in pairwise(ends)]

    def _split(self, terms: Terms) -> None:
        """Notes parts and whole of a sum that is zero, when it is of that kind."""
        up, down = [c for c, k in terms if k == 1], [c for c, k in terms if k == -1]
        if len(up) + len(down) < len(terms):
            return
        for wholes, parts in ((up, down), (down, up)):
            if len(wholes) == 1:
                self.parts[wholes[0]].update(parts)
                self.near[wholes[0]].update(parts)
                for part in parts:
                    self.near[part].add(wholes[0])


class Own(NamedTuple):
    """What is about an insider: counts that hold the very person if they are 1 (`related`), cells
    that hold nobody else whatever they are (`only`), and all counts that they `known`."""

    related: set[int]
    only: set[int]
    known: IntArray


class Persons:
    """What each of the people alone in some cells knows as their own, from what is printed."""

    def __init__(self, system: System, alone: Collection[int]) -> None:
        self.same, self.made_of = SamePerson(system, alone), MadeOf(system)
        self.anybody = (system.value != 0).astype(np.int64)

    def own(self, cells: IntArray) -> Own:
        """What is about the person who is alone in these cells."""
        related = set().union(*(self.same.of(int(cell)) for cell in cells))
        only = self.same.only(cells)
        known = [*only, *self.made_of.nothing_but(only, self.anybody), *self.made_of.before(cells)]
        return Own(related, only, np.array(known, dtype=np.int64))


def insiders_of(
    system: System, counts: IntArray, alone: Collection[int], people: Persons | None = None
) -> Insiders:
    """What the people alone in the cells `alone` must not derive, when `counts` are the counts.
    `people` are `Persons` of the same, where they are made already."""
    people, n = people or Persons(system, alone), len(counts)
    anybody = (counts != 0).astype(np.int64)

    def known(cells: IntArray, own: Own) -> Collection[int]:
        themself = own.only | {cell for cell in own.related if cell < n and counts[cell] == 1}
        nobody_else = people.made_of.nothing_but(themself, anybody).tolist()
        return [*own.only, *people.made_of.before(cells), *nobody_else]

    return _wanted(system, counts, alone, people, known)


def asked_in_attack(
    system: System, counts: IntArray, alone: Collection[int], people: Persons
) -> Insiders:
    """What an attack asks of them besides, since it knows of their own counts only what print
    tells: a count that is in truth made of nobody but themself has to be shown not to follow."""
    return _wanted(system, counts, alone, people, lambda _, own: own.known)


def _wanted(
    system: System,
    counts: IntArray,
    alone: Collection[int],
    people: Persons,
    known: Callable[[IntArray, Own], Collection[int]],
) -> Insiders:
    singles = by_person(system, alone)
    values = np.concatenate([counts, system.implied @ counts])
    limits = np.concatenate([system.threshold, system.implied_threshold])
    small = (values != 0) & (abs(values) < limits)
    small[: len(counts)] &= np.isnan(system.value) | (
        system.released == system.released.max(initial=0)
    )
    aims = np.flatnonzero(small)
    wanted = np.ones((len(aims), len(singles)), dtype=bool)
    for k, cells in enumerate(singles):
        own = people.own(cells)
        wanted[:, k] = ~np.isin(aims, list(own.related)) | (abs(values[aims]) != 1)
        wanted[:, k] &= ~np.isin(aims, list(known(cells, own)))
    return Insiders(singles, aims, wanted)


class MadeOf:
    """Which implied counts are made of nothing but certain cells."""

    def __init__(self, system: System) -> None:
        unknown = np.isnan(system.value)
        self.news = (unknown | (system.released == system.released.max(initial=0))).astype(np.int64)
        self.width, self.by_cell = len(system.cells), abs(system.implied).sign().tocsc()

    def nothing_but(self, cells: Collection[int], counted: IntArray) -> IntArray:
        """The implied counts, numbered from the number of cells on, that have some of the `cells`,
        and of the others none that is `counted` (1 or 0 for each cell)."""
        own = np.array([cell for cell in cells if cell < self.width], dtype=np.int64)
        with_own = self.by_cell[:, own]
        rows = np.unique(with_own.indices)
        left = (self.by_cell @ counted)[rows] - (with_own @ counted[own])[rows]
        return np.asarray(self.width + rows[left == 0], dtype=np.int64)

    def before(self, own: IntArray) -> IntArray:
        """The implied counts that somebody who knows the counts of their `own` cells knows from
        what releases before the newest print."""
        return self.nothing_but(own.tolist(), self.news)


def by_person(system: System, alone: Collection[int]) -> tuple[IntArray, ...]:
    """The cells `alone`, those together that are one count in several releases."""
    groups: dict[Lasting, list[int]] = defaultdict(list)
    for cell in sorted(alone):
        groups[system.cells[cell].lasting].append(int(cell))
    return tuple(np.array(cells, dtype=np.int64) for cells in groups.values())


def alone_in(system: System, releases: Sequence[PublishedRelease]) -> frozenset[int]:
    """The cells that are not printed and in which somebody is alone, as the releases (oldest first)
    have it."""
    places = {(r, key) for r, release in enumerate(releases) for key in release.alone or ()}
    return frozenset(
        i
        for i, cell in enumerate(system.cells)
        if (cell.release, cell.lasting) in places and np.isnan(system.value[i])
    )


def fallen_to_one(
    system: System, counts: IntArray, releases: Sequence[PublishedRelease]
) -> frozenset[Lasting]:
    """The cells of the newest release that hold one person now and held more when an earlier one
    (of `releases`, oldest first) hid them: nobody is to be told that they have only grown."""
    newest = len(releases)
    ones = {c.lasting for i, c in enumerate(system.cells) if c.release == newest and counts[i] == 1}
    return frozenset(
        cell.lasting
        for i, cell in enumerate(system.cells)
        if cell.lasting in ones
        and cell.release < newest
        and system.exposed[i]
        and np.isnan(system.value[i])
        and cell.lasting not in _or_all(releases[cell.release].alone, cell.lasting)
    )


def _or_all(alone: frozenset[Lasting] | None, key: Lasting) -> frozenset[Lasting]:
    return frozenset([key]) if alone is None else alone


def _equals(terms: Terms) -> bool:
    """Whether a sum that is zero says of two counts that they are equal."""
    return len(terms) == 2 and {k for _, k in terms} == {-1, 1}


def _positive(terms: Terms) -> Terms:
    return terms if not terms or terms[0][1] > 0 else tuple((c, -k) for c, k in terms)


def _rest(equation: Terms, terms: Terms, count: int) -> Terms:
    """The sum that is zero when the `terms` of an equation are put together as one count; nothing
    when they are not in it with the same signs."""
    inside, own = dict(equation), dict(terms)
    for sign in (1, -1):
        if all(inside[c] == sign * k for c, k in own.items()):
            return ((count, sign), *(pair for pair in equation if pair[0] not in own))
    return ()
