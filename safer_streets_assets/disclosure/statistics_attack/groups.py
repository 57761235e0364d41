"""The groups of too few people that printed counts themselves speak of, for the attacker to try."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from safer_streets_assets.disclosure.statistics_attack.figures import ReleaseRow, RowSystem
from safer_streets_assets.disclosure.statistics_attack.prints import Facet, Flags
from safer_streets_assets.disclosure.statistics_attack.sums import Group

Cells = dict[ReleaseRow, int]
"""Cells and how often their people are counted in."""


@dataclass(frozen=True)
class Limits:
    """When something is found, as shares of the range of a score: a score, or a mean of fewer than
    `bar` people, that is known within less than `enough`; a mean of fewer than `base` people of one
    release that follows (within less than `follows`)."""

    base: int
    bar: int
    enough: float
    follows: float


def groups_of(system: RowSystem, known: Flags, limits: Limits) -> list[Group]:
    """A row at a release, those who joined or left it between two, and what is left of a Total when
    all is taken away that has a statistic in print (`known`, release x row), or a printed count.
    """
    groups = {}
    for cells in _candidates(system, known):
        people = abs(sum(way * float(system.counts[cell]) for cell, way in cells.items()))
        within = len({release for release, _ in cells}) == 1
        if 1 <= people < (limits.base if within else limits.bar):
            width = limits.enough if people < limits.bar else limits.follows
            key = tuple(cells.items())
            groups[key] = Group(key, people, key[0][0][1], width)
    return list(groups.values())


def _candidates(system: RowSystem, known: Flags) -> Iterator[Cells]:
    releases, rows = system.counts.shape
    spans = [(since, at) for at in range(releases) for since in (None, *range(at))]
    for row in range(rows):
        for since, at in spans:
            yield {(at, row): 1} | ({} if since is None else {(since, row): -1})
    grown = _only_grown(system)
    told = _that_follow(system, known)
    for facet in system.facets:
        for total, own in _lines(facet):
            for there in (told, ~np.isnan(system.counts)):
                for since, at in spans:
                    rest = {(at, total): 1} | ({} if since is None else {(since, total): -1})
                    for row in own:
                        rest |= _taken(there[:, row], row, since, at, grown=bool(grown[row]))
                    if len(rest) > (1 if since is None else 2):
                        yield rest


def _taken(there: Flags, row: int, since: int | None, at: int, *, grown: bool) -> Cells:
    """The most of a row's people that may be taken from a Total at a release, or from its growth
    since another: from the first time to the last time at which the row is there."""
    first = 0 if since is None else since
    times = [t for t in range(first, at + 1) if there[t]]
    if not grown:
        times = [t for t in times if t in (since, at)]
    if since is None:
        return {(times[-1], row): -1} if times else {}
    return {(times[-1], row): -1, (times[0], row): 1} if len(times) > 1 else {}


def _that_follow(system: RowSystem, known: Flags) -> Flags:
    """Where a row's sums are known: printed, of nobody, of the same people as at another release,
    or what is left of a line when all else of it is known."""
    lines = [[total, *own] for facet in system.facets for total, own in _lines(facet)]
    equal = system.counts[:, None, :] == system.counts[None, :, :]
    told = known | (system.counts == 0)
    while True:
        more = told | (equal & told[None, :, :]).any(axis=1)
        for line in lines:
            missing = ~more[:, line]
            for release in np.flatnonzero(missing.sum(axis=1) == 1):
                more[release, line[int(missing[release].argmax())]] = True
        if (more == told).all():
            return np.asarray(told, dtype=bool)
        told = more


def _only_grown(system: RowSystem) -> Flags:
    """The rows of which no printed count fell."""
    falls = [np.diff(own[~np.isnan(own)]).min(initial=0.0) < 0 for own in system.counts.T]
    return ~np.array(falls, dtype=bool)


def _lines(facet: Facet) -> Iterator[tuple[int, list[int]]]:
    """Each row with those that it is the total of, one dimension at a time."""
    for total, at in facet.items():
        parts: dict[str, list[int]] = {}
        for row, other in facet.items():
            if at < other and len(other) == len(at) + 1:
                parts.setdefault(next(iter(other - at))[0], []).append(row)
        for own in parts.values():
            yield total, own
