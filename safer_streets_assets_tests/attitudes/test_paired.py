from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.paired import (
    STATISTICS,
    PairedStatistics,
    paired_statistics,
)

# R, datasets::sleep (Student 1908): extra hours of sleep with drug 1 and drug 2.
DRUG_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
DRUG_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
# Lakens (2013), Table 1: ratings of two movies by the same ten people.
MOVIE_1 = [9, 7, 8, 9, 8, 9, 9, 10, 9, 9]
MOVIE_2 = [9, 6, 7, 8, 7, 9, 8, 8, 8, 7]

# Means of five answers between 1 and 5, as scale scores are.
SCORE = st.integers(5, 25).map(lambda total: total / 5)
PAIRS = st.lists(st.tuples(SCORE, SCORE), min_size=3, max_size=30)


def stat(found: PairedStatistics, name: str) -> float:
    value = getattr(found, name)
    assert value is not None
    return float(value)


def numbers(found: PairedStatistics, *, without: tuple[str, ...] = ()) -> dict[str, float]:
    return {
        name: value
        for name in STATISTICS
        if name not in without and isinstance(value := getattr(found, name), float)
    }


def test_student_s_sleep_data_give_what_r_prints() -> None:
    """R: t.test(Pair(extra[group == 2], extra[group == 1]) ~ 1)."""
    found = paired_statistics(DRUG_1, DRUG_2)
    assert stat(found, "t") == pytest.approx(4.0621, abs=5e-5)
    assert found.df == 9
    assert stat(found, "p") == pytest.approx(0.002833, abs=5e-7)
    assert stat(found, "mean_change") == pytest.approx(1.58)
    assert stat(found, "ci_low") == pytest.approx(0.7001142, abs=5e-8)
    assert stat(found, "ci_high") == pytest.approx(2.4598858, abs=5e-8)


def test_student_s_sleep_data_give_the_interval_of_d_z_that_effectsize_prints() -> None:
    """R package effectsize: cohens_d(Pair(...) ~ 1, data = sleep2): 1.28 [0.41, 2.12]."""
    found = paired_statistics(DRUG_1, DRUG_2)
    limits = [stat(found, name) for name in ("d_z", "d_z_low", "d_z_high")]
    assert limits == pytest.approx([1.28, 0.41, 2.12], abs=5e-3)


def test_the_movie_ratings_give_what_lakens_reports() -> None:
    found = paired_statistics(MOVIE_2, MOVIE_1)
    assert (stat(found, "mean_end"), stat(found, "mean_start")) == pytest.approx((8.7, 7.7))
    assert (stat(found, "sd_end"), stat(found, "sd_start")) == pytest.approx((0.82, 0.95), abs=5e-3)
    assert stat(found, "r") == pytest.approx(0.73, abs=5e-3)
    assert stat(found, "t") == pytest.approx(4.74, abs=5e-3)
    assert stat(found, "p") == pytest.approx(0.001, abs=5e-4)
    assert stat(found, "d_z") == pytest.approx(1.50, abs=5e-3)
    assert stat(found, "d_av") == pytest.approx(1.13, abs=5e-3)
    assert stat(found, "g_av") == pytest.approx(1.03, abs=5e-3)


def test_smcr_is_over_the_start_sd_with_correction_and_d_av_over_the_mean_of_both_sds() -> None:
    found = paired_statistics([1, 2, 3], [3, 5, 8])
    sd_start, sd_end = 1.0, math.sqrt(19 / 3)
    assert stat(found, "smcr") == pytest.approx(math.gamma(1) / math.gamma(0.5) * 10 / 3 / sd_start)
    assert stat(found, "d_av") == pytest.approx(10 / 3 / ((sd_start + sd_end) / 2))


def test_d_av_rms_is_over_the_root_mean_square_of_both_sds() -> None:
    """Lakens' movie ratings: a mean change of 1 over the root of (0.9 + 0.6778) / 2."""
    found = paired_statistics(MOVIE_2, MOVIE_1)
    assert stat(found, "d_av_rms") == pytest.approx(1 / math.sqrt((0.9 + 6.1 / 9) / 2), abs=1e-4)
    by_hand = paired_statistics([1, 2, 3], [3, 5, 8])
    assert stat(by_hand, "d_av_rms") == pytest.approx(10 / 3 / math.sqrt((1 + 19 / 3) / 2))


def test_the_interval_of_d_av_rms_is_that_of_algina_and_keselman() -> None:
    """Algina and Keselman (2003): the limits of the noncentrality of the paired t, times
    sqrt(2 (S1^2 + S2^2 - 2 S12) / (n (S1^2 + S2^2))).
    """
    found = paired_statistics(DRUG_1, DRUG_2)
    covariance = np.cov(DRUG_1, DRUG_2)
    spread, n = covariance[0, 0] + covariance[1, 1], len(DRUG_1)
    factor = math.sqrt(2 * (spread - 2 * covariance[0, 1]) / (n * spread))
    low, high = stat(found, "d_av_rms_low") / factor, stat(found, "d_av_rms_high") / factor
    assert stats.nct.sf(stat(found, "t"), n - 1, low) == pytest.approx(0.025, abs=1e-8)
    assert stats.nct.cdf(stat(found, "t"), n - 1, high) == pytest.approx(0.025, abs=1e-8)
    assert stat(found, "d_av_rms") / factor == pytest.approx(stat(found, "t"))


def test_student_s_sleep_data_have_the_exact_signed_rank_p_of_all_sign_patterns() -> None:
    """Nine changes other than zero and all of them rises: 2 of 2^9 patterns are as extreme."""
    found = paired_statistics(DRUG_1, DRUG_2)
    assert found.wilcoxon_method == "exact given the ties"
    assert found.wilcoxon_p == 2 / 2**9


def test_the_interval_of_g_av_names_its_method_and_excludes_zero_when_that_of_d_z_does() -> None:
    found = paired_statistics(MOVIE_2, MOVIE_1)
    assert "noncentral t" in found.g_av_ci_method
    assert 0 < stat(found, "g_av_low") < stat(found, "g_av") < stat(found, "g_av_high")


@settings(deadline=None, max_examples=40)
@given(PAIRS)
def test_tests_agree_with_scipy(pairs: list[tuple[float, float]]) -> None:
    start, end = (np.array(side) for side in zip(*pairs, strict=True))
    found = paired_statistics(start, end)
    if np.ptp(np.round(end - start, 9)) > 0:
        expected = stats.ttest_rel(end, start)
        assert stat(found, "t") == pytest.approx(expected.statistic)
        assert stat(found, "p") == pytest.approx(expected.pvalue)
        interval = expected.confidence_interval(0.95)
        assert (found.ci_low, found.ci_high) == pytest.approx((interval.low, interval.high))
    else:
        assert found.t is None
    if np.ptp(start) > 0 and np.ptp(end) > 0:
        assert stat(found, "r") == pytest.approx(stats.pearsonr(start, end).statistic, abs=1e-9)


@settings(deadline=None, max_examples=25)
@given(PAIRS, st.randoms())
def test_the_order_of_people_does_not_matter(pairs: list[tuple[float, float]], random) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)
    straight = numbers(paired_statistics(*zip(*pairs, strict=True)))
    assert numbers(paired_statistics(*zip(*shuffled, strict=True))) == pytest.approx(
        straight, abs=1e-9
    )


@settings(deadline=None, max_examples=25)
@given(PAIRS, st.integers(-50, 50))
def test_a_shift_of_both_waves_changes_the_means_only(
    pairs: list[tuple[float, float]], shift: int
) -> None:
    start, end = (np.array(side) for side in zip(*pairs, strict=True))
    means = ("mean_start", "mean_end")
    before = numbers(paired_statistics(start, end), without=means)
    after = numbers(paired_statistics(start + shift, end + shift), without=means)
    assert after == pytest.approx(before, abs=1e-7)


@settings(deadline=None, max_examples=25)
@given(PAIRS)
def test_swapping_the_waves_turns_the_signs(pairs: list[tuple[float, float]]) -> None:
    start, end = zip(*pairs, strict=True)
    there, back = paired_statistics(start, end), paired_statistics(end, start)
    for name in ("mean_change", "t", "d_z", "d_av", "d_av_rms", "g_av", "rank_biserial"):
        value = getattr(there, name)
        assert getattr(back, name) == (value if value is None else pytest.approx(-value))
    for name in ("ci", "d_z", "d_av_rms", "g_av"):
        low, high = f"{name}_low", f"{name}_high"
        value = getattr(there, low)
        assert getattr(back, high) == (value if value is None else pytest.approx(-value))
    for name in ("p", "wilcoxon_p", "wilcoxon_w", "sd_change", "r"):
        value = getattr(there, name)
        assert getattr(back, name) == (value if value is None else pytest.approx(value))


@settings(deadline=None, max_examples=25)
@given(PAIRS, st.floats(0.5, 20))
def test_standardised_effects_do_not_depend_on_the_unit(
    pairs: list[tuple[float, float]], unit: float
) -> None:
    start, end = (np.array(side) for side in zip(*pairs, strict=True))
    assume(np.ptp(np.round(end - start, 9)) > 0)
    here, there = paired_statistics(start, end), paired_statistics(start * unit, end * unit)
    for name in ("t", "p", "d_z", "d_av", "g_av", "smcr", "r"):
        value = getattr(here, name)
        assert getattr(there, name) == (value if value is None else pytest.approx(value, abs=1e-7))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(*[st.one_of(SCORE, st.just(math.nan))] * 2), max_size=5))
def test_whatever_cannot_be_estimated_is_none_with_a_reason_and_never_nan_or_infinite(
    pairs: list[tuple[float, float]],
) -> None:
    start, end = [p[0] for p in pairs], [p[1] for p in pairs]
    found = paired_statistics(start, end)
    for name in STATISTICS:
        value = getattr(found, name)
        assert (value is None) == (name in found.reasons)
        assert value is None or isinstance(value, str) or math.isfinite(value)


def test_no_pairs_leave_everything_open() -> None:
    found = paired_statistics([], [])
    assert found.n == 0
    assert set(found.reasons) == set(STATISTICS)


def test_one_pair_has_means_and_no_spread() -> None:
    found = paired_statistics([2.0], [3.0])
    assert (found.n, found.mean_change, found.sd_change, found.t) == (1, 1.0, None, None)


def test_two_pairs_have_a_test_and_no_hedges_g() -> None:
    found = paired_statistics([1, 2], [2, 4])
    assert found.t is not None
    assert found.d_av is not None
    assert found.g_av is None
    assert "three" in found.reasons["g_av"]


def test_a_change_that_is_the_same_for_everybody_has_no_test_in_spite_of_rounding_noise() -> None:
    start = np.array([3.4, 3.6, 2.2, 1.8])
    found = paired_statistics(start, start + 0.2)
    assert (found.sd_change, found.t, found.d_z_low) == (0.0, None, None)
    assert found.smcr is not None


def test_rounding_noise_does_not_hide_ties_and_zeros_from_the_rank_test() -> None:
    noisy = paired_statistics([3.4, 3.6, 0.3, 1.0], [3.6, 3.8, 0.1 + 0.2, 0.8])
    clean = paired_statistics([0, 0, 0, 0.2], [0.2, 0.2, 0, 0])
    assert (noisy.wilcoxon_p, noisy.wilcoxon_w) == (clean.wilcoxon_p, clean.wilcoxon_w)
    assert noisy.wilcoxon_method == clean.wilcoxon_method != "exact"


def test_a_pair_with_a_missing_score_is_left_out_of_everything() -> None:
    with_gaps = paired_statistics(
        pd.Series([1, 2, None, 4, 2], dtype="Float64"),
        pd.Series([2, 4, 3, None, 2], dtype="Float64"),
    )
    assert dataclasses.asdict(with_gaps) == dataclasses.asdict(
        paired_statistics([1, 2, 2], [2, 4, 2])
    )


def test_sequences_of_different_length_are_refused() -> None:
    with pytest.raises(AttitudesError):
        paired_statistics([1, 2], [1])
