"""Shares of printed counts, with their intervals: conversion from stage to stage, rates of linking.

They are computed from what is printed and from nothing else, so whoever has the counts has them,
and no proof of the release needs to know them.
"""

from __future__ import annotations

from statistics import NormalDist

import pandas as pd

from safer_streets_assets.disclosure.core import TOTAL
from safer_streets_assets.disclosure.core_tables import as_of_column, holds_back
from safer_streets_assets.disclosure.demands import NOT_APPLICABLE, NOT_AVAILABLE, SUPPRESSED
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.figures import ShareSpec, share_columns
from safer_streets_assets.release.columns import marker_of

CONFIDENCE = 0.95


def wilson(part: pd.Series, whole: pd.Series, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Score intervals of shares of a whole (Wilson 1927), between 0 and 1; columns low and high.

    With z the normal quantile, p = part / whole and n = whole: (p + z^2/2n -+ z sqrt(p(1-p)/n +
    z^2/4n^2)) / (1 + z^2/n). Missing where either is missing, or the whole is 0.

    Raises:
        ValueError: the confidence is not between 0 and 1, or a part is not within its whole.
    """
    if not 0 < confidence < 1:
        raise ValueError("confidence lies between 0 and 1, both excluded; correct it")
    if (part.lt(0) | part.gt(whole)).fillna(False).any():
        raise ValueError("a part lies between 0 and its whole; correct the counts")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    n = whole.astype("Float64").mask(whole.eq(0).fillna(False))
    p = part.astype("Float64") / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5 / (1 + z**2 / n)
    # At the ends of the scale the formula gives 0 and 1, but for rounding.
    low = (middle - half).mask(part.eq(0).fillna(False) & n.notna(), 0.0)
    high = (middle + half).mask(part.eq(whole).fillna(False) & n.notna(), 1.0)
    return pd.DataFrame({"low": low, "high": high})


def with_shares(policy: Policy, name: str, printed: pd.DataFrame) -> pd.DataFrame:
    """A printed table with its shares in percent: for each the share, the ends of its interval, and
    one marker that holds for all three.

    `printed` has the dimensions of the table, and its counts with their markers. A share stands
    where both its counts are printed, of the same day, and the whole reaches the least base of a
    percentage.
    """
    result = printed.copy()
    for share, spec in policy.tables.tables[name].shares.items():
        part, whole, marker = _counts(policy, name, spec, printed)
        least = policy.dpia.thresholds.minimum_base_percent
        few = whole.lt(least).fillna(False).astype(bool) & whole.ne(0).fillna(False).astype(bool)
        marker = marker.mask(marker.isna() & few, SUPPRESSED)
        marker = marker.mask(marker.isna() & whole.eq(0).fillna(False), NOT_APPLICABLE)
        # Rounded counts may leave a part above its whole: then there is no interval.
        outside = part.lt(0).fillna(False) | part.gt(whole).fillna(False)
        marker = marker.mask(marker.isna() & outside, NOT_AVAILABLE)
        there = marker.isna()
        part, whole = part.where(there), whole.where(there)
        decimals = policy.dpia.thresholds.percent_decimals
        ends = wilson(part, whole)
        _, low, high = share_columns(share)
        said = {share: part.astype("Float64") / whole, low: ends["low"], high: ends["high"]}
        for column, values in said.items():
            result[column] = (100 * values).round(decimals)
        result[marker_of(share)] = marker
    return result


def _counts(
    policy: Policy, name: str, share: ShareSpec, printed: pd.DataFrame
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """For each row the part, the whole, and why there is no share (missing: there may be one)."""
    whole_row = _whole_rows(policy, name, share, printed)
    column = share.of or share.count
    columns = [column, marker_of(column), *([as_of_column(column)] if holds_back(policy) else [])]
    wholes = printed[columns].reindex(whole_row).set_axis(printed.index)
    part, whole = printed[share.count].astype("Int64"), wholes[column].astype("Int64")
    marker = pd.Series(pd.NA, index=printed.index, dtype="string")
    marker = marker.mask(part.isna(), printed[marker_of(share.count)])
    marker = marker.mask(marker.isna() & whole.isna(), wholes[marker_of(column)])
    if holds_back(policy):
        days = printed[as_of_column(share.count)], wholes[as_of_column(column)]
        other_day = days[0].ne(days[1]).fillna(False).astype(bool)
        marker = marker.mask(marker.isna() & other_day, NOT_AVAILABLE)
    return part, whole, marker.mask(whole_row.isna(), NOT_APPLICABLE)


def _whole_rows(policy: Policy, name: str, share: ShareSpec, printed: pd.DataFrame) -> pd.Series:
    """For each row the index of the row that its whole stands in; missing where it has none."""
    own = pd.Series(printed.index, index=printed.index, dtype=object)
    along = share.total or share.before
    if along is None:
        return own
    spec = policy.tables.dimensions[along]
    column = spec.column or along
    if share.total is not None:
        # The whole itself is no share.
        own_row = printed[column].astype(str).eq(TOTAL)
        other = pd.Series(TOTAL, index=printed.index, dtype=object).mask(own_row, None)
    else:
        order = list(policy.values_of(spec.values) or [])
        before = dict(zip(order[1:], order, strict=False))
        other = printed[column].astype(str).map(before).astype(object)
    columns = list(policy.tables.columns(name))
    keys = printed[columns].astype(str)
    places = dict(zip(keys.itertuples(index=False, name=None), printed.index, strict=True))
    wanted = keys.assign(**{column: other})
    found = [places.get(key) for key in wanted.itertuples(index=False, name=None)]
    return pd.Series(found, index=printed.index, dtype=object)
