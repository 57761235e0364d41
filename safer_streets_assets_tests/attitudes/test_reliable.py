from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.attitudes.reliability import cronbach_alpha
from safer_streets_assets.attitudes.reliable import (
    CLASSES,
    reliable_change,
    standard_error_of_difference,
)
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, people, primary_scores, scores

SCORES = st.lists(
    st.tuples(st.integers(5, 25), st.integers(5, 25)), min_size=2, max_size=20
).filter(lambda pairs: len({start for start, _ in pairs}) > 1)


def counts_of(found: pd.DataFrame, scale: str) -> list[object]:
    return found.loc[found["scale"] == scale, "n"].tolist()


def test_the_worked_example_of_jacobson_and_truax_is_reliable() -> None:
    """Jacobson and Truax (1991): 32.5 to 47.5, SD 7.5, reliability .80: S_diff 4.74, RC 3.16."""
    error = standard_error_of_difference(7.5, 0.80)
    assert error == pytest.approx(4.74, abs=5e-3)
    assert (47.5 - 32.5) / error == pytest.approx(3.16, abs=5e-3)


def test_people_are_counted_by_the_three_classes() -> None:
    """Start SD 1 and alpha .5: the standard error is 1, so 1.96 points are needed."""
    source = primary_scores({1: [2, 3, 4], 3: [4.0, 4.9, 2.0]})
    found = reliable_change(source, people(3), INSTRUMENT, {"OFF": 0.5})
    assert found.counts["class"].tolist()[:3] == list(CLASSES)
    assert counts_of(found.counts, "OFF") == [1, 1, 1]
    assert found.people["index"].tolist() == pytest.approx([2.0, 1.9, -2.0])
    assert found.people["class"].tolist() == [CLASSES[0], CLASSES[1], CLASSES[2]]


def test_a_change_of_exactly_the_bound_is_not_beyond_it() -> None:
    source = primary_scores({1: [2, 3, 4], 3: [4, 1, 4]})
    found = reliable_change(source, people(3), INSTRUMENT, {"OFF": 0.5}, beyond=2.0)
    assert counts_of(found.counts, "OFF") == [0, 3, 0]


def test_the_sd_is_that_of_everybody_who_started_not_only_of_the_pairs() -> None:
    source = primary_scores({1: [2, 3, 4], 3: [4, None, None]})
    found = reliable_change(source, people(3), INSTRUMENT, {"OFF": 0.5})
    off = found.parameters.iloc[0]
    assert (off["n_start"], off["sd_start"], off["standard_error"]) == pytest.approx((3, 1, 1))
    assert counts_of(found.counts, "OFF") == [1, 0, 0]


@settings(deadline=None, max_examples=30)
@given(SCORES)
def test_a_lower_is_better_scale_swaps_improvement_and_deterioration(pairs) -> None:
    from dataclasses import replace

    scale = INSTRUMENT.scale("OFF")
    upside_down = replace(INSTRUMENT, scales=(replace(scale, direction="lower_better"),))
    waves = {1: [p[0] / 5 for p in pairs], 3: [p[1] / 5 for p in pairs]}
    source, cohort = primary_scores(waves), people(len(pairs))
    straight = reliable_change(source, cohort, INSTRUMENT, {"OFF": 0.8})
    turned = reliable_change(source, cohort, upside_down, {"OFF": 0.8})
    assert counts_of(turned.counts, "OFF") == counts_of(straight.counts, "OFF")[::-1]
    assert sum(counts_of(straight.counts, "OFF")) == len(pairs)


def test_single_items_have_no_row() -> None:
    found = reliable_change(scores("W1", {1: [1, 2], 3: [2, 3]}), people(2), INSTRUMENT, {})
    assert found.counts["scale"].unique().tolist() == ["OFF", "KNF", "GOAL"]


@pytest.mark.parametrize(
    ("start", "alpha"),
    [([2, 4], None), ([2, 4], 1.0), ([2, 4], -0.5), ([3, 3], 0.8), ([3], 0.8), ([], 0.8)],
)
def test_an_index_that_cannot_be_made_leaves_the_counts_open_with_a_reason(start, alpha) -> None:
    source = primary_scores({1: start, 3: start})
    found = reliable_change(source, people(2), INSTRUMENT, {"OFF": alpha})
    assert counts_of(found.counts, "OFF") == [pd.NA] * 3
    assert found.parameters.iloc[0]["reason"]
    assert found.people.empty


def test_an_alpha_below_zero_is_named_as_the_reason() -> None:
    source = primary_scores({1: [2, 4], 3: [3, 3]})
    found = reliable_change(source, people(2), INSTRUMENT, {"OFF": -0.5}).parameters.iloc[0]
    assert "below zero" in found["reason"]
    assert found["standard_error"] is pd.NA


def test_start_scores_that_differ_by_rounding_noise_only_do_not_vary() -> None:
    source = primary_scores({1: [0.1 + 0.2, 0.3], 3: [3, 3]})
    found = reliable_change(source, people(2), INSTRUMENT, {"OFF": 0.5}).parameters.iloc[0]
    assert "do not vary" in found["reason"]


@settings(deadline=None, max_examples=40)
@given(SCORES, st.integers(2, 6))
def test_items_that_are_all_the_same_leave_the_counts_open(pairs, k: int) -> None:
    """Their alpha is 1 but for rounding: nobody's change would be an error of measurement."""
    alpha = cronbach_alpha(pd.DataFrame({i: [start / 7 for start, _ in pairs] for i in range(k)}))
    source = primary_scores({1: [a / 5 for a, _ in pairs], 3: [b / 5 for _, b in pairs]})
    found = reliable_change(source, people(len(pairs)), INSTRUMENT, {"OFF": alpha.alpha})
    assert alpha.alpha == pytest.approx(1)
    assert counts_of(found.counts, "OFF") == [pd.NA] * 3
    assert "alpha is 1" in found.parameters.iloc[0]["reason"]
