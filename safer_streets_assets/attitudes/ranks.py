"""The Wilcoxon signed rank test and the matched rank-biserial correlation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

EXACT = "exact"
NORMAL = "normal approximation with tie correction"
# Above this many changes the exact and the normal p agree to the third decimal (scipy's bound).
MOST_FOR_EXACT = 50


@dataclass(frozen=True)
class SignedRanks:
    """Wilcoxon's test of changes that are not zero.

    `w` is the smaller of the two rank sums (the classical statistic); `rank_biserial` is
    (W+ - W-) / (W+ + W-), positive when rises outweigh falls (Kerby 2014).
    """

    n_nonzero: int
    w_plus: float
    w_minus: float
    p: float
    method: str

    @property
    def w(self) -> float:
        """The smaller rank sum."""
        return min(self.w_plus, self.w_minus)

    @property
    def rank_biserial(self) -> float:
        """Matched rank-biserial correlation, between -1 and 1."""
        return (self.w_plus - self.w_minus) / (self.w_plus + self.w_minus)


def signed_ranks(changes: NDArray[np.float64]) -> SignedRanks | None:
    """Return the two-sided Wilcoxon signed rank test; None when no change is other than zero.

    Zeros are dropped (Wilcoxon 1945). p is exact when at most MOST_FOR_EXACT changes are left and
    none ties with another in size, else from the normal approximation with the variance corrected
    for ties and without a continuity correction.
    """
    from scipy import stats

    nonzero = changes[changes != 0]
    if nonzero.size == 0:
        return None
    sizes = np.abs(nonzero)
    ranks = stats.rankdata(sizes)
    w_plus = float(ranks[nonzero > 0].sum())
    w_minus = float(ranks[nonzero < 0].sum())
    ties = np.unique(sizes, return_counts=True)[1]
    if nonzero.size <= MOST_FOR_EXACT and (ties == 1).all():
        p, method = _exact_p(min(w_plus, w_minus), nonzero.size), EXACT
    else:
        p, method = _normal_p(w_plus, nonzero.size, ties), NORMAL
    return SignedRanks(int(nonzero.size), w_plus, w_minus, p, method)


def _exact_p(w: float, n: int) -> float:
    """Twice the share of the 2^n sign patterns whose rank sum is at most w."""
    patterns = [1] + [0] * (n * (n + 1) // 2)
    for rank in range(1, n + 1):
        for total in range(len(patterns) - 1, rank - 1, -1):
            patterns[total] += patterns[total - rank]
    return min(1.0, sum(patterns[: int(w) + 1]) / 2.0 ** (n - 1))


def _normal_p(w_plus: float, n: int, ties: NDArray[Any]) -> float:
    from scipy import special

    mean = n * (n + 1) / 4
    variance = n * (n + 1) * (2 * n + 1) / 24 - float((ties**3 - ties).sum()) / 48
    return float(2 * special.ndtr(-abs(w_plus - mean) / np.sqrt(variance)))
