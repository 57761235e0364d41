"""The insider's search: what somebody derives who is alone in a hidden cell, and knows it."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from safer_streets_assets.disclosure.core.attacks.search import Search
from safer_streets_assets.disclosure.core.system.insiders import Own, Persons, by_person
from safer_streets_assets.disclosure.core.system.system import System
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray, FloatArray, IntArray

ROUNDS = 4
FEW = 20
"""So few open counts are looked at one by one first: a table in a random direction costs more."""
SEED = 20010401


class Find(NamedTuple):
    """`derived` is a count (a cell, or an implied count numbered from the number of cells on) that
    the insider alone in the cell `single` derives; or that could not be settled (not `proven`)."""

    single: int
    derived: int
    proven: bool


def insider_finds(
    system: System, searches: Sequence[Search], alone: Collection[int], deadline: float
) -> Iterator[Find]:
    """Which small counts of other people somebody alone in one of the cells `alone` derives, from
    what is printed; counts in components without such a cell are none of them. An insider whose
    knowledge contradicts what is printed has derived everything."""
    if not alone:
        return
    persons = Persons(system, alone)
    for search in searches:
        place = {int(cell): k for k, cell in enumerate(search.part.unknown)}
        people = by_person(system, [cell for cell in alone if cell in place])
        knowing = [{place[int(cell)]: 1 for cell in cells} for cells in people]
        seen = search.differing(knowing)
        for k, cells in enumerate(people):
            own = persons.own(cells)
            if seen is not None and not _left(system, search, seen[:, k], own).any():
                continue
            with search.by_insider(knowing[k], deadline) as inside:
                yield from _finds(system, inside, int(cells[-1]), own)


def _counts_of(system: System, search: Search, own: Own) -> tuple[IntArray, IntArray, BoolArray]:
    """The counts of a component by their numbers in the system, their thresholds (1, which no count
    is below, for those that the insider knows), and which of them may be the very person."""
    part = search.part
    counts = np.concatenate([part.unknown, len(system.cells) + part.implied_rows])
    limits = np.concatenate(
        [system.threshold[part.unknown], system.implied_threshold[part.implied_rows]]
    )
    limits = np.where(np.isin(counts, own.known), 1, limits)
    return counts, limits, np.isin(counts, list(own.related))


def _left(system: System, search: Search, differs: BoolArray, own: Own) -> BoolArray:
    """The counts that no two tables met show to an insider (`differs`: which ones some do) and that
    may be small counts of others."""
    _, limits, themself = _counts_of(system, search, own)
    return ~differs & ~_harmless(search.first, limits, themself)


def _finds(system: System, search: Search, single: int, own: Own) -> Iterator[Find]:
    counts, limits, themself = _counts_of(system, search, own)
    if not (search.low <= search.high).all() and not search.feasible():
        yield from (Find(single, int(count), False) for count in search.part.unknown)
        return
    if _open(search, limits, themself).sum() <= FEW:
        for k in np.flatnonzero(_open(search, limits, themself)):
            search.look_at(int(k))
    rng = np.random.default_rng(SEED)
    for _ in range(ROUNDS):
        if not _open(search, limits, themself).any() or time.monotonic() > search.deadline:
            break
        search.look_round(rng)
    for k in np.flatnonzero(_open(search, limits, themself)):
        if not _open(search, limits, themself)[k]:
            continue
        found = search.range_of(int(k), lambda low, high: low < high)
        if found.low < found.high:
            continue
        value = found.low if found.exact else None
        if value is not None and not 0 < abs(value) < limits[k]:
            continue
        if value is not None and themself[k] and abs(value) == 1:
            continue
        if not _holds_nobody_else(system, search, int(counts[k]), own):
            yield Find(single, int(counts[k]), value is not None)


def _holds_nobody_else(system: System, search: Search, count: int, own: Own) -> bool:
    """Whether an implied count is made of nothing but the insider: of cells that hold nobody else,
    of those that may be the very person and can only be 1, and of those that can only be 0."""
    if count < len(system.cells):
        return False
    place = {int(cell): k for k, cell in enumerate(search.part.unknown)}
    for cell in system.parts_of(count - len(system.cells)):
        if cell in own.only or system.value[cell] == 0:
            continue
        if cell not in place:
            return False
        found = search.range_of(place[cell], lambda low, high: low < high)
        known = found.low if found.exact and found.low == found.high else None
        if known != 0 and not (known == 1 and cell in own.related):
            return False
    return True


def _open(search: Search, limits: IntArray, own: BoolArray) -> BoolArray:
    """The counts for which no two tables met differ, and which may be small counts of others. A
    count is no wider than the first table met shows until another one differs."""
    seen = np.isfinite(search.low)
    harmless = _harmless(np.where(seen, search.low, 0), limits, own)
    return np.asarray((search.low >= search.high) & ~(seen & harmless), dtype=bool)


def _harmless(value: FloatArray | IntArray, limits: IntArray, own: BoolArray) -> BoolArray:
    """Which counts of these values nobody is harmed by: none, many, or the very person."""
    return np.asarray((value == 0) | (abs(value) >= limits) | (own & (abs(value) == 1)), dtype=bool)
