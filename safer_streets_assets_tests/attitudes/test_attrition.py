from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from safer_streets_assets.attitudes.attrition import (
    ATTRITION_COLUMNS,
    attrition_table,
    start_and_change_correlation,
)
from safer_streets_assets.attitudes.change import Grouping
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, people, scores

VARIED = st.lists(st.integers(5, 25), min_size=2, max_size=15).filter(lambda v: len(set(v)) > 1)
GENDER = Grouping("gender", "gender", ("Male", "Female", "Other or not known"))


def row(table: pd.DataFrame, characteristic: str, category: str = "Total") -> pd.Series:
    found = table[(table["characteristic"] == characteristic) & (table["category"] == category)]
    return found.iloc[0]


@settings(deadline=None, max_examples=20)
@given(VARIED, VARIED)
def test_start_scores_are_compared_by_welch_s_t_as_scipy_does(here, lost) -> None:
    start = [value / 5 for value in here + lost]
    end = [3.0] * len(here) + [None] * len(lost)
    table = attrition_table(scores("OFF", {1: start, 3: end}), people(len(start)), INSTRUMENT)
    found = row(table, "OFF at start")
    assert (found["n_with_end"], found["n_without_end"]) == (len(here), len(lost))
    first, second = start[: len(here)], start[len(here) :]
    expected = stats.ttest_ind(first, second, equal_var=False)
    assert found["statistic"] == pytest.approx(expected.statistic, abs=1e-9)
    assert found["df"] == pytest.approx(expected.df)
    assert found["p"] == pytest.approx(expected.pvalue)
    spread = np.sqrt((np.var(first, ddof=1) + np.var(second, ddof=1)) / 2)
    assert found["smd"] == pytest.approx((np.mean(first) - np.mean(second)) / spread)


def test_categories_are_compared_by_chi_square_as_scipy_does() -> None:
    gender = ["Male"] * 12 + ["Female"] * 8
    end = [3.0] * 9 + [None] * 3 + [3.0] * 2 + [None] * 6
    table = attrition_table(
        scores("OFF", {1: [3.0] * 20, 3: end}), people(20, gender=gender), INSTRUMENT, [GENDER]
    )
    expected = stats.chi2_contingency([[9, 3], [2, 6]], correction=False)
    found = row(table, "gender")
    assert (found["n_with_end"], found["n_without_end"], found["df"]) == (11, 9, 1)
    assert found["statistic"] == pytest.approx(expected.statistic)
    assert found["p"] == pytest.approx(expected.pvalue)
    male = row(table, "gender", "Male")
    assert (male["n_with_end"], male["n_without_end"]) == (9, 3)
    p, q = 9 / 11, 3 / 9
    assert male["smd"] == pytest.approx((p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2))
    assert row(table, "gender", "Other or not known")["n_with_end"] == 0


def test_only_linked_people_who_began_are_compared_and_all_rows_split_them_alike() -> None:
    source = pd.concat(
        [
            scores("OFF", {1: [3, 3, None, None], 3: [None, 4, 4, None]}),
            scores("KNF", {1: [2, None, 2, None], 3: [3, None, None, None]}),
        ]
    )
    table = attrition_table(source, people(4, gender=["Male"] * 4), INSTRUMENT, [GENDER])
    assert list(table.columns) == ATTRITION_COLUMNS
    assert tuple(row(table, "gender")[["n_with_end", "n_without_end"]]) == (3, 0)
    assert tuple(row(table, "KNF at start")[["n_with_end", "n_without_end"]]) == (2, 0)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_people_leave_the_statistics_open(n: int) -> None:
    source = scores("OFF", {1: [3.0] * n})
    cohort = people(n, gender=["Male"] * n)
    table = attrition_table(source, cohort, INSTRUMENT, [GENDER])
    assert table[["smd", "statistic", "df", "p"]].isna().all(axis=None)
    assert row(table, "gender", "Male")["n_without_end"] == n


def test_start_and_change_correlate_by_chance_alone_and_oldham_s_does_not() -> None:
    rng = np.random.default_rng(7)
    truth = rng.normal(3, 0.5, 3000)
    start, end = truth + rng.normal(0, 0.5, 3000), truth + rng.normal(0, 0.5, 3000)
    source = scores("OFF", {1: start.tolist(), 3: end.tolist()})
    found = start_and_change_correlation(source, people(3000), INSTRUMENT).iloc[0]
    assert found["n_paired"] == 3000
    assert found["r_start_change"] == pytest.approx(-0.5, abs=0.05)
    assert found["r_oldham"] == pytest.approx(0, abs=0.05)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.integers(5, 25), st.integers(5, 25)), min_size=2, max_size=12))
def test_oldham_s_correlation_is_below_zero_exactly_when_the_spread_shrinks(pairs) -> None:
    start, end = ([p[i] / 5 for p in pairs] for i in (0, 1))
    found = start_and_change_correlation(
        scores("OFF", {1: start, 3: end}), people(len(pairs)), INSTRUMENT
    ).iloc[0]
    shrinks = np.var(start) - np.var(end)
    if found["r_oldham"] is not pd.NA and abs(shrinks) > 1e-9:
        assert (found["r_oldham"] < 0) == (shrinks > 0)


def test_without_pairs_or_variation_there_is_no_correlation() -> None:
    for waves in ({}, {1: [3.0], 3: [4.0]}, {1: [3.0, 3.0], 3: [4.0, 4.0]}):
        found = start_and_change_correlation(scores("OFF", waves), people(2), INSTRUMENT).iloc[0]
        assert found["r_start_change"] is pd.NA
        assert found["r_oldham"] is pd.NA
