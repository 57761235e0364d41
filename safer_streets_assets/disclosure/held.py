"""What a release tabulates in place of the aggregates, so that no printed count moves a little.

See `core.holding` for the rule. Here it meets the published tables: counts that statistics stand
on move whole, gates go by what is tabulated, and no statistic of the day stands beside a count that
is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from safer_streets_assets.disclosure.core import Link, PublishedRelease
from safer_streets_assets.disclosure.core.holding import hold_back
from safer_streets_assets.disclosure.core.nearest import Interval
from safer_streets_assets.disclosure.core.reading import cell_of
from safer_streets_assets.disclosure.core.system import Lasting
from safer_streets_assets.disclosure.demands import hide
from safer_streets_assets.disclosure.last_release import LastRelease
from safer_streets_assets.disclosure.links import core_links
from safer_streets_assets.disclosure.shape import Part, core_table, count_tables
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.tables import StatisticSpec

GATES = "stage_gates"
"""The published table that says which gates are open."""
ATTEMPTS = 5
"""How often links that hold only for some counts are looked for again."""

Frames = Mapping[str, pd.DataFrame]
Parts = Mapping[str, list[Part]]


@dataclass(frozen=True)
class Tabulated:
    """Frames with the counts that a release tabulates, their parts and links, each count by what it
    is, and in how many cells it differs from the aggregates."""

    frames: Frames
    parts: Parts
    links: Sequence[Link]
    counts: Mapping[Lasting, int]
    cells_held: int


def tabulate(
    policy: Policy,
    aggregates: Frames,
    previous: Sequence[PublishedRelease],
    last: LastRelease | None,
) -> Tabulated:
    """The aggregates as the next release tabulates them; as they are when it is the first, or the
    policy does not hold back.

    Raises:
        TablesDisagreeError: the aggregates contradict a link.
    """
    parts = count_tables(policy, aggregates)
    links = core_links(policy, parts, aggregates)
    thresholds = policy.dpia.thresholds
    holds = thresholds.hold_back and thresholds.rounding_base is None
    earlier = last.counts if last is not None and holds else {}
    frames, known = aggregates, list(links)
    for _ in range(ATTEMPTS):
        held = hold_back(
            [core_table(part, aggregates[name]) for name, own in parts.items() for part in own],
            threshold=thresholds.minimum_count,
            last=earlier,
            previous=previous,
            links=known,
            whole=_whole(policy, parts),
            limits=_limits(policy, aggregates, parts, last),
            time_limit=thresholds.proof_seconds,
        )
        frames = with_counts(policy, aggregates, parts, held.counts)
        shown = count_tables(policy, frames)
        links = core_links(policy, shown, frames, may_differ=True)
        new = [link for link in links if link not in known]
        if not new or not held.cells:
            break
        known += new
    return Tabulated(frames, shown, links, held.counts, held.cells)


def with_counts(
    policy: Policy, aggregates: Frames, parts: Parts, counts: Mapping[Lasting, int]
) -> dict[str, pd.DataFrame]:
    """The aggregates with these counts, gates and the tables behind them as those counts have it.

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
    if GATES in result:
        gates = result[GATES]
        gates["open"] = gates["open"].astype(bool) & (gates["n_now"] >= gates["n_needed"])
        closed = set(gates["gate"]) - _open_gates(gates)
        for name in result:
            if policy.tables.tables[name].gate in closed:
                result[name] = result[name].iloc[:0]
    return result


def hide_beside_held(
    policy: Policy,
    name: str,
    parts: Sequence[Part],
    printed: pd.DataFrame,
    counted: pd.DataFrame,
) -> pd.DataFrame:
    """A printed table without the statistics that stand beside a count held back: a statistic is of
    the people of the day. `counted` has the true counts. Percentages are of the counts in print."""
    result = printed.copy()
    counts = list(policy.tables.tables[name].counts)
    if not (printed[counts] != counted[counts]).fillna(False).any(axis=None):
        return result
    for statistic, details in policy.tables.tables[name].statistics.items():
        if details.kind != "percent":
            beside = {
                row: _stands_with(policy, name, details, row, parts, printed)
                for row in printed.index
            }
            own = details.stands_on
            true = _all_equal(printed[own], counted[own], beside)
            hide(result, statistic, ~true & result[statistic].notna())
    return result


def _stands_with(
    policy: Policy,
    name: str,
    details: StatisticSpec,
    row: Any,
    parts: Sequence[Part],
    frame: pd.DataFrame,
) -> list[Any]:
    """The rows whose counts the statistic of a row is made of: its own, those of its Total, of its
    whole facet, or along the dimension that it builds up along."""
    rows = {row: None}
    for part in parts:
        if row in part.rows and (details.whole or details.of_total):
            coords = part.coords(frame)
            rows |= dict.fromkeys(r for r, at in coords.items() if details.whole or not at)
    if details.along is not None:
        column = policy.tables.dimensions[details.along].column or details.along
        others = [c for c in policy.tables.columns(name) if c != column]
        same = (frame[others] == frame.loc[row, others]).all(axis="columns")
        rows |= dict.fromkeys(frame.index[same])
    return list(rows)


def _all_equal(
    some: pd.DataFrame, others: pd.DataFrame, beside: Mapping[Any, list[Any]]
) -> pd.Series:
    """For each row whether some counts are there and equal to others in all rows beside it."""
    equal = some.eq(others).fillna(False).astype(bool).all(axis="columns")
    return pd.Series({row: bool(equal.loc[rows].all()) for row, rows in beside.items()}, dtype=bool)


def lasting_of(part: Part, count: str, coords: Mapping[str, str]) -> Lasting:
    """What stays the same of a count from release to release; Totals are left out of `coords`."""
    return cell_of(part.spec, count, dict(coords), 0).lasting


def _whole(policy: Policy, parts: Parts) -> set[str]:
    """The core tables beside whose counts a statistic is printed that adds up over groups."""
    return {
        part.spec.name
        for name, own in parts.items()
        for part in own
        if any(
            details.kind not in ("percent", "median")
            for details in policy.tables.tables[name].statistics.values()
        )
    }


def _limits(
    policy: Policy, frames: Frames, parts: Parts, last: LastRelease | None
) -> dict[Lasting, Interval]:
    """What is gathered for a gate is tabulated below what it needs while it is closed, and not
    below that while it stays open."""
    limits: dict[Lasting, Interval] = {}
    was_open = _open_gates(last.frames[GATES]) if last is not None and GATES in last.frames else ()
    for part in parts.get(GATES, ()):
        gates = frames[GATES].to_dict("index")
        for row, coords in part.coords(frames[GATES]).items():
            now, needed = int(gates[row]["n_now"]), int(gates[row]["n_needed"])
            if now < needed:
                limits[lasting_of(part, "n_now", dict(coords))] = (0, needed - 1)
            elif gates[row]["gate"] in was_open:
                limits[lasting_of(part, "n_now", dict(coords))] = (needed, now)
    return limits


def _open_gates(frame: pd.DataFrame) -> set[str]:
    return set(frame.loc[frame["open"].astype(bool), "gate"].astype(str))
