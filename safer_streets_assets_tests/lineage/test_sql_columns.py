"""The columns behind the columns of a query."""

from __future__ import annotations

import pytest

from safer_streets_assets.lineage.sql_columns import columns_behind

TABLES = {
    "research.cases": {"person_id": "VARCHAR", "borough": "VARCHAR", "age": "BIGINT"},
    "research.visits": {"person_id": "VARCHAR", "session": "BIGINT", "attended": "BOOLEAN"},
    "bands": {"from_age": "BIGINT", "band": "VARCHAR"},
}
CASES, VISITS = "research.cases", "research.visits"


def behind(query: str, *names: str) -> list[set[tuple[str, str]]]:
    found = columns_behind(query, TABLES, names)
    return [set(found[name]) for name in names]


def test_a_renamed_column_comes_from_the_one_it_was() -> None:
    assert behind("SELECT borough AS place FROM research.cases", "place") == [{(CASES, "borough")}]


def test_a_column_is_followed_through_common_parts_and_stars() -> None:
    query = """
        WITH one AS (SELECT * EXCLUDE (age), age + 1 AS older FROM research.cases),
        two AS (SELECT * FROM one)
        SELECT upper(borough) AS place, older FROM two
    """
    assert behind(query, "place", "older") == [{(CASES, "borough")}, {(CASES, "age")}]


def test_a_value_looked_up_rests_on_what_it_is_looked_up_by() -> None:
    query = """
        SELECT (
            SELECT bands.band FROM bands
            WHERE bands.from_age <= cases.age ORDER BY bands.from_age DESC LIMIT 1
        ) AS band
        FROM research.cases AS cases
    """
    assert behind(query, "band") == [{(CASES, "age"), ("bands", "band"), ("bands", "from_age")}]


def test_a_count_rests_on_conditions_joins_and_groups_of_every_part() -> None:
    query = """
        WITH adults AS (SELECT person_id, borough FROM research.cases WHERE age >= 18)
        SELECT borough, count(*) AS n
        FROM adults INNER JOIN research.visits AS visits USING (person_id)
        WHERE attended
        GROUP BY borough
    """
    place, counted = behind(query, "borough", "n")
    assert place == {(CASES, "borough")}
    assert counted == {
        (CASES, "age"), (CASES, "borough"), (CASES, "person_id"),
        (VISITS, "attended"), (VISITS, "person_id"),
    }  # fmt: skip


def test_a_margin_is_no_count_of_rows() -> None:
    query = """
        SELECT CASE WHEN grouping(borough) = 1 THEN 'Total' ELSE borough END AS place, count(*) AS n
        FROM research.cases WHERE age > 1 GROUP BY CUBE (borough)
    """
    assert behind(query, "place") == [{(CASES, "borough")}]


def test_a_column_of_united_parts_comes_from_each() -> None:
    query = """
        SELECT 'cases' AS source, person_id FROM research.cases
        UNION ALL
        SELECT 'visits', person_id FROM research.visits
    """
    assert behind(query, "source", "person_id") == [
        set(),
        {(CASES, "person_id"), (VISITS, "person_id")},
    ]


def test_a_column_of_three_united_parts_comes_from_each() -> None:
    query = """
        SELECT person_id FROM research.cases
        UNION ALL
        SELECT borough FROM research.cases
        UNION ALL
        SELECT person_id FROM research.visits
    """
    assert behind(query, "person_id") == [
        {(CASES, "person_id"), (CASES, "borough"), (VISITS, "person_id")}
    ]


def test_what_cannot_be_followed_is_said_to_rest_on_everything_that_is_read() -> None:
    query = """
        SELECT question, answer
        FROM (
            UNPIVOT (SELECT COLUMNS(*)::VARCHAR FROM research.visits)
            ON COLUMNS(*) INTO NAME question VALUE answer
        ) INNER JOIN bands ON bands.band = question
    """
    every = {(t, c) for t in (VISITS, "bands") for c in TABLES[t]}
    assert behind(query, "question", "answer") == [every, every]


@pytest.mark.parametrize("column", ["age", "borough"])
def test_rows_rest_on_a_condition_and_not_on_what_is_only_shown(column: str) -> None:
    query = f"SELECT person_id, count(*) OVER () AS n FROM research.cases WHERE {column} <> ''"
    assert behind(query, "n") == [{(CASES, column)}]


def test_a_condition_on_an_aggregate_decides_on_rows_too() -> None:
    query = """
        SELECT person_id, max(session) AS furthest FROM research.visits
        GROUP BY person_id HAVING count(attended) > 1
    """
    assert behind(query, "furthest") == [
        {(VISITS, "attended"), (VISITS, "person_id"), (VISITS, "session")}
    ]
