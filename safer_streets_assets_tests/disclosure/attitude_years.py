"""Attitude tables of invented years, fast: who answers what is that of the demo's inventors, and it
is put straight into a research store in memory, as intake and linking would have left it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import duckdb
import pandas as pd

from safer_streets_assets.attitudes.tables import write_change, write_gates, write_scores
from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.demo.calendar_months import month_end, months_from
from safer_streets_assets.demo.people import InventedPerson, age_on, invent_people, is_eligible
from safer_streets_assets.demo.survey import invent_responses
from safer_streets_assets.disclosure.aggregate import define_lists
from safer_streets_assets.disclosure.levels import load_all, make_all
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import shipped_policy, stores_in_memory

TABLES = (
    "attitude_change",
    "attitude_movement",
    "reliable_change",
    "attitude_attrition",
    "stage_gates",
)
FIRST_MONTH, MONTHS = date(2019, 11, 1), 12


class AttitudeYear(NamedTuple):
    """Every aggregate of the attitude tables after a year, by `stored_name`, and why cells of
    theirs have no value."""

    aggregates: dict[str, pd.DataFrame]
    reasons: pd.DataFrame


def attitude_policy() -> Policy:
    """The shipped policy with the attitude tables alone."""
    policy = shipped_policy()
    tables = {name: policy.tables.tables[name] for name in TABLES}
    return replace(policy, tables=policy.tables.model_copy(update={"tables": tables}))


def attitude_year(people: int, seed: int) -> AttitudeYear:
    """The aggregates of a year in which so many people are sentenced."""
    policy, months = attitude_policy(), months_from(FIRST_MONTH, MONTHS)
    everybody = invent_people(people=people, months=months, seed=seed, non_ascii_months=frozenset())
    answered = invent_responses(everybody, month_end(months[-1]), seed)
    fields = {
        field.headers[0]: field.name
        for field in policy.questionnaire.agreed_fields()
        if field.kind == "integer"
    }
    responses = pd.DataFrame(
        [dict(zip(v.ANSWER_COLUMNS, response.answers, strict=True)) for response in answered]
    )
    responses = responses[list(fields)].rename(columns=fields)
    responses = responses.assign(
        person_id=[response.person for response in answered],
        response_number=[response.respid for response in answered],
        wave=[response.wave for response in answered],
        status=[response.status for response in answered],
        interview_start=[response.start for response in answered],
    )
    responses = responses[[response.rule is None for response in answered]]
    cohort = pd.DataFrame([_linked(person, policy) for person in everybody])
    with stores_in_memory(policy) as connection:
        _write(connection, "attendee_responses", responses)
        _write(connection, "linked_cohort", cohort)
        write_scores(connection, policy)
        write_gates(connection, policy)
        write_change(connection, policy)
        define_lists(connection, policy)
        make_all(connection, policy)
        reasons = connection.execute("FROM research.attitude_not_estimable").df()
        return AttitudeYear(load_all(connection, policy), reasons)


def _linked(person: InventedPerson, policy: Policy) -> dict[str, object]:
    """The person's row of the linked cohort, as far as the attitude tables read it."""
    course, first = person.course, person.cases[0]
    eligible = is_eligible(person.born, person.borough, first.disposal, first.offence)
    age = age_on(person.born, first.disposal)
    bands = {low: band for low, band in policy.dpia.cohort.age_bands.items() if low <= age}
    last = 3 if course is None or course.outcome != v.COMPLETED else 7
    one_to_one = course is not None and course.one_to_one
    return {
        "person_id": person.crn,
        "gender": "Male" if person.male else "Female",
        "age_band": bands[max(bands)],
        "borough": person.borough,
        "delivery": ("One-to-one" if one_to_one else "Group")
        if course is not None and course.assigned
        else "Not assigned",
        "stage_number": 1 if not eligible else 2 if course is None else last,
    }


def _write(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    connection.register("rows_of_year", frame)
    connection.execute(f"CREATE OR REPLACE TABLE research.{name} AS FROM rows_of_year")
    connection.unregister("rows_of_year")
