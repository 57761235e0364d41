"""Adjusting the p-values of a family of tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from safer_streets_assets.attitudes.errors import AttitudesError

HOLM = "Holm"
BENJAMINI_HOCHBERG = "Benjamini-Hochberg"


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return Holm's (1979) step-down adjusted p-values; a missing one stays None and is no test.

    Raises AttitudesError for a p-value outside 0 to 1.
    """

    def adjust(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
        m = len(ordered)
        return np.asarray(np.maximum.accumulate(ordered * np.arange(m, 0, -1)))

    return _adjusted(p_values, adjust)


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Return Benjamini and Hochberg's (1995) step-up adjusted p-values; missing stays None.

    Raises AttitudesError for a p-value outside 0 to 1.
    """

    def adjust(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
        m = len(ordered)
        scaled = ordered * (m / np.arange(1, m + 1))
        return np.asarray(np.minimum.accumulate(scaled[::-1])[::-1])

    return _adjusted(p_values, adjust)


def _adjusted(
    p_values: Sequence[float | None], adjust: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> list[float | None]:
    """Apply `adjust` to the p-values in ascending order and put them back, at most 1."""
    tested = [i for i, p in enumerate(p_values) if not pd.isna(p)]
    values = np.array([p_values[i] for i in tested], dtype=float)
    if not ((values >= 0) & (values <= 1)).all():
        raise AttitudesError("Hand over p-values between 0 and 1, or None for a test not made.")
    order = np.argsort(values, kind="stable")
    result: list[float | None] = [None] * len(p_values)
    for position, p in zip(order, np.minimum(adjust(values[order]), 1.0), strict=True):
        result[tested[position]] = float(p)
    return result
