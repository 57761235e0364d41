"""Intervals, the Hodges-Lehmann estimate and equivalence against published examples and scipy."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from safer_streets_assets.attitudes.effects import small_sample_factor
from safer_streets_assets.attitudes.intervals import (
    equivalence_p,
    hodges_lehmann,
    rank_biserial_limits,
    smcr_limits,
)
from safer_streets_assets.attitudes.paired import paired_statistics

# Hollander and Wolfe (1973), table 3.1: Hamilton depression scale factor IV of nine patients,
# before and after a tranquilliser; R's wilcox.test(y, x, paired = TRUE, conf.int = TRUE).
BEFORE = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
AFTER = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
CHANGES = st.lists(st.integers(-12, 12), min_size=1, max_size=70)
PAIRS = st.lists(st.tuples(st.integers(5, 25), st.integers(5, 25)), min_size=3, max_size=30)


def pairwise_means(changes: np.ndarray) -> np.ndarray:
    return np.sort([(a + b) / 2 for a, b in combinations_with_replacement(changes, 2)])


def test_the_estimate_and_limits_of_the_depression_data_are_those_that_r_prints() -> None:
    """R: (pseudo)median -0.46, 95 % confidence interval -0.786 to -0.010."""
    found = hodges_lehmann(np.array(AFTER) - np.array(BEFORE))
    assert found == (
        pytest.approx(-0.46, abs=5e-4),
        pytest.approx(-0.786, abs=5e-4),
        pytest.approx(-0.010, abs=5e-4),
    )


@settings(deadline=None, max_examples=50)
@given(CHANGES)
def test_the_estimate_is_the_median_of_all_pairwise_means(changes: list[int]) -> None:
    numbers = np.array(changes) / 5
    means = pairwise_means(numbers)
    middle, low, high = hodges_lehmann(numbers)
    assert middle == pytest.approx(np.median(means), abs=1e-9)
    if low is None or high is None:
        assert len(changes) < 6  # with five changes no rank sum has a tail of 2.5 %
    else:
        k = int(np.searchsorted(means, low - 1e-9)) + 1
        assert low == pytest.approx(means[k - 1], abs=1e-9)
        assert low <= middle <= high


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(-3, 3), min_size=6, max_size=40, unique=True), st.floats(-2, 2))
def test_the_limits_are_those_shifts_that_wilcoxons_test_does_not_reject(changes, by) -> None:
    numbers = np.unique(np.round(changes, 6))
    if len(numbers) < 6 or len(np.unique(np.abs(np.round(numbers - by, 6)))) < len(numbers):
        return  # ties: the exact test is another one
    shifted = np.round(numbers - by, 6)
    if (shifted == 0).any():
        return
    _, low, high = hodges_lehmann(numbers)
    if low is not None and high is not None and min(abs(by - low), abs(by - high)) > 1e-5:
        rejected = stats.wilcoxon(shifted, method="exact").pvalue <= 0.05
        assert rejected == (not low < by < high)


def test_millions_of_changes_need_no_list_of_their_pairs() -> None:
    changes = np.repeat([-0.2, 0.0, 0.2, 0.4], [100_000, 300_000, 400_000, 200_000])
    middle, low, high = hodges_lehmann(changes)
    assert (middle, low, high) == (pytest.approx(0.1), pytest.approx(0.1), pytest.approx(0.1))


def test_smcr_of_the_treated_groups_of_morris_is_what_metafor_prints() -> None:
    """Morris (2008), table 5: escalc(measure = "SMCR") gives these, with the variances beside."""
    before, after = [30.6, 23.5, 0.5, 53.4, 35.6], [38.5, 26.8, 0.7, 75.9, 36.0]
    spread, n, r = [15.0, 3.1, 0.1, 14.5, 4.7], [20, 50, 9, 10, 14], [0.47, 0.64, 0.77, 0.89, 0.44]
    printed = [0.5056, 1.0481, 1.8054, 1.4181, 0.0801]
    variances = [0.0594, 0.0254, 0.2322, 0.1225, 0.0802]
    for k in range(5):
        smcr = small_sample_factor(n[k] - 1) * (after[k] - before[k]) / spread[k]
        low, high = smcr_limits(smcr, r[k], n[k])
        assert smcr == pytest.approx(printed[k], abs=5e-5)
        assert ((high - low) / 2 / 1.959964) ** 2 == pytest.approx(variances[k], abs=1e-4)


@settings(deadline=None, max_examples=30)
@given(PAIRS)
def test_the_interval_of_smcr_holds_smcr_and_its_width_grows_as_waves_agree_less(pairs) -> None:
    start, end = (np.array(side) / 5 for side in zip(*pairs, strict=True))
    found = paired_statistics(start, end)
    if found.smcr is not None and found.smcr_low is not None and found.smcr_high is not None:
        assert found.smcr_low <= found.smcr <= found.smcr_high
        factor = small_sample_factor(len(pairs) - 1)
        assert found.smcr == pytest.approx(factor * (end - start).mean() / start.std(ddof=1))


def test_the_interval_of_the_rank_biserial_is_worked_out_by_hand() -> None:
    """Ten changes: the error is sqrt(10 x 11 x 21 / 6) / 55 = 0.35675 on the scale of atanh."""
    low, high = rank_biserial_limits(0.6, 10)
    assert low == pytest.approx(np.tanh(np.arctanh(0.6) - 1.959964 * 0.356753), abs=1e-5)
    assert high == pytest.approx(np.tanh(np.arctanh(0.6) + 1.959964 * 0.356753), abs=1e-5)
    assert rank_biserial_limits(1.0, 10) == (1.0, 1.0)


def test_the_interval_of_the_rank_biserial_holds_nothing_as_often_as_it_says() -> None:
    rng = np.random.default_rng(11)
    found = [paired_statistics(np.zeros(60), rng.normal(size=60)) for _ in range(600)]
    covered = np.mean([f.rank_biserial_low < 0 < f.rank_biserial_high for f in found])
    assert covered == pytest.approx(0.95, abs=0.03)


@settings(deadline=None, max_examples=40)
@given(PAIRS, st.sampled_from([0.1, 0.2, 0.5, 2.0]))
def test_equivalence_is_that_of_statsmodels_two_one_sided_tests(pairs, smallest: float) -> None:
    start, end = (np.array(side) / 5 for side in zip(*pairs, strict=True))
    found = paired_statistics(start, end, smallest_change=smallest)
    if found.sd_change:
        expected = DescrStatsW(np.round(end - start, 12)).ttost_mean(-smallest, smallest)[0]
        assert found.equivalence_p == pytest.approx(expected, abs=1e-9)


def test_equivalence_needs_a_smallest_change_and_a_change_that_varies() -> None:
    assert paired_statistics([1, 2, 3], [2, 2, 4]).reasons["equivalence_p"]
    assert paired_statistics([1, 2], [2, 3], smallest_change=0.5).reasons["equivalence_p"]
    assert equivalence_p(0.0, 1e-3, 99, 0.2) < 1e-10


@settings(deadline=None, max_examples=40)
@given(PAIRS)
def test_both_correlations_with_the_change_are_scipys(pairs) -> None:
    start, end = (np.array(side) / 5 for side in zip(*pairs, strict=True))
    change = np.round(end - start, 12)
    found = paired_statistics(start, end)
    for value, level in ((found.r_start_change, start), (found.r_oldham, (start + end) / 2)):
        if value is not None:
            assert value == pytest.approx(stats.pearsonr(level, change).statistic, abs=1e-9)
