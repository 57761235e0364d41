"""Holding back: which counts a release tabulates, so that no count in print moves a little.

A count that was printed is printed as it was until it has moved by nothing or by the threshold at
least. What a release tabulates lies between what the last one did and the truth, count by count,
and adds up everywhere: as if some people's news had waited for the next release. It is the nearest
to the truth of all such tables (a mixed-integer programme).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from safer_streets_assets.disclosure.core.builder import build_system
from safer_streets_assets.disclosure.core.model import CountTable, Link, PublishedRelease
from safer_streets_assets.disclosure.core.nearest import Interval, nearest
from safer_streets_assets.disclosure.core.reading import ReleaseGrids, cell_of
from safer_streets_assets.disclosure.core.system import IntArray, Lasting, System


@dataclass(frozen=True)
class Held:
    """What a release tabulates: the tables with those counts, and each count by what it is.

    `moved` is by how many all counts together differ from the truth, `cells` in how many of them.
    """

    tables: tuple[CountTable, ...]
    counts: Mapping[Lasting, int]
    cells: int
    moved: int


def hold_back(
    tables: Sequence[CountTable],
    *,
    threshold: int,
    last: Mapping[Lasting, int],
    previous: Sequence[PublishedRelease],
    links: Sequence[Link] = (),
    whole: Collection[str] = (),
    limits: Mapping[Lasting, Interval] | None = None,
    time_limit: float = 60.0,
) -> Held:
    """The tables as the next release tabulates them.

    `last` is what the latest release tabulated (hidden counts too), `previous` what all releases
    printed. The counts of the tables named in `whole` are either those of the last release or the
    true ones, because a statistic is printed beside them. `limits` are the least and greatest that
    a count may be tabulated as. A count that cannot stay as it was printed, nor move by the
    threshold, is tabulated as it may be and left for protection to hide; so it is with all counts
    when the time does not suffice. Raises TableError when the tables contradict each other.
    """
    system = build_system([ReleaseGrids("new", tuple(t.grid for t in tables), threshold)], links)
    true = np.nan_to_num(system.value).astype(np.int64)
    keys = [cell.lasting for cell in system.cells]
    if not last:
        return _held(tables, system, true, true)
    printed = _printed(previous)
    rigid = {i for i, where in enumerate(system.places) if any(p.table in whole for p in where)}
    limited = limits or {}
    ranges: list[Interval] = []
    choices: list[list[Interval]] = []
    for i, key in enumerate(keys):
        if not system.placed[i]:  # a finer count behind tables that are tied in a cycle
            ranges.append((0, int(true.max(initial=0))))
            choices.append([])
            continue
        before, now = last.get(key), int(true[i])
        bounds = limited.get(key, (0, max(now, before or 0)))
        values = _range(now, before, bounds)
        ranges.append(values)
        free = [(now, now)] if before is None else [(before, before), (now, now)]
        inside = free if i in rigid else [values]
        allowed = _allowed(inside, printed.get(key, ()), threshold)
        choices.append([] if allowed == [values] else allowed)
    counts = nearest(system, true, ranges, choices, time_limit)
    return _held(tables, system, true, true if counts is None else counts)


def tabulated(table: CountTable, counts: Mapping[Lasting, int]) -> CountTable:
    """A table with these counts in place of its own."""
    frame, spec = table.cells.copy(), table.spec
    for measure in spec.measures:
        frame[measure] = [
            counts[cell_of(spec, measure, {d: str(row[d]) for d in spec.dimensions}, 0).lasting]
            for row in frame.to_dict("records")
        ]
    return CountTable(spec, frame)


def last_printed(previous: Sequence[PublishedRelease]) -> dict[Lasting, tuple[int, int]]:
    """Each count that the latest release prints, and since which release (counted from 1) it has
    been printed as that without a break."""
    since: dict[Lasting, tuple[int, int]] = {}
    for number, release in enumerate(previous, start=1):
        now = _values(release)
        since = {
            key: since[key] if since.get(key, (None,))[0] == value else (value, number)
            for key, value in now.items()
        }
    return since


def _held(tables: Sequence[CountTable], system: System, true: IntArray, counts: IntArray) -> Held:
    counts = np.where(system.placed, counts, true)
    found = {
        cell.lasting: int(n)
        for cell, n, placed in zip(system.cells, counts, system.placed, strict=True)
        if placed
    }
    return Held(
        tables=tuple(tabulated(table, found) for table in tables),
        counts=found,
        cells=int((counts != true).sum()),
        moved=int(np.abs(counts - true).sum()),
    )


def _values(release: PublishedRelease) -> dict[Lasting, int]:
    """The counts that a release prints."""
    found: dict[Lasting, int] = {}
    for table in release.tables:
        grid = table.grid
        for at in np.ndindex(grid.rows.shape):
            names = {d: grid.categories[k][at[k]] for k, d in enumerate(grid.spec.dimensions)}
            for k, measure in enumerate(grid.spec.measures):
                if not np.isnan(grid.values[(*at, k)]):
                    cell = cell_of(grid.spec, measure, names, 0)
                    found[cell.lasting] = int(grid.values[(*at, k)])
    return found


def _printed(previous: Sequence[PublishedRelease]) -> dict[Lasting, set[int]]:
    """All values that were ever printed of a count."""
    found: dict[Lasting, set[int]] = {}
    for release in previous:
        for key, value in _values(release).items():
            found.setdefault(key, set()).add(value)
    return found


def _range(now: int, before: int | None, bounds: Interval) -> Interval:
    """Between what was tabulated and the truth, as far as `bounds` allow."""
    low, high = (0, now) if before is None else (min(now, before), max(now, before))
    return (min(max(low, bounds[0]), bounds[1]), max(min(high, bounds[1]), bounds[0]))


def _allowed(
    inside: Sequence[Interval], printed: Collection[int], threshold: int
) -> list[Interval]:
    """The parts of some intervals whose counts are hidden anyway, or are for each printed value the
    same or at least the threshold away."""
    found: list[Interval] = []
    for low, high in inside:
        cuts = {low, high + 1, 1, threshold}
        for value in printed:
            cuts |= {value - threshold + 1, value, value + 1, value + threshold}
        edges = sorted(c for c in cuts if low <= c <= high + 1)
        for start, stop in pairwise(edges):
            small = 0 < start < threshold
            near = any(0 < abs(start - value) < threshold for value in printed)
            if near and not small:
                continue
            if found and found[-1][1] == start - 1:
                found[-1] = (found[-1][0], stop - 1)
            else:
                found.append((start, stop - 1))
    return sorted(set(found))
