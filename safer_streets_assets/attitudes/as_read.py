"""Waves, codes and ids as a file gives them: whole numbers as numbers or text, with gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from safer_streets_assets.attitudes.errors import AttitudesError


def whole_numbers(values: pd.Series, name: str) -> pd.Series:
    """Return whole numbers (of any numeric type, or as text) as Int64; missing stays missing.

    `pandas.read_csv` makes floats of whole numbers where one is missing, and text where one is no
    number. Raises AttitudesError, naming the column only, for anything that is no whole number.
    """
    if isinstance(values.dtype, pd.Int64Dtype):
        return values
    try:
        numbers = pd.to_numeric(values.astype("object")).astype("Float64")
    except (TypeError, ValueError):
        numbers = None
    if numbers is None or not numbers.dropna().mod(1).eq(0).fillna(False).all():
        raise AttitudesError(f"Hand over whole numbers in column {name}.")
    return numbers.astype("Int64")


def id_keys(values: pd.Series) -> pd.Series:
    """Return ids such that equal ones are equal whatever type they were read as; missing is NA.

    Numbers stay numbers. Where there is any text, each is text: a whole number as its digits.
    """
    if pd.api.types.is_numeric_dtype(values):
        return values
    return _texts(values)


def alike(one: pd.Series, other: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return two columns of ids as keys that can be compared: both numbers, or else both text."""
    numeric = [pd.api.types.is_numeric_dtype(ids) for ids in (one, other)]
    if all(numeric):
        return one, other
    return _texts(one), _texts(other)


def _texts(values: pd.Series) -> pd.Series:
    return values.astype("object").map(_as_text, na_action="ignore").astype("string")


def _as_text(value: Any) -> str:
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
