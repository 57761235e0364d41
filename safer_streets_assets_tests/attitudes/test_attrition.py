from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from safer_streets_assets.attitudes.attrition import ATTRITION_COLUMNS, attrition_table
from safer_streets_assets.attitudes.change import change_summary
from safer_streets_assets.attitudes.grouping import Grouping
from safer_streets_assets.attitudes.pairs import START_END
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, people, primary_scores, scores

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
    table = attrition_table(
        primary_scores({1: start, 3: end}), people(len(start)), INSTRUMENT
    ).table
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
        primary_scores({1: [3.0] * 20, 3: end}), people(20, gender=gender), INSTRUMENT, [GENDER]
    ).table
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


def test_scales_and_categories_split_those_who_have_all_primary_scales() -> None:
    """p0 has all at both waves; p1 lacks KNF at the end, p2 KNF at the start; p3 has none."""
    source = pd.concat(
        [
            scores("OFF", {1: [3, 3, 3, None], 3: [3, 4, 4, None]}),
            scores("KNF", {1: [2, 2, None, None], 3: [3, None, 2, None]}),
            scores("GOAL", {1: [2, 2, 2, None], 3: [3, 3, 3, None]}),
            scores("W1", {1: [None, 7, 7, 7], 3: [None, None, 7, 7]}),
        ]
    )
    table = attrition_table(source, people(4, gender=["Male"] * 4), INSTRUMENT, [GENDER]).table
    assert list(table.columns) == ATTRITION_COLUMNS
    counts = ["n_with_end", "n_without_end"]
    for characteristic in ("gender", "OFF at start", "KNF at start", "GOAL at start"):
        assert tuple(row(table, characteristic)[counts]) == (1, 1)
    assert tuple(row(table, "W1 at start")[counts]) == (2, 1)


@settings(deadline=None, max_examples=15)
@given(
    st.lists(st.tuples(*[st.sampled_from([None, 2.0, 3.4, 5.0])] * 4), min_size=1, max_size=12),
)
def test_a_scale_is_split_so_that_it_counts_the_pairs_of_the_change(
    rows,
) -> None:
    waves = [{1: [r[i] for r in rows], 3: [r[i + 1] for r in rows]} for i in (0, 2)]
    parts = [scores("OFF", waves[0]), scores("KNF", waves[1]), scores("W4", waves[1])]
    source, cohort = pd.concat(parts), people(len(rows))
    scales = ("OFF", "KNF", "W4")
    some = replace(INSTRUMENT, scales=tuple(INSTRUMENT.scale(code) for code in scales))
    table = attrition_table(source, cohort, some).table
    change = change_summary(source, cohort, some, comparisons=[START_END]).table
    for scale in scales:
        own = change[(change["scale"] == scale) & (change["comparison"] == "start-end")].iloc[0]
        found = row(table, f"{scale} at start")
        assert found["n_with_end"] == own["n_paired"]
        assert found["n_with_end"] + found["n_without_end"] == own["n_start"]
        assert (found["mean_with_end"] is pd.NA) == (own["mean_start"] is pd.NA)
        if own["n_paired"]:
            assert found["mean_with_end"] == pytest.approx(own["mean_start"])


def test_people_without_a_category_are_one_so_that_all_totals_are_equal() -> None:
    source = primary_scores({1: [3.0] * 5, 3: [4.0, 4.0, 4.0, None, None]})
    cohort = people(
        5,
        gender=["Male", None, "Female", None, "Male"],
        borough=["Brent"] * 5,
        delivery=["Group", None, "Group", "Group", "Group"],
    )
    groupings = [
        GENDER,
        Grouping("borough", "borough", ("Brent",)),
        Grouping("delivery", "delivery", ("Group",), not_known="Not assigned"),
    ]
    table = attrition_table(source, cohort, INSTRUMENT, groupings).table
    counts = ["n_with_end", "n_without_end"]
    for grouping in ("gender", "borough", "delivery"):
        assert tuple(row(table, grouping)[counts]) == (3, 2)
        own = table[(table["characteristic"] == grouping) & (table["category"] != "Total")]
        assert tuple(own[counts].sum()) == (3, 2)
    assert tuple(row(table, "gender", "Not known")[counts]) == (1, 1)
    assert tuple(row(table, "delivery", "Not assigned")[counts]) == (1, 0)
    assert "Not known" not in set(table.loc[table["characteristic"] == "borough", "category"])


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_people_leave_the_statistics_open(n: int) -> None:
    source = primary_scores({1: [3.0] * n})
    cohort = people(n, gender=["Male"] * n)
    table = attrition_table(source, cohort, INSTRUMENT, [GENDER]).table
    assert table[["smd", "statistic", "df", "p"]].isna().all(axis=None)
    assert row(table, "gender", "Male")["n_without_end"] == n


@pytest.mark.parametrize(
    "waves",
    [
        {},
        {1: [3.0]},
        {1: [3.0, 4.0, 2.0], 3: [4.0, 3.0, 3.0]},
        {1: [3.0, 4.0, 2.0]},
        {1: [3.0, 3.0, 3.0, 3.0], 3: [4.0, 4.0]},
        {1: [3.0, 2.0, 3.0, 4.0], 3: [4.0, 4.0]},
        {3: [4.0, 5.0, 3.0]},
    ],
)
def test_every_missing_cell_has_exactly_one_reason(waves) -> None:
    cohort = people(4, gender=["Male", "Female", None, "Male"])
    found = attrition_table(primary_scores(waves), cohort, INSTRUMENT, [GENDER])
    missing = {
        (line["characteristic"], line["category"], column)
        for line in found.table.to_dict("records")
        for column in ATTRITION_COLUMNS
        if pd.isna(line[column])
    }
    columns = ["characteristic", "category", "statistic"]
    listed = list(found.not_estimable[columns].itertuples(index=False, name=None))
    assert set(listed) == missing
    assert len(listed) == len(missing)
    assert found.not_estimable["marker"].isin(["[x]", "[z]"]).all()


def test_what_a_row_never_has_is_not_applicable_and_what_it_lacks_is_not_available() -> None:
    cohort = people(1, gender=["Male"])
    why = attrition_table(primary_scores({1: [3.0]}), cohort, INSTRUMENT, [GENDER]).not_estimable
    marker = why.set_index(["characteristic", "category", "statistic"])["marker"]
    assert marker["gender", "Male", "mean_with_end"] == "[z]"
    assert marker["gender", "Male", "p"] == "[z]"
    assert marker["gender", "Total", "smd"] == "[z]"
    assert marker["gender", "Total", "p"] == "[x]"
    assert marker["OFF at start", "Total", "smd"] == "[x]"
