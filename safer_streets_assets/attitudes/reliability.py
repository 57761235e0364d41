"""Cronbach's alpha: how far the items of a scale hang together, and within which limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from safer_streets_assets.attitudes.as_read import alike, whole_numbers
from safer_streets_assets.attitudes.floats import as_floats, require_share, varies
from safer_streets_assets.attitudes.instrument import Instrument, Scale
from safer_streets_assets.attitudes.pairs import ScoreCube
from safer_streets_assets.attitudes.scoring import keyed_items, require_columns

ONE_ITEM = "a single item has no alpha"
TOO_FEW_CASES = "fewer than two complete cases"
NO_VARIATION = "no variation between people"
ALPHA_COLUMNS = {
    "scale": "string",
    "wave": "Int64",
    "n_complete": "Int64",
    "n_items": "Int64",
    "alpha": "Float64",
    "alpha_low": "Float64",
    "alpha_high": "Float64",
    "reason": "string",
}

_FEWEST_CASES = 2
_FEWEST_ITEMS = 2


@dataclass(frozen=True)
class Alpha:
    """Alpha with its interval and the number of complete cases and items; `reason` says why the
    first three are None."""

    alpha: float | None
    n: int
    n_items: int
    reason: str | None
    low: float | None = None
    high: float | None = None


def cronbach_alpha(items: pd.DataFrame, *, confidence: float = 0.95) -> Alpha:
    """Return Cronbach's alpha of keyed items (one column an item), listwise, with its interval.

    alpha = k / (k - 1) x (1 - sum of item variances / variance of the sum), Cronbach (1951). It may
    be below zero, when the items go against each other. The interval is Feldt's (1965):
    1 - (1 - alpha) F, with F the (1 + confidence) / 2 and the (1 - confidence) / 2 quantile of
    F(n - 1, (n - 1)(k - 1)). Raises AttitudesError for items that are text or not finite, and for a
    confidence outside 0 to 1.
    """
    require_share(confidence, "confidence")
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
    alpha = float(k / (k - 1) * (1 - share))
    return Alpha(alpha, n, k, None, *_feldt_limits(alpha, n, k, confidence))


def alpha_table(
    responses: pd.DataFrame,
    instrument: Instrument,
    *,
    among: ScoreCube | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return alpha per scale of several items and per wave, listwise after keying.

    `responses` are chosen responses (one per person and wave) with wave and the item columns. With
    `among`, of each scale and wave only the responses of people who have a score of it there count,
    so that n_complete is a part of those whose scores are analysed; then they have person_id, too.
    Columns: those of ALPHA_COLUMNS, alpha and its limits missing when not estimable, with a reason.
    Raises AttitudesError when a column is missing or an item is out of its range.
    """
    require_columns(responses, ["wave", *(["person_id"] if among else [])], "responses")
    waves = whole_numbers(responses["wave"], "wave")
    rows = []
    for scale in instrument.scales:
        if len(scale.items) < _FEWEST_ITEMS:
            continue
        items = keyed_items(responses, scale)
        for wave in sorted(waves.dropna().unique()):
            mine = waves.eq(wave).fillna(False).to_numpy(bool)
            if among is not None:
                mine &= _scored(responses["person_id"], among, scale, int(wave))
            found = cronbach_alpha(items[mine], confidence=confidence)
            limits = found.alpha, found.low, found.high
            rows.append((scale.code, int(wave), found.n, found.n_items, *limits, found.reason))
    return pd.DataFrame(rows, columns=list(ALPHA_COLUMNS)).astype(ALPHA_COLUMNS)


def _feldt_limits(alpha: float, n: int, k: int, confidence: float) -> tuple[float, float]:
    from scipy import special

    tail, free = (1 - confidence) / 2, (n - 1, (n - 1) * (k - 1))
    high, low = (float(special.fdtri(*free, p)) for p in (tail, 1 - tail))
    return 1 - (1 - alpha) * low, 1 - (1 - alpha) * high


def _scored(person: pd.Series, among: ScoreCube, scale: Scale, wave: int) -> NDArray[np.bool_]:
    """Whether each has a score of that scale and wave."""
    if wave not in among.waves:
        return np.zeros(len(person), dtype=bool)
    theirs, own = alike(person, pd.Series(among.people))
    there = own[~np.isnan(among.at(scale.code, wave))]
    return np.asarray(theirs.isin(there).fillna(False).to_numpy(bool))
