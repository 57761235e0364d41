"""Rows of one file with one identity and different values: one stands, the others go back."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    NPS,
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


def test_a_row_that_breaks_a_rule_does_not_stand(memory: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(CHECKIN, {"Engagement": "2"}, {"Engagement": "9"})
    assert load_rows(memory, CHECKIN, rows) == (2, 1)
    assert set_aside(memory) == {3: ["R-RANGE"]}
