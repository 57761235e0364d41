from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from safer_streets_assets.attitudes.mixed import (
    Method,
    RandomInterceptFit,
    fit_random_intercept,
    wave_model,
)
from safer_streets_assets_tests.attitudes.beat_the_blues import trial
from safer_streets_assets_tests.attitudes.builders import (
    INSTRUMENT,
    people,
    primary_scores,
    scores,
)

METHODS: tuple[Method, ...] = ("REML", "ML")


def fitted(
    outcome: NDArray[np.float64],
    design: NDArray[np.float64],
    person: NDArray[np.int64],
    method: Method,
) -> RandomInterceptFit:
    fit = fit_random_intercept(outcome, design, person, method=method)
    assert fit is not None
    return fit


def by_statsmodels(
    outcome: NDArray[np.float64],
    design: NDArray[np.float64],
    person: NDArray[np.int64],
    method: Method,
) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float, float]:
    """Effects, their errors, variance between and within, log-likelihood by MixedLM.

    The errors are those of generalised least squares with the variances that MixedLM finds, as
    lme4's are: MixedLM's own come from a joint Hessian and differ in the fourth digit.
    """
    from statsmodels.regression.linear_model import GLS
    from statsmodels.regression.mixed_linear_model import MixedLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = MixedLM(outcome, design, groups=person).fit(
            reml=method == "REML", method=["bfgs", "lbfgs", "cg"], gtol=1e-8
        )
    between, within = float(np.asarray(found.cov_re)[0, 0]), float(found.scale)
    same_person = person[:, None] == person[None, :]
    covariance = within * np.eye(len(outcome)) + between * same_person
    squares = np.diag(GLS(outcome, design, sigma=covariance).fit().normalized_cov_params)
    effects = np.asarray(found.fe_params)
    return effects, np.sqrt(squares), between, within, float(found.llf)


def test_reml_of_the_beat_the_blues_trial_is_what_lme4_prints() -> None:
    """HSAUR `BtheB` at months 2, 4, 6, 8 with lme4 1.1, REML, as printed (published notes to
    Everitt's repeated measures chapter, table 9.9): lmer(BDI ~ BDIpre + Time + Treatment + Drug +
    Length + (1 | Subject)), 280 scores of 97 people.
    """
    data = trial((2, 4, 6, 8))
    fit = fitted(*data, "REML")
    assert (len(data.outcome), data.person.max() + 1) == (280, 97)
    assert fit.estimates == pytest.approx(
        [5.9215, 0.6389, -0.7135, -2.3590, -2.7889, 0.2381], abs=5.1e-5
    )
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(
        [2.3059, 0.0796, 0.1466, 1.7084, 1.7659, 1.6754], abs=5.1e-5
    )
    assert (fit.variance_between, fit.variance_within) == pytest.approx((51.4, 25.3), abs=0.051)
    assert -2 * fit.log_likelihood == pytest.approx(1866.1, abs=0.051)


def test_the_covariance_of_the_effects_is_what_lme4_prints() -> None:
    """The same output, Correlation of Fixed Effects."""
    covariance = fitted(*trial((2, 4, 6, 8)), "REML").covariance
    errors = np.sqrt(np.diag(covariance))
    printed = [-0.679, -0.258, 0.023, -0.389, 0.121, 0.022, -0.072, -0.236, -0.025, -0.323]
    printed += [-0.239, -0.241, -0.042, 0.002, 0.158]
    found = (covariance / np.outer(errors, errors))[np.tril_indices(6, -1)]
    assert found == pytest.approx(printed, abs=5.1e-4)


def test_ml_of_the_beat_the_blues_trial_has_the_deviance_that_lme4_prints() -> None:
    """The same output, anova() by maximum likelihood: 8 parameters, AIC 1887, BIC 1916, log
    likelihood -935, deviance 1871.
    """
    data = trial((2, 4, 6, 8))
    log_likelihood = fitted(*data, "ML").log_likelihood
    parameters, n = 8, len(data.outcome)
    assert log_likelihood == pytest.approx(-935, abs=0.51)
    assert -2 * log_likelihood == pytest.approx(1871, abs=0.51)
    assert 2 * parameters - 2 * log_likelihood == pytest.approx(1887, abs=0.51)
    assert parameters * np.log(n) - 2 * log_likelihood == pytest.approx(1916, abs=0.51)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("months", [(2, 4, 6, 8), (2, 3, 5, 8)])
def test_the_beat_the_blues_trial_agrees_with_statsmodels(
    months: tuple[int, int, int, int], method: Method
) -> None:
    data = trial(months)
    effects, errors, between, within, log_likelihood = by_statsmodels(*data, method)
    fit = fitted(*data, method)
    assert fit.estimates == pytest.approx(effects, abs=1e-5)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(errors, rel=1e-5)
    assert (fit.variance_between, fit.variance_within) == pytest.approx((between, within), rel=1e-5)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=1e-5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(6))
def test_random_data_agree_with_statsmodels(seed: int, method: Method) -> None:
    rng = np.random.default_rng(seed)
    person = np.sort(rng.integers(0, 25, 70))
    person = np.unique(person, return_inverse=True)[1].astype(np.int64)
    design = np.column_stack([np.ones(70), rng.normal(size=70), rng.integers(0, 2, 70)])
    outcome = design @ [3, 0.4, -0.2] + rng.normal(0, 0.9, 25)[person] + rng.normal(0, 0.6, 70)
    effects, errors, between, within, log_likelihood = by_statsmodels(
        outcome, design, person, method
    )
    fit = fitted(outcome, design, person, method)
    assert fit.estimates == pytest.approx(effects, abs=1e-5)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(errors, rel=1e-5)
    assert (fit.variance_between, fit.variance_within) == pytest.approx((between, within), rel=1e-5)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_all_three_contrasts_of_the_waves_agree_with_statsmodels(method: Method) -> None:
    rng = np.random.default_rng(11)
    n = 60
    level = rng.normal(3, 0.7, n)
    means = {1: 0.0, 2: 0.2, 3: 0.5}
    waves = {wave: level + mean + rng.normal(0, 0.4, n) for wave, mean in means.items()}
    seen = {wave: np.where(rng.random(n) < 0.7, values, np.nan) for wave, values in waves.items()}
    source = primary_scores(
        {w: [None if np.isnan(x) else float(x) for x in v] for w, v in seen.items()}
    )
    table = wave_model(source, people(n), INSTRUMENT, method=method)
    found = table[table["scale"] == "OFF"].set_index("comparison")
    wave, person = np.nonzero(~np.isnan(np.array([seen[1], seen[2], seen[3]])))
    outcome = np.array([seen[w + 1][p] for w, p in zip(wave, person, strict=True)])
    # Every contrast is the effect of the later wave when the earlier one is the reference.
    for name, reference, later in (
        ("start-middle", 0, 1),
        ("start-end", 0, 2),
        ("middle-end", 1, 2),
    ):
        others = [w for w in range(3) if w != reference]
        design = np.column_stack([np.ones(len(wave)), *(wave == w for w in others)]).astype(float)
        effects, errors, *_ = by_statsmodels(outcome, design, person, method)
        position = 1 + others.index(later)
        assert found["estimate"][name] == pytest.approx(effects[position], abs=1e-5)
        assert found["standard_error"][name] == pytest.approx(errors[position], rel=1e-4)
        complete = ~np.isnan(seen[reference + 1]) & ~np.isnan(seen[later + 1])
        assert found["n_paired"][name] == complete.sum()
        assert found["pairs_mean_change"][name] == pytest.approx(
            (seen[later + 1] - seen[reference + 1])[complete].mean()
        )
    estimates = found["estimate"]
    assert estimates["middle-end"] == pytest.approx(
        estimates["start-end"] - estimates["start-middle"]
    )


THREE_WAVES = st.lists(
    st.tuples(*[st.sampled_from([None, *(x / 5 for x in range(5, 26))])] * 3),
    min_size=6,
    max_size=14,
)
NUMBERS = ["estimate", "standard_error", "z", "p", "variance_between", "variance_within"]


def model_of(rows: list[tuple[float | None, ...]]) -> pd.DataFrame:
    waves = {wave: [row[wave - 1] for row in rows] for wave in (1, 2, 3)}
    only = replace(INSTRUMENT, scales=(INSTRUMENT.scale("OFF"),))
    return wave_model(scores("OFF", waves), people(len(rows)), only).set_index("comparison")


def same(found: pd.DataFrame, expected: pd.DataFrame, columns: list[str]) -> None:
    left, right = (t[columns].to_numpy(dtype=float, na_value=np.nan) for t in (found, expected))
    np.testing.assert_allclose(left, right, rtol=1e-4, atol=2e-6)


@settings(deadline=None, max_examples=12)
@given(THREE_WAVES, st.randoms())
def test_the_order_of_people_does_not_matter_to_the_model(rows, random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    same(model_of(shuffled), model_of(rows), NUMBERS)


@settings(deadline=None, max_examples=12)
@given(THREE_WAVES, st.integers(-50, 50))
def test_a_shift_of_all_waves_does_not_change_the_model(rows, shift: int) -> None:
    shifted = [tuple(None if x is None else x + shift for x in row) for row in rows]
    same(model_of(shifted), model_of(rows), NUMBERS)


@settings(deadline=None, max_examples=12)
@given(THREE_WAVES)
def test_scores_turned_round_turn_the_signs_of_the_model(rows) -> None:
    before = model_of(rows)
    turned = model_of([tuple(None if x is None else 6 - x for x in row) for row in rows])
    turned[["estimate", "z"]] *= -1
    same(turned, before, NUMBERS)
    readings = {"better": "worse", "worse": "better", "no clear change": "no clear change"}
    fitted_rows = before["reading"].notna()
    clear = fitted_rows & (before["estimate"].abs() > 1e-6).fillna(False)
    assert turned["reading"][clear].tolist() == [readings[x] for x in before["reading"][clear]]


@settings(deadline=None, max_examples=15)
@given(THREE_WAVES, st.sampled_from([0.1, 2.0, 25.0]))
def test_the_unit_of_the_scores_scales_the_estimates_and_not_their_test(rows, unit: float) -> None:
    before = model_of(rows)
    after = model_of([tuple(None if x is None else x * unit for x in row) for row in rows])
    same(after, before, ["z", "p"])
    after[["estimate", "standard_error"]] /= unit
    same(after, before, ["estimate", "standard_error"])


@settings(deadline=None, max_examples=12)
@given(st.lists(st.tuples(st.integers(5, 25), st.integers(5, 25)), min_size=3, max_size=12))
def test_complete_pairs_give_the_mean_change_and_its_error(pairs) -> None:
    """With two complete waves the REML estimate is the mean change; where the scores of a person
    are not less alike than those of strangers, its error is that of the paired t test.
    """
    rows = [(a / 5, None, b / 5) for a, b in pairs]
    found = model_of(rows).loc["start-end"]
    change = np.array([row[2] - row[0] for row in rows], dtype=float)
    if found["estimate"] is pd.NA:
        assert np.ptp(change) == pytest.approx(0)
        return
    assert found["estimate"] == pytest.approx(change.mean(), abs=1e-9)
    assert found["pairs_mean_change"] == pytest.approx(change.mean(), abs=1e-9)
    if found["variance_between"] > 1e-4:
        error = change.std(ddof=1) / np.sqrt(len(change))
        assert found["standard_error"] == pytest.approx(error, rel=1e-4)


def test_a_scale_without_start_scores_still_has_its_later_change() -> None:
    rows = [(None, 2.0, 3.0), (None, 3.0, 3.2), (None, 2.6, 3.8), (None, 4.0, None)]
    found = model_of(rows)
    assert found.loc["middle-end", "estimate"] is not pd.NA
    assert (found.loc["middle-end", "n_people"], found.loc["middle-end", "n_paired"]) == (4, 3)
    assert found.loc["start-end", "estimate"] is pd.NA
    assert "no score" in found.loc["start-end", "reason"]


def test_the_reading_of_the_model_follows_the_direction_of_the_scale() -> None:
    waves = {1: [3.0, 4.0, 2.0], 3: [4.0, 4.4, 3.8]}
    source = pd.concat([scores("OFF", waves), scores("W4", waves)])
    table = wave_model(source, people(3), INSTRUMENT)
    found = table[table["comparison"] == "start-end"].set_index("scale")["reading"]
    assert (found["OFF"], found["W4"]) == ("better", "worse")
