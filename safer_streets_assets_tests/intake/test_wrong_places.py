"""A value in the wrong field sets its row aside and no other: names, teams, postcodes."""

from __future__ import annotations

import duckdb
import pytest

from safer_streets_assets.intake.misplaced_values import misplaced_texts
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    CRC,
    NPS,
    TRAINING,
    Row,
    build_cohort,
    fetch,
    load_rows,
    people_rows,
    rows_of,
    set_aside,
)

MANAGER = "Priya Nandakumar"


def changed(source: str, change: Row, how_many: int = 10) -> list[Row]:
    """Rows about different people, the first of them changed."""
    first, *others = people_rows(source, how_many)
    return [{**first, **change}, *others]


@pytest.mark.parametrize(
    "change",
    [
        {"Offender Management Team": MANAGER},
        {"Offender Management Team": f"{MANAGER.upper()} 2"},
        {"Court": "fenwick, darnell"},
        {"Offence Description": "Darnell Fenwick with a knife"},
        {"Borough": "A 100-001"},
        {"Offender Manager Name": "Lambeth Cluster 1"},
        {"Offender Manager Name": "Having an article with blade or point in public place"},
    ],
)
def test_a_row_with_a_name_in_a_wrong_field_is_set_aside_alone(
    memory: duckdb.DuckDBPyConnection, change: Row
) -> None:
    assert load_rows(memory, NPS, changed(NPS, change)) == (10, 1)
    assert set_aside(memory) == {2: ["R-IDENTIFIER"]}


@pytest.mark.parametrize(
    "change",
    [
        {"Offender Manager Name": "Lambeth"},
        {"Offender Manager Name": "Tower Hamlets", "Borough": "Tower Hamlets"},
        {"Offender Manager Name": "Unallocated", "Offender Management Team": "Unallocated"},
        {"Offender Manager Name": "NULL", "Proposed Sentence": "NULL"},
        {"Offender Manager Name": "Fine", "Resulting Sentence": "Fine"},
        {"Offender Management Team": "Lambeth Cluster 1 020 7946 0000"},
    ],
)
def test_a_name_that_is_a_word_of_the_policy_or_a_placeholder_is_no_mistake(
    memory: duckdb.DuckDBPyConnection, change: Row
) -> None:
    assert load_rows(memory, NPS, changed(NPS, change)) == (10, 0)


def test_a_name_that_another_source_sent_is_found(memory: duckdb.DuckDBPyConnection) -> None:
    load_rows(memory, NPS, people_rows(NPS, 10))
    assert load_rows(memory, CRC, changed(CRC, {"Team": MANAGER})) == (10, 1)


def test_a_name_that_comes_later_is_left_out_of_the_research_store(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    assert load_rows(memory, CRC, changed(CRC, {"Team": "Zephyrquill Ada"})) == (10, 0)
    assert load_rows(memory, TRAINING, rows_of(TRAINING, {"Form": "Zephyrquill"}, {})) == (2, 0)
    later = changed(
        NPS, {"Offender Manager Name": "Zephyrquill Ada", "Offender Name": "Zephyrquill"}
    )
    assert load_rows(memory, NPS, later) == (10, 0)
    build_cohort(memory, folder)
    teams = fetch(memory, "SELECT count(*), count(team) FROM research.programme_cases")
    assert teams == [(10, 9)]
    assert fetch(memory, "SELECT form FROM research.training_forms") == [("1",)]


def test_no_text_is_in_a_repr(memory: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    load_rows(memory, NPS, changed(NPS, {"Court": MANAGER}))
    found = misplaced_texts(memory, policy, policy.sources[NPS], "staged_rows")
    assert found
    assert "Nandakumar" not in repr(found)
