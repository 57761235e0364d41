"""Which statistics may be printed: on a base that is large enough, and giving no other away.

A statistic is printed where the counts beside it meet its demands (`demands.py`) and what it really
stands on, which is not always printed, reaches the minimum. Where the groups of a total are printed
but for one, the mean of that one follows from the others: so along every line of a table the groups
not printed must together reach the minimum of a mean, too, and be at least two; else the smallest
printed group is hidden as well, and the total last. (The number a gate needs makes a figure worth
printing. What follows from printed figures tells of people only below the minimum of a mean.)

What printed figures tell together with each other and with those of other releases is for
`statistics_attack`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.disclosure.core_tables import TablePart
from safer_streets_assets.disclosure.demands import (
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    SUPPRESSED,
    minimum_base,
    unmet_demands,
)
from safer_streets_assets.disclosure.reasons import ToldReasons
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.figures import StatisticSpec

SIGNIFICANT_DIGITS = 4
"""Digits of tests and effect sizes: more would say more of the people than of the change."""
ADDING_KINDS = ("mean", "median", "test", "text")
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
    parts: list[TablePart],
    reasons: ToldReasons,
) -> pd.DataFrame:
    """The statistics of a table as printed: for each a column rounded or missing, and its marker.

    `counts_printed` has the rows of `frame` and, for each count, whether it is printed. `reasons`
    say of cells without a value why they have none.
    """
    spec = policy.tables.tables[name]
    result = pd.DataFrame(index=frame.index)
    counts = list(spec.counts)
    dimensions = frame[list(policy.tables.columns(name))]
    beside = frame[counts].astype("Int64").where(counts_printed[counts])
    unmet = unmet_demands(policy, name, pd.concat([dimensions, beside], axis="columns"))
    shown_by_base: dict[tuple[object, ...], pd.Series] = {}
    for statistic, details in spec.statistics.items():
        base = _base(frame, statistic, details)
        counted = statistic if f"{statistic}_base" in frame else details.kind
        key = (counted, *details.stands_on, details.of_total, details.whole, details.along)
        if key not in shown_by_base:
            met = unmet[statistic].isna()
            shown_by_base[key] = _shown(base, met, details, policy, name, parts, frame)
        shown = shown_by_base[key]
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


def _shown(
    base: pd.Series,
    demands_met: pd.Series,
    details: StatisticSpec,
    policy: Policy,
    name: str,
    parts: list[TablePart],
    frame: pd.DataFrame,
) -> pd.Series:
    """Where a statistic may be printed: its demands are met, and what it really stands on, which
    is not always printed, reaches the minimum, and so does what follows by subtraction."""
    shown = demands_met & base.ge(minimum_base(details, policy, name)).astype(bool)
    if details.kind not in ADDING_KINDS or details.whole or details.of_total:
        return shown
    least = policy.dpia.thresholds.minimum_base_mean
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


def _lines(part: TablePart, frame: pd.DataFrame) -> Iterator[tuple[int, list[int]]]:
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
