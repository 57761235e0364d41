"""Everything said of one set of pairs: means, change, tests and effect sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from safer_streets_assets.attitudes.effects import (
    G_AV_METHOD,
    minimum_detectable_d_z,
    noncentrality_limits,
    small_sample_factor,
)
from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.floats import (
    CHANGE_DECIMALS,
    Floats,
    as_floats,
    correlation,
    require_share,
    sample_sd,
)
from safer_streets_assets.attitudes.intervals import (
    equivalence_p,
    hodges_lehmann,
    rank_biserial_limits,
    smcr_limits,
)
from safer_streets_assets.attitudes.ranks import signed_ranks

NO_PAIRS = "there are no pairs"
ONE_PAIR = "there is only one pair"
FEWER_THAN_THREE = "there are fewer than three pairs"
NO_VARIATION = "the scores do not vary"
SAME_CHANGE = "the change does not vary"
NO_CHANGE = "no change is other than zero"
NO_LIMITS = "the limits cannot be computed"
NO_SMALLEST = "no smallest change of interest is given"

_PAIRS_FOR_SPREAD = 2


@dataclass(frozen=True)
class PairedStatistics:
    """Statistics of the change from start to end over n pairs; None is not estimable.

    mean_*, sd_* (n - 1) are in score units; r is Pearson's; ci_* is the t interval of the mean
    change; t, df, p the two-sided paired t test; wilcoxon_w the smaller rank sum; d_z = mean change
    over its SD; d_av = mean change over the mean of both SDs (Lakens 2013); d_av_rms = mean change
    over the root mean square of both SDs; g_av = J(n - 1) d_av, the effect size to read; smcr =
    J(n - 1) x mean change over the start SD (Glass); hodges_lehmann the median of pairwise means;
    r_start_change and r_oldham the correlations of the change with the start score and with the
    mean of both (Oldham 1962); equivalence_p that of TOST against the smallest change of interest;
    minimum_detectable_d_z at 80 % power, two-sided 5 %. A positive sign is always a rise of the
    score. `reasons` says, for each None, why; `methods.METHODS` names how each figure is computed.
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
    rank_biserial_low: float | None = None
    rank_biserial_high: float | None = None
    hodges_lehmann: float | None = None
    hodges_lehmann_low: float | None = None
    hodges_lehmann_high: float | None = None
    d_z: float | None = None
    d_z_low: float | None = None
    d_z_high: float | None = None
    d_av: float | None = None
    g_av: float | None = None
    g_av_low: float | None = None
    g_av_high: float | None = None
    smcr: float | None = None
    smcr_low: float | None = None
    smcr_high: float | None = None
    r_start_change: float | None = None
    r_oldham: float | None = None
    equivalence_p: float | None = None
    minimum_detectable_d_z: float | None = None
    d_av_rms: float | None = None
    d_av_rms_low: float | None = None
    d_av_rms_high: float | None = None
    g_av_ci_method: str = G_AV_METHOD
    reasons: Mapping[str, str] = field(default_factory=dict)


STATISTICS = tuple(
    name
    for name in PairedStatistics.__dataclass_fields__
    if name not in ("n", "g_av_ci_method", "reasons")
)

RANK_STATISTICS = (
    "wilcoxon_w",
    "wilcoxon_p",
    "wilcoxon_method",
    "rank_biserial",
    "rank_biserial_low",
    "rank_biserial_high",
)
"""Those of the changes that are not zero: two of them tell how many these are."""


def paired_statistics(
    start: ArrayLike,
    end: ArrayLike,
    *,
    confidence: float = 0.95,
    smallest_change: float | None = None,
) -> PairedStatistics:
    """Return all statistics of the change from `start` to `end`, two equally long sequences.

    Position i of both is one person; a pair with a missing (NaN) value is left out. Equivalence is
    tested against `smallest_change`, in score units, where it is given. Never raises
    for lack of data: what cannot be estimated is None with its reason. Raises AttitudesError when
    the sequences differ in length, or hold text or a number that is not finite, and for a
    confidence outside 0 to 1.
    """
    require_share(confidence, "confidence")
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
    _add_ranks(found, reasons, changes, confidence)
    if n < _PAIRS_FOR_SPREAD:
        reasons = dict.fromkeys(STATISTICS, ONE_PAIR) | reasons
    else:
        _add_spread(found, reasons, first, last, changes)
        _add_t_test(found, reasons, confidence)
        _add_effect_sizes(found, reasons, n, confidence)
        _add_levels(found, reasons, first, last, changes)
        _add_equivalence(found, reasons, smallest_change)
    return PairedStatistics(
        n=n, reasons={k: v for k, v in reasons.items() if found.get(k) is None}, **found
    )


def _complete_pairs(start: ArrayLike, end: ArrayLike) -> tuple[Floats, Floats]:
    first, last = as_floats(start), as_floats(end)
    if first.shape != last.shape:
        raise AttitudesError("Hand over one start and one end score for each person.")
    complete = ~(np.isnan(first) | np.isnan(last))
    return first[complete], last[complete]


def _add_ranks(
    found: dict[str, Any], reasons: dict[str, str], changes: Floats, confidence: float
) -> None:
    names = ("hodges_lehmann", "hodges_lehmann_low", "hodges_lehmann_high")
    found |= dict(zip(names, hodges_lehmann(changes, confidence), strict=True))
    reasons |= dict.fromkeys(names[1:], NO_LIMITS)
    ranks = signed_ranks(changes)
    if ranks is None:
        reasons |= dict.fromkeys(RANK_STATISTICS, NO_CHANGE)
        return
    low, high = rank_biserial_limits(ranks.rank_biserial, ranks.n_nonzero, confidence)
    found |= {
        "wilcoxon_w": ranks.w,
        "wilcoxon_p": ranks.p,
        "wilcoxon_method": ranks.method,
        "rank_biserial": ranks.rank_biserial,
        "rank_biserial_low": low,
        "rank_biserial_high": high,
    }


def _add_spread(
    found: dict[str, Any],
    reasons: dict[str, str],
    first: Floats,
    last: Floats,
    changes: Floats,
) -> None:
    found |= {
        "sd_start": sample_sd(first),
        "sd_end": sample_sd(last),
        "sd_change": sample_sd(changes),
        "df": len(changes) - 1,
        "minimum_detectable_d_z": minimum_detectable_d_z(len(changes)),
        "r": correlation(first, last),
    }
    if found["r"] is None:
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


def _add_effect_sizes(
    found: dict[str, Any], reasons: dict[str, str], n: int, confidence: float
) -> None:
    mean, mean_sd = found["mean_change"], (found["sd_start"] + found["sd_end"]) / 2
    factor = small_sample_factor(n - 1)
    _add_smcr(found, reasons, n, factor, confidence)
    if mean_sd == 0:
        names = ("d_av", "d_av_rms", "d_av_rms_low", "d_av_rms_high")
        reasons |= dict.fromkeys((*names, "g_av", "g_av_low", "g_av_high"), NO_VARIATION)
        return
    rms_sd = float(np.sqrt((found["sd_start"] ** 2 + found["sd_end"] ** 2) / 2))
    found |= {"d_av": mean / mean_sd, "d_av_rms": mean / rms_sd}
    _add_rescaled_limits(found, reasons, "d_av_rms", found["sd_change"] / rms_sd)
    if factor is None:
        reasons |= dict.fromkeys(("g_av", "g_av_low", "g_av_high"), FEWER_THAN_THREE)
        return
    found["g_av"] = factor * found["d_av"]
    _add_rescaled_limits(found, reasons, "g_av", factor * found["sd_change"] / mean_sd)


def _add_smcr(
    found: dict[str, Any],
    reasons: dict[str, str],
    n: int,
    factor: float | None,
    confidence: float,
) -> None:
    if factor is None or found["sd_start"] == 0:
        why = FEWER_THAN_THREE if factor is None else NO_VARIATION
        reasons |= dict.fromkeys(("smcr", "smcr_low", "smcr_high"), why)
        return
    found["smcr"] = factor * found["mean_change"] / found["sd_start"]
    if found["r"] is None:
        reasons |= dict.fromkeys(("smcr_low", "smcr_high"), NO_VARIATION)
        return
    limits = smcr_limits(found["smcr"], found["r"], n, confidence)
    found |= dict(zip(("smcr_low", "smcr_high"), limits, strict=True))


def _add_levels(
    found: dict[str, Any],
    reasons: dict[str, str],
    first: Floats,
    last: Floats,
    changes: Floats,
) -> None:
    """The correlations of the change with the start score and with the mean of both waves."""
    for name, level in (("r_start_change", first), ("r_oldham", (first + last) / 2)):
        found[name] = correlation(level, changes)
        reasons[name] = SAME_CHANGE if found["sd_change"] == 0 else NO_VARIATION


def _add_equivalence(
    found: dict[str, Any], reasons: dict[str, str], smallest_change: float | None
) -> None:
    if smallest_change is None or found["sd_change"] == 0:
        reasons["equivalence_p"] = NO_SMALLEST if smallest_change is None else SAME_CHANGE
        return
    df = found["df"]
    error = found["sd_change"] / np.sqrt(df + 1)
    found["equivalence_p"] = equivalence_p(found["mean_change"], error, df, smallest_change)


def _add_rescaled_limits(
    found: dict[str, Any], reasons: dict[str, str], name: str, scale: float
) -> None:
    """Fill `<name>_low` and `_high` with the limits of d_z times `scale`, or say why not."""
    for side in ("low", "high"):
        if found.get(f"d_z_{side}") is None:
            reasons[f"{name}_{side}"] = reasons[f"d_z_{side}"]
        else:
            found[f"{name}_{side}"] = scale * found[f"d_z_{side}"]
