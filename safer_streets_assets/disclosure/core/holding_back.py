"""Holding back: a count that moved a little is printed as it was, where that can be.

A release states what is true on its day. A count that moved by 1 to less than the threshold since
the latest release printed it would tell of those few, so protection hides it. Where a caller holds
back, some of these counts are tabulated as they were printed instead, as many as add up with all
the others: counts that are small, and so hidden anyway, make up for them, by less than the
threshold. Nothing else differs from the truth.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from safer_streets_assets.disclosure.core.system.builder import build_system
from safer_streets_assets.disclosure.core.system.highs import Program, as_whole
from safer_streets_assets.disclosure.core.system.reading import ReleaseGrids, cell_of
from safer_streets_assets.disclosure.core.system.system import Lasting, System
from safer_streets_assets.disclosure.core.tables.arrays import FloatArray, IntArray
from safer_streets_assets.disclosure.core.tables.model import CountTable, Link, PublishedRelease

GAP = 1e-4
PRICE = 1e-3
"""What it costs that a small count differs by one, beside what it is worth that one is held."""


@dataclass(frozen=True)
class HeldBackCounts:
    """What a release tabulates: each count by what it is, and how many of them are not true."""

    counts: Mapping[Lasting, int]
    cells: int


def hold_back(
    tables: Sequence[CountTable],
    *,
    threshold: int,
    previous: Sequence[PublishedRelease],
    holdable: Collection[Lasting],
    links: Sequence[Link] = (),
    time_limit: float = 60.0,
) -> HeldBackCounts:
    """The counts as the next release tabulates them, when all of `previous` (oldest first) went
    before it.

    Of the `holdable` counts, those that the latest release printed and that have moved by less than
    the threshold since are tabulated as they were printed, as many as can be; the truth when that
    is not found in `time_limit` seconds. Raises TableError when the tables contradict each other.
    """
    system = build_system([ReleaseGrids("new", tuple(t.grid for t in tables), threshold)], links)
    true = np.nan_to_num(system.value).astype(np.int64)
    before = {key: value for key, (value, _) in last_printed(previous).items() if key in holdable}
    printed = [before.get(cell.lasting, int(n)) for cell, n in zip(system.cells, true, strict=True)]
    held = np.array(printed, dtype=np.int64)
    candidates = np.flatnonzero(
        (held != true) & (abs(held - true) < threshold) & (np.minimum(held, true) >= threshold)
    )
    counts = _most_held(system, true, held, candidates, threshold, time_limit)
    found = {
        cell.lasting: int(n)
        for cell, n, placed in zip(system.cells, counts, system.placed, strict=True)
        if placed
    }
    return HeldBackCounts(found, int((counts != true)[system.placed].sum()))


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


def _most_held(
    system: System,
    true: IntArray,
    held: IntArray,
    candidates: IntArray,
    threshold: int,
    time_limit: float,
) -> IntArray:
    """The counts with the most candidates at what they were: a programme over the counts, a yes or
    no for each candidate, and how far each small count goes up and down."""
    n, k = len(true), len(candidates)
    small = (true > 0) & (true < threshold) & system.placed
    finer = ~system.placed
    back = sparse.csr_matrix(
        ((held - true)[candidates].astype(float), (candidates, range(k))), shape=(n, k)
    )
    # Counts = truth + back @ yes + up - down; the finer counts behind the tables go anywhere.
    columns = sparse.hstack([back, sparse.identity(n), -sparse.identity(n)], format="csr")
    binding = system.implied[system.binding]
    matrix = sparse.vstack([system.equations @ columns, binding @ columns], format="csr")
    zero = system.equations.shape[0]
    low = np.concatenate([np.zeros(zero), -(binding @ true).astype(float)])
    high = np.concatenate([np.zeros(zero), np.full(binding.shape[0], np.inf)])
    up = np.where(finer, np.inf, np.where(small, threshold - 1 - true, 0)).astype(float)
    down = np.where(finer, true, np.where(small, true - 1, 0)).astype(float)
    upper = np.concatenate([np.ones(k), up, down])
    limits = (np.zeros(k + 2 * n), upper)
    program = Program(matrix, (low, high), limits, whole=True, time_limit=time_limit, gap=GAP)
    program.set_costs(np.concatenate([-np.ones(k), np.tile(np.where(finer, 0.0, PRICE), 2)]))
    answer = program.solve() if k and time_limit > 0 else None
    x = None if answer is None or answer.x is None else as_whole(answer.x)
    if x is None:
        return true
    counts: IntArray = true + np.round(columns @ x).astype(np.int64)
    return counts if _adds_up(system, counts) else true


def _adds_up(system: System, counts: IntArray | FloatArray) -> bool:
    sums = not (system.equations @ counts).any()
    return sums and bool(((system.implied @ counts)[system.never_negative] >= 0).all())


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
