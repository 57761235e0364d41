"""The attacker: what can be learnt from what was printed, and only from that.

Bounds come from linear programmes over the unknown cells, and from whole-number programmes where
those do not end in whole tables (attacker's problem of Fischetti and Salazar, 2001).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from safer_streets_assets.disclosure.core.attacks.bounds import CellBounds, is_safe
from safer_streets_assets.disclosure.core.attacks.evidence import Evidence
from safer_streets_assets.disclosure.core.attacks.search import Range, Search
from safer_streets_assets.disclosure.core.system.builder import build_system
from safer_streets_assets.disclosure.core.system.completion import complete
from safer_streets_assets.disclosure.core.system.components import components
from safer_streets_assets.disclosure.core.system.reading import ReleaseGrids, cell_of
from safer_streets_assets.disclosure.core.system.system import System
from safer_streets_assets.disclosure.core.tables.model import Link, PublishedRelease
from safer_streets_assets.disclosure.core.tables.problems import ProofError, TableError
from safer_streets_assets.disclosure.core.tables.spec import CellRef

UNSOLVED = "Give the proof more time: no table that agrees with what is printed was found."


def attack(
    releases: Sequence[PublishedRelease],
    *,
    threshold: int,
    links: Sequence[Link] = (),
    hidden_at_least: int = 1,
    time_limit: float = 60.0,
    exact: bool = True,
    growing: bool = True,
    knowing: Sequence[tuple[CellRef, int]] = (),
    evidence: Evidence | None = None,
) -> list[CellBounds]:
    """Bounds of every hidden or withheld cell, of every implied count that is not printed for all
    to see as safe, and of every printed count of 1..threshold-1; `releases` oldest first.

    With `exact` the bounds are the least and greatest value that any whole table that agrees with
    everything printed has there. Without, the search for a count ends as soon as such tables show
    it to be safe: `proven` then says that, and the bounds are the widest seen. Without `growing` no
    count is taken to grow from release to release. With `knowing` the attacker is an insider, who
    knows these hidden counts of the newest release from elsewhere. `evidence` are tables that may
    agree with everything printed: those that do spare a search. What could not be settled in
    `time_limit` seconds has `proven` false. Raises TableError or ProofError when what is printed
    contradicts itself.
    """
    system, searches = open_attack(
        releases,
        threshold=threshold,
        links=links,
        hidden_at_least=hidden_at_least,
        deadline=time.monotonic() + time_limit,
        exact=exact,
        growing=growing,
        knowing=knowing,
        evidence=evidence,
    )
    return bounds_of(system, searches, [release.name for release in releases], exact)


def open_attack(
    releases: Sequence[PublishedRelease],
    *,
    threshold: int,
    links: Sequence[Link],
    hidden_at_least: int,
    deadline: float,
    exact: bool,
    growing: bool = True,
    knowing: Sequence[tuple[CellRef, int]] = (),
    evidence: Evidence | None = None,
) -> tuple[System, list[Search]]:
    """The system of what is printed, and a search for each component, by `deadline` (of
    time.monotonic) at the latest; the rest as in `attack`."""
    grids = [grids_of(release, threshold) for release in releases]
    system = build_system(grids, links, hidden_at_least=hidden_at_least, growing=growing)
    known = _known(system, releases, knowing)
    searches = _searches(system, deadline, exact, known)
    if known:  # evidence may contradict what an insider knows
        evidence = None
    _offer(evidence, system, searches)
    if not all(len(search.first) or search.feasible() for search in searches):
        _, fallen = complete(system, time_limit=max(deadline - time.monotonic(), 0.0))
        grids = [
            replace(g, not_monotone=g.not_monotone | {key for at, key in fallen if at == r})
            for r, g in enumerate(grids)
        ]
        system = build_system(grids, links, hidden_at_least=hidden_at_least, growing=growing)
        searches = _searches(system, deadline, exact, known)
        _offer(evidence, system, searches)
        if not all(len(search.first) or search.feasible() for search in searches):
            raise ProofError(UNSOLVED)
    return system, searches


def _offer(evidence: Evidence | None, system: System, searches: Sequence[Search]) -> None:
    if evidence is not None:
        evidence.offer(system.cells, searches)


def bounds_of(
    system: System, searches: Sequence[Search], names: Sequence[str], exact: bool
) -> list[CellBounds]:
    """What `attack` gives back, from the searches of `open_attack` and the releases' names."""
    return [bounds for _, bounds in bounds_by_count(system, searches, names, exact)]


def bounds_by_count(
    system: System, searches: Sequence[Search], names: Sequence[str], exact: bool = False
) -> list[tuple[int, CellBounds]]:
    """The same with the count that each is of: a cell, or an implied count numbered from the number
    of cells on."""
    found = list(_printed(system, names))
    for search in searches:
        found += _attack_part(system, search, names, exact)
    return found


def shows_a_fall(
    releases: Sequence[PublishedRelease], *, threshold: int, time_limit: float = 60.0
) -> bool:
    """Whether it follows from what is printed that some count fell from one release to another.

    Raises ProofError when what is printed contradicts itself, or the time is too short.
    """
    system = build_system([grids_of(release, threshold) for release in releases])
    changes = [kind for kind in system.implied_kinds if kind.kind == "change"]
    if not all(kind.never_negative for kind in changes):
        return True
    return bool(complete(system, time_limit=time_limit)[1])


def grids_of(release: PublishedRelease, threshold: int) -> ReleaseGrids:
    """A release as the builder of the system takes it."""
    grids = tuple(table.grid for table in release.tables)
    links = None if release.links is None else tuple(release.links)
    return ReleaseGrids(
        release.name,
        grids,
        release.threshold or threshold,
        release.not_monotone,
        links,
        tuple(release.facts),
    )


def _searches(
    system: System, deadline: float, exact: bool, known: Mapping[int, int]
) -> list[Search]:
    limits = system.highest[np.isfinite(system.highest)].max(initial=0.0)
    largest = max(np.nanmax(system.value, initial=0.0), limits, system.lowest.max(initial=0))
    cap = 4 * largest + 100 * system.threshold.max(initial=1) + 10 * len(system.cells)
    return [
        Search(
            part,
            deadline=deadline,
            cap=None if exact else cap,
            knowing={k: known[int(c)] for k, c in enumerate(part.unknown) if int(c) in known},
        )
        for part in components(system)
    ]


def _known(
    system: System, releases: Sequence[PublishedRelease], knowing: Sequence[tuple[CellRef, int]]
) -> dict[int, int]:
    if not knowing:
        return {}
    newest = len(releases) - 1
    specs = {table.spec.name: table.spec for table in releases[newest].tables}
    at = {cell: i for i, cell in enumerate(system.cells)}
    known = {}
    for ref, count in knowing:
        spec = specs.get(ref.table)
        cell = None if spec is None else cell_of(spec, ref.measure, dict(ref.coords), newest)
        if cell not in at:
            raise TableError("Name cells of the newest release as what an insider knows.")
        known[at[cell]] = count
    return known


def _attack_part(
    system: System, search: Search, names: Sequence[str], exact: bool
) -> Iterator[tuple[int, CellBounds]]:
    part, n = search.part, len(system.cells)
    for k, cell in enumerate(part.unknown):
        if part.aside[k] or not system.placed[cell]:
            continue
        kind = "hidden" if system.exposed[cell] else "withheld"
        if system.exposed[cell] and system.in_whole_row[cell]:
            kind = "hidden row"
        if system.ranged[cell]:
            kind = "ranged"
        limit = int(system.threshold[cell])
        found = _range(search, k, kind, limit, exact)
        yield int(cell), _describe(system, [int(cell)], kind, limit, found, names, exact)
    for k, row in enumerate(part.implied_rows):
        kind, limit = system.implied_kinds[row].kind, system.implied_kinds[row].threshold
        found = _range(search, len(part.unknown) + k, kind, limit, exact)
        parts = system.parts_of(int(row))
        yield n + int(row), _describe(system, parts, kind, limit, found, names, exact)


def _range(search: Search, count: int, kind: str, threshold: int, exact: bool) -> Range:
    def enough(low: float, high: float) -> bool:
        return low <= high and is_safe(kind, _limit(low), _limit(high), threshold)

    return search.range_of(count, None if exact else enough)


def _printed(system: System, names: Sequence[str]) -> Iterator[tuple[int, CellBounds]]:
    """Counts that need no search: small ones in print, and differences of printed ones."""
    for i in np.flatnonzero(~np.isnan(system.value)):
        value, limit = system.value[i], int(system.threshold[i])
        if not system.exposed[i] or not (system.marked[i] or 0 < value < limit):
            continue
        kind = "hidden" if system.marked[i] else "printed"
        told = Range(value, value, value, value)
        yield int(i), _describe(system, [int(i)], kind, limit, told, names)
    for i in np.flatnonzero(system.one_category):
        limit, seen_by_all = int(system.threshold[i]), Range(1.0, np.inf, 1.0, np.inf)
        yield int(i), _describe(system, [int(i)], "one category", limit, seen_by_all, names)
    nothing = np.isnan(system.value).astype(np.int64)
    whole = np.diff(system.implied.indptr) > 0
    seen = whole & (abs(system.implied) @ nothing == 0)
    known = system.implied @ np.nan_to_num(system.value)
    for row in np.flatnonzero(seen):
        kind, limit = system.implied_kinds[row].kind, system.implied_kinds[row].threshold
        value = known[row]
        if 0 < abs(value) < limit:
            found = Range(value, value, value, value)
            count = len(system.cells) + int(row)
            yield count, _describe(system, system.parts_of(int(row)), kind, limit, found, names)


def _describe(
    system: System,
    cells: list[int],
    kind: str,
    threshold: int,
    found: Range,
    names: Sequence[str],
    exact: bool = True,
) -> CellBounds:
    place = system.places[cells[0]][0]
    low, high = _limit(found.low), _limit(found.high)
    reached = found.low <= found.high
    proven = reached and (found.exact or (not exact and is_safe(kind, low, high, threshold)))
    if not proven:
        low, high = _limit(found.proven_low), _limit(found.proven_high)
    return CellBounds(
        release=names[place.release],
        table=place.table,
        coords=dict(place.coords),
        measure=place.measure,
        kind=kind,
        threshold=threshold,
        low=low,
        high=high,
        proven=proven,
        against=system.places[cells[1]][0] if len(cells) > 1 else None,
        tables=frozenset((p.release, p.table) for i in cells for p in system.places[i]),
    )


def _limit(value: float) -> int | None:
    return int(value) if np.isfinite(value) else None
