from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.attitudes.change import (
    CHANGE_COLUMNS,
    KEYS,
    TOTALS_ONLY,
    change_summary,
    individual_changes,
)
from safer_streets_assets.attitudes.effects import minimum_detectable_d_z
from safer_streets_assets.attitudes.errors import AttitudesError
from safer_streets_assets.attitudes.grouping import Grouping
from safer_streets_assets.attitudes.mixed import wave_model
from safer_streets_assets.attitudes.pairs import START_END
from safer_streets_assets_tests.attitudes.builders import INSTRUMENT, people, primary_scores, scores
from safer_streets_assets_tests.builders import shipped_policy

GENDER = Grouping("gender", "gender", ("Male", "Female", "Other or not known"))
START = [3.0, 2.5, 4.0, 3.2]
END = [3.4, 2.5, 3.0, 3.8]


def total(table: pd.DataFrame, scale: str, comparison: str = "start-end") -> pd.Series:
    rows = table[(table["scale"] == scale) & (table["comparison"] == comparison)]
    return rows[rows["group_name"] == "Total"].iloc[0]


def test_the_columns_are_those_of_the_published_table() -> None:
    table = change_summary(primary_scores({1: START, 3: END}), people(4), INSTRUMENT).table
    assert list(table.columns) == CHANGE_COLUMNS
    policy = shipped_policy().tables.tables["attitude_change"]
    printed = {*KEYS, *policy.counts, *policy.constants, *policy.statistics}
    assert printed | {"level"} == set(CHANGE_COLUMNS)


def test_every_scale_comparison_and_category_is_a_row_also_with_nobody_in_it() -> None:
    cohort = people(4, gender=["Male"] * 4)
    table = change_summary(primary_scores({1: START, 3: END}), cohort, INSTRUMENT, [GENDER]).table
    assert len(table) == 7 * 3 * (1 + 3)
    assert not table.duplicated(KEYS).any()
    female = table[table["group_value"] == "Female"]
    assert (female["n_start"] == 0).all()
    assert (female["n_paired"] == 0).all()


def test_started_people_have_a_score_at_the_first_wave_and_paired_ones_at_both() -> None:
    source = primary_scores({1: [3, 3, None, 4], 2: [3, None, 2, None], 3: [4, None, 4, 5]})
    table = change_summary(source, people(4), INSTRUMENT).table
    counts = {
        name: tuple(total(table, "OFF", name)[["n_start", "n_paired"]])
        for name in ("start-end", "start-middle", "middle-end")
    }
    assert counts == {"start-end": (3, 2), "start-middle": (3, 1), "middle-end": (2, 2)}


def test_a_primary_scale_has_the_people_of_all_and_another_has_its_own() -> None:
    """p0 has all; p1 lacks KNF at the end, p2 GOAL at the middle; p3 has GOAL at no wave."""
    everywhere = {wave: [3.0, 3.0, 3.0, 3.0] for wave in (1, 2, 3)}
    source = pd.concat(
        [
            scores("OFF", everywhere),
            scores("KNF", everywhere | {3: [3.0, None, 3.0, 3.0]}),
            scores("GOAL", {1: [2.0, 2.0, 2.0], 2: [2.0, 2.0, None], 3: [2.0, 2.0, 2.0]}),
            scores("W1", {1: [7, None, None, 7], 3: [7, 7, None, 7]}),
        ]
    )
    table = change_summary(source, people(4), INSTRUMENT).table
    expected = {"start-end": (3, 2), "start-middle": (3, 2), "middle-end": (2, 1)}
    for scale in ("OFF", "KNF", "GOAL"):
        for name, counts in expected.items():
            assert tuple(total(table, scale, name)[["n_start", "n_paired"]]) == counts
    assert tuple(total(table, "W1")[["n_start", "n_paired"]]) == (2, 2)
    own = individual_changes(source, people(4), INSTRUMENT, comparisons=[START_END])
    pairs = own.groupby("scale")["person_id"].agg(" ".join).to_dict()
    assert pairs == {**dict.fromkeys(("OFF", "KNF", "GOAL"), "p0 p2"), "W1": "p0 p3"}


def test_people_outside_the_linked_cohort_do_not_count() -> None:
    table = change_summary(primary_scores({1: START, 3: END}), people(2), INSTRUMENT).table
    row = total(table, "OFF")
    assert (row["n_start"], row["n_paired"]) == (2, 2)
    assert row["mean_end"] == pytest.approx(np.mean(END[:2]))


def test_a_group_holds_the_statistics_of_its_own_people() -> None:
    cohort = people(4, gender=["Male", "Female", "Female", "Male"])
    table = change_summary(primary_scores({1: START, 3: END}), cohort, INSTRUMENT, [GENDER]).table
    rows = table[(table["scale"] == "OFF") & (table["comparison"] == "start-end")]
    means = rows.set_index("group_value")["mean_change"]
    assert means["Female"] == pytest.approx(-0.5)
    assert means["Male"] == pytest.approx(0.5)
    assert means["Total"] == pytest.approx(0.0)


def test_p_values_of_totals_are_adjusted_by_holm_or_benjamini_hochberg_in_each_comparison() -> None:
    rng = np.random.default_rng(1)
    parts = []
    for scale in INSTRUMENT.scales:
        start = rng.normal(3, 1, 20)
        waves = {1: start, 2: start + rng.normal(0.2, 1, 20), 3: start + rng.normal(0.5, 1, 20)}
        parts.append(scores(scale.code, {wave: v.tolist() for wave, v in waves.items()}))
    cohort = people(20, gender=["Male"] * 20)
    table = change_summary(pd.concat(parts), cohort, INSTRUMENT, [GENDER]).table
    totals = table[table["group_name"] == "Total"]
    for _, rows in totals.groupby("comparison"):
        primary = rows[rows["scale"].isin(["OFF", "KNF", "GOAL"])]
        assert primary["adjustment"].str.startswith("Holm over OFF, KNF, GOAL, ").all()
        smallest = primary.sort_values("p").iloc[0]
        assert smallest["p_adjusted"] == pytest.approx(min(1, 3 * smallest["p"]))
        items = rows[rows["scale"].str.startswith("W")]
        assert items["adjustment"].str.startswith("Benjamini-Hochberg over W1, W2, W3, W4, ").all()
        largest = items.sort_values("p").iloc[-1]
        assert largest["p_adjusted"] == pytest.approx(largest["p"])
    assert table.loc[table["group_name"] != "Total", "p_adjusted"].isna().all()


def test_the_direction_says_which_way_is_better() -> None:
    table = change_summary(primary_scores({}), people(0), INSTRUMENT).table
    lower = table.loc[table["direction"] == "lower is better", "scale"].unique()
    assert list(lower) == ["W4"]


@pytest.mark.parametrize(
    "waves",
    [
        {},
        {1: [3.0]},
        {1: [3.0], 3: [4.0]},
        {1: [3.0, 4.0], 3: [4.0, 5.0]},
        {1: [3.0, 3.0, 3.0], 3: [3.0, 3.0, 3.0]},
        {1: [None, None], 3: [None, None]},
        {3: [4.0, 5.0, 3.0]},
    ],
)
def test_what_cannot_be_estimated_is_missing_with_exactly_one_reason(waves) -> None:
    cohort = people(3, gender=["Male", "Female", None])
    summary = change_summary(primary_scores(waves), cohort, INSTRUMENT, [GENDER])
    missing = {
        (*(row[key] for key in KEYS), column)
        for row in summary.table.to_dict("records")
        for column in CHANGE_COLUMNS
        if pd.isna(row[column])
    }
    reasons = summary.not_estimable[[*KEYS, "statistic"]].itertuples(index=False, name=None)
    listed = list(reasons)
    assert set(listed) == missing
    assert len(listed) == len(missing)
    assert summary.not_estimable["reason"].notna().all()
    floats = summary.table.select_dtypes("Float64")
    assert all(np.isfinite(floats[name].dropna().to_numpy(float)).all() for name in floats)


@settings(deadline=None, max_examples=10)
@given(st.permutations(range(24)), st.permutations(range(4)))
def test_the_table_does_not_depend_on_the_order_of_scores_and_people(
    score_order: list[int], people_order: list[int]
) -> None:
    source = primary_scores({1: START, 3: END})
    cohort = people(4, gender=["Male", "Female", "Female", "Male"])
    expected = change_summary(source, cohort, INSTRUMENT, [GENDER], comparisons=[START_END])
    found = change_summary(
        source.iloc[score_order],
        cohort.iloc[people_order],
        INSTRUMENT,
        [GENDER],
        comparisons=[START_END],
    )
    pd.testing.assert_frame_equal(found.table, expected.table)


def test_people_without_a_value_fall_under_not_known_when_it_is_given() -> None:
    delivery = Grouping("delivery", "delivery", ("Group",), not_known="Not known")
    cohort = people(4, delivery=["Group", None, None, "Group"])
    table = change_summary(primary_scores({1: START, 3: END}), cohort, INSTRUMENT, [delivery]).table
    rows = table[(table["scale"] == "OFF") & (table["comparison"] == "start-end")]
    assert rows.set_index("group_value")["n_start"].to_dict() == {
        "Total": 4,
        "Group": 2,
        "Not known": 2,
    }


def test_a_category_that_is_not_listed_is_an_error_that_names_the_column_only() -> None:
    cohort = people(1, gender=["Jo Bloggs"])
    with pytest.raises(AttitudesError, match="column gender") as caught:
        change_summary(primary_scores({}), cohort, INSTRUMENT, [GENDER])
    assert "Bloggs" not in str(caught.value)


def test_two_scores_of_a_person_at_one_wave_are_refused() -> None:
    source = primary_scores({1: START})
    with pytest.raises(AttitudesError, match="one response per person and wave"):
        change_summary(pd.concat([source, source]), people(4), INSTRUMENT)


def test_a_person_twice_in_the_cohort_is_refused() -> None:
    twice = pd.concat([people(2), people(1)])
    with pytest.raises(AttitudesError, match="one row per person"):
        individual_changes(primary_scores({1: START}), twice, INSTRUMENT)


def test_people_whose_category_is_missing_are_a_row_of_their_own_only_where_there_are_any() -> None:
    source = primary_scores({1: START, 3: END})
    rows = {
        name: change_summary(source, people(4, gender=gender), INSTRUMENT, [GENDER]).table
        for name, gender in (("some", ["Male", None, None, "Male"]), ("none", ["Male"] * 4))
    }
    own = rows["some"][rows["some"]["scale"].eq("OFF") & rows["some"]["comparison"].eq("start-end")]
    assert own.set_index("group_value")["n_start"]["Not known"] == 2
    assert own.loc[own["group_name"] == "gender", "n_start"].sum() == 4
    assert "Not known" not in set(rows["none"]["group_value"])


def test_the_reading_follows_the_direction_of_the_scale_and_the_interval_of_the_change() -> None:
    waves: dict[str, dict[int, list[float]]] = {
        "rise": {1: [1.0, 2.0, 3.0], 3: [2.0, 3.1, 4.2]},
        "fall": {1: [2.0, 3.1, 4.2], 3: [1.0, 2.0, 3.0]},
        "unclear": {1: [3.0, 3.0, 3.0], 3: [4.0, 3.0, 3.0]},
        # Changes that cancel but for floating-point noise.
        "noise": {1: [1.0, 1.0, 1.0], 3: [1.1, 1.2, 0.7]},
    }
    readings = {
        (scale, name): total(change_summary(made(own), people(3), INSTRUMENT).table, scale)[
            "reading"
        ]
        for scale, made in (("OFF", primary_scores), ("W4", partial(scores, "W4")))
        for name, own in waves.items()
    }
    assert readings == {
        ("OFF", "rise"): "better",
        ("OFF", "fall"): "worse",
        ("OFF", "unclear"): "no clear change",
        ("OFF", "noise"): "no clear change",
        ("W4", "rise"): "worse",
        ("W4", "fall"): "better",
        ("W4", "unclear"): "no clear change",
        ("W4", "noise"): "no clear change",
    }


@pytest.mark.parametrize("score", [float("inf"), float("-inf")])
def test_a_score_that_is_not_finite_is_refused_without_its_value(score: float) -> None:
    with pytest.raises(AttitudesError, match="finite") as caught:
        change_summary(primary_scores({1: [3.0], 3: [score]}), people(1), INSTRUMENT)
    assert "inf" not in str(caught.value).replace("finite", "")


def test_a_benefit_is_a_change_in_the_better_direction() -> None:
    source = pd.concat(
        [primary_scores({1: [3, 3, 3], 3: [4, 3, 2]}), scores("W4", {1: [5, 5, 5], 3: [6, 5, 4]})]
    )
    found = individual_changes(source, people(3), INSTRUMENT)
    assert found["comparison"].unique().tolist() == ["start-end"]
    benefit = found.set_index(["scale", "person_id"])["benefit"]
    assert benefit["OFF"].tolist() == [True, False, False]
    assert benefit["W4"].tolist() == [False, False, True]
    assert found.loc[found["scale"] == "W4", "change"].tolist() == [1.0, 0.0, -1.0]


def test_an_unchanged_score_is_exactly_zero_in_spite_of_rounding_noise() -> None:
    found = individual_changes(primary_scores({1: [0.1 + 0.2], 3: [0.3]}), people(1), INSTRUMENT)
    assert found["change"].tolist() == [0.0] * 3
    assert found["benefit"].tolist() == [False] * 3


def test_nobody_with_both_scores_gives_no_individual_change() -> None:
    found = individual_changes(primary_scores({1: START}), people(4), INSTRUMENT)
    assert found.empty
    assert list(found.columns) == ["person_id", "scale", "comparison", "change", "benefit"]


def test_the_least_d_z_of_a_family_is_that_of_the_level_shared_by_its_tests() -> None:
    rng = np.random.default_rng(3)
    waves = {wave: rng.normal(3, 1, 30).tolist() for wave in (1, 2, 3)}
    found = total(change_summary(primary_scores(waves), people(30), INSTRUMENT).table, "OFF")
    assert found["minimum_detectable_d_z"] == pytest.approx(minimum_detectable_d_z(30))
    adjusted = minimum_detectable_d_z(30, alpha=0.05 / 3)
    assert found["minimum_detectable_d_z_adjusted"] == pytest.approx(adjusted)


def test_the_model_of_a_comparison_is_of_everybody_with_a_score_at_its_first_wave() -> None:
    """People without one change nothing; those without the other wave do."""
    rng = np.random.default_rng(4)
    start = [*rng.normal(3, 1, 40), *[None] * 10]
    end = [*rng.normal(3.5, 1, 25), *[None] * 15, *rng.normal(9, 1, 10)]
    source = primary_scores({1: start, 3: end})
    found = total(change_summary(source, people(50), INSTRUMENT).table, "OFF")
    began = wave_model(source, people(40), INSTRUMENT)
    expected = began[began["scale"].eq("OFF") & began["comparison"].eq("start-end")].iloc[0]
    assert (found["n_start"], found["n_paired"]) == (40, 25)
    assert found["model_change"] == pytest.approx(expected["estimate"])
    assert found["model_low"] == pytest.approx(expected["ci_low"])
    assert found["model_p"] == pytest.approx(expected["p"])
    assert found["model_change"] != pytest.approx(found["mean_change"])


def test_what_tells_how_many_did_not_change_is_for_totals_only() -> None:
    cohort = people(4, gender=["Male", "Male", "Female", "Male"])
    table = change_summary(primary_scores({1: START, 3: END}), cohort, INSTRUMENT, [GENDER])
    groups = table.table[table.table["group_name"] != "Total"]
    assert groups[list(TOTALS_ONLY)].isna().all(axis=None)
    why = table.not_estimable
    why = why[why["group_name"].ne("Total") & why["statistic"].isin(TOTALS_ONLY)]
    assert why["marker"].eq("[z]").all()
