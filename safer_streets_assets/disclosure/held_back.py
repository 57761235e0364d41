"""What a release tabulates in place of the aggregates, where the policy holds back.

See `core.holding_back` for the rule. Here it meets the published tables: a total, a zero, a
category that was not printed before, a gate and a count beside a statistic are never held, but
beside medians, which are of everybody known on the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from safer_streets_assets.disclosure.core import Lasting, PublishedRelease, cell_of, hold_back
from safer_streets_assets.disclosure.core_tables import (
    HELD,
    TablePart,
    as_of_column,
    core_table,
    count_tables,
    holds_back,
)
from safer_streets_assets.disclosure.importance import headline_counts
from safer_streets_assets.disclosure.links import core_links
from safer_streets_assets.policy import Policy

Frames = Mapping[str, pd.DataFrame]
Parts = Mapping[str, list[TablePart]]


@dataclass(frozen=True)
class Tabulated:
    """Frames with the counts that a release tabulates, their parts, each count by what it is, and
    in how many cells it differs from the aggregates."""

    frames: Frames
    parts: Parts
    counts: Mapping[Lasting, int]
    cells_held: int


def tabulate(policy: Policy, aggregates: Frames, previous: Sequence[PublishedRelease]) -> Tabulated:
    """The aggregates as the next release tabulates them: as they are, unless the policy holds back.

    Raises:
        TablesDisagreeError: the aggregates contradict a link.
    """
    parts = count_tables(policy, aggregates)
    links = core_links(policy, parts, aggregates)
    if not holds_back(policy):
        true = _counts_of(parts, aggregates)
        return Tabulated(with_counts(policy, aggregates, parts, true), parts, true, 0)
    thresholds = policy.dpia.thresholds
    held = hold_back(
        [core_table(part, aggregates[name]) for name, own in parts.items() for part in own],
        threshold=thresholds.minimum_count,
        previous=previous,
        holdable=_holdable(policy, parts, aggregates),
        links=links,
        time_limit=thresholds.proof_seconds,
    )
    frames = with_counts(policy, aggregates, parts, held.counts)
    return Tabulated(frames, parts, held.counts, held.cells)


def with_counts(
    policy: Policy, aggregates: Frames, parts: Parts, counts: Mapping[Lasting, int]
) -> dict[str, pd.DataFrame]:
    """The aggregates with these counts.

    Raises:
        KeyError: a count of the aggregates is not among them.
    """
    result = {name: frame.copy() for name, frame in aggregates.items()}
    for name, own in parts.items():
        for part in own:
            places = part.coords(aggregates[name])
            for count in part.spec.measures:
                keys = [lasting_of(part, count, dict(coords)) for coords in places.values()]
                found = [counts[key] for key in keys]
                result[name].loc[list(places), count] = pd.array(found, dtype="Int64")
    return result


def _counts_of(parts: Parts, frames: Frames) -> dict[Lasting, int]:
    """Each count of some frames by what it is."""
    return {
        lasting_of(part, count, dict(coords)): int(frames[name][count].loc[row])
        for name, own in parts.items()
        for part in own
        for row, coords in part.coords(frames[name]).items()
        for count in part.spec.measures
    }


def _holdable(policy: Policy, parts: Parts, frames: Frames) -> set[Lasting]:
    """The counts that may be printed as they were: no totals, no headline figures, and none that
    stands in a table with statistics, but for medians."""
    kept: set[Lasting] = set().union(*headline_counts(policy, parts, frames))
    found: set[Lasting] = set()
    for name, own in parts.items():
        statistics = policy.tables.tables[name].statistics.values()
        moves = all(details.kind == "median" for details in statistics)
        for part in own:
            for coords in part.coords(frames[name]).values():
                keys = {lasting_of(part, count, dict(coords)) for count in part.spec.measures}
                detailed = len(coords) == len(part.spec.dimensions)
                if detailed and moves:
                    found |= keys
                else:
                    kept |= keys
    return found - kept


def lasting_of(part: TablePart, count: str, coords: Mapping[str, str]) -> Lasting:
    """What stays the same of a count from release to release; Totals are left out of `coords`."""
    return cell_of(part.spec, count, dict(coords), 0).lasting


def with_as_of(
    printed: pd.DataFrame,
    parts: list[TablePart],
    since: Mapping[Lasting, tuple[int, int]],
    number: int,
) -> pd.DataFrame:
    """Adds to each printed count the number of the release that first printed it so, and the marker
    HELD to those that an earlier one printed so, where they may be held.

    Both follow from what the releases print, so they tell nothing of which count was held back.
    """
    numbers: dict[str, dict[Any, int]] = {}
    detailed = pd.Series(False, index=printed.index)
    for part in parts:
        values = printed[list(part.spec.measures)].to_dict("index")
        for row, coords in part.coords(printed).items():
            detailed[row] |= bool(coords) and len(coords) == len(part.spec.dimensions)
            for count in part.spec.measures:
                first, release = since.get(lasting_of(part, count, dict(coords)), (None, number))
                same = first is not None and values[row][count] == first
                numbers.setdefault(count, {})[row] = release if same else number
    for count, found in numbers.items():
        column = pd.Series(found, index=printed.index, dtype="Int64")
        printed[as_of_column(count)] = column.mask(printed[count].isna())
        marker = f"{count}_marker"
        printed[marker] = printed[marker].mask(
            column.lt(number) & detailed & printed[count].gt(0), HELD
        )
    return printed
