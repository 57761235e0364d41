from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from safer_streets_assets.attitudes.multiplicity import benjamini_hochberg, holm

# Benjamini and Hochberg (1995), section 3.2: fifteen hypotheses of a myocardial infarction trial.
TRIAL = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
TRIAL += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def rejected(adjusted: list[float | None]) -> int:
    return sum(p is not None and p <= 0.05 for p in adjusted)


def test_the_fifteen_p_values_of_benjamini_and_hochberg_reject_four() -> None:
    assert rejected(benjamini_hochberg(TRIAL)) == 4


def test_the_same_fifteen_p_values_reject_three_by_holm() -> None:
    assert rejected(holm(TRIAL)) == 3


def test_holm_is_worked_out_by_hand_for_three_scales() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_a_test_that_was_not_made_is_not_in_the_family() -> None:
    assert holm([0.01, None, 0.03]) == [0.02, None, 0.03]
    assert benjamini_hochberg([None, 0.02, 0.03]) == [None, pytest.approx(0.03), 0.03]
    assert holm([None]) == [None]
    assert benjamini_hochberg([]) == []


@settings(deadline=None, max_examples=50)
@given(P_VALUES)
def test_benjamini_hochberg_agrees_with_scipy(p_values: list[float]) -> None:
    assert benjamini_hochberg(p_values) == pytest.approx(
        stats.false_discovery_control(p_values, method="bh").tolist()
    )


@settings(deadline=None, max_examples=50)
@given(P_VALUES, st.randoms())
def test_adjusting_follows_the_p_values_whatever_their_order(p_values: list[float], random) -> None:
    order = list(range(len(p_values)))
    random.shuffle(order)
    for adjust in (holm, benjamini_hochberg):
        straight = adjust(p_values)
        shuffled = adjust([p_values[i] for i in order])
        assert shuffled == pytest.approx([straight[i] for i in order])
        assert all(a is not None and p <= a <= 1 for p, a in zip(p_values, straight, strict=True))


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(st.text(), st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=8))
def test_a_series_keeps_its_index_and_name(named: dict[str, float | None]) -> None:
    given_p = pd.Series(named, name="p", dtype="Float64")
    for adjust in (holm, benjamini_hochberg):
        found = adjust(given_p)
        assert found.index.equals(given_p.index)
        assert found.name == "p"
        assert [None if pd.isna(p) else p for p in found] == adjust(list(named.values()))
        taken = adjust(given_p[::-1])
        pd.testing.assert_series_equal(taken[::-1], found)
