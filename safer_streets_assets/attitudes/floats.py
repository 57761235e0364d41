"""Plain numbers in and out of the statistics: read with care, compared free of rounding noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from safer_streets_assets.attitudes.errors import AttitudesError

Floats = NDArray[np.float64]

# Scores are means of a few small whole numbers: what differs beyond the twelfth decimal is
# floating-point noise, and would hide ties and zeros from rank tests.
CHANGE_DECIMALS = 12
# Beyond this the squares that a variance needs have no floating-point value.
_MOST = 1e100
_FEWEST_FOR_SD = 2


def as_floats(values: ArrayLike | pd.Series) -> Floats:
    """Return the values as floats, missing ones (None, NA, NaN) as NaN.

    Raises AttitudesError, naming no value, for text, for infinite numbers and for numbers so large
    (1e100) that they have no variance in floating point.
    """
    try:
        if isinstance(values, pd.Series):
            numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        else:
            numbers = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise AttitudesError("Hand over scores that are numbers, or missing.") from None
    if (np.abs(numbers) > _MOST).any():
        raise AttitudesError("Hand over scores that are finite numbers, or missing.")
    return np.asarray(numbers, dtype=np.float64)


def require_share(value: float, name: str) -> None:
    """Raise AttitudesError, naming the argument, unless it lies between 0 and 1, both excluded."""
    if not 0 < value < 1:
        raise AttitudesError(f"Hand over a {name} between 0 and 1, such as 0.95 or 0.8.")


def varies(values: NDArray[Any]) -> bool:
    """Say whether the values differ by more than rounding noise."""
    return len(values) > 0 and float(np.ptp(np.round(values, CHANGE_DECIMALS))) > 0


def sample_sd(values: Floats) -> float | None:
    """Return the SD (n - 1): None below two values, exactly 0 when they do not vary."""
    if len(values) < _FEWEST_FOR_SD:
        return None
    return float(values.std(ddof=1)) if varies(values) else 0.0


def correlation(x: Floats, y: Floats) -> float | None:
    """Return Pearson's r, between -1 and 1; None below two pairs or when either does not vary."""
    if len(x) < _FEWEST_FOR_SD or not varies(x) or not varies(y):
        return None
    return float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
