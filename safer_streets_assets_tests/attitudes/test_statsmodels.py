"""The product's own statistics against statsmodels, on random data."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.weightstats import DescrStatsW

from safer_streets_assets.attitudes.effects import minimum_detectable_d_z, paired_t_power
from safer_streets_assets.attitudes.multiplicity import benjamini_hochberg, holm
from safer_streets_assets.attitudes.paired import paired_statistics


@pytest.mark.parametrize("seed", range(20))
def test_holm_and_benjamini_hochberg_are_those_of_multipletests(seed: int) -> None:
    rng = np.random.default_rng(seed)
    # Rounded, so that some p-values tie.
    p_values = (rng.random(int(rng.integers(1, 12))) ** 2).round(2).tolist()
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())
    assert benjamini_hochberg(p_values) == pytest.approx(
        multipletests(p_values, method="fdr_bh")[1].tolist()
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_paired_t_test_and_its_interval_are_those_of_descrstatsw(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 80))
    start = rng.normal(3, 1, n)
    end = start + rng.normal(0.2, 0.8, n)
    found = paired_statistics(start, end)
    expected = DescrStatsW(end - start)
    t, p, df = expected.ttest_mean(0)
    assert (found.t, found.p, found.df) == pytest.approx((t, p, df), rel=1e-9)
    assert (found.ci_low, found.ci_high) == pytest.approx(expected.tconfint_mean(), rel=1e-9)
    assert found.sd_change == pytest.approx(np.std(end - start, ddof=1))


@settings(deadline=None, max_examples=40)
@given(st.integers(5, 400), st.integers(-60, 60))
def test_power_is_that_of_ttestpower(n: int, tenths: int) -> None:
    d_z = tenths / 10 / np.sqrt(n)
    expected = TTestPower().power(abs(d_z), n, 0.05, alternative="two-sided")
    assert paired_t_power(d_z, n) == pytest.approx(float(expected), abs=1e-8)


@pytest.mark.parametrize("n", [5, 10, 34, 100, 200, 1000])
def test_the_detectable_change_is_that_of_ttestpower(n: int) -> None:
    power = TTestPower()
    expected = power.solve_power(nobs=n, alpha=0.05, power=0.8, alternative="two-sided")
    found = minimum_detectable_d_z(n)
    assert found == pytest.approx(float(np.squeeze(expected)), abs=5e-6)
    assert power.power(found, n, 0.05, alternative="two-sided") == pytest.approx(0.8, abs=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_the_p_of_t_is_close_to_that_of_all_sign_flips(seed: int) -> None:
    """The exact permutation test of a mean change flips the sign of every change (Fisher 1935)."""
    rng = np.random.default_rng(seed)
    change = rng.normal(0.4, 1, 12)
    found = paired_statistics(np.zeros(12), change)
    flips = np.array(list(product([-1, 1], repeat=12)))
    means = flips @ change / 12
    exact = np.mean(np.abs(means) >= abs(change.mean()) - 1e-12)
    assert found.p == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_t_orders_all_sign_flips_as_their_mean_does(seed: int) -> None:
    change = np.random.default_rng(seed).normal(0.4, 1, 7)
    flipped = np.array(list(product([-1, 1], repeat=7))) * change
    ts = [paired_statistics(np.zeros(7), row).t for row in flipped]
    assert np.argsort(ts, kind="stable").tolist() == np.argsort(flipped.mean(1)).tolist()
