"""Halves of the people of an invented year: many data sets of different people, in seconds."""

from __future__ import annotations

import duckdb
import pandas as pd

from safer_streets_assets.demo import vocabulary as words
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.generated_years import (
    conform_all,
    counted_from_conformed,
    months_loaded,
)


def some_of_the_people(
    people: int, months: int = 12, seed: int = 1, *, samples: int, policy: Policy
) -> list[dict[str, pd.DataFrame]]:
    """The aggregates of so many halves of the people of an invented year, drawn at random, after
    its last month.

    Left out are those whose case is no longer in CRC's workbook: of all others the sources say the
    same. Of the items of the scales one in eight is left blank. Training forms are drawn like
    people.
    """
    made = []
    for month, connection in months_loaded(people, months, seed, 0, 0, policy):
        if month == months - 1:
            conform_all(connection, policy)
            _keep_everybody(connection, policy)
            for number in range(samples):
                _draw(connection, policy, f"{seed} {number}")
                made.append(counted_from_conformed(connection, policy)[0])
    return made


def _keep_everybody(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    connection.execute("CREATE SCHEMA research.everybody")
    for table in (source.conformed.table for source in policy.sources.values()):
        connection.execute(f"CREATE TABLE research.everybody.{table} AS FROM research.{table}")
    connection.execute(
        "CREATE TABLE research.everybody.left_out AS "
        "SELECT person_id FROM research.programme_cases WHERE not_in_latest"
    )


def _draw(connection: duckdb.DuckDBPyConnection, policy: Policy, draw: str) -> None:
    """Puts a half of everybody into the conformed tables."""
    for source in policy.sources.values():
        table = source.conformed.table
        one = "form" if table == "training_forms" else "person_id"
        if source.anonymous and one == "person_id":
            continue
        connection.execute(
            f"CREATE OR REPLACE TABLE research.{table} AS "
            f"SELECT rows.* FROM research.everybody.{table} AS rows "
            "ANTI JOIN research.everybody.left_out AS gone "
            f"ON gone.person_id = rows.{one}::VARCHAR "
            f"WHERE hash(rows.{one}::VARCHAR || ' {draw}') % 2 = 0"
        )
    items = [
        field.name
        for field in policy.questionnaire.agreed_fields()
        if field.headers[0] in (*words.LIKERT_ITEMS, *words.WELLBEING)
    ]
    blanks = ", ".join(
        f"{i} = CASE WHEN hash(person_id || wave || '{i} {draw}') % 8 > 0 THEN {i} END"
        for i in items
    )
    connection.execute(f"UPDATE research.attendee_responses SET {blanks}")
