"""Days from disposal to a stage: what is reached when, and who is followed until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import pytest

from safer_streets_assets.monitoring.tables import days_to_stage, last_day_known, write_times
from safer_streets_assets_tests.monitoring.builders import (
    insert,
    open_gates,
    research,
    stage,
    visit,
)

LAST_DAY = date(2020, 7, 1)  # 182 days after everybody's disposal
STARTED = {"start_date": "2020-01-11"}

Followed = dict[str, tuple[bool, bool, int]]


def followed(person: Mapping[str, Any], *visits: Mapping[str, Any]) -> Followed:
    """Of one person by stage: whether they are at it, on a known day, and the days followed."""
    with research([person]) as connection:
        for one in visits:
            insert(connection, "facilitator_checkins", one)
        rows = days_to_stage(connection, open_gates(), LAST_DAY).to_dict("records")
    return {r["stage"]: (bool(r["is_at_stage"]), bool(r["reached"]), int(r["days"])) for r in rows}


def test_who_was_not_assigned_is_not_followed() -> None:
    assert followed(stage("community sentence with RAR")) == {}


def test_who_goes_on_is_followed_to_the_day_of_the_newest_spreadsheet() -> None:
    found = followed(stage("assigned") | {"outcome": "In progress"})
    assert found == dict.fromkeys(("started", "midpoint", "completed"), (False, False, 182))
    assert followed(stage("assigned")) == found


def test_who_has_left_is_followed_to_that_day() -> None:
    person = stage("started") | STARTED | {"outcome": "Breached", "outcome_date": "2020-02-10"}
    assert followed(person) == {
        "started": (True, True, 10),
        "midpoint": (False, False, 40),
        "completed": (False, False, 40),
    }


def test_who_left_on_no_known_day_is_followed_to_the_last_day_that_shows_them() -> None:
    person = stage("started") | STARTED | {"outcome": "Withdrawn"}
    assert followed(person)["completed"] == (False, False, 10)
    assert followed(person, visit(1, 2, "2020-01-31"))["completed"] == (False, False, 30)


def test_the_midpoint_is_the_day_of_the_sixth_session_attended() -> None:
    person = stage("midpoint") | STARTED | {"outcome": "In progress"}
    visits = [visit(1, session, f"2020-02-{session:02}") for session in range(1, 8)]
    visits[2] = visit(1, 3, "2020-02-03", attended=False)
    again = visit(1, 2, "2020-02-20")
    assert followed(person, *visits, again)["midpoint"] == (True, True, 37)


def test_who_is_at_the_midpoint_by_crc_alone_is_followed_to_the_last_day_that_shows_them() -> None:
    person = stage("completed") | STARTED
    person |= {"outcome": "Completed", "outcome_date": "2020-05-30"}
    assert followed(person, visit(1, 1, "2020-01-21")) == {
        "started": (True, True, 10),
        "midpoint": (True, False, 20),
        "completed": (True, True, 150),
    }


def test_six_check_ins_of_somebody_whom_crc_counts_less_are_no_midpoint() -> None:
    person = stage("started") | STARTED | {"outcome": "In progress"}
    visits = [visit(1, session, f"2020-02-{session:02}") for session in range(1, 7)]
    assert followed(person, *visits)["midpoint"] == (False, False, 182)


def test_what_came_before_the_disposal_took_no_day() -> None:
    person = stage("started") | {"start_date": "2019-12-01", "outcome": "In progress"}
    assert followed(person)["started"] == (True, True, 0)


def test_a_day_after_that_of_the_spreadsheet_still_counts() -> None:
    person = stage("started") | {"start_date": "2020-07-11", "outcome": "In progress"}
    assert followed(person) == {
        "started": (True, True, 192),
        "midpoint": (False, False, 192),
        "completed": (False, False, 192),
    }


def times(
    people: list[Mapping[str, Any]], needed: int = 1
) -> tuple[bool, dict[str, dict[str, Any]]]:
    """Whether the gate is open, and the table by stage."""
    policy = open_gates(needed)
    with research(people, policy) as connection:
        is_open = write_times(connection, policy, LAST_DAY)
        frame = connection.execute("FROM research.time_to_stage ORDER BY row_order").df()
    return is_open, {row["stage"]: row for row in frame.to_dict("records")}


def test_quartiles_are_of_kaplan_and_meier_with_those_who_go_on_censored() -> None:
    # Starts after 10, 20 and 30 days; some left after 15, some go on: S is 4/5, 4/5 x 2/3, ...
    people = [stage("started") | {"start_date": f"2020-01-{day}"} for day in (11, 21, 31)]
    people += [
        stage("assigned") | {"outcome": "Did not start", "outcome_date": "2020-01-16"},
        stage("assigned") | {"outcome": "In progress"},
    ]
    is_open, found = times(people * 4)
    assert is_open
    started = found["started"]
    assert (started["n"], started["n_reached"], started["n_day_known"]) == (20, 12, 12)
    # 0.8 after 10 days, 0.533 after 20, 0.267 after 30.
    assert started["lower_quartile_days"] == 20
    assert started["median_days"] == 30
    assert started["upper_quartile_days"] != started["upper_quartile_days"]
    assert [found[name]["n_reached"] for name in ("midpoint", "completed")] == [0, 0]


@pytest.mark.parametrize(("known", "median"), [(9, None), (10, 40)])
def test_no_quartile_stands_on_the_days_of_a_few_whatever_number_reached_the_stage(
    known: int, median: int | None
) -> None:
    person = stage("midpoint") | STARTED | {"outcome": "In progress"}
    policy = open_gates()
    with research([person] * 14, policy) as connection:
        for number in range(1, known + 1):
            for session in range(1, 7):
                insert(
                    connection,
                    "facilitator_checkins",
                    visit(number, session, f"2020-02-{session + 4:02}"),
                )
        write_times(connection, policy, LAST_DAY)
        query = (
            "SELECT n_reached, n_day_known, lower_quartile_days, median_days, upper_quartile_days "
            "FROM research.time_to_stage WHERE stage = 'midpoint'"
        )
        assert connection.execute(query).fetchall() == [(14, known, *[median] * 3)]


def test_behind_a_closed_gate_nobody_is_followed() -> None:
    assert times([stage("assigned")], needed=2) == (False, {})


def test_the_newest_spreadsheet_is_the_one_of_the_latest_position_that_is_loaded() -> None:
    with research([]) as connection:
        assert last_day_known(connection, open_gates()) is None
        add_drops(connection)
        assert last_day_known(connection, open_gates()) == date(2020, 6, 30)


def add_drops(connection: duckdb.DuckDBPyConnection) -> None:
    """Two spreadsheets, one that is held, and a newer file of another source."""
    connection.executemany(
        "INSERT INTO registers.drops VALUES (?, ?, ?)",
        [
            ("crc_eligibility", "loaded", "2020-06-30"),
            ("crc_eligibility", "loaded", "2020-05-31"),
            ("crc_eligibility", "held", "2020-08-31"),
            ("nps_court_outcomes", "loaded", "2020-07-31"),
        ],
    )


def test_without_a_day_of_the_spreadsheet_people_are_followed_to_the_last_day_that_shows_them() -> (
    None
):
    with research([stage("started") | STARTED]) as connection:
        found = days_to_stage(connection, open_gates(), None).set_index("stage")
    assert found["days"].to_dict() == pytest.approx(
        {"started": 10, "midpoint": 10, "completed": 10}
    )
