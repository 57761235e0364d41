"""Links between the attitude tables: each keeps the attacker from naming somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.disclosure.joint_protection import PROVEN, protect_tables
from safer_streets_assets.disclosure.links import TablesDisagreeError
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.disclosure.attitude_tables import (
    GENDERS,
    PRIMARY,
    People,
    Shown,
    attitude_tables,
    leaks,
    protected,
)

BOTH, START = {PRIMARY: "13"}, {PRIMARY: "1"}
ONE_LEFT = [People(107, "Male", BOTH), People(13, "Female", BOTH)]
ONE_LEFT += [People(2, "Male", START), People(1, "Female", START)]
FEW_PAIRS = [People(2, gender, BOTH) for gender in ("Male", "Female")]
FEW_PAIRS += [People(20, gender, START) for gender in ("Male", "Female")]
FEW_BEGAN = [People(2, "Male", START), People(2, "Female", START), People(20, "Male", {"W1": "1"})]
OF_W1 = [People(3, "Male", {"W1": "13"}), People(20, "Male", {"W1": "1"})]
SOME_WOMEN = [People(60, "Male", {PRIMARY: "123"}), People(3, "Female", {PRIMARY: "123"})]
SOME_WOMEN += [People(9, "Male", BOTH), People(9, "Female", START)]

# What the attacker is told by links that say of a sum that it is people -> why they stand in the
# policy, and people of whom somebody could be named without them.
NAMED: dict[str, tuple[set[str], Sequence[People]]] = {
    "those with a middle score but no start score": (
        {"Those with a middle score but no start score are people too"},
        [
            People(60, "Male", {PRIMARY: "123"}),
            People(30, "Male", {PRIMARY: "12"}),
            People(3, "Male", {PRIMARY: "23"}),
            People(20, "Male", {PRIMARY: "1"}),
        ],
    ),
    "only a start score": (
        {"So are those with only a start score, together with those who have only middle and end"},
        [
            People(60, "Male", {"W1": "123"}),
            People(20, "Male", {"W1": "12"}),
            People(20, "Male", {"W1": "13"}),
            People(20, "Male", {"W1": "2"}),
            People(3, "Male", {"W1": "1"}),
        ],
    ),
    "only a middle score": (
        {"So are those with only a middle score, together with those who have only start and end"},
        [
            People(60, "Male", {"W1": "123"}),
            People(20, "Male", {"W1": "12"}),
            People(20, "Male", {"W1": "23"}),
            People(20, "Male", {"W1": "1"}),
            People(3, "Male", {"W1": "2"}),
        ],
    ),
}


def change(count: str, scale: str, comparison: str, group: str = "Female") -> Shown:
    """A count of the table of change."""
    row = {"scale": scale, "comparison": comparison, "group_value": group}
    return Shown("attitude_change", row, count)


def attrition(count: str, characteristic: str, category: str) -> Shown:
    """A count of the table of attrition."""
    row = {"characteristic": characteristic, "category": category}
    return Shown("attitude_attrition", row, count)


SAME_PEOPLE = {
    f"All primary scales are analysed over the same people, in each group with a score at {waves}"
    for waves in ("the first wave", "both waves")
}
# What the attacker is told by equalities -> why they stand in the policy, people, a count of theirs
# that is hidden, and one that is the same and would give it away if it were printed.
SAME: dict[str, tuple[set[str], Sequence[People], tuple[str, str], list[Shown]]] = {
    "the pairs of a scale": (
        {"Those with a start and an end score of a scale are its pairs"},
        OF_W1,
        ("attitude_change (W1, start-end", "n_paired"),
        [attrition("n_with_end", "W1 at start", "Total")],
    ),
    "those who began a scale": (
        {"Those with a start score of a scale have its end score or have it not"},
        [People(3, "Male", {"W1": "1"}), People(20, "Male", BOTH)],
        ("attitude_change (W1, start-end", "n_start"),
        [attrition("n_without_end", "W1 at start", "Total")],
    ),
    "another scale, at the first wave": (
        SAME_PEOPLE,
        SOME_WOMEN,
        ("attitude_change (KNF, middle-end", "n_start"),
        [change("n_start", "OFF", "middle-end")],
    ),
    "another scale, at both waves": (
        SAME_PEOPLE,
        SOME_WOMEN,
        ("attitude_change (GOAL, start-middle", "n_paired"),
        [change("n_paired", "KNF", "start-middle")],
    ),
    "all categories, with their end scores": (
        {
            "The categories divide the people of the primary scales, who have their end scores",
            "A category is a group of the primary scales, with their end scores",
        },
        FEW_PAIRS,
        ("attitude_change (OFF, start-end", "n_paired"),
        [attrition("n_with_end", "gender", "Total")],
    ),
    "all categories": (
        {
            "The categories divide the people of the primary scales, who have their end scores or "
            "have them not",
            "A category is a group of the primary scales, with their end scores or without",
        },
        FEW_BEGAN,
        ("attitude_change (OFF, start-end", "n_start"),
        [attrition("n_without_end", "gender", "Total")],
    ),
    "a category, with its end scores": (
        {"A category is a group of the primary scales, with their end scores"},
        SOME_WOMEN,
        ("attitude_change (OFF, start-end", "n_paired"),
        [attrition("n_with_end", "gender", "Female")],
    ),
    "a category": (
        {"A category is a group of the primary scales, with their end scores or without"},
        FEW_BEGAN,
        ("attitude_change (OFF, start-end", "n_start"),
        [attrition("n_without_end", "gender", "Female")],
    ),
    "both comparisons from the start": (
        {"Both comparisons from the start begin with the same people"},
        [People(3, "Male", {"W1": "1"}), People(20, "Male", BOTH)],
        ("attitude_change (W1, start-middle", "n_start"),
        [change("n_start", "W1", "start-end", "Total")],
    ),
}


def without(whys: set[str]) -> Policy:
    """The shipped policy, but for the links that say so."""
    policy = shipped_policy()
    links = [link for link in policy.tables.links if link.why not in whys]
    assert len(links) == len(policy.tables.links) - len(whys)
    tables = policy.tables.model_copy(update={"links": links})
    return replace(policy, tables=tables)


@pytest.mark.parametrize("told", NAMED)
@pytest.mark.thorough
def test_with_the_links_nothing_leaks_and_without_them_somebody_is_named(told: str) -> None:
    whys, people = NAMED[told]
    made, leaking = protected(people, shipped_policy())
    assert set(made.summary["verdict"]) == {PROVEN}
    assert leaking == []
    _, leaking = protected(people, without(whys))
    assert leaking


@pytest.mark.parametrize("told", SAME)
@pytest.mark.thorough
def test_a_number_hidden_in_one_place_and_printed_in_another_is_found_by_the_links_alone(
    told: str,
) -> None:
    whys, people, (place, count), shown = SAME[told]
    frames = attitude_tables(people, shipped_policy())
    made = protect_tables(shipped_policy(), frames)
    assert set(made.summary["verdict"]) == {PROVEN}
    assert leaks(made, frames) == []
    for links, found in ((shipped_policy(), True), (without(whys), False)):
        known = [f for f in leaks(made, frames, links, shown) if f.measure == count]
        assert any(f.table.startswith(place) for f in known) is found


def test_every_link_between_attitude_tables_is_attacked_here() -> None:
    attitudes = {"attitude_change", "attitude_attrition"}
    between = {
        link.why
        for link in shipped_policy().tables.links
        if {term.table for term in link.terms} <= attitudes
    }
    assert between == set().union(*(w for w, *_ in [*SAME.values(), *NAMED.values()]))


@pytest.mark.thorough
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
PATTERNS = [{PRIMARY: w} for w in ("1", "2", "12", "13", "23", "123")]
PATTERNS += [{PRIMARY: "1", "W1": "13"}, {"OFF": "13", "W1": "13"}]


@settings(deadline=None, max_examples=4)
@given(st.lists(SOME, min_size=16, max_size=16))
@pytest.mark.thorough
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
