"""Links between the attitude tables: each keeps the attacker from naming somebody."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.disclosure.links import TablesDisagreeError
from safer_streets_assets.disclosure.protecting import PROVEN, protect_tables
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.disclosure.attitude_tables import (
    GENDERS,
    People,
    attitude_tables,
    protected,
)

OFF_BOTH, OFF_START = {"OFF": "13"}, {"OFF": "1"}
ONE_LEFT = [People(107, "Male", OFF_BOTH), People(13, "Female", OFF_BOTH)]
ONE_LEFT += [People(2, "Male", OFF_START), People(1, "Female", OFF_START)]

BOTH = {"OFF": "13", "KNF": "13"}

# What the attacker is told by links -> why they stand in the policy, and people of whom somebody
# could be named without them.
NAMED: dict[str, tuple[set[str], Sequence[People]]] = {
    "the pairs of a scale": (
        {"Those with a start and an end score of a scale are its pairs"},
        [
            People(60, "Female", {"OFF": "13", "KNF": "123"}),
            People(1, "Female", {"OFF": "1", "KNF": "23"}),
            People(30, "Female", {"OFF": "23", "KNF": "1"}),
            People(20, "Female", {"KNF": "12"}),
        ],
    ),
    "those who began a scale": (
        {"Those with a start score of a scale have its end score or have it not"},
        [
            People(3, "Male", {"OFF": "123", "GOAL": "123"}),
            People(110, "Male", {"KNF": "123", "GOAL": "23"}),
            People(2, "Male", {"OFF": "123", "GOAL": "12"}),
        ],
    ),
    "those who began another scale only": (
        {
            "Those with a start score of any primary scale but not of this one are people too",
            "So are they in each group, with a start score",
        },
        [
            People(110, "Male", BOTH),
            People(20, "Male", {"OFF": "1", "KNF": "1"}),
            People(3, "Male", {"KNF": "1"}),
        ],
    ),
    "those who are pairs of other scales only": (
        {
            "Those with a start and an end score of any primary scales but not both of this one "
            "are people too",
            "So are they in each group, with a start and an end score",
        },
        [
            People(110, "Male", BOTH),
            People(3, "Male", {"OFF": "1", "KNF": "13"}),
            People(20, "Male", {"OFF": "1", "KNF": "1"}),
        ],
    ),
    "whoever began has begun one of the scales": (
        {
            "Whoever has a start score has one of at least one primary scale",
            "So has everybody in each group",
            "Whoever has no end score lacks that of the primary scales whose start score they have",
            "So does everybody in each group",
        },
        ONE_LEFT,
    ),
    "those with a middle score but no start score": (
        {"Those with a middle score but no start score are people too"},
        [
            People(60, "Female", {"OFF": "13", "KNF": "123"}),
            People(1, "Female", {"OFF": "1", "KNF": "23"}),
            People(30, "Female", {"OFF": "23", "KNF": "1"}),
            People(20, "Female", {"KNF": "12"}),
        ],
    ),
    "only a start score": (
        {"So are those with only a start score, together with those who have only middle and end"},
        [
            People(60, "Male", {"OFF": "123"}),
            People(20, "Male", {"OFF": "12"}),
            People(20, "Male", {"OFF": "13"}),
            People(20, "Male", {"OFF": "2"}),
            People(3, "Male", {"OFF": "1"}),
        ],
    ),
    "only a middle score": (
        {"So are those with only a middle score, together with those who have only start and end"},
        [
            People(60, "Male", {"OFF": "123"}),
            People(20, "Male", {"OFF": "12"}),
            People(20, "Male", {"OFF": "23"}),
            People(20, "Male", {"OFF": "1"}),
            People(3, "Male", {"OFF": "2"}),
        ],
    ),
}


def without(whys: set[str]) -> Policy:
    """The shipped policy, but for the links that say so."""
    policy = shipped_policy()
    links = [link for link in policy.tables.links if link.why not in whys]
    assert len(links) == len(policy.tables.links) - len(whys)
    tables = policy.tables.model_copy(update={"links": links})
    return Policy(policy.dpia, policy.questionnaire, tables, policy.digest, policy.vocabulary)


@pytest.mark.parametrize("told", NAMED)
def test_with_the_links_nothing_leaks_and_without_them_somebody_is_named(told: str) -> None:
    whys, people = NAMED[told]
    made, leaking = protected(people, shipped_policy())
    assert set(made.summary["verdict"]) == {PROVEN}
    assert leaking == []
    _, leaking = protected(people, without(whys))
    assert leaking


def test_every_link_between_attitude_tables_is_attacked_here() -> None:
    attitudes = {"attitude_change", "attitude_attrition"}
    between = {
        link.why
        for link in shipped_policy().tables.links
        if {term.table for term in link.terms} <= attitudes
    }
    attacked = set().union(*(whys for whys, _ in NAMED.values()))
    assert between - attacked == {"Both comparisons from the start begin with the same people"}


def test_who_left_is_not_told_by_subtracting_one_table_from_the_other() -> None:
    made, _ = protected(ONE_LEFT, shipped_policy())
    change, attrition = (made.tables[name] for name in ("attitude_change", "attitude_attrition"))
    start_end = change[(change["scale"] == "OFF") & (change["comparison"] == "start-end")]
    for gender in (*GENDERS, "Total"):
        own = start_end[start_end["group_value"] == gender].iloc[0]
        rows = attrition[attrition["category"] == gender]
        rows = rows[rows["characteristic"].isin(["gender", "OFF at start"])]
        for found in rows["n_with_end"].dropna():
            if pd.notna(own["n_start"]):
                left = own["n_start"] - found
                assert left == 0 or left >= 5, gender


SOME = st.integers(0, 12)
PATTERNS = [{"OFF": w} for w in ("1", "2", "12", "13", "23", "123")]
PATTERNS += [{"OFF": "1", "KNF": "13"}, {"KNF": "13"}]


@settings(deadline=None, max_examples=4)
@given(st.lists(SOME, min_size=16, max_size=16))
def test_whoever_has_which_scores_the_attacker_finds_nothing(counts: list[int]) -> None:
    patterns = [(gender, waves) for gender in ("Male", "Female") for waves in PATTERNS]
    groups = [People(n, *pattern) for n, pattern in zip(counts, patterns, strict=True)]
    if not sum(counts):
        return
    made, leaking = protected(groups, shipped_policy())
    assert set(made.summary["verdict"]) == {PROVEN}
    assert leaking == []


def test_tables_that_contradict_a_link_are_refused() -> None:
    frames = attitude_tables(ONE_LEFT, shipped_policy())
    frames["attitude_attrition"].loc[0, "n_with_end"] += 1
    with pytest.raises(TablesDisagreeError, match="its pairs"):
        protect_tables(shipped_policy(), frames)
