from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from safer_streets_assets.attitudes.effects import (
    minimum_detectable_d_z,
    noncentrality_limits,
    paired_t_power,
    small_sample_factor,
)
from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.paired import paired_statistics
from safer_streets_assets.attitudes.reliability import cronbach_alpha


def test_power_is_that_of_the_matched_pairs_example_of_the_gpower_manual() -> None:
    """G*Power 3.1 manual, two dependent means: d_z = 0.421637, n = 50, power 0.832114."""
    assert paired_t_power(0.421637, 50) == pytest.approx(0.832114, abs=1e-6)


def test_power_is_that_of_the_generic_t_example_of_the_gpower_guide() -> None:
    """G*Power 3 user guide, generic t test: d = -0.25, n = 25, two-sided, power 0.224525."""
    assert paired_t_power(-0.25, 25) == pytest.approx(0.224525, abs=1e-6)


@pytest.mark.parametrize(("n", "d_z"), [(100, 0.283), (200, 0.199)])
def test_the_detectable_change_is_that_of_the_specification(n: int, d_z: float) -> None:
    assert minimum_detectable_d_z(n) == pytest.approx(d_z, abs=5e-4)


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 3000))
def test_the_detectable_change_has_the_power_it_claims_and_falls_with_n(n: int) -> None:
    d_z = minimum_detectable_d_z(n)
    next_d_z = minimum_detectable_d_z(n + 1)
    assert d_z is not None
    assert next_d_z is not None
    assert paired_t_power(d_z, n) == pytest.approx(0.8, abs=1e-8)
    assert next_d_z < d_z


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_pairs_can_detect_nothing(n: int) -> None:
    assert minimum_detectable_d_z(n) is None


@settings(deadline=None, max_examples=60)
@given(st.integers(-4000, 4000), st.integers(1, 400))
def test_under_each_limit_the_observed_t_is_a_quantile(hundredths: int, df: int) -> None:
    t = hundredths / 100
    limits = noncentrality_limits(t, df)
    assert limits is not None
    low, high = limits
    assert low < high
    assert stats.nct.sf(t, df, low) == pytest.approx(0.025, abs=1e-6)
    assert stats.nct.cdf(t, df, high) == pytest.approx(0.025, abs=1e-6)


def test_the_limits_of_a_negative_t_mirror_those_of_the_positive_one() -> None:
    low, high = noncentrality_limits(2.5, 30) or (0, 0)
    assert noncentrality_limits(-2.5, 30) == (-high, -low)


def test_a_t_of_rounding_noise_has_the_limits_of_zero() -> None:
    assert noncentrality_limits(6.4e-136, 1) == noncentrality_limits(0.0, 1)


def test_limits_that_floating_point_cannot_reach_are_given_up() -> None:
    assert noncentrality_limits(1e300, 10) is None


def test_hedges_factor_is_close_to_its_approximation_and_needs_two_degrees_of_freedom() -> None:
    for df in (9, 30, 107):
        assert small_sample_factor(df) == pytest.approx(1 - 3 / (4 * df - 1), abs=5e-4)
    assert small_sample_factor(1) is None


SHARES = st.one_of(st.floats(max_value=0), st.floats(min_value=1), st.just(math.nan))


@settings(deadline=None, max_examples=30)
@given(SHARES)
def test_a_confidence_power_or_level_outside_0_to_1_is_refused(share: float) -> None:
    calls = [
        lambda: paired_statistics([1.0, 2.0], [2.0, 4.0], confidence=share),
        lambda: paired_statistics([], [], confidence=share),
        lambda: noncentrality_limits(1.0, 5, share),
        lambda: minimum_detectable_d_z(20, power=share),
        lambda: minimum_detectable_d_z(20, alpha=share),
        lambda: paired_t_power(0.3, 20, alpha=share),
        lambda: cronbach_alpha(pd.DataFrame({"a": [1, 2], "b": [1, 3]}), confidence=share),
    ]
    for call in calls:
        with pytest.raises(AttitudesError, match="between 0 and 1"):
            call()
