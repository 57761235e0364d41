"""Firth's regression against published results, and what it must do whatever the data is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from safer_streets_assets.monitoring.errors import MonitoringError
from safer_streets_assets.monitoring.firth import Floats, firth

# Endometrial cancer study of Heinze and Schemper (2002), Statistics in Medicine 21, 2409-2419:
# neovasculization, pulsatility index of the uterine artery, endometrium height, and histology
# (the result). Neovasculization separates the results: nobody who has it has histology 0.
ENDOMETRIAL = """
0,13,1.64,0 0,16,2.26,0 0,8,3.14,0 0,34,2.68,0 0,20,1.28,0 0,5,2.31,0 0,17,1.8,0 0,10,1.68,0
0,26,1.56,0 0,17,2.31,0 0,8,2.01,0 0,7,1.89,0 0,20,3.15,0 0,10,1.23,0 0,18,1.27,0 0,16,1.76,0
0,18,2,0 0,8,2.64,1 0,29,0.88,1 0,12,1.27,1 0,20,1.37,1 1,38,0.97,1 1,22,1.14,1 1,7,0.88,1
1,25,0.91,1 1,15,0.58,1 0,7,0.97,1 0,28,1.5,0 0,11,1.33,0 0,19,2.37,0 0,10,1.82,0 0,10,3.13,0
0,18,1.31,0 0,14,1.92,0 0,21,1.64,0 0,11,2.01,0 0,17,1.88,0 0,25,1.93,0 0,16,2.11,0 0,19,1.29,0
0,15,1.72,0 0,33,0.75,0 0,24,1.92,0 0,48,1.84,1 0,12,1.11,1 0,19,1.61,1 0,2,1.18,1 1,22,1.44,1
1,40,1.18,1 1,5,0.93,1 1,0,1.17,1 0,21,1.19,1 0,15,1.06,1 0,29,2.02,0 0,15,2.29,0 0,12,2.33,0
0,3,2.9,0 0,20,1.7,0 0,23,1.41,0 0,12,2.25,0 0,22,1.54,0 0,42,1.97,0 0,15,1.75,0 0,13,2.16,0
0,14,2.57,0 0,19,1.37,0 0,12,3.61,0 0,13,2.04,0 0,10,2.17,0 0,12,1.69,1 1,49,0.27,1 0,6,1.84,1
0,5,1.3,1 0,17,0.96,1 1,11,1.01,1 1,21,0.98,1 0,5,0.35,1 1,19,1.02,1 0,33,0.85,1
"""


def endometrial() -> tuple[Floats, Floats]:
    """The design, the constant last, and the result."""
    rows = np.array([[float(v) for v in row.split(",")] for row in ENDOMETRIAL.split()])
    return np.column_stack([rows[:, :3], np.ones(len(rows))]), rows[:, 3]


def invented(seed: int, people: int, factors: int) -> tuple[Floats, Floats]:
    """A constant and indicators, and a result that the first of them raises."""
    dice = np.random.default_rng(seed)
    x = np.column_stack([np.ones(people), dice.random((people, factors)) < 0.4]).astype(float)
    y = dice.random(people) < 1.0 / (1.0 + np.exp(0.5 - x[:, 1]))
    return x, y.astype(float)


def test_the_endometrial_study_is_estimated_as_published() -> None:
    # Table II of Heinze and Schemper (2002), to more digits as logistf 1.24 for R gives them.
    found = firth(*endometrial())
    assert found.coefficients == pytest.approx(
        [2.92927330, -0.03475175, -2.60416387, 3.77455951], rel=1e-6
    )
    assert found.low == pytest.approx([0.6097244, -0.1244587, -4.3651832, 1.0825371], rel=1e-6)
    assert found.high == pytest.approx([7.85463171, 0.04045547, -1.23272106, 7.20928050], rel=1e-6)
    assert found.p[:3] == pytest.approx([9.123668e-3, 0.3874822, 2.506867e-5], rel=1e-5)


def test_one_share_is_estimated_as_if_half_a_person_were_added_to_each_result() -> None:
    # With the constant alone Jeffreys' prior is that of Beta(1/2, 1/2) (Firth 1993, section 3).
    found = firth(np.ones((10, 1)), [1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    assert found.coefficients[0] == pytest.approx(math.log(3.5 / 7.5))


def test_a_table_of_two_by_two_is_estimated_with_half_a_person_more_in_each_cell() -> None:
    # In a saturated model, too (Heinze and Schemper 2002, section 2.2), also where a cell is empty.
    x = [[1, 0]] * 12 + [[1, 1]] * 5
    found = firth(x, [1] * 4 + [0] * 8 + [1] * 5)
    assert math.exp(found.coefficients[1]) == pytest.approx((5.5 / 0.5) / (4.5 / 8.5))


@given(st.integers(0, 10_000))
@example(184)  # Newton's method creeps beyond the maximum
@settings(max_examples=10, deadline=None)
def test_a_factor_that_separates_the_results_has_a_finite_estimate_and_interval(seed: int) -> None:
    x, _ = invented(seed, 60, 2)
    found = firth(x, x[:, 1])
    assert np.isfinite([*found.coefficients, found.low[1], found.high[1]]).all()
    assert found.low[1] < found.coefficients[1] < found.high[1]


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_another_reference_category_turns_the_odds_ratio_and_its_interval_over(seed: int) -> None:
    x, y = invented(seed, 80, 2)
    other = x.copy()
    other[:, 1] = 1.0 - x[:, 1]
    one, two = firth(x, y), firth(other, y)
    found = [one.coefficients[1], one.low[1], one.high[1], one.p[1]]
    turned = [-two.coefficients[1], -two.high[1], -two.low[1], two.p[1]]
    assert found == pytest.approx(turned, abs=1e-5)
    assert one.coefficients[2] == pytest.approx(two.coefficients[2], abs=1e-5)


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_the_order_of_people_changes_nothing_and_the_other_result_turns_the_signs(
    seed: int,
) -> None:
    x, y = invented(seed, 80, 2)
    order = np.random.default_rng(seed).permutation(len(y))
    one, two, other = firth(x, y), firth(x[order], y[order]), firth(x, 1.0 - y)
    assert one.coefficients == pytest.approx(two.coefficients, abs=1e-5)
    assert one.coefficients == pytest.approx(-other.coefficients, abs=1e-5)
    assert one.high == pytest.approx(two.high, abs=1e-4)
    assert one.high == pytest.approx(-other.low, abs=1e-4)


def test_at_each_limit_the_likelihood_has_fallen_by_what_the_level_says() -> None:
    x, y = endometrial()
    wide, narrow = firth(x, y, 0.99), firth(x, y, 0.9)
    assert (wide.low < narrow.low).all()
    assert (wide.high > narrow.high).all()
    at_p = firth(x, y, 1.0 - float(wide.p[0]))
    assert at_p.low[0] == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize(
    ("design", "happened", "level"),
    [
        ([[1.0], [1.0]], [1, 0, 1], 0.95),
        ([[1.0, 2.0], [1.0, 2.0]], [1, 0], 0.95),
        ([[1.0], [math.nan]], [1, 0], 0.95),
        ([[1.0], [1.0]], [2, 0], 0.95),
        ([[1.0], [1.0]], [1, 0], 1.0),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    design: list[list[float]], happened: list[int], level: float
) -> None:
    with pytest.raises(MonitoringError, match=r"\.$"):
        firth(design, happened, level)
