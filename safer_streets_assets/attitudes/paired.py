"""Everything said of one set of pairs: means, change, tests and effect sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from safer_streets_assets.attitudes.effects import (
    G_AV_METHOD,
    minimum_detectable_d_z,
    noncentrality_limits,
    small_sample_factor,
)
from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.pairs import CHANGE_DECIMALS
from safer_streets_assets.attitudes.ranks import signed_ranks

NO_PAIRS = "there are no pairs"
ONE_PAIR = "there is only one pair"
FEWER_THAN_THREE = "there are fewer than three pairs"
NO_VARIATION = "the scores do not vary"
SAME_CHANGE = "the change does not vary"
NO_CHANGE = "no change is other than zero"
NO_LIMITS = "the limits cannot be computed"

_PAIRS_FOR_SPREAD = 2


@dataclass(frozen=True)
class PairedStatistics:
    """Statistics of the change from start to end over n pairs; None is not estimable.

    mean_*, sd_* (n - 1) are in score units; r is Pearson's; ci_* is the t interval of the mean
    change; t, df, p the two-sided paired t test; wilcoxon_w the smaller rank sum; d_z = mean change
    over its SD; d_av = mean change over the mean of both SDs (Lakens 2013); g_av = J(n - 1) d_av;
    smcr = mean change over the start SD (Glass); minimum_detectable_d_z at 80 % power, two-sided
    5 %. A positive sign is always a rise of the score. `reasons` says, for each None, why.
    """

    n: int
    mean_start: float | None = None
    mean_end: float | None = None
    sd_start: float | None = None
    sd_end: float | None = None
    r: float | None = None
    mean_change: float | None = None
    sd_change: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    t: float | None = None
    df: int | None = None
    p: float | None = None
    wilcoxon_w: float | None = None
    wilcoxon_p: float | None = None
    wilcoxon_method: str | None = None
    rank_biserial: float | None = None
    d_z: float | None = None
    d_z_low: float | None = None
    d_z_high: float | None = None
    d_av: float | None = None
    g_av: float | None = None
    g_av_low: float | None = None
    g_av_high: float | None = None
    smcr: float | None = None
    minimum_detectable_d_z: float | None = None
    g_av_ci_method: str = G_AV_METHOD
    reasons: Mapping[str, str] = field(default_factory=dict)


STATISTICS = tuple(
    name
    for name in PairedStatistics.__dataclass_fields__
    if name not in ("n", "g_av_ci_method", "reasons")
)


def paired_statistics(
    start: ArrayLike, end: ArrayLike, *, confidence: float = 0.95
) -> PairedStatistics:
    """Return all statistics of the change from `start` to `end`, two equally long sequences.

    Position i of both is one person; a pair with a missing (NaN) value is left out. Never raises
    for lack of data: what cannot be estimated is None with its reason. Raises AttitudesError when
    the sequences differ in length.
    """
    first, last = _complete_pairs(start, end)
    n = len(first)
    found: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    if n == 0:
        return PairedStatistics(n=0, reasons=dict.fromkeys(STATISTICS, NO_PAIRS))
    changes = np.round(last - first, CHANGE_DECIMALS)
    found |= {
        "mean_start": float(first.mean()),
        "mean_end": float(last.mean()),
        "mean_change": float(changes.mean()),
    }
    _add_ranks(found, reasons, changes)
    if n < _PAIRS_FOR_SPREAD:
        reasons = dict.fromkeys(STATISTICS, ONE_PAIR) | reasons
    else:
        _add_spread(found, reasons, first, last, changes)
        _add_t_test(found, reasons, confidence)
        _add_effect_sizes(found, reasons, n)
    return PairedStatistics(
        n=n, reasons={k: v for k, v in reasons.items() if found.get(k) is None}, **found
    )


def _complete_pairs(
    start: ArrayLike, end: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    first, last = _as_floats(start), _as_floats(end)
    if first.shape != last.shape:
        raise AttitudesError("Hand over one start and one end score for each person.")
    complete = ~(np.isnan(first) | np.isnan(last))
    return first[complete], last[complete]


def _as_floats(values: ArrayLike) -> NDArray[np.float64]:
    to_numpy = getattr(values, "to_numpy", None)
    if to_numpy is not None:
        return np.asarray(to_numpy(dtype=float, na_value=np.nan), dtype=float)
    return np.asarray(values, dtype=float)


def _add_ranks(
    found: dict[str, Any], reasons: dict[str, str], changes: NDArray[np.float64]
) -> None:
    ranks = signed_ranks(changes)
    if ranks is None:
        names = ("wilcoxon_w", "wilcoxon_p", "wilcoxon_method", "rank_biserial")
        reasons |= dict.fromkeys(names, NO_CHANGE)
        return
    found |= {
        "wilcoxon_w": ranks.w,
        "wilcoxon_p": ranks.p,
        "wilcoxon_method": ranks.method,
        "rank_biserial": ranks.rank_biserial,
    }


def _add_spread(
    found: dict[str, Any],
    reasons: dict[str, str],
    first: NDArray[np.float64],
    last: NDArray[np.float64],
    changes: NDArray[np.float64],
) -> None:
    found |= {
        "sd_start": _sd(first),
        "sd_end": _sd(last),
        "sd_change": _sd(changes),
        "df": len(changes) - 1,
        "minimum_detectable_d_z": minimum_detectable_d_z(len(changes)),
    }
    if found["sd_start"] > 0 and found["sd_end"] > 0:
        found["r"] = float(np.clip(np.corrcoef(first, last)[0, 1], -1, 1))
    else:
        reasons["r"] = NO_VARIATION


def _add_t_test(found: dict[str, Any], reasons: dict[str, str], confidence: float) -> None:
    from scipy import special

    names = ("t", "p", "ci_low", "ci_high", "d_z", "d_z_low", "d_z_high")
    if found["sd_change"] == 0:
        reasons |= dict.fromkeys(names, SAME_CHANGE)
        return
    df, mean = found["df"], found["mean_change"]
    root_n = np.sqrt(df + 1)
    error = found["sd_change"] / root_n
    t = float(mean / error)
    margin = -float(special.stdtrit(df, (1 - confidence) / 2)) * error
    found |= {
        "t": t,
        "p": float(2 * special.stdtr(df, -abs(t))),
        "ci_low": float(mean - margin),
        "ci_high": float(mean + margin),
        "d_z": float(mean / found["sd_change"]),
    }
    limits = noncentrality_limits(t, df, confidence)
    if limits is None:
        reasons |= dict.fromkeys(("d_z_low", "d_z_high"), NO_LIMITS)
    else:
        found |= {"d_z_low": float(limits[0] / root_n), "d_z_high": float(limits[1] / root_n)}


def _add_effect_sizes(found: dict[str, Any], reasons: dict[str, str], n: int) -> None:
    mean, mean_sd = found["mean_change"], (found["sd_start"] + found["sd_end"]) / 2
    if found["sd_start"] > 0:
        found["smcr"] = mean / found["sd_start"]
    else:
        reasons["smcr"] = NO_VARIATION
    names = ("d_av", "g_av", "g_av_low", "g_av_high")
    if mean_sd == 0:
        reasons |= dict.fromkeys(names, NO_VARIATION)
        return
    found["d_av"] = mean / mean_sd
    factor = small_sample_factor(n - 1)
    if factor is None:
        reasons |= dict.fromkeys(names[1:], FEWER_THAN_THREE)
        return
    found["g_av"] = factor * found["d_av"]
    if found.get("d_z_low") is None:
        reasons |= dict.fromkeys(names[2:], reasons["d_z_low"])
        return
    scale = factor * found["sd_change"] / mean_sd
    found |= {"g_av_low": scale * found["d_z_low"], "g_av_high": scale * found["d_z_high"]}


def _sd(values: NDArray[np.float64]) -> float:
    """Return the SD (n - 1), exactly 0 when all values are the same but for rounding noise."""
    if np.ptp(np.round(values, CHANGE_DECIMALS)) == 0:
        return 0.0
    return float(values.std(ddof=1))
