from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from safer_streets_assets.attitudes.mixed import fit_random_intercept, wave_model
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, people, primary_scores
from safer_streets_assets_tests.attitudes.test_paired import DRUG_1, DRUG_2


def contrast(table: pd.DataFrame, name: str = "start-end") -> pd.Series:
    return table[(table["scale"] == "OFF") & (table["comparison"] == name)].iloc[0]


def test_complete_pairs_give_the_estimate_and_error_of_the_paired_t_test() -> None:
    """Student's sleep data: with two complete waves REML is the paired t test (1.58 / 4.0621)."""
    source = primary_scores({1: DRUG_1, 3: DRUG_2})
    found = contrast(wave_model(source, people(10), INSTRUMENT))
    assert found["estimate"] == pytest.approx(1.58)
    assert found["z"] == pytest.approx(4.0621, abs=5e-5)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_complete_waves_give_the_variances_of_the_two_way_analysis_of_variance(seed: int) -> None:
    """Balanced REML equals the ANOVA estimators when that of between is not negative."""
    rng = np.random.default_rng(seed)
    table = rng.normal(0, 1, (12, 1)) + rng.normal(0, 0.7, (12, 3))
    cell = table - table.mean(0) - table.mean(1, keepdims=True) + table.mean()
    within = (cell**2).sum() / (11 * 2)
    between = (3 * table.mean(1).var(ddof=1) - within) / 3
    group = np.repeat(np.arange(12), 3)
    design = np.column_stack([np.ones(36), np.tile([0, 1, 0], 12), np.tile([0, 0, 1], 12)])
    fit = fit_random_intercept(table.ravel(), design, group)
    assert fit is not None
    if between > 0:
        assert fit.variance_within == pytest.approx(within, rel=1e-4)
        assert fit.variance_between == pytest.approx(between, rel=1e-3, abs=1e-5)
        assert fit.covariance[1, 1] == pytest.approx(2 * within / 12, rel=2e-4)
    else:
        assert fit.variance_between == pytest.approx(0, abs=1e-5)


def test_people_with_one_wave_count_too_and_pull_the_estimate() -> None:
    rng = np.random.default_rng(3)
    start = rng.normal(3, 1, 60)
    end = start + 0.5 + rng.normal(0, 0.5, 60)
    seen = [e if s > 3 else None for s, e in zip(start, end, strict=True)]
    source = primary_scores({1: start.tolist(), 3: seen})
    found = contrast(wave_model(source, people(60), INSTRUMENT))
    naive = np.nanmean(np.array(seen, dtype=float)) - start.mean()
    assert found["n_people"] == 60
    assert found["n_paired"] == sum(value is not None for value in seen)
    assert abs(found["estimate"] - 0.5) < abs(naive - 0.5)


def test_the_fit_is_the_best_of_all_shares_of_variance() -> None:
    """The REML likelihood written out with full matrices is no better anywhere on a grid."""
    rng = np.random.default_rng(5)
    group = rng.integers(0, 8, 30)
    group[:8] = np.arange(8)
    design = np.column_stack([np.ones(30), rng.normal(size=30)])
    outcome = rng.normal(size=8)[group] + rng.normal(size=30)
    fit = fit_random_intercept(outcome, design, group)
    assert fit is not None

    def deviance(between: float, within: float) -> float:
        v = within * np.eye(30) + between * (group[:, None] == group[None, :])
        inverse = np.linalg.inv(v)
        precision = design.T @ inverse @ design
        rest = outcome - design @ np.linalg.solve(precision, design.T @ inverse @ outcome)
        logs = np.linalg.slogdet(v)[1] + np.linalg.slogdet(precision)[1]
        return float(logs + rest @ inverse @ rest)

    best = deviance(fit.variance_between, fit.variance_within)
    grid = [deviance(b, w) for b in np.linspace(0, 4, 41) for w in np.linspace(0.1, 4, 40)]
    assert best <= min(grid) + 1e-9


def test_the_interval_and_p_are_wald_s() -> None:
    found = contrast(wave_model(primary_scores({1: DRUG_1, 3: DRUG_2}), people(10), INSTRUMENT))
    assert found["p"] == pytest.approx(2 * stats.norm.sf(found["z"]))
    half = (found["ci_high"] - found["ci_low"]) / 2
    assert half == pytest.approx(1.959964 * found["standard_error"], rel=1e-6)


@pytest.mark.parametrize(
    "waves",
    [
        {},
        {1: [3.0]},
        {1: [3.0], 3: [4.0]},
        {1: [3.0, 2.0], 3: [None, None]},
        {3: [3.0, 2.0], 2: [2.0, 4.0]},
        {1: [1.0, 2.0, 3.0], 3: [2.0, 3.0, 4.0]},
        {1: [3.0, 3.0, 3.0], 3: [3.0, 3.0, 3.0]},
    ],
)
def test_what_cannot_be_fitted_is_missing_with_a_reason(waves) -> None:
    found = contrast(wave_model(primary_scores(waves), people(3), INSTRUMENT))
    assert found["estimate"] is pd.NA
    assert found["p"] is pd.NA
    assert found["reason"]


def test_a_wave_that_nobody_answered_leaves_the_other_contrast_estimable() -> None:
    table = wave_model(primary_scores({1: DRUG_1, 3: DRUG_2}), people(10), INSTRUMENT)
    assert contrast(table, "start-middle")["estimate"] is pd.NA
    assert contrast(table)["estimate"] is not pd.NA


def test_people_outside_the_linked_cohort_do_not_count() -> None:
    found = contrast(wave_model(primary_scores({1: DRUG_1, 3: DRUG_2}), people(4), INSTRUMENT))
    assert (found["n_people"], found["n_paired"]) == (4, 4)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_a_fit_is_singular_where_people_differ_no_more_than_chance(seed: int) -> None:
    """Balanced, the variance between is above 0 where the mean square between is the greater."""
    rng = np.random.default_rng(seed)
    table = rng.normal(0, 0.3, (10, 1)) + rng.normal(0, 1.0, (10, 3))
    cell = table - table.mean(0) - table.mean(1, keepdims=True) + table.mean()
    surplus = 3 * table.mean(1).var(ddof=1) - (cell**2).sum() / (9 * 2)
    source = primary_scores({wave: table[:, wave - 1].tolist() for wave in (1, 2, 3)})
    found = wave_model(source, people(10), INSTRUMENT)
    said = found.loc[found["scale"] == "OFF", "singular"]
    assert said.tolist() == [surplus <= 0] * 3 or abs(surplus) < 1e-3
