"""Hides statistics until the attacker finds nothing: the least first, those of a Total last."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from safer_streets_assets.disclosure.demands import NOT_AVAILABLE, hide, minimum_base
from safer_streets_assets.disclosure.statistics_attack.attack import FEW, Attack, GroupFound
from safer_streets_assets.disclosure.statistics_attack.figures import (
    RowSystem,
    Statistic,
    systems_of,
)
from safer_streets_assets.disclosure.statistics_attack.groups import Limits
from safer_streets_assets.disclosure.statistics_attack.overlaps import overlapping
from safer_streets_assets.disclosure.statistics_attack.prints import Flags, Prints, prints_of
from safer_streets_assets.policy import Policy

CORRECTED = "it is not what it was while its counts are, so it tells of the few that were corrected"
Frames = Mapping[str, pd.DataFrame]


class FoundStatistic(NamedTuple):
    """A printed statistic by which the attacker finds something: of which row of which table (its
    label in the frame), and why. It carries no figure."""

    table: str
    row: object
    statistic: str
    why: str


def found_by_statistics(
    policy: Policy, tables: Frames, earlier: Sequence[Frames]
) -> list[FoundStatistic]:
    """What the attacker finds by the statistics of tables about to be printed.

    `tables` are as they are to be printed (counts, statistics and their markers), `earlier` those
    of every earlier release, oldest first. Empty when nothing is found; else some of what is.
    """
    found = []
    every = _all_prints(policy, tables, earlier)
    for name, prints in every.items():
        for statistic, rows in _corrected(prints):
            found += [FoundStatistic(name, prints.labels[r], statistic, CORRECTED) for r in rows]
    for system in _systems(policy, every):
        one = _attack(policy, system).found(system.known[-1])
        if one is not None:
            near = [system.statistics[one.row], *system.statistics]
            listed = [statistic for own in near for statistic in own]
            printed = [s for s in listed if not np.isnan(every[s[0]].values[s[2]][-1, s[1]])]
            name, row, statistic = [*printed, *listed][0]
            found.append(FoundStatistic(name, every[name].labels[row], statistic, one.why))
    return found


def hide_unproven_statistics(
    policy: Policy, tables: Frames, earlier: Sequence[Frames]
) -> dict[str, pd.DataFrame]:
    """The tables without the statistics by which the attacker would find something.

    A figure that changed while its counts did not is hidden by itself; else all statistics of
    a row that stand on the same count. Those on fewer people go first, a Total's last; in the end
    what need not be hidden after all is printed. Arguments as for `found_by_statistics`.
    """
    gone: set[Statistic] = set()
    every = _all_prints(policy, tables, earlier)
    for name, prints in every.items():
        for statistic, rows in _corrected(prints):
            gone |= {(name, row, statistic) for row in rows}
            prints.values[statistic][-1, rows] = np.nan
    tried: set[tuple[object, bytes]] = set()
    hiding = True
    while hiding:
        hiding = False
        for system in _systems(policy, every):
            if (system.statistics, system.known[-1].tobytes()) in tried:
                continue
            kept = _kept(_attack(policy, system), system)
            tried.add((system.statistics, kept.tobytes()))
            for place in np.flatnonzero(system.known[-1] & ~kept):
                hiding = True
                for table, row, statistic in system.statistics[place]:
                    gone.add((table, row, statistic))
                    every[table].values[statistic][-1, row] = np.nan
    return {name: _hidden(frame, name, gone) for name, frame in tables.items()}


def _all_prints(policy: Policy, tables: Frames, earlier: Sequence[Frames]) -> dict[str, Prints]:
    found = {name: prints_of(policy, name, frame, earlier) for name, frame in tables.items()}
    return {name: prints for name, prints in found.items() if prints is not None}


def _systems(policy: Policy, every: Mapping[str, Prints]) -> Iterator[RowSystem]:
    """The systems of each table, and then of rows of several, as they are printed by then."""
    for prints in every.values():
        yield from systems_of(policy, prints)
    yield from overlapping(policy, every)


def _hidden(frame: pd.DataFrame, name: str, gone: Collection[Statistic]) -> pd.DataFrame:
    """A printed table without these of its statistics; that one is not available is hidden too."""
    result = frame.copy()
    for statistic in dict.fromkeys(one[2] for one in gone if one[0] == name):
        rows = [row for table, row, own in gone if (table, own) == (name, statistic)]
        there = pd.Series(np.isin(np.arange(len(frame)), rows), index=frame.index)
        missing = result[f"{statistic}_marker"].eq(NOT_AVAILABLE).fillna(False).astype(bool)
        hide(result, statistic, there & (result[statistic].notna() | missing))
    return result


def _attack(policy: Policy, system: RowSystem) -> Attack:
    tables, thresholds = policy.tables.tables, policy.dpia.thresholds
    base = thresholds.minimum_base_mean
    found = {(table, name) for own in system.statistics for table, _, name in own}
    # Who is in one of two rows and not in the other is no row of a table: a mean's base will do.
    if all(system.statistics):
        least = (minimum_base(tables[t].statistics[name], policy, t) for t, name in found)
        base = max(base, *least)
    limits = Limits(
        base=base,
        bar=thresholds.minimum_base_mean,
        enough=thresholds.score_uncertainty,
        follows=10.0**-thresholds.mean_decimals,
    )
    return Attack(system, limits)


def _kept(attack: Attack, system: RowSystem) -> Flags:
    """The rows of the new release that may print their statistics."""
    known: Flags = system.known[-1].copy()
    hidden: list[int] = []
    while (found := attack.found(known)) is not None:
        hidden.append(_least(system, known, found))
        known[hidden[-1]] = False
    for row in sorted(hidden[:-1], key=lambda row: -system.counts[-1, row]):
        known[row] = True
        if attack.found(known) is not None:
            known[row] = False
    return known


def _least(system: RowSystem, known: Flags, found: GroupFound) -> int:
    """The row to hide for something found: itself when that is what it tells by itself, else the
    one on the fewest people in the facets of what is found, and a Total when there is none."""
    if found.why != FEW:
        return found.row
    near = {row for facet in system.facets if found.row in facet for row in facet}
    rows = [int(row) for row in np.flatnonzero(known)]
    return min(rows, key=lambda row: (system.totals[row], row not in near, system.counts[-1, row]))


def _corrected(prints: Prints) -> Iterator[tuple[str, list[int]]]:
    """Statistics of scores that differ from what an earlier release printed beside equal counts,
    with the places of the rows in which they do."""
    for facets in prints.systems:
        rows = list(dict.fromkeys(row for facet in facets for row in facet))
        for statistic, details in prints.of_scores(facets).items():
            values = prints.values[statistic][:, rows]
            counts = [prints.values[count][:, rows] for count in details.stands_on]
            same = np.all([own[:-1] == own[-1] for own in counts], axis=0)
            both = ~np.isnan(values[:-1]) & ~np.isnan(values[-1])
            differs = (same & both & (values[:-1] != values[-1])).any(axis=0)
            if differs.any():
                yield statistic, [rows[k] for k in np.flatnonzero(differs)]
