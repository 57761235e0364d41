from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from safer_streets_assets.attitudes.regression_to_mean import start_and_change_correlation
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, people, primary_scores

OFF = replace(INSTRUMENT, scales=(INSTRUMENT.scale("OFF"),))
PAIRS = st.lists(st.tuples(st.integers(5, 25), st.integers(5, 25)), min_size=2, max_size=12)


def correlations(start: list[float | None], end: list[float | None]) -> pd.Series:
    source = primary_scores({1: start, 3: end})
    return start_and_change_correlation(source, people(len(start)), OFF).iloc[0]


def fifths(pairs: list[tuple[int, int]]) -> tuple[list[float], list[float]]:
    return [p[0] / 5 for p in pairs], [p[1] / 5 for p in pairs]


def same(found: pd.Series, expected: pd.Series) -> None:
    for name in ("r_start_change", "r_oldham"):
        assert (found[name] is pd.NA) == (expected[name] is pd.NA)
        if expected[name] is not pd.NA:
            assert found[name] == pytest.approx(expected[name], abs=1e-9)


def test_start_and_change_correlate_by_chance_alone_and_oldham_s_does_not() -> None:
    rng = np.random.default_rng(7)
    truth = rng.normal(3, 0.5, 3000)
    start, end = truth + rng.normal(0, 0.5, 3000), truth + rng.normal(0, 0.5, 3000)
    found = correlations(start.tolist(), end.tolist())
    assert found["n_paired"] == 3000
    assert found["r_start_change"] == pytest.approx(-0.5, abs=0.05)
    assert found["r_oldham"] == pytest.approx(0, abs=0.05)


@settings(deadline=None, max_examples=15)
@given(PAIRS)
def test_both_are_the_correlations_of_scipy(pairs) -> None:
    start, end = fifths(pairs)
    found = correlations(start, end)
    change = np.subtract(end, start)
    for name, level in (("r_start_change", np.array(start)), ("r_oldham", np.add(start, end) / 2)):
        if found[name] is not pd.NA:
            expected = stats.pearsonr(level, change).statistic
            assert found[name] == pytest.approx(expected, abs=1e-6)


@settings(deadline=None, max_examples=15)
@given(PAIRS)
def test_oldham_s_correlation_is_below_zero_exactly_when_the_spread_shrinks(pairs) -> None:
    start, end = fifths(pairs)
    found = correlations(start, end)
    shrinks = np.var(start) - np.var(end)
    if found["r_oldham"] is not pd.NA and abs(shrinks) > 1e-9:
        assert (found["r_oldham"] < 0) == (shrinks > 0)


@settings(deadline=None, max_examples=12)
@given(PAIRS, st.randoms(), st.integers(-50, 50), st.sampled_from([0.5, 4.0]))
def test_neither_order_nor_shift_nor_unit_matters(pairs, random, shift: int, unit: float) -> None:
    expected = correlations(*fifths(pairs))
    shuffled = list(pairs)
    random.shuffle(shuffled)
    same(correlations(*fifths(shuffled)), expected)
    start, end = fifths(pairs)
    moved = [[unit * x + shift for x in side] for side in (start, end)]
    same(correlations(moved[0], moved[1]), expected)


@settings(deadline=None, max_examples=12)
@given(PAIRS)
def test_swapping_the_waves_turns_the_sign_of_oldham_s(pairs) -> None:
    start, end = fifths(pairs)
    there, back = correlations(start, end)["r_oldham"], correlations(end, start)["r_oldham"]
    assert (there is pd.NA) == (back is pd.NA)
    if there is not pd.NA:
        assert back == pytest.approx(-there, abs=1e-9)


@pytest.mark.parametrize(
    ("start", "end", "reasons"),
    [
        ([], [], ("fewer than two pairs", "fewer than two pairs")),
        ([3.0], [4.0], ("fewer than two pairs", "fewer than two pairs")),
        ([3.0, 2.0], [None, None], ("fewer than two pairs", "fewer than two pairs")),
        ([3.0, 2.0], [4.0, 3.0], ("change does not vary", "change does not vary")),
        ([3.0, 3.0], [4.0, 3.0], ("first wave does not vary", None)),
        ([3.0, 2.0], [2.0, 3.0], (None, "mean of both waves does not vary")),
    ],
)
def test_what_has_no_correlation_has_its_reason(start, end, reasons) -> None:
    found = correlations(start, end)
    for name, reason in zip(("r_start_change", "r_oldham"), reasons, strict=True):
        if reason is None:
            assert found[name] is not pd.NA
            assert found[f"{name}_reason"] is pd.NA
        else:
            assert found[name] is pd.NA
            assert reason in found[f"{name}_reason"]
