"""Adjusting the p-values of a family of tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from safer_streets_assets.attitudes.errors import AttitudesError

HOLM = "Holm"
BENJAMINI_HOCHBERG = "Benjamini-Hochberg"


@overload
def holm(p_values: pd.Series) -> pd.Series: ...
@overload
def holm(p_values: Sequence[float | None]) -> list[float | None]: ...
def holm(p_values: pd.Series | Sequence[float | None]) -> pd.Series | list[float | None]:
    """Return Holm's (1979) step-down adjusted p-values; a missing one stays missing and is no test.

    A Series gives a Series (Float64) with its index and name, anything else a list. Raises
    AttitudesError for a p-value outside 0 to 1.
    """

    def adjust(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
        m = len(ordered)
        return np.asarray(np.maximum.accumulate(ordered * np.arange(m, 0, -1)))

    return _adjusted(p_values, adjust)


@overload
def benjamini_hochberg(p_values: pd.Series) -> pd.Series: ...
@overload
def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]: ...
def benjamini_hochberg(
    p_values: pd.Series | Sequence[float | None],
) -> pd.Series | list[float | None]:
    """Return Benjamini and Hochberg's (1995) step-up adjusted p-values; missing stays missing.

    A Series gives a Series (Float64) with its index and name, anything else a list. Raises
    AttitudesError for a p-value outside 0 to 1.
    """

    def adjust(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
        m = len(ordered)
        scaled = ordered * (m / np.arange(1, m + 1))
        return np.asarray(np.minimum.accumulate(scaled[::-1])[::-1])

    return _adjusted(p_values, adjust)


def _adjusted(
    p_values: pd.Series | Sequence[float | None],
    adjust: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> pd.Series | list[float | None]:
    """Apply `adjust` to the p-values in ascending order and put them back, at most 1."""
    given = list(p_values)
    tested = [i for i, p in enumerate(given) if not pd.isna(p)]
    values = np.array([given[i] for i in tested], dtype=float)
    if not ((values >= 0) & (values <= 1)).all():
        raise AttitudesError("Hand over p-values between 0 and 1, or None for a test not made.")
    order = np.argsort(values, kind="stable")
    result: list[float | None] = [None] * len(given)
    for position, p in zip(order, np.minimum(adjust(values[order]), 1.0), strict=True):
        result[tested[position]] = float(p)
    if isinstance(p_values, pd.Series):
        return pd.Series(result, index=p_values.index, name=p_values.name, dtype="Float64")
    return result
