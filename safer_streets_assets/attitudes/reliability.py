"""Cronbach's alpha: how far the items of a scale hang together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from safer_streets_assets.attitudes.floats import as_floats, varies
from safer_streets_assets.attitudes.instrument import Instrument
from safer_streets_assets.attitudes.scoring import keyed_items, require_columns

ONE_ITEM = "a single item has no alpha"
TOO_FEW_CASES = "fewer than two complete cases"
NO_VARIATION = "no variation between people"

_FEWEST_CASES = 2
_FEWEST_ITEMS = 2


@dataclass(frozen=True)
class Alpha:
    """Alpha with the number of complete cases and items; `reason` says why alpha is None."""

    alpha: float | None
    n: int
    n_items: int
    reason: str | None


def cronbach_alpha(items: pd.DataFrame) -> Alpha:
    """Return Cronbach's alpha of keyed items (one column an item), listwise.

    alpha = k / (k - 1) x (1 - sum of item variances / variance of the sum), Cronbach (1951). It may
    be below zero, when the items go against each other. Raises AttitudesError for items that are
    text or not finite.
    """
    values = np.column_stack(
        [np.empty((len(items), 0)), *(as_floats(items.iloc[:, i]) for i in range(items.shape[1]))]
    )
    complete = values[~np.isnan(values).any(axis=1)]
    n, k = complete.shape
    if k < _FEWEST_ITEMS:
        return Alpha(None, n, k, ONE_ITEM)
    if n < _FEWEST_CASES:
        return Alpha(None, n, k, TOO_FEW_CASES)
    total = complete.sum(axis=1)
    if not varies(total):
        return Alpha(None, n, k, NO_VARIATION)
    share = complete.var(axis=0, ddof=1).sum() / total.var(ddof=1)
    return Alpha(float(k / (k - 1) * (1 - share)), n, k, None)


def alpha_table(responses: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Return alpha per scale of several items and per wave, listwise after keying.

    `responses` are chosen responses (one per person and wave) with wave and the item columns.
    Columns: scale, wave, n_complete, n_items, alpha (Float64, missing when not estimable), reason.
    Raises AttitudesError when a column is missing or an item is out of its range.
    """
    require_columns(responses, ["wave"], "responses")
    rows = []
    for scale in instrument.scales:
        if len(scale.items) < _FEWEST_ITEMS:
            continue
        items = keyed_items(responses, scale)
        for wave in sorted(responses["wave"].dropna().unique()):
            result = cronbach_alpha(items[responses["wave"].eq(wave).fillna(False).to_numpy(bool)])
            rows.append(
                (scale.code, int(wave), result.n, result.n_items, result.alpha, result.reason)
            )
    columns = ["scale", "wave", "n_complete", "n_items", "alpha", "reason"]
    return pd.DataFrame(rows, columns=columns).astype(
        {
            "scale": "string",
            "wave": "Int64",
            "n_complete": "Int64",
            "n_items": "Int64",
            "alpha": "Float64",
            "reason": "string",
        }
    )
