"""Standardised mean changes, their intervals, and the smallest one a sample can detect."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from safer_streets_assets.attitudes.floats import require_share

D_AV_RMS_METHOD = (
    "noncentral t limits of d_z, rescaled by the SD of the change over the root mean square SD"
    " (Algina and Keselman 2003)"
)
G_AV_METHOD = (
    "noncentral t limits of d_z, rescaled by the SD of the change over the mean SD and by J"
    " (after Algina and Keselman 2003)"
)
_MOST_STEPS = 100
_NOISE = 1e-12
_FEWEST = 2


def small_sample_factor(df: int) -> float | None:
    """Return Hedges' J(df) = gamma(df/2) / (sqrt(df/2) gamma((df-1)/2)); None below df = 2.

    Exact form of Hedges (1981), which 1 - 3 / (4 df - 1) approximates.
    """
    if df < _FEWEST:
        return None
    log_ratio = math.lgamma(df / 2) - math.lgamma((df - 1) / 2)
    return math.exp(log_ratio) / math.sqrt(df / 2)


def noncentrality_limits(t: float, df: int, confidence: float = 0.95) -> tuple[float, float] | None:
    """Return the confidence limits of the noncentrality behind an observed t.

    The limits are those noncentralities under which t is the (1 + confidence) / 2 and the
    (1 - confidence) / 2 quantile (Steiger and Fouladi 1997). None when they cannot be found, which
    happens for a t so large that the noncentral t distribution has no floating-point value, for a
    t that is not finite and below one degree of freedom. Raises AttitudesError for a confidence
    outside 0 to 1.
    """
    from scipy import special

    require_share(confidence, "confidence")
    if not math.isfinite(t) or df < 1:
        return None
    tail = (1 - confidence) / 2
    # A t of nothing but rounding noise is 0: for the smallest numbers the tails have no value.
    size = abs(t) if abs(t) > _NOISE else 0.0

    def above(probability: float) -> Callable[[float], float]:
        return lambda nc: float(special.nctdtr(df, nc, size)) - probability

    # The limits of -t mirror those of t: solving for |t| alone keeps the mirror image exact.
    # The lower limit lies between that of t = 0 (about -1.96 at 95 %) and t, the upper one above t.
    floor = float(special.ndtri(tail)) - 1
    lower = _root(above(1 - tail), floor, size - floor)
    upper = _root(above(tail), size, math.hypot(1, size / math.sqrt(2 * df)) / 2)
    if lower is None or upper is None:
        return None
    return (lower, upper) if t >= 0 else (-upper, -lower)


@lru_cache(maxsize=4096)
def minimum_detectable_d_z(n: int, power: float = 0.8, alpha: float = 0.05) -> float | None:
    """Return the d_z that a two-sided paired t test of n pairs detects with this power.

    Solves power = P(|T'| > t_crit), T' noncentral t with n - 1 df and noncentrality d_z sqrt(n).
    None for fewer than two pairs. Raises AttitudesError for a power or level outside 0 to 1.
    """
    require_share(power, "power")
    require_share(alpha, "alpha")
    if n < _FEWEST:
        return None
    return _root(lambda d_z: power - _power(d_z, n, alpha), 0.0, 1 / math.sqrt(n))


def paired_t_power(d_z: float, n: int, alpha: float = 0.05) -> float | None:
    """Return the power of the two-sided paired t test of n pairs at level alpha against d_z.

    None for fewer than two pairs, and for a d_z without a finite power. Raises AttitudesError for a
    level outside 0 to 1.
    """
    require_share(alpha, "alpha")
    if n < _FEWEST or not math.isfinite(d_z):
        return None
    power = _power(d_z, n, alpha)
    return power if math.isfinite(power) else None


def _power(d_z: float, n: int, alpha: float) -> float:
    from scipy import special

    df, noncentrality = n - 1, abs(d_z) * math.sqrt(n)
    critical = -float(special.stdtrit(df, alpha / 2))
    upper = 1 - float(special.nctdtr(df, noncentrality, critical))
    lower = float(special.nctdtr(df, noncentrality, -critical))
    # Far from zero the wrong-sided tail underflows to NaN; there it is nothing.
    return upper + (lower if math.isfinite(lower) else 0.0)


def _root(falling: Callable[[float], float], low: float, step: float) -> float | None:
    """Find the zero of a falling function above `low`; None when its values give out.

    Short steps up, because far out the tails of the noncentral t have no floating-point value.
    """
    from scipy import optimize

    for _ in range(_MOST_STEPS):
        high = low + step
        at_high = falling(high)
        if not math.isfinite(at_high):
            return None
        if at_high <= 0:
            try:
                return float(optimize.brentq(falling, low, high, xtol=1e-12))
            except ValueError:
                return None
        low = high
    return None
