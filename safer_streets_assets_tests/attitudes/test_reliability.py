from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.attitudes.pairs import START_END, analysis_cube
from safer_streets_assets.attitudes.reliability import alpha_table, cronbach_alpha
from safer_streets_assets_tests.attitudes.builders import (
    INSTRUMENT,
    people,
    primary_scores,
    responses,
)

# R, datasets::attitude (Chatterjee and Price 1977): seven ratings of 30 departments, row by row.
ATTITUDE = """
43 51 30 39 61 92 45  63 64 51 54 63 73 47  71 70 68 69 76 86 48  61 63 45 47 54 84 35
81 78 56 66 71 83 47  43 55 49 44 54 49 34  58 67 42 56 66 68 35  71 75 50 55 70 66 41
72 82 72 67 71 83 31  67 61 45 47 62 80 41  64 53 53 58 58 67 34  67 60 47 39 59 74 41
69 62 57 42 55 63 25  68 83 83 45 59 77 35  77 77 54 72 79 77 46  81 90 50 72 60 54 36
74 85 64 69 79 79 63  65 60 65 75 55 80 60  65 70 46 57 75 85 46  50 58 68 54 64 78 52
50 40 33 34 43 64 33  64 61 52 62 66 80 41  53 66 52 50 63 80 37  40 37 42 58 50 57 49
63 54 42 48 66 75 33  66 77 66 63 88 76 72  78 75 58 74 80 78 49  48 57 44 45 51 83 38
85 85 71 71 77 74 55  82 82 39 59 64 78 39
"""


def test_alpha_of_the_attitude_data_is_what_the_r_package_psych_prints() -> None:
    """psych::alpha(attitude): raw_alpha 0.84."""
    numbers = [float(word) for word in ATTITUDE.split()]
    items = pd.DataFrame([numbers[i : i + 7] for i in range(0, len(numbers), 7)])
    found = cronbach_alpha(items)
    assert (found.n, found.n_items) == (30, 7)
    assert found.alpha == pytest.approx(0.84, abs=5e-3)


def test_alpha_of_two_items_is_worked_out_by_hand() -> None:
    """Item variances 1 and 1, variance of the sum 3: 2 x (1 - 2 / 3)."""
    found = cronbach_alpha(pd.DataFrame({"a": [1, 2, 3], "b": [1, 3, 2]}))
    assert found.alpha == pytest.approx(2 / 3)


def test_only_complete_cases_count() -> None:
    items = pd.DataFrame({"a": [1, 2, 3, 5], "b": [1, 3, 2, None]}, dtype="Float64")
    found = cronbach_alpha(items)
    assert (found.n, found.alpha) == (3, pytest.approx(2 / 3))


@pytest.mark.parametrize("values", [[], [1], [2, 2, 2], [None, None]])
def test_alpha_that_cannot_be_estimated_has_a_reason(values: list[int | None]) -> None:
    found = cronbach_alpha(pd.DataFrame({"a": values, "b": values}, dtype="Float64"))
    assert found.alpha is None
    assert found.reason


def test_the_table_keys_items_first_and_has_a_row_per_scale_of_items_and_wave() -> None:
    frame = responses(
        {"A1": 1, "A2": 5, "A3": 1, "A4": 5, "A5": 1},
        {"A1": 4, "A2": 2, "A3": 4, "A4": 2, "A5": 4},
        {"A1": 97},
        {"wave": 3},
    )
    table = alpha_table(frame, INSTRUMENT)
    assert table[["scale", "wave"]].values.tolist() == [
        [scale, wave] for scale in ("OFF", "KNF", "GOAL") for wave in (1, 3)
    ]
    off = table.iloc[0]
    assert (off["n_complete"], off["alpha"], off["n_items"]) == (2, pytest.approx(1.0), 5)
    assert table.iloc[1]["alpha"] is pd.NA


def test_no_responses_give_an_empty_table() -> None:
    assert alpha_table(responses(), INSTRUMENT).empty


ITEMS = st.lists(
    st.tuples(*[st.integers(1, 5)] * 4),
    min_size=3,
    max_size=20,
)


def alpha_of(rows: list[tuple[float, ...]]) -> float | None:
    return cronbach_alpha(pd.DataFrame(rows)).alpha


def same(found: float | None, expected: float | None) -> None:
    assert found == (expected if expected is None else pytest.approx(expected, abs=1e-9))


@settings(deadline=None, max_examples=25)
@given(ITEMS, st.randoms())
def test_neither_the_order_of_people_nor_of_items_matters(rows, random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    same(alpha_of(shuffled), alpha_of(rows))
    order = list(range(4))
    random.shuffle(order)
    same(alpha_of([tuple(row[i] for i in order) for row in rows]), alpha_of(rows))


@settings(deadline=None, max_examples=25)
@given(ITEMS, st.tuples(*[st.integers(-9, 9)] * 4), st.sampled_from([0.5, 3.0, -1.0]))
def test_neither_a_shift_of_items_nor_their_common_unit_matters(rows, shifts, unit) -> None:
    moved = [tuple(unit * x + s for x, s in zip(row, shifts, strict=True)) for row in rows]
    same(alpha_of(moved), alpha_of(rows))


@settings(deadline=None, max_examples=25)
@given(ITEMS)
def test_alpha_is_that_of_the_covariance_matrix(rows) -> None:
    """Cronbach's alpha as the share of the covariances in the variance of the sum."""
    found = alpha_of(rows)
    covariance = np.cov(np.array(rows, dtype=float).T)
    if found is not None:
        share = (covariance.sum() - np.trace(covariance)) / covariance.sum()
        assert found == pytest.approx(4 / 3 * share, abs=1e-9)


def test_items_against_each_other_have_an_alpha_below_zero() -> None:
    found = cronbach_alpha(pd.DataFrame({"a": [1, 2, 3, 3], "b": [3, 2, 1, 2]}))
    assert found.alpha is not None
    assert found.alpha < 0


def test_the_interval_of_alpha_for_the_attitude_data_is_the_one_psych_calls_feldt() -> None:
    """psych::alpha(attitude), 95 % confidence boundaries by Feldt: 0.74 and 0.92."""
    numbers = [float(word) for word in ATTITUDE.split()]
    items = pd.DataFrame([numbers[i : i + 7] for i in range(0, len(numbers), 7)])
    found = cronbach_alpha(items)
    assert (found.low, found.high) == (
        pytest.approx(0.74, abs=5e-3),
        pytest.approx(0.92, abs=5e-3),
    )


def test_the_interval_of_alpha_holds_the_true_one_as_often_as_it_says() -> None:
    """Parallel items: true scores of variance 1, errors of variance 1, four items: alpha 0.8."""
    rng = np.random.default_rng(5)
    found = [
        cronbach_alpha(pd.DataFrame(rng.normal(size=(40, 1)) + rng.normal(size=(40, 4))))
        for _ in range(600)
    ]
    within = np.mean([f.low < 0.8 < f.high for f in found])
    assert within == pytest.approx(0.95, abs=0.03)


def test_only_people_whose_score_is_analysed_count_where_they_are_given() -> None:
    frame = responses(*({"person_id": f"p{i}", "A1": 1 + i, "A2": 5 - i} for i in range(4)))
    known = primary_scores({1: [3.0, 3.0, None, 3.0]})
    cube = analysis_cube(known, people(4), INSTRUMENT, [START_END])
    table = alpha_table(frame, INSTRUMENT, among=cube).set_index("scale")
    assert table["n_complete"].tolist() == [3, 3, 3]
    assert alpha_table(frame, INSTRUMENT)["n_complete"].tolist() == [4, 4, 4]
