"""Odds ratios of being lost, of hand-made people: who is in a model, and what is not estimated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from safer_streets_assets.monitoring.factors import (
    FACTOR_COLUMNS,
    FOLLOWS,
    ONE_CATEGORY,
    UNKNOWN,
    factors_table,
)
from safer_streets_assets.monitoring.firth import METHOD
from safer_streets_assets.monitoring.tables import factor_rows, write_completers, write_factors
from safer_streets_assets_tests.monitoring.builders import (
    insert,
    open_gates,
    research,
    stage,
    with_factors,
)

LEFT = {"outcome": "Breached"}
GOES_ON = {"outcome": "In progress"}


def test_each_model_has_the_people_of_its_base() -> None:
    people = [
        stage("eligible"),
        stage("community sentence with RAR") | {"delivery": "Not assigned"},
        stage("assigned") | {"outcome": "Did not start"},
        stage("assigned") | GOES_ON,
        stage("started"),
        stage("started") | LEFT,
        stage("started") | GOES_ON,
        stage("started") | {"outcome": "Completed"},
        stage("completed") | {"outcome": "Completed"},
    ]
    with research(people) as connection:
        found = factor_rows(connection, open_gates())
    counts = found.groupby("model")["happened"].agg(["size", "sum"]).T.to_dict("list")
    assert counts == {"attrition": [3, 1], "completion": [4, 2], "not assigned": [8, 1]}
    assert found["delivery"].isna().tolist() == (found["model"] == "not assigned").tolist()


def rows(model: str, n: int, happened: int, **own: str) -> list[dict[str, Any]]:
    """People of a model with the same characteristics, of so many of whom it came about."""
    usual = {
        "age_band": "18-24",
        "gender": "Male",
        "borough": "Lambeth",
        "offence": "00826",
        "court": "Thames Magistrates' Court",
        "delivery": None if model == "not assigned" else "Group",
    }
    return [{"model": model, **usual, **own, "happened": k < happened} for k in range(n)]


def table(people: list[dict[str, Any]], **rules: Any) -> pd.DataFrame:
    """The table, by model, factor and category."""
    found = factors_table(pd.DataFrame(people), with_factors(open_gates(), **rules))
    assert list(found.columns) == [*FACTOR_COLUMNS]
    return found.set_index(["model", "factor", "category"])


TWO_BY_TWO = [
    *rows("attrition", 40, 10),
    *rows("attrition", 20, 12, gender="Female"),
]


def test_one_factor_has_the_odds_ratio_of_its_table_with_half_a_person_more_in_each_cell() -> None:
    found = table(TWO_BY_TWO)
    assert found.index.get_level_values("category").notna().all()
    female = found.loc[("attrition", "gender", "Female")]
    assert female["odds_ratio"] == pytest.approx((12.5 / 8.5) / (10.5 / 30.5), rel=1e-5)
    assert female["ci_low"] < female["odds_ratio"] < female["ci_high"]
    assert female["method"] == METHOD
    assert (female["n"], female["n_happened"], female["n_model"]) == (20, 12, 60)
    male = found.loc[("attrition", "gender", "Male")]
    assert (male["is_reference"], male["odds_ratio"]) == (True, 1.0)
    assert found["reason"].drop(index="gender", level="factor").unique().tolist() == [ONE_CATEGORY]


def test_below_the_policys_events_per_parameter_nothing_is_estimated_and_the_reason_says_so() -> (
    None
):
    found = table(TWO_BY_TWO, events_per_parameter=23)
    assert found["odds_ratio"].isna().all()
    assert found.loc[("attrition", "gender", "Female"), "reason"] == (
        "the rarer result came about 22 times, and 1 parameter needs 23 (23 each)"
    )
    assert table(TWO_BY_TWO, events_per_parameter=22)["odds_ratio"].notna().sum() == 2


def test_a_factor_that_is_known_of_nobody_in_a_model_has_a_row_that_says_so() -> None:
    found = table([*rows("not assigned", 40, 10), *rows("not assigned", 20, 12, gender="Female")])
    [unknown] = found.xs("delivery", level="factor").to_dict("records")
    assert unknown["reason"] == UNKNOWN
    assert (unknown["n"], unknown["n_happened"]) == (60, 22)
    assert found.loc[("not assigned", "gender", "Female"), "odds_ratio"] > 1


def test_people_of_a_small_category_are_left_out_of_the_model() -> None:
    few = rows("attrition", 9, 9, age_band="45+")
    found = table([*TWO_BY_TWO, *few])
    left_out = found.loc[("attrition", "age_band", "45+")]
    assert left_out["reason"] == "fewer than 10 people; they are not in the model"
    assert (left_out["n"], left_out["n_model"]) == (9, 60)
    with_them, without = found.loc[("attrition", "gender", "Female")], table(TWO_BY_TWO)
    assert with_them["odds_ratio"] == without.loc[("attrition", "gender", "Female"), "odds_ratio"]


def test_a_category_that_separates_the_results_has_a_finite_odds_ratio() -> None:
    people = [*rows("completion", 40, 10), *rows("completion", 15, 15, delivery="One-to-one")]
    found = table(people).loc[("completion", "delivery", "One-to-one")]
    assert found["odds_ratio"] == pytest.approx((15.5 / 0.5) / (10.5 / 30.5), rel=1e-5)
    assert 0 < found["ci_low"] < found["ci_high"] < float("inf")


def test_a_category_that_follows_from_those_before_it_is_not_estimated() -> None:
    other = {"gender": "Female", "court": "Inner London Crown Court"}
    found = table([*rows("attrition", 40, 20), *rows("attrition", 30, 10, **other)])
    assert found.loc[("attrition", "court", "Crown Court"), "reason"] == FOLLOWS
    assert found.loc[("attrition", "gender", "Female"), "odds_ratio"] < 1


def test_factors_enter_at_the_levels_and_in_the_groups_of_the_policy() -> None:
    people = [
        *rows("not assigned", 30, 10),
        *rows("not assigned", 15, 5, borough="Brent", court="Isleworth Crown Court"),
        *rows("not assigned", 15, 5, borough="Ealing", court="Youth panel", offence="00861"),
    ]
    found = table(people).loc["not assigned"]
    assert found.loc["borough", "n"].to_dict() == {"Central London": 30, "West London": 30}
    assert found.loc["court", "n"].to_dict() == {
        "Crown Court": 15,
        "Magistrates' Court": 30,
        "Other courts": 15,
    }
    assert [name for name in found.loc["offence"].index if name.startswith("Threatening")]
    assert found.loc["delivery", "reason"].tolist() == [UNKNOWN]


def people_of(n: int, person: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """So many people who are alike."""
    return [person] * n


def test_the_table_is_written_behind_its_gate_alone() -> None:
    ended = stage("started") | LEFT
    people = people_of(30, ended) + people_of(15, ended | {"gender": "Female"})
    people += people_of(30, stage("completed") | {"outcome": "Completed"})
    for needed, is_open in ((1, True), (100, False)):
        policy = open_gates(needed)
        with research(people, policy) as connection:
            assert write_factors(connection, policy) == is_open
            found = connection.execute("SELECT model, n FROM research.factors").fetchall()
        assert {model for model, _ in found} == (
            {"not assigned", "attrition", "completion"} if is_open else set()
        )


SCORES = {"completed": (2.0, 3.0, 4.0, 3.5), "left": (1.0, 2.0, 2.5)}


def completers(needed: int) -> tuple[bool, list[dict[str, Any]]]:
    """Whether the gate is open, and the comparison of the start scores in SCORES."""
    policy = open_gates(needed)
    results = [(result, score) for result, own in SCORES.items() for score in own]
    results.append(("goes on", 5.0))
    with research([stage("started")] * len(results), policy) as connection:
        for number, (result, score) in enumerate(results, start=1):
            person = {"person_id": f"p{number}"}
            insert(connection, "programme_ends", person | {"result": result, "session": 1})
            for scale in ("OFF", "KNF", "GOAL"):
                own = {"scale": scale, "row_order": number}
                for wave, shift in ((1, 0.0), (3, 1.0)):
                    row = person | own | {"wave": wave, "score": score + shift}
                    insert(connection, "attitude_scores", row)
        is_open = write_completers(connection, policy)
        return is_open, connection.execute("FROM research.completers_at_start").df().to_dict(
            "records"
        )


def test_start_scores_of_those_who_completed_are_set_against_those_of_who_left() -> None:
    is_open, found = completers(1)
    assert is_open
    assert {row["scale"] for row in found} == {"OFF", "KNF", "GOAL"}
    row = found[0]
    assert (row["n_completed"], row["n_left"]) == (4, 3)
    assert (row["mean_completed"], row["mean_left"]) == pytest.approx((3.125, 11 / 6))
    # Welch's t of the two sets of scores, by hand: 1.2917 / sqrt(0.7292/4 + 0.5833/3).
    assert row["statistic"] == pytest.approx(2.10441, abs=1e-5)
    assert row["reason"] is None


def test_start_scores_are_not_compared_below_the_gate_of_change() -> None:
    assert completers(100) == (False, [])


def test_whoever_lacks_a_factor_is_counted_and_is_in_no_model() -> None:
    known = [
        *rows("attrition", 40, 10, gender="Male"),
        *rows("attrition", 40, 20, gender="Female"),
    ]
    lacking = [one | {"age_band": None} for one in rows("attrition", 20, 20, gender="Female")]
    before, after = table(known), table([*known, *lacking])
    female, male = (("attrition", "gender", category) for category in ("Female", "Male"))
    assert after.loc[female, ["n", "n_happened"]].tolist() == [60, 40]
    for figure in ("odds_ratio", "ci_low", "ci_high", "n_model", "n_happened_model"):
        assert after.loc[male, figure] == pytest.approx(before.loc[male, figure])


def test_a_category_of_those_alone_who_lack_another_factor_says_that_it_is_not_in_the_model() -> (
    None
):
    people = [
        *rows("attrition", 40, 10, gender="Male"),
        *rows("attrition", 40, 20, gender="Female"),
        *(one | {"gender": None} for one in rows("attrition", 30, 10, age_band="25-34")),
    ]
    found = table(people).loc[("attrition", "age_band", "25-34")]
    assert found["n"] == 30
    assert "they are not in the model" in found["reason"]
