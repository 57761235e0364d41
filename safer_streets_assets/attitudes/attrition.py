"""Who is lost: those with an end score against those without."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from safer_streets_assets.attitudes.floats import as_floats, sample_sd
from safer_streets_assets.attitudes.grouping import (
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    TOTAL,
    Grouping,
)
from safer_streets_assets.attitudes.instrument import Instrument
from safer_streets_assets.attitudes.pairs import START_END, Comparison, analysis_cube
from safer_streets_assets.policy.dimensions import ANY_LEVEL

WELCH = "Welch t"
CHI_SQUARE = "Pearson chi-square"
ATTRITION_COLUMNS = [
    "characteristic",
    "category",
    "n_with_end",
    "n_without_end",
    "mean_with_end",
    "mean_without_end",
    "sd_with_end",
    "sd_without_end",
    "smd",
    "statistic_name",
    "statistic",
    "df",
    "p",
    "level",
]
NOBODY = "there is nobody on this side"
FEWER_THAN_TWO = "there are fewer than two people on one side"
ONE_SIDE = "there is nobody on one side"
NO_VARIATION = "the scores do not vary"
SAME_SHARE = "the shares do not vary"
ONE_CATEGORY = "fewer than two categories have people"
SHARES_ONLY = "a characteristic has shares and no scores"
IN_THE_CATEGORIES = "each category has its own difference of shares"
IN_THE_TOTAL = "the test is over all categories, in the row Total"

_KEYS = ["characteristic", "category"]
_TEXT = {*_KEYS, "statistic_name", "level"}
_WHOLE = {"n_with_end", "n_without_end"}
_MOMENTS = ("mean_with_end", "mean_without_end", "sd_with_end", "sd_without_end")
_TEST = ("statistic", "df", "p")
_FEWEST = 2

Row = dict[str, Any]
Reasons = dict[str, str]


@dataclass(frozen=True)
class AttritionTable:
    """The table (ATTRITION_COLUMNS; characteristic, category and level unique) and why a cell is
    missing.

    `not_estimable` has characteristic, category, level, statistic, reason, and marker ([x] not
    available, [z] not applicable): one row for every missing cell of the table.
    """

    table: pd.DataFrame
    not_estimable: pd.DataFrame


def attrition_table(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    instrument: Instrument,
    groupings: Sequence[Grouping] = (),
    *,
    comparison: Comparison = START_END,
) -> AttritionTable:
    """Compare those with an end score and those without, among linked people with a start score.

    They are the n_start people of `change_summary`, and those with an end score its n_paired. A
    scale is a characteristic `<scale> at start` with category Total: n, mean, SD (n - 1), SMD =
    difference of means over the root mean square of both SDs, Welch t. A grouping is a
    characteristic of the people of the primary scales: a Total row (Pearson chi-square without
    continuity correction over the categories that anybody is in) and a row per category, also when
    0, whose SMD is that of the two proportions; people without a category are one (see Grouping),
    so that the Totals of all groupings are equal. Counts Int64, statistics Float64, missing where
    not estimable. Raises AttitudesError as `change_summary` does.
    """
    cube = analysis_cube(scores, people, instrument, [comparison])
    pairs = {scale.code: cube.pairs(scale.code, comparison) for scale in instrument.scales}
    rows: list[Row] = []
    reasons: list[Reasons] = []
    for code, pair in pairs.items():
        _add(rows, reasons, (f"{code} at start", TOTAL, ANY_LEVEL), *_compare_scores(pair))
    began = _in_all(pairs, instrument, "start", people)
    with_end = began & _in_all(pairs, instrument, "end", people)
    for grouping in groupings:
        members = [(value, m.to_numpy(bool)) for value, m in grouping.members(people)]
        counts = {
            value: (int((m & with_end).sum()), int((m & began & ~with_end).sum()))
            for value, m in members
        }
        total = (grouping.name, TOTAL, grouping.level)
        _add(rows, reasons, total, *_compare_categories(list(counts.values())))
        totals = int(with_end.sum()), int((began & ~with_end).sum())
        for value, pair_of_counts in counts.items():
            keys = (grouping.name, value, grouping.level)
            _add(rows, reasons, keys, *_compare_shares(pair_of_counts, totals))
    types = {
        column: "string" if column in _TEXT else "Int64" if column in _WHOLE else "Float64"
        for column in ATTRITION_COLUMNS
    }
    return AttritionTable(
        pd.DataFrame(rows, columns=ATTRITION_COLUMNS).astype(types),
        pd.DataFrame(reasons, columns=[*_KEYS, "level", "statistic", "reason", "marker"]).astype(
            "string"
        ),
    )


def _add(
    rows: list[Row],
    reasons: list[Reasons],
    keys: tuple[str, str, str],
    row: Row,
    why: Reasons,
) -> None:
    """Put a row down, and a reason for each of its missing cells."""
    own = dict(zip([*_KEYS, "level"], keys, strict=True))
    rows.append(own | row)
    not_applicable = {SHARES_ONLY, IN_THE_CATEGORIES, IN_THE_TOTAL}
    for name, reason in why.items():
        marker = NOT_APPLICABLE if reason in not_applicable else NOT_AVAILABLE
        reasons.append(own | {"statistic": name, "reason": reason, "marker": marker})


def _in_all(
    pairs: Mapping[str, pd.DataFrame], instrument: Instrument, column: str, people: pd.DataFrame
) -> NDArray[np.bool_]:
    """Whether each person has a score of the primary scales at a wave; nobody without such."""
    found = np.full(len(people), bool(instrument.primary))
    for scale in instrument.primary:
        found &= pairs[scale.code][column].notna().to_numpy(bool)
    return found


def _compare_scores(pair: pd.DataFrame) -> tuple[Row, Reasons]:
    began, with_end = (pair[wave].notna() for wave in ("start", "end"))
    return compare_scores(
        {
            "with_end": as_floats(pair["start"][began & with_end]),
            "without_end": as_floats(pair["start"][began & ~with_end]),
        }
    )


def compare_scores(sides: Mapping[str, NDArray[np.float64]]) -> tuple[Row, Reasons]:
    """The scores of two sides, the first less the second, and why a figure is missing.

    For each side s `n_s`, `mean_s` and `sd_s` (n - 1); `smd` is the difference of means over the
    root mean square of both SDs, `statistic`, `df` and `p` are of Welch's t.
    """
    row: Row = {"statistic_name": WELCH}
    why: Reasons = {}
    for side, values in sides.items():
        row[f"n_{side}"] = len(values)
        row[f"sd_{side}"] = sample_sd(values)
        row[f"mean_{side}"] = float(values.mean()) if values.size else None
        if not values.size:
            why[f"mean_{side}"] = NOBODY
        if len(values) < _FEWEST:
            why[f"sd_{side}"] = "there are fewer than two people on this side"
    first, second = sides
    sizes = row[f"n_{first}"], row[f"n_{second}"]
    if min(sizes) < _FEWEST:
        return row, why | dict.fromkeys(("smd", *_TEST), FEWER_THAN_TWO)
    variances = row[f"sd_{first}"] ** 2, row[f"sd_{second}"] ** 2
    if sum(variances) == 0:
        return row, why | dict.fromkeys(("smd", *_TEST), NO_VARIATION)
    difference = row[f"mean_{first}"] - row[f"mean_{second}"]
    row["smd"] = difference / math.sqrt(sum(variances) / 2)
    return row | _welch(difference, variances, sizes), why


def _welch(
    difference: float, variances: tuple[float, float], sizes: tuple[int, int]
) -> dict[str, float]:
    """Welch's (1947) t with Satterthwaite's df."""
    from scipy import special

    errors = [variance / n for variance, n in zip(variances, sizes, strict=True)]
    t = difference / math.sqrt(sum(errors))
    df = sum(errors) ** 2 / sum(e**2 / (n - 1) for e, n in zip(errors, sizes, strict=True))
    return {"statistic": t, "df": df, "p": float(2 * special.stdtr(df, -abs(t)))}


def _compare_categories(counts: list[tuple[int, int]]) -> tuple[Row, Reasons]:
    from scipy import special

    row: Row = {
        "n_with_end": sum(here for here, _ in counts),
        "n_without_end": sum(lost for _, lost in counts),
        "statistic_name": CHI_SQUARE,
    }
    why = dict.fromkeys(_MOMENTS, SHARES_ONLY) | {"smd": IN_THE_CATEGORIES}
    table = np.array([pair for pair in counts if sum(pair) > 0], dtype=float).reshape(-1, 2)
    columns = table.sum(axis=0)
    if (columns == 0).any():
        return row, why | dict.fromkeys(_TEST, ONE_SIDE)
    if len(table) < _FEWEST:
        return row, why | dict.fromkeys(_TEST, ONE_CATEGORY)
    expected = np.outer(table.sum(axis=1), columns) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    df = len(table) - 1
    test = {"statistic": statistic, "df": df, "p": float(special.chdtrc(df, statistic))}
    return row | test, why


def _compare_shares(counts: tuple[int, int], totals: tuple[int, int]) -> tuple[Row, Reasons]:
    row: Row = {"n_with_end": counts[0], "n_without_end": counts[1]}
    why = dict.fromkeys(_MOMENTS, SHARES_ONLY)
    why |= dict.fromkeys(("statistic_name", *_TEST), IN_THE_TOTAL)
    if min(totals) == 0:
        return row, why | {"smd": ONE_SIDE}
    p, q = counts[0] / totals[0], counts[1] / totals[1]
    variance = (p * (1 - p) + q * (1 - q)) / 2
    if variance == 0:
        return row, why | {"smd": SAME_SHARE}
    return row | {"smd": (p - q) / math.sqrt(variance)}, why
