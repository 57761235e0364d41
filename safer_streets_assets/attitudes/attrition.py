"""Who is lost: those with an end score against those without, and regression to the mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from safer_streets_assets.attitudes.change import TOTAL, Grouping
from safer_streets_assets.attitudes.instrument import Instrument
from safer_streets_assets.attitudes.pairs import START_END, Comparison, change_of, pair_scores

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
]
_TEXT = {"characteristic", "category", "statistic_name"}
_WHOLE = {"n_with_end", "n_without_end"}
_FEWEST = 2


def attrition_table(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    instrument: Instrument,
    groupings: Sequence[Grouping] = (),
    *,
    comparison: Comparison = START_END,
) -> pd.DataFrame:
    """Compare those with an end score and those without, among linked people with a start score.

    A person has a start or an end score when any primary scale has one, so that all rows split the
    same people. A scale is a characteristic `<scale> at start` with category Total: n, mean, SD
    (n - 1), SMD = difference of means over the root mean square of both SDs, Welch t. A grouping is
    a characteristic with a Total row (Pearson chi-square without continuity correction over the
    categories that anybody is in) and a row per category, also when 0, whose SMD is that of the two
    proportions. Counts Int64, statistics Float64, missing where not estimable. Raises
    AttitudesError as `change_summary` does.
    """
    pairs = {
        scale.code: pair_scores(scores, people, scale.code, comparison)
        for scale in instrument.scales
    }
    primary = [pairs[scale.code] for scale in instrument.primary]
    began = _any_score(primary, "start", people)
    with_end = _any_score(primary, "end", people)
    rows: list[dict[str, Any]] = [
        {"characteristic": f"{code} at start", "category": TOTAL}
        | _compare_scores(pair["start"], began & with_end, began & ~with_end)
        for code, pair in pairs.items()
    ]
    for grouping in groupings:
        category = grouping.of(people).to_numpy(dtype=object, na_value="")
        counts = [
            (
                int((category[began & with_end] == value).sum()),
                int((category[began & ~with_end] == value).sum()),
            )
            for value in grouping.values()
        ]
        rows += _compare_categories(grouping, counts)
    types = {
        column: "string" if column in _TEXT else "Int64" if column in _WHOLE else "Float64"
        for column in ATTRITION_COLUMNS
    }
    return pd.DataFrame(rows, columns=ATTRITION_COLUMNS).astype(types)


def start_and_change_correlation(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    instrument: Instrument,
    *,
    comparison: Comparison = START_END,
) -> pd.DataFrame:
    """Return, per scale, the correlation of start score and change beside Oldham's.

    The first is below zero by chance alone (people who start low rise); Oldham's (1962) is that of
    the mean of both waves and the change. Columns: scale, n_paired, r_start_change, r_oldham
    (Float64, missing below two pairs or without variation).
    """
    rows = []
    for scale in instrument.scales:
        pairs = pair_scores(scores, people, scale.code, comparison).dropna()
        change = change_of(pairs).to_numpy(dtype=float)
        start = pairs["start"].to_numpy(dtype=float)
        mean = pairs.mean(axis="columns").to_numpy(dtype=float)
        rows.append(
            (scale.code, len(pairs), _correlation(start, change), _correlation(mean, change))
        )
    return pd.DataFrame(rows, columns=["scale", "n_paired", "r_start_change", "r_oldham"]).astype(
        {"scale": "string", "n_paired": "Int64", "r_start_change": "Float64", "r_oldham": "Float64"}
    )


def _any_score(
    pairs: list[pd.DataFrame], column: str, people: pd.DataFrame
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    found = np.zeros(len(people), dtype=bool)
    for pair in pairs:
        found |= pair[column].notna().to_numpy(bool)
    return found


def _compare_scores(
    scores: pd.Series,
    with_end: np.ndarray[Any, np.dtype[np.bool_]],
    without_end: np.ndarray[Any, np.dtype[np.bool_]],
) -> dict[str, Any]:
    here = scores[with_end].dropna().to_numpy(dtype=float)
    lost = scores[without_end].dropna().to_numpy(dtype=float)
    row: dict[str, Any] = {
        "n_with_end": len(here),
        "n_without_end": len(lost),
        "mean_with_end": float(here.mean()) if here.size else None,
        "mean_without_end": float(lost.mean()) if lost.size else None,
        "sd_with_end": _sd(here),
        "sd_without_end": _sd(lost),
        "statistic_name": WELCH,
    }
    if len(here) < _FEWEST or len(lost) < _FEWEST:
        return row
    variances = row["sd_with_end"] ** 2, row["sd_without_end"] ** 2
    if sum(variances) == 0:
        return row
    difference = row["mean_with_end"] - row["mean_without_end"]
    row["smd"] = difference / math.sqrt(sum(variances) / 2)
    return row | _welch(difference, variances, (len(here), len(lost)))


def _welch(
    difference: float, variances: tuple[float, float], sizes: tuple[int, int]
) -> dict[str, float]:
    """Welch's (1947) t with Satterthwaite's df."""
    from scipy import special

    errors = [variance / n for variance, n in zip(variances, sizes, strict=True)]
    t = difference / math.sqrt(sum(errors))
    df = sum(errors) ** 2 / sum(e**2 / (n - 1) for e, n in zip(errors, sizes, strict=True))
    return {"statistic": t, "df": df, "p": float(2 * special.stdtr(df, -abs(t)))}


def _compare_categories(grouping: Grouping, counts: list[tuple[int, int]]) -> list[dict[str, Any]]:
    n_here, n_lost = sum(here for here, _ in counts), sum(lost for _, lost in counts)
    total = {
        "characteristic": grouping.name,
        "category": TOTAL,
        "n_with_end": n_here,
        "n_without_end": n_lost,
        "statistic_name": CHI_SQUARE,
    } | _chi_square(counts)
    return [
        total,
        *(
            {
                "characteristic": grouping.name,
                "category": value,
                "n_with_end": here,
                "n_without_end": lost,
                "smd": _difference_of_shares(here, n_here, lost, n_lost),
            }
            for value, (here, lost) in zip(grouping.values(), counts, strict=True)
        ),
    ]


def _chi_square(counts: list[tuple[int, int]]) -> dict[str, float]:
    from scipy import special

    table = np.array([pair for pair in counts if sum(pair) > 0], dtype=float).reshape(-1, 2)
    columns = table.sum(axis=0)
    if len(table) < _FEWEST or (columns == 0).any():
        return {}
    expected = np.outer(table.sum(axis=1), columns) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    df = len(table) - 1
    return {"statistic": statistic, "df": df, "p": float(special.chdtrc(df, statistic))}


def _difference_of_shares(here: int, n_here: int, lost: int, n_lost: int) -> float | None:
    if n_here == 0 or n_lost == 0:
        return None
    p, q = here / n_here, lost / n_lost
    variance = (p * (1 - p) + q * (1 - q)) / 2
    return (p - q) / math.sqrt(variance) if variance > 0 else None


def _sd(values: np.ndarray[Any, np.dtype[np.float64]]) -> float | None:
    if len(values) < _FEWEST:
        return None
    return float(values.std(ddof=1)) if np.ptp(values) > 0 else 0.0


def _correlation(
    x: np.ndarray[Any, np.dtype[np.float64]], y: np.ndarray[Any, np.dtype[np.float64]]
) -> float | None:
    if len(x) < _FEWEST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
