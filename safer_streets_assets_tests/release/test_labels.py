"""No word is printed that policy does not list, and no cell is a formula."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safer_streets_assets.policy.words import words_of
from safer_streets_assets.release import UnsafeReleaseError
from safer_streets_assets.release.draft import draft_release
from safer_streets_assets.release.labels import runs_as_formula
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.builders import POLICY, content

STAGES = POLICY.dpia.cohort.stages
ARRIVED = [
    "14 Zephyrquill Road E14 9XX",
    "020 7946 0958",
    '=HYPERLINK("http://example.test")',
    "+44 20 7946 0958",
    "@SUM(A1)",
    "-2+3",
    "\tLambeth",
    "Lambeth ",
    "lambeth",
    "Nowhere, upon Thames",
    "Lambeth\nSouthwark",
    "",
]


@pytest.mark.parametrize("word", ARRIVED)
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("funnel_by_borough", "borough"),
        ("funnel_by_month", "month"),
        ("funnel_by_offence", "offence"),
        ("attrition", "outcome"),
        ("experience", "answer"),
    ],
)
def test_text_as_it_arrived_is_refused_and_not_told(table: str, column: str, word: str) -> None:
    names = list(POLICY.tables.columns(table))
    key = tuple(word if name == column else "Total" for name in names)
    statistics = {name: [None] for name in POLICY.tables.tables[table].statistics}
    frames = {table: builders.table(table, [key], {"n": [7], **statistics})}
    with pytest.raises(UnsafeReleaseError, match=f"Column {column} of table {table}") as caught:
        draft_release(POLICY, content(frames, notes={}))
    assert not word.strip() or word.strip() not in str(caught.value)


@pytest.mark.parametrize(
    ("dimension", "good", "bad"),
    [
        ("month", "2019-11", "2019-13"),
        ("month", "Total", "November"),
        ("offence", "10501", "1050"),
        ("borough", "Kensington and Chelsea", "Slough"),
        ("borough", "Outside London or not known", "Outside"),
        ("outcome", "Breached", "breached by Smith"),
        ("experience_answer", "10", "11"),
        ("group_name", "age band", "surname"),
        ("group_value", "25-34", "26"),
        ("category", "Lambeth", "Slough"),
        ("characteristic", "OFF at start", "OFF"),
        ("gender", "Other or not known", "other"),
        ("session", "12", "13"),
        ("gate", "impact", "imp"),
    ],
)
def test_a_dimension_prints_its_own_words_only(dimension: str, good: str, bad: str) -> None:
    words = words_of(POLICY, dimension)
    assert words.hold(good)
    assert not words.hold(bad)


def test_at_a_coarser_level_the_groups_are_the_words_and_the_categories_are_not() -> None:
    levels = {
        "funnel_by_month": {"month": "quarter"},
        "non_assignment": {"borough": "area"},
        "funnel_by_demographics": {"age_band": "wide_age_band"},
    }
    policy = POLICY.at_levels(levels)
    for table, good, bad in (
        ("funnel_by_month", "2020-Q4", "2020-11"),
        ("non_assignment", "North London", "Enfield"),
        ("funnel_by_demographics", "25+", "25-34"),
    ):
        coarse = next(d for d in policy.tables.tables[table].dimensions if " by " in d)
        assert words_of(policy, coarse).hold(good)
        assert not words_of(policy, coarse).hold(bad)


def test_a_list_of_the_policy_takes_the_place_of_the_hierarchys_categories() -> None:
    borough = POLICY.tables.dimensions["borough"].model_copy(
        update={"values": ["Lambeth", "Slough"], "words": []}
    )
    tables = POLICY.tables.model_copy(
        update={"dimensions": {**POLICY.tables.dimensions, "borough": borough}}
    )
    words = words_of(replace(POLICY, tables=tables), "borough")
    assert words.hold("Slough")
    assert not words.hold("Brent")


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-x", "@x", "\t=1", "\r=1", "\n=1", "+", "-"])
def test_what_a_spreadsheet_runs_is_a_formula(text: str) -> None:
    assert runs_as_formula(text)


@pytest.mark.parametrize(
    "text", ["-0.5", "+3", "-1e-05", "25+", "45+", "18-24", "[c]", "", "Total"]
)
def test_a_number_or_a_label_of_ours_is_none(text: str) -> None:
    assert not runs_as_formula(text)


def test_a_text_of_a_statistic_that_is_a_formula_is_refused() -> None:
    frames = builders.tables(gate_open=True)
    frames["attitude_change"].loc[0, "adjustment"] = "=Holm"
    with pytest.raises(UnsafeReleaseError, match="adjustment"):
        draft_release(POLICY, content(frames))
