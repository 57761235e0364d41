"""Rows of one file with one identity and different values: one stands, the others go back."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    NOVO,
    NPS,
    TRAINING,
    Row,
    fetch,
    load_rows,
    rows_of,
    set_aside,
)

CASES: list[tuple[str, list[Row], str]] = [
    (CHECKIN, [{"Engagement": "2"}, {"Engagement": "5"}], "engagement"),
    (ATTENDEE, [{"A1": "2"}, {"A1": "5"}], "a1"),
    (NPS, [{"CRN": "a100-001", "Court": "Harrow Crown Court"}, {}], "court"),
]


@pytest.mark.parametrize(("source", "rows", "column"), CASES)
def test_the_row_further_down_stands_and_the_other_goes_back_with_its_column(
    memory: duckdb.DuckDBPyConnection, source: str, rows: list[Row], column: str
) -> None:
    assert load_rows(memory, source, rows_of(source, *rows)) == (2, 1)
    assert set_aside(memory) == {2: ["R-TWICE"]}
    query = "SELECT list_transform(problems, lambda p: p.field) FROM restricted.set_aside_rows"
    assert fetch(memory, query) == [([column],)]


def test_the_policy_says_which_row_stands(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    intake = policy.dpia.intake.model_copy(update={"stands_of_one_file": "first"})
    other = replace(policy, dpia=policy.dpia.model_copy(update={"intake": intake}))
    load_rows(memory, CHECKIN, rows_of(CHECKIN, *CASES[0][1]), policy=other)
    assert set_aside(memory) == {3: ["R-TWICE"]}


def test_rows_that_say_the_same_are_no_problem(memory: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(NPS, {}, {"CRN": " A100001", "Disposal Date": "2020-01-13"})
    assert load_rows(memory, NPS, rows) == (2, 0)


def test_rows_that_say_the_same_in_other_spellings_are_no_problem(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    spelt = {
        "Offender Name": "Darnell Fenwick",
        "Borough": "LB of LAMBETH",
        "Court": "Thames MC",
        "Gender": "Male",
        "Offence Description": "having an article with blade, or point, in public place",
    }
    assert load_rows(memory, NPS, rows_of(NPS, {}, spelt)) == (2, 0)


@pytest.mark.parametrize(
    ("source", "column", "ids"),
    [
        (TRAINING, "Form", ("1", "01")),
        (TRAINING, "Form", ("a1", "A 001")),
        (TRAINING, "Form", ("7", "7.0")),
        (NOVO, "Reference", ("CS01", "cs1")),
        (NOVO, "Reference", ("CS-010", "cs-10")),
    ],
)
def test_a_reference_is_the_same_in_other_case_and_without_its_zeros(
    memory: duckdb.DuckDBPyConnection, source: str, column: str, ids: tuple[str, str]
) -> None:
    other = {TRAINING: {"Improve": "Nothing"}, NOVO: {"Summary": "Another"}}[source]
    rows = rows_of(source, {column: ids[0]}, {column: ids[1], **other})
    assert load_rows(memory, source, rows) == (2, 1)
    assert set_aside(memory) == {2: ["R-TWICE"]}
    assert load_rows(memory, source, rows_of(source, {column: "10"}, {column: "1"})) == (2, 0)


def test_a_row_that_breaks_a_rule_does_not_stand(memory: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(CHECKIN, {"Engagement": "2"}, {"Engagement": "9"})
    assert load_rows(memory, CHECKIN, rows) == (2, 1)
    assert set_aside(memory) == {3: ["R-RANGE"]}
