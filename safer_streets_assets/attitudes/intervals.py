"""Intervals and estimates beside the paired t test, each by a named method."""

from __future__ import annotations

import math

import numpy as np

from safer_streets_assets.attitudes.floats import CHANGE_DECIMALS, Floats, require_share
from safer_streets_assets.attitudes.ranks import MOST_FOR_EXACT, rank_sum_patterns

SMCR_METHOD = "Wald, variance 2 (1 - r) / n + smcr^2 / (2 n) (Becker 1988)"
RANK_BISERIAL_METHOD = "Fisher's z of the correlation with the standard error of the rank sum"
HODGES_LEHMANN_METHOD = "the pairwise means that Wilcoxon's test does not reject"
EQUIVALENCE_METHOD = "two one-sided paired t tests (Schuirmann 1987)"
_STEPS = 200


def smcr_limits(smcr: float, r: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return Becker's (1988) limits of the standardised mean change with raw score
    standardisation: smcr -+ z sqrt(2 (1 - r) / n + smcr^2 / (2 n)); r is that of both waves, n the
    pairs. Raises AttitudesError for a confidence outside 0 to 1."""
    margin = _z(confidence) * math.sqrt(2 * (1 - r) / n + smcr**2 / (2 * n))
    return smcr - margin, smcr + margin


def rank_biserial_limits(
    rank_biserial: float, n_nonzero: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Return limits of the matched rank-biserial correlation: tanh(atanh(r) -+ z se).

    se is the standard error of W+ - W- without a difference, sqrt(n (n + 1) (2 n + 1) / 6), over
    n (n + 1) / 2, with the n changes that are not zero; as the R package effectsize has it. A
    correlation of -1 or 1 is its own limits. Raises AttitudesError for a confidence outside 0 to 1.
    """
    margin = _z(confidence)
    if abs(rank_biserial) >= 1:
        return rank_biserial, rank_biserial
    n = n_nonzero
    margin *= math.sqrt(n * (n + 1) * (2 * n + 1) / 6) / (n * (n + 1) / 2)
    middle = math.atanh(rank_biserial)
    return math.tanh(middle - margin), math.tanh(middle + margin)


def hodges_lehmann(
    changes: Floats, confidence: float = 0.95
) -> tuple[float, float | None, float | None]:
    """Return the Hodges-Lehmann (1963) estimate of the middle of the changes, and its limits.

    It is the median of the means of all pairs of changes, each with itself too, zeros kept. The
    limits are the k-th least and k-th greatest of these means, k - 1 being the greatest rank sum
    whose tail is at most (1 - confidence) / 2: exact up to 50 changes (ties not heeded), above by
    the normal approximation (Hollander and Wolfe 1999). Limits are None where no k is that small.
    There must be one; all must be known. Raises AttitudesError for a confidence outside 0 to 1.
    """
    require_share(confidence, "confidence")
    n = len(changes)
    values, times = np.unique(np.round(changes, CHANGE_DECIMALS), return_counts=True)
    means = _PairwiseMeans(values, times.astype(np.int64))
    half = means.count // 2
    middle = means.least(half + 1)
    if means.count % 2 == 0:
        middle = (means.least(half) + middle) / 2
    k = _steps_in(n, (1 - confidence) / 2)
    if k < 1:
        return middle, None, None
    return middle, means.least(k), means.least(means.count + 1 - k)


def equivalence_p(mean: float, error: float, df: int, smallest: float) -> float:
    """Return the p of the two one-sided tests (TOST) that a mean lies within -+ `smallest`.

    `error` is the standard error of the mean, above 0, with `df` degrees of freedom. It is the
    greater p of both: low where the change is shown to be smaller than what is of interest.
    """
    from scipy import special

    return float(special.stdtr(df, (abs(mean) - smallest) / error))


class _PairwiseMeans:
    """The means of all pairs of numbers, each with itself too, in order, without listing them."""

    def __init__(self, values: Floats, times: np.ndarray) -> None:
        self.values, self.times = values, times
        self.upto = np.concatenate([[0], np.cumsum(times)])
        n = int(times.sum())
        self.count = n * (n + 1) // 2

    def least(self, k: int) -> float:
        """The k-th least (from 1), to the decimals of a change."""
        low, high = float(self.values[0]), float(self.values[-1])
        if self._upto(low) >= k:
            return low
        for _ in range(_STEPS):
            middle = low + (high - low) / 2
            if not low < middle < high or high - low < 10.0 ** -(CHANGE_DECIMALS + 1):
                break
            if self._upto(middle) >= k:
                high = middle
            else:
                low = middle
        return float(np.round(high, CHANGE_DECIMALS))

    def _upto(self, most: float) -> int:
        """How many means are at most that."""
        places = np.searchsorted(self.values, 2 * most - self.values, side="right")
        ordered = int(self.times @ self.upto[places])
        alone = int(self.upto[np.searchsorted(self.values, most, side="right")])
        return (ordered + alone) // 2


def _steps_in(n: int, tail: float) -> int:
    """k of the limits: how many rank sums from 0 on have together no more than that tail."""
    if n <= MOST_FOR_EXACT:
        shares = np.cumsum(rank_sum_patterns(np.arange(1, n + 1, dtype=float))[::2]) / 2.0**n
        return int(np.count_nonzero(shares <= tail))
    spread = math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return math.floor(n * (n + 1) / 4 - _z(1 - 2 * tail) * spread)


def _z(confidence: float) -> float:
    from scipy import special

    require_share(confidence, "confidence")
    return -float(special.ndtri((1 - confidence) / 2))
