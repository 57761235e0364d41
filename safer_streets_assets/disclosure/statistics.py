"""Which statistics may be printed: on a base that is large enough, and giving no other away.

A statistic is printed when the counts it stands on are printed and the least of them reaches the
policy's minimum. Where the groups of a total are printed but for one, the mean of that one follows
from the others: so along every line of a table the groups not printed must together reach the
minimum of a mean, too, and be at least two; else the smallest printed group is hidden as well, and
the total last. (The number a gate needs makes a figure worth printing. What follows from printed
figures tells of people only below the minimum of a mean, so that one holds for the rest.)

A statistic that is a function of counts is held to them instead: one that is `of_total` is printed
only beside the counts of its Total row, one that is `whole` only beside those of its whole facet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from safer_streets_assets.disclosure.core.grid import TOTAL
from safer_streets_assets.disclosure.reasons import Reasons
from safer_streets_assets.disclosure.shape import Part
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.tables import StatisticSpec

SUPPRESSED, NOT_AVAILABLE, NOT_APPLICABLE = "[c]", "[x]", "[z]"
SIGNIFICANT_DIGITS = 4
"""Digits of tests and effect sizes: more would say more of the people than of the change."""
ADDING_KINDS = ("mean", "test", "text")
"""Kinds of statistic whose value for a group can follow from the total and the other groups."""


def add_percentages(frame: pd.DataFrame, policy: Policy, name: str) -> pd.DataFrame:
    """Adds the percentages of a counted table: a count over its own base, or over the Total row.

    Formula: 100 x count / base, not rounded. The base stands in `<name>_base`.
    """
    spec = policy.tables.tables[name]
    frame = frame.copy()
    for statistic, details in spec.statistics.items():
        if details.kind != "percent":
            continue
        if details.base is not None:
            base = frame[details.base]
        else:
            base = _totals(frame, policy, name, details.with_count)
        share = 100.0 * frame[details.with_count].astype("Float64") / base.astype("Float64")
        frame[statistic] = share.where(base > 0)
        frame[f"{statistic}_base"] = base.astype("Int64")
    return frame


def mark_statistics(
    frame: pd.DataFrame,
    counts_printed: pd.DataFrame,
    policy: Policy,
    name: str,
    parts: list[Part],
    reasons: Reasons,
) -> pd.DataFrame:
    """The statistics of a table as printed: for each a column rounded or missing, and its marker.

    `counts_printed` has the rows of `frame` and, for each count, whether it is printed. `reasons`
    say of cells without a value why they have none.
    """
    spec = policy.tables.tables[name]
    result = pd.DataFrame(index=frame.index)
    shown_by_base: dict[tuple[object, ...], pd.Series] = {}
    for statistic, details in spec.statistics.items():
        base = _base(frame, statistic, details)
        counted = statistic if f"{statistic}_base" in frame else details.kind
        key = (counted, *details.stands_on, details.of_total, details.whole)
        if key not in shown_by_base:
            shown_by_base[key] = _shown(base, counts_printed, details, policy, name, parts, frame)
        shown = shown_by_base[key]
        if details.along is not None:
            shown = shown & printed_so_far(frame, counts_printed, policy, name, details.along)
        value = frame[statistic]
        nobody = base.eq(0) & counts_printed[details.stands_on].all(axis="columns")
        marker = pd.Series(pd.NA, index=frame.index, dtype="string")
        marker = marker.mask(value.isna(), NOT_AVAILABLE)
        marker = marker.mask(value.isna() & reasons.known(statistic), NOT_APPLICABLE)
        marker = marker.mask(~shown, SUPPRESSED)
        marker = marker.mask(nobody, NOT_APPLICABLE)
        marker = marker.mask(value.isna() & reasons.by_design(statistic), NOT_APPLICABLE)
        printed = value.mask(marker.notna())
        result[statistic] = rounded_statistic(printed, details, policy)
        result[f"{statistic}_marker"] = marker
    return result


def stands_with(
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


def printed_so_far(
    frame: pd.DataFrame, counts_printed: pd.DataFrame, policy: Policy, name: str, along: str
) -> pd.Series:
    """For each row whether it and all rows before it along a dimension print every count."""
    columns = policy.tables.columns(name)
    column = policy.tables.dimensions[along].column or along
    order = policy.values_of(columns[column].values) or []
    place = frame[column].astype(str).map({value: i for i, value in enumerate(order)})
    others = [c for c in columns if c != column]
    whole = counts_printed.all(axis="columns").astype(int)
    so_far = whole.loc[place.sort_values(kind="stable").index]
    if others:
        keys = [frame.loc[so_far.index, c].astype(str) for c in others]
        so_far = so_far.groupby(keys).cummin()
    else:
        so_far = so_far.cummin()
    return so_far.reindex(frame.index).astype(bool)


def minimum_base(details: StatisticSpec, policy: Policy, name: str) -> int:
    """The least base a statistic of a table may stand on to be printed."""
    spec = policy.tables.tables[name]
    least = _minimum_of_kind(details, policy)
    if spec.minimum_base != "gate":
        return least
    return max(least, *(gate.needed for gate in policy.dpia.gates if gate.name == spec.gate))


def _minimum_of_kind(details: StatisticSpec, policy: Policy) -> int:
    thresholds = policy.dpia.thresholds
    percent = details.kind == "percent"
    return thresholds.minimum_base_percent if percent else thresholds.minimum_base_mean


def _shown(
    base: pd.Series,
    counts_printed: pd.DataFrame,
    details: StatisticSpec,
    policy: Policy,
    name: str,
    parts: list[Part],
    frame: pd.DataFrame,
) -> pd.Series:
    beside = counts_printed[details.stands_on].all(axis="columns")
    shown = beside & base.ge(minimum_base(details, policy, name))
    share = details.kind == "percent"
    if share and details.base is not None:
        shown &= counts_printed[details.base]
    for part in parts:
        coords = part.coords(frame)
        totals = [row for row, where in coords.items() if not where]
        needed = list(part.rows) if details.whole else totals
        if details.whole or details.of_total or (share and details.base is None):
            shown.loc[part.rows] &= bool(beside[needed].all())
    if details.kind not in ADDING_KINDS or details.whole or details.of_total:
        return shown
    least = _minimum_of_kind(details, policy)
    lines = [line for part in parts for line in _lines(part, frame)]
    changed = True
    while changed:
        changed = False
        for total, groups in lines:
            if not shown[total]:
                continue
            hidden = [row for row in groups if not shown[row] and base[row] > 0]
            if not hidden or (len(hidden) > 1 and sum(base[row] for row in hidden) >= least):
                continue
            candidates = sorted((int(base[row]), row) for row in groups if shown[row])
            shown[candidates[0][1] if candidates else total] = False
            changed = True
    return shown


def _lines(part: Part, frame: pd.DataFrame) -> Iterator[tuple[int, list[int]]]:
    """Each Total row of a part with the rows it is the total of, one dimension at a time."""
    by_coords = {frozenset(coords): row for row, coords in part.coords(frame).items()}
    for coords, total in by_coords.items():
        given = {dimension for dimension, _ in coords}
        for dimension in part.spec.dimensions:
            if dimension not in given and dimension != part.spec.nested:
                groups = [
                    row
                    for other, row in by_coords.items()
                    if len(other) == len(coords) + 1
                    and coords < other
                    and next(iter(other - coords))[0] == dimension
                ]
                yield total, groups


def _base(frame: pd.DataFrame, statistic: str, details: StatisticSpec) -> pd.Series:
    column = f"{statistic}_base"
    base = frame[[column] if column in frame else details.stands_on]
    return base.astype("Int64").fillna(0).min(axis="columns").astype("Int64")


def _totals(frame: pd.DataFrame, policy: Policy, name: str, count: str) -> pd.Series:
    """For each row the count of its Total row: the base of a share of a partition."""
    columns = policy.tables.columns(name)
    adding = [column for column, dimension in columns.items() if dimension.total]
    apart = [column for column in columns if column not in adding]
    is_total = (frame[adding] == TOTAL).all(axis="columns")
    totals = frame[is_total].set_index(apart)[count] if apart else frame[is_total][count]
    if not apart:
        return pd.Series(int(totals.iloc[0]), index=frame.index, dtype="Int64")
    keys = pd.MultiIndex.from_frame(frame[apart]) if len(apart) > 1 else frame[apart[0]]
    return pd.Series(totals.reindex(keys).to_numpy(), index=frame.index, dtype="Int64")


def rounded_statistic(values: pd.Series, details: StatisticSpec, policy: Policy) -> pd.Series:
    """Values of a statistic with the decimals or digits that they are printed with."""
    thresholds = policy.dpia.thresholds
    if details.kind == "text":
        return values.astype("string")
    numbers = values.astype("Float64")
    if details.decimals is not None:
        numbers = numbers.round(details.decimals)
    elif details.kind == "percent":
        numbers = numbers.round(thresholds.percent_decimals)
    elif details.kind in ("mean", "median"):
        numbers = numbers.round(thresholds.mean_decimals)
    else:
        numbers = numbers.map(_significant, na_action="ignore").astype("Float64")
    return numbers if details.floor is None else numbers.clip(lower=details.floor)


def _significant(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
