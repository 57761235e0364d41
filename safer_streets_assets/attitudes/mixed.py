"""Three waves together: a linear mixed model that uses everybody with any wave."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from safer_streets_assets.attitudes.instrument import Instrument
from safer_streets_assets.attitudes.pairs import require_one_row_per_person
from safer_streets_assets.attitudes.scoring import require_columns

MIXED_METHOD = "REML, random intercept, waves as dummies, Wald z"
MIXED_COLUMNS = [
    "scale",
    "contrast",
    "n_people",
    "n_scores",
    "estimate",
    "standard_error",
    "ci_low",
    "ci_high",
    "z",
    "p",
    "variance_between",
    "variance_within",
    "reason",
]
START_WAVE = 1
CONTRASTS = {2: "start-middle", 3: "start-end"}
_MOST_BETWEEN = 1 - 1e-9


@dataclass(frozen=True)
class RandomInterceptFit:
    """Fixed effects with their standard errors, and the two variances (score units squared)."""

    estimates: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    variance_between: float
    variance_within: float


def wave_model(scores: pd.DataFrame, people: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Estimate the mean change from start to middle and to end, per scale, from all scores.

    Score = wave + person's intercept + error, fitted by REML; unlike the complete pairs it uses
    people with one wave too, and is unbiased when who is missing depends on observed scores only.
    `scores` and `people` are as for `change_summary`. Returns MIXED_COLUMNS, one row per scale and
    contrast (named as the comparisons are); statistics Float64, missing with a `reason`.
    Raises AttitudesError when a column is missing or a person stands twice in `people`.
    """
    require_columns(scores, ["person_id", "wave", "scale", "score"], "scores")
    require_one_row_per_person(people)
    known = scores[scores["person_id"].isin(people["person_id"]) & scores["score"].notna()]
    rows = [row for scale in instrument.scales for row in _scale_rows(known, scale.code)]
    types = {
        column: "string"
        if column in ("scale", "contrast", "reason")
        else "Int64"
        if column in ("n_people", "n_scores")
        else "Float64"
        for column in MIXED_COLUMNS
    }
    return pd.DataFrame(rows, columns=MIXED_COLUMNS).astype(types)


def fit_random_intercept(
    outcome: NDArray[np.float64], design: NDArray[np.float64], group: NDArray[np.int64]
) -> RandomInterceptFit | None:
    """Fit outcome = design x effects + group intercept + error by REML (Laird and Ware 1982).

    `group` numbers the groups from 0. None when the fixed effects are not estimable, no degree of
    freedom is left, no group has two rows (so the variances cannot be told apart), or the fit is
    perfect.
    """
    from scipy import optimize

    n, k = design.shape
    sizes = np.bincount(group) if n else np.zeros(0, dtype=int)
    if n <= k or sizes.max(initial=0) <= 1 or np.linalg.matrix_rank(design) < k:
        return None
    sums = _Sums.of(outcome, design, group, sizes)
    if sums.solve(0.0)[2] <= 1e-12 * max(1.0, float(outcome @ outcome)):
        return None
    # The share of variance between groups is bounded, their ratio is not: search the share.
    best = optimize.minimize_scalar(
        sums.deviance, bounds=(0.0, _MOST_BETWEEN), method="bounded", options={"xatol": 1e-10}
    )
    share = float(best.x) if best.fun < sums.deviance(0.0) else 0.0
    effects, precision, rss = sums.solve(share)
    within = rss / (n - k)
    errors = np.sqrt(np.diag(np.linalg.inv(precision)) * within)
    return RandomInterceptFit(effects, errors, within * share / (1 - share), within)


@dataclass(frozen=True)
class _Sums:
    """Cross-products over rows and over group totals: all that the likelihood needs."""

    rows: NDArray[np.float64]
    totals: NDArray[np.float64]
    sizes: NDArray[Any]

    @classmethod
    def of(
        cls,
        outcome: NDArray[np.float64],
        design: NDArray[np.float64],
        group: NDArray[np.int64],
        sizes: NDArray[Any],
    ) -> _Sums:
        joined = np.column_stack([design, outcome])
        totals = np.zeros((len(sizes), joined.shape[1]))
        np.add.at(totals, group, joined)
        return cls(joined.T @ joined, totals, sizes)

    def solve(self, share: float) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
        """Return effects, X'V^-1 X and the weighted residual sum (V over the error variance)."""
        ratio = share / (1 - share)
        weights = ratio / (1 + ratio * self.sizes)
        products = self.rows - (self.totals * weights[:, None]).T @ self.totals
        precision, moments = products[:-1, :-1], products[:-1, -1]
        effects = np.asarray(np.linalg.solve(precision, moments), dtype=np.float64)
        return effects, precision, float(products[-1, -1] - moments @ effects)

    def deviance(self, share: float) -> float:
        """Return -2 x the profile REML log-likelihood, but for a constant."""
        _, precision, rss = self.solve(share)
        if rss <= 0:
            return math.inf
        free = int(self.sizes.sum()) - len(precision)
        log_v = float(np.log1p(self.sizes * share / (1 - share)).sum())
        return free * math.log(rss) + log_v + float(np.linalg.slogdet(precision)[1])


def _scale_rows(known: pd.DataFrame, scale: str) -> list[dict[str, Any]]:
    own = known[known["scale"].eq(scale).fillna(False)]
    wave = own["wave"].to_numpy(dtype=int)
    waves = [later for later in CONTRASTS if (wave == later).any()]
    design = np.column_stack(
        [np.ones(len(own)), *((wave == later).astype(float) for later in waves)]
    )
    group = pd.factorize(own["person_id"])[0].astype(np.int64)
    fit = None
    if (wave == START_WAVE).any():
        fit = fit_random_intercept(own["score"].to_numpy(dtype=float), design, group)
    rows = []
    for later, name in CONTRASTS.items():
        row: dict[str, Any] = {
            "scale": scale,
            "contrast": name,
            "n_people": len(np.unique(group)),
            "n_scores": len(own),
        }
        if fit is None:
            row["reason"] = "too few scores, or no variation, to fit the model"
        elif later not in waves:
            row["reason"] = "there is no score at this wave"
        else:
            row |= _contrast(fit, 1 + waves.index(later))
        rows.append(row)
    return rows


def _contrast(fit: RandomInterceptFit, position: int) -> dict[str, Any]:
    from scipy import special

    estimate = float(fit.estimates[position])
    error = float(fit.standard_errors[position])
    margin = -float(special.ndtri(0.025)) * error
    z = estimate / error
    return {
        "estimate": estimate,
        "standard_error": error,
        "ci_low": estimate - margin,
        "ci_high": estimate + margin,
        "z": z,
        "p": float(2 * special.ndtr(-abs(z))),
        "variance_between": fit.variance_between,
        "variance_within": fit.variance_within,
    }
