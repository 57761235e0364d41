"""Three waves together: a linear mixed model that uses everybody with any wave."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from safer_streets_assets.attitudes.floats import Floats, as_floats
from safer_streets_assets.attitudes.instrument import Instrument, Scale
from safer_streets_assets.attitudes.pairs import (
    COMPARISONS,
    Comparison,
    analysis_cube,
    change_of,
    reading_of,
    score_cube,
    waves_of,
)

Method = Literal["REML", "ML"]
WAVE_COLUMNS = [
    "scale",
    "comparison",
    "n_people",
    "n_paired",
    "estimate",
    "standard_error",
    "ci_low",
    "ci_high",
    "z",
    "p",
    "pairs_mean_change",
    "variance_between",
    "variance_within",
    "singular",
    "reading",
    "reason",
]
NO_SCORE = "there is no score at one of the two waves"
NOT_FITTED = "there are too few scores, or they do not vary, so that the model cannot be fitted"

_TEXT = {"scale", "comparison", "reading", "reason"}
_WHOLE = {"n_people", "n_paired"}
_MOST_BETWEEN = 1 - 1e-9
_PERFECT = 1e-12
SINGULAR = 1e-4
"""The ratio of the SD between groups to that within, below which lme4 calls a fit singular."""


@dataclass(frozen=True)
class RandomInterceptFit:
    """Fixed effects with their covariance, and the two variances (score units squared).

    `log_likelihood` is that of `method`: -2 times it is the REML criterion or the deviance that
    lme4 prints.
    """

    estimates: Floats
    covariance: Floats
    variance_between: float
    variance_within: float
    log_likelihood: float
    method: Method

    @property
    def singular(self) -> bool:
        """Whether the variance between groups is 0, or next to it (by lme4's own tolerance)."""
        return math.sqrt(self.variance_between / self.variance_within) < SINGULAR

    def contrast(self, weights: Floats) -> tuple[float, float]:
        """Return the estimate L'b and its standard error, the root of L'CL."""
        return (
            float(weights @ self.estimates),
            math.sqrt(float(weights @ self.covariance @ weights)),
        )


def wave_model(
    scores: pd.DataFrame,
    people: pd.DataFrame,
    instrument: Instrument,
    *,
    method: Method = "REML",
) -> pd.DataFrame:
    """Estimate the mean change between the waves, per scale, from all scores of everybody.

    Score = wave + person's intercept + error; unlike the complete pairs it uses people with one
    wave too, and is unbiased when who is missing depends on observed scores only. `scores` and
    `people` are as for `change_summary`. Returns WAVE_COLUMNS, one row per scale and comparison:
    n_people with a score at any wave, n_paired those of `change_summary`; estimate, standard_error,
    Wald interval (95 %), z and p of the model; pairs_mean_change, the mean change of those pairs
    beside it; singular, whether the variance between people is estimated as 0, so that the model is
    that of strangers at each wave; reading (better, worse, no clear change) of the interval. Counts
    Int64, statistics Float64, missing with a `reason`. Raises AttitudesError when a column is
    missing, a score is not finite, or a person stands twice in `people` or has two scores of one
    scale and wave.
    """
    codes = [scale.code for scale in instrument.scales]
    waves = tuple(sorted(waves_of(COMPARISONS)))
    everybody = score_cube(scores, people, codes, waves)
    cube = analysis_cube(scores, people, instrument, COMPARISONS)
    rows = []
    for scale in instrument.scales:
        own = np.array([everybody.at(scale.code, wave) for wave in waves])
        means = WaveMeans.of(own, waves, method)
        for comparison in COMPARISONS:
            pairs = cube.pairs(scale.code, comparison).dropna()
            rows.append(_row(scale, comparison, means, pairs))
    types = {
        column: "string"
        if column in _TEXT
        else "Int64"
        if column in _WHOLE
        else "boolean"
        if column == "singular"
        else "Float64"
        for column in WAVE_COLUMNS
    }
    return pd.DataFrame(rows, columns=WAVE_COLUMNS).astype(types)


def fit_random_intercept(
    outcome: Floats,
    design: Floats,
    group: NDArray[np.int64],
    *,
    method: Method = "REML",
) -> RandomInterceptFit | None:
    """Fit outcome = design x effects + group intercept + error (Laird and Ware 1982).

    `group` numbers the groups from 0. The variances are by restricted (REML) or full (ML) maximum
    likelihood. None when the fixed effects are not estimable, no degree of freedom is left, no
    group has two rows (so the variances cannot be told apart), or nothing is left to vary within
    the groups. Raises AttitudesError when an outcome is not finite.
    """
    from scipy import optimize

    outcome = as_floats(outcome)
    n, k = design.shape
    sizes = np.bincount(group) if n else np.zeros(0, dtype=int)
    if n <= k or sizes.max(initial=0) <= 1 or np.linalg.matrix_rank(design) < k:
        return None
    # Around its mean an outcome loses no digits in the cross-products.
    centre = float(outcome.mean()) if _spans_constant(design) else 0.0
    sums = _Sums.of(outcome - centre, design, group, sizes, method)
    if _within_groups(sums, outcome - centre, design, group) <= _PERFECT * (1 + outcome @ outcome):
        return None
    # The share of variance between groups is bounded, their ratio is not: search the share.
    best = optimize.minimize_scalar(
        sums.deviance, bounds=(0.0, _MOST_BETWEEN), method="bounded", options={"xatol": 1e-10}
    )
    share = float(best.x) if best.fun < sums.deviance(0.0) else 0.0
    effects, precision, rss = sums.solve(share)
    within = rss / sums.free
    shift = np.linalg.lstsq(design, np.full(n, centre), rcond=None)[0]
    return RandomInterceptFit(
        effects + shift,
        np.asarray(np.linalg.inv(precision) * within, dtype=np.float64),
        within * share / (1 - share),
        within,
        -(sums.deviance(share) + sums.free * (1 + math.log(2 * math.pi / sums.free))) / 2,
        method,
    )


@dataclass(frozen=True)
class _Sums:
    """Cross-products over rows and over group totals: all that the likelihood needs."""

    rows: Floats
    totals: Floats
    sizes: NDArray[Any]
    method: Method

    @classmethod
    def of(
        cls,
        outcome: Floats,
        design: Floats,
        group: NDArray[np.int64],
        sizes: NDArray[Any],
        method: Method,
    ) -> _Sums:
        joined = np.column_stack([design, outcome])
        totals = np.zeros((len(sizes), joined.shape[1]))
        np.add.at(totals, group, joined)
        return cls(joined.T @ joined, totals, sizes, method)

    @property
    def free(self) -> int:
        """What the residual sum of squares is divided by: n - k under REML, n under ML."""
        effects = len(self.rows) - 1 if self.method == "REML" else 0
        return int(self.sizes.sum()) - effects

    def solve(self, share: float) -> tuple[Floats, Floats, float]:
        """Return effects, X'V^-1 X and the weighted residual sum (V over the error variance)."""
        ratio = share / (1 - share)
        weights = ratio / (1 + ratio * self.sizes)
        products = self.rows - (self.totals * weights[:, None]).T @ self.totals
        precision, moments = products[:-1, :-1], products[:-1, -1]
        effects = np.asarray(np.linalg.solve(precision, moments), dtype=np.float64)
        return effects, precision, float(products[-1, -1] - moments @ effects)

    def deviance(self, share: float) -> float:
        """Return -2 x the profile log-likelihood, but for a constant."""
        _, precision, rss = self.solve(share)
        if rss <= 0:
            return math.inf
        log_v = float(np.log1p(self.sizes * share / (1 - share)).sum())
        log_precision = float(np.linalg.slogdet(precision)[1]) if self.method == "REML" else 0.0
        return self.free * math.log(rss) + log_v + log_precision


@dataclass(frozen=True)
class WaveMeans:
    """The model of one scale with a mean for each wave that anybody has, or why there is none."""

    n_people: int
    waves: list[int]
    fit: RandomInterceptFit | None

    @classmethod
    def of(cls, values: Floats, waves: Sequence[int], method: Method = "REML") -> WaveMeans:
        """Fit the scores `values` (waves x people, NaN where there is none)."""
        person, at = np.nonzero(~np.isnan(values.T))
        there = sorted(set(at.tolist()))
        group = np.unique(person, return_inverse=True)[1].astype(np.int64)
        design = (at[:, None] == np.array(there, dtype=int)[None, :]).astype(float)
        fit = None
        if len(there) > 1:
            fit = fit_random_intercept(values.T[person, at], design, group, method=method)
        return cls(len(np.unique(person)), [waves[i] for i in there], fit)

    def estimate(self, comparison: Comparison) -> dict[str, float] | None:
        """The change between two waves: estimate, standard_error, ci_low, ci_high, z and p."""
        if self.fit is None or self.missing(comparison) is not None:
            return None
        return _wald(*self.fit.contrast(self.weights(comparison)))

    def missing(self, comparison: Comparison) -> str | None:
        """Why this comparison cannot be estimated."""
        if not {comparison.first, comparison.last} <= set(self.waves):
            return NO_SCORE
        return NOT_FITTED if self.fit is None else None

    def weights(self, comparison: Comparison) -> Floats:
        """What each wave's mean is multiplied with to give the change."""
        signs = {comparison.last: 1.0, comparison.first: -1.0}
        return np.array([signs.get(wave, 0.0) for wave in self.waves])


def _within_groups(sums: _Sums, outcome: Floats, design: Floats, group: NDArray[np.int64]) -> float:
    """The sum of squares that is left when every group has an intercept of its own."""
    joined = np.column_stack([design, outcome]) - (sums.totals / sums.sizes[:, None])[group]
    effects = np.linalg.lstsq(joined[:, :-1], joined[:, -1], rcond=None)[0]
    rest = joined[:, -1] - joined[:, :-1] @ effects
    return float(rest @ rest)


def _spans_constant(design: Floats) -> bool:
    ones = np.ones(len(design))
    return bool(np.allclose(design @ np.linalg.lstsq(design, ones, rcond=None)[0], ones))


def _row(
    scale: Scale, comparison: Comparison, means: WaveMeans, pairs: pd.DataFrame
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "scale": scale.code,
        "comparison": comparison.name,
        "n_people": means.n_people,
        "n_paired": len(pairs),
        "pairs_mean_change": float(change_of(pairs).mean()) if len(pairs) else None,
        "reason": means.missing(comparison),
    }
    found = means.estimate(comparison)
    if means.fit is None or found is None:
        return row
    return (
        row
        | found
        | {
            "variance_between": means.fit.variance_between,
            "variance_within": means.fit.variance_within,
            "singular": means.fit.singular,
            "reading": reading_of(found["ci_low"], found["ci_high"], scale),
        }
    )


def _wald(estimate: float, error: float) -> dict[str, float]:
    from scipy import special

    margin = -float(special.ndtri(0.025)) * error
    z = estimate / error
    return {
        "estimate": estimate,
        "standard_error": error,
        "ci_low": estimate - margin,
        "ci_high": estimate + margin,
        "z": z,
        "p": float(2 * special.ndtr(-abs(z))),
    }
