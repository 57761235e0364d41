"""The Wilcoxon signed rank test and the matched rank-biserial correlation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from safer_streets_assets.attitudes.floats import CHANGE_DECIMALS, as_floats

EXACT = "exact"
EXACT_WITH_TIES = "exact given the ties"
NORMAL = "normal approximation with tie correction"
# Above this many changes the exact and the normal p agree to the third decimal (scipy's bound);
# up to it the number of sign patterns, 2^n, is exact in floating point too.
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


def signed_ranks(changes: ArrayLike) -> SignedRanks | None:
    """Return the two-sided Wilcoxon signed rank test; None when no change is other than zero.

    Zeros are dropped (Wilcoxon 1945), and so are missing changes; sizes that differ by rounding
    noise only are tied. Up to MOST_FOR_EXACT changes p is exact: the share of all sign patterns
    over the ranks found, midranks where sizes tie (`exact given the ties`). Above, it is that of
    the normal approximation with the variance corrected for ties and without a continuity
    correction. Raises AttitudesError for changes that are no finite numbers.
    """
    known = as_floats(changes)
    known = np.round(known[~np.isnan(known)], CHANGE_DECIMALS)
    nonzero = known[known != 0]
    n = int(nonzero.size)
    if n == 0:
        return None
    ranks, ties = midranks(np.abs(nonzero))
    w_plus = float(ranks[nonzero > 0].sum())
    w_minus = float(ranks[nonzero < 0].sum())
    if n > MOST_FOR_EXACT:
        p, method = _normal_p(w_plus, n, ties), NORMAL
    else:
        p = _exact_p(min(w_plus, w_minus), ranks)
        method = EXACT if (ties == 1).all() else EXACT_WITH_TIES
    return SignedRanks(n, w_plus, w_minus, p, method)


def midranks(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the rank of each value (equal values share their mean rank) and the sizes of ties."""
    _, which, ties = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(ties) - (ties - 1) / 2)[which], ties


def _exact_p(w: float, ranks: NDArray[np.float64]) -> float:
    """Twice the share of the 2^n sign patterns whose rank sum is at most w.

    The sum of the ranks with a plus is symmetric about its middle whatever the ties, so the two
    tails are equal. Midranks are halves: the counting is over doubled, whole ranks.
    """
    patterns = rank_sum_patterns(ranks)
    return float(min(1.0, patterns[: round(2 * w) + 1].sum() / 2.0 ** (len(ranks) - 1)))


def rank_sum_patterns(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many of the 2^n sign patterns over these ranks (whole or halves) have each rank sum;
    position i is the rank sum i / 2."""
    doubled = np.rint(2 * ranks).astype(int)
    patterns = np.zeros(doubled.sum() + 1)
    patterns[0] = 1
    for rank in doubled:
        patterns[rank:] += patterns[:-rank].copy()
    return patterns


def tie_loss(ties: NDArray[np.int64]) -> float:
    """The sum of t^3 - t over the sizes of ties, in floats: a cube of millions is no int64."""
    sizes = ties.astype(np.float64)
    return float((sizes**3 - sizes).sum())


def _normal_p(w_plus: float, n: int, ties: NDArray[np.int64]) -> float:
    from scipy import special

    mean = n * (n + 1) / 4
    variance = n * (n + 1) * (2 * n + 1) / 24 - tie_loss(ties) / 48
    return float(2 * special.ndtr(-abs(w_plus - mean) / np.sqrt(variance)))
