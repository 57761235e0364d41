"""The tables of process evaluation, counted of small hand-made rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from safer_streets_assets.disclosure.aggregate import aggregate
from safer_streets_assets.policy import Policy, PolicyError
from safer_streets_assets.stores.queries import all_tables_in
from safer_streets_assets.stores.sql_files import quoted_name
from safer_streets_assets_tests.attitudes.test_tables import with_gates
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
    NOVO,
    NPS,
    Row,
    crn,
    data_folder,
    fetch,
    load_rows,
    people_rows,
    rows_of,
    shipped_policy,
    stores_in_memory,
)
from safer_streets_assets_tests.disclosure.aggregated import build_research, table_of

# What check-ins say of each session from the first on (x missed, o attended, a dot no check-in),
# how many sessions CRC counts, and what is to be made of it: the longest run missed, and whether
# check-ins say as many.
VISITS: dict[int, tuple[str, int, str, str]] = {
    1: ("ooo", 3, "none", "as many"),
    2: ("oxo", 2, "1", "as many"),
    3: ("o.oxxo", 3, "2", "as many"),
    4: ("xxx.o", 1, "3 or more", "as many"),
    5: ("oo", 4, "2", "more or fewer"),
    6: ("oooo", 2, "none", "more or fewer"),
    7: ("", 1, "1", "more or fewer"),
    8: ("", 0, "", "as many"),
}
TICKS = {1: {"S2_1"}, 2: {"S2_1", "S2_2"}, 3: {"S2_98"}, 4: {"S2_1", "S2_98"}, 5: set()}
OPTIONS = ("S2_1", "S2_2", "S2_3", "S2_4", "S2_5", "S2_6", "S2_98")
THEMES = ("Barriers", "barrier ", "Engagement", "Food", "")
CANARIES = ("Zebulon Quickfoot", "Crystal Palace Cluster 9")
"""A manager and a team that stand in every row of NPS and CRC."""


def checkins() -> Iterator[Row]:
    """A row a check-in; somebody who is seen twice at one session came once."""
    for number, (line, *_) in VISITS.items():
        for session, sign in enumerate(line, start=1):
            if sign != ".":
                yield {
                    "ResponseID": str(1000 * number + session),
                    "CRN": crn(number),
                    "Session": str(session),
                    "Attended": "Yes" if sign == "o" else "No",
                    "Engagement": "4" if sign == "o" else None,
                    "Comments": f"{CANARIES[0]} was late",
                }
    yield {"ResponseID": "9999", "CRN": crn(1), "Session": "1", "Attended": "No"}


@pytest.fixture(scope="module")
def counted(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Policy]]:
    """Eight people who started, behind gates that one of anything opens."""
    policy = with_gates(1)
    manager, team = CANARIES
    folder = data_folder(tmp_path_factory.mktemp("process") / "data")
    with stores_in_memory() as connection:
        own = {"Offender Management Team": team, "Offender Manager Name": manager}
        load_rows(connection, NPS, people_rows(NPS, len(VISITS), **own))
        listed = people_rows(CRC, len(VISITS), **{"Team": team, "Offender Manager": manager})
        for row, (_, attended, *_) in zip(listed, VISITS.values(), strict=True):
            row["Sessions attended"] = str(attended)
        load_rows(connection, CRC, listed)
        load_rows(connection, CHECKIN, rows_of(CHECKIN, *checkins()))
        said = [
            {
                "CRN": crn(number),
                "respid": str(number),
                **{option: "1" if option in ticked else "0" for option in OPTIONS},
            }
            for number, ticked in TICKS.items()
        ]
        load_rows(connection, ATTENDEE, rows_of(ATTENDEE, *said))
        studies = [
            {"Reference": f"CS{k}", "Theme": theme, "Summary": "Words"}
            for k, theme in enumerate(THEMES)
        ]
        load_rows(connection, NOVO, rows_of(NOVO, *studies))
        build_research(connection, folder, policy)
        yield connection, policy


def how_many(place: int) -> dict[str, int]:
    """How many people of VISITS have each value at that place."""
    values = [str(visits[place]) for visits in VISITS.values()]
    return {value: values.count(value) for value in values if value}


def test_sessions_missed_in_a_row_are_those_expected_without_a_checkin_that_says_attended(
    counted: tuple[duckdb.DuckDBPyConnection, Policy],
) -> None:
    found = table_of(counted, "missed_in_a_row").xs("Group", level="delivery")["n"]
    assert found.to_dict() == {**how_many(2), "Total": len(VISITS) - 1}


def test_checkins_are_reconciled_with_the_sessions_that_crc_counts(
    counted: tuple[duckdb.DuckDBPyConnection, Policy],
) -> None:
    found = table_of(counted, "checkins_against_crc").xs("Group", level="delivery")["n"]
    assert found.to_dict() == {**how_many(3), "Total": len(VISITS)}


def test_whoever_prefers_not_to_say_is_in_the_base_of_no_reason(
    counted: tuple[duckdb.DuckDBPyConnection, Policy],
) -> None:
    found = table_of(counted, "knife_reasons")
    assert found.loc["S2_1", ["n_answered", "n"]].tolist() == [3, 2]
    assert found.loc["S2_2", ["n_answered", "n"]].tolist() == [3, 1]
    assert found.loc["S2_98", ["n_answered", "n"]].tolist() == [5, 2]


def test_a_theme_is_one_of_the_policys_or_the_other_one_or_not_recorded(
    counted: tuple[duckdb.DuckDBPyConnection, Policy],
) -> None:
    found = table_of(counted, "case_study_themes")["n"]
    assert found.to_dict() == {
        "Barriers": 2,
        "Engagement": 1,
        "Not recorded": 1,
        "Other theme": 1,
        "Total": 5,
    }


def test_a_blank_of_a_dimension_without_a_word_for_it_is_told_in_one_sentence(
    counted: tuple[duckdb.DuckDBPyConnection, Policy],
) -> None:
    connection, policy = counted
    blank = "SELECT NULL::VARCHAR AS borough, person_id, NULL AS reason FROM research.linked_cohort"
    blanks = replace(policy, sql={**policy.sql, "not_assigned": blank})
    with pytest.raises(PolicyError, match="rows say nothing of borough; name a word"):
        aggregate(connection, blanks, "non_assignment")


def test_each_question_on_the_programme_says_at_which_stage_it_is_asked() -> None:
    policy = shipped_policy()
    stage = {q.id: q.stage for q in policy.questionnaire.stage_specific}
    said = {"start": "(start)", "mid": "(middle)", "end": "(end)"}
    for question, label in policy.labels_of("experience_questions").items():
        assert label.endswith(said[stage[question]])


def test_no_manager_team_or_facilitator_is_in_a_table_and_no_name_in_the_research_store(
    counted: tuple[duckdb.DuckDBPyConnection, Policy],
) -> None:
    connection, policy = counted
    manager = CANARIES[0]
    [sent] = fetch(
        connection,
        "SELECT count(*) FROM restricted.nps_court_outcomes_raw WHERE offender_manager_name = $1",
        manager,
    )
    assert sent == (len(VISITS),)
    made = [name for name in policy.tables.tables if name != "reoffending"]
    printed = "".join(aggregate(connection, policy, name).to_csv() for name in made)
    assert "Total" in printed
    assert not [canary for canary in CANARIES if canary in printed]
    for schema, name in all_tables_in(connection, "research"):
        place = f"research.{quoted_name(schema)}.{quoted_name(name)}"
        assert manager not in connection.execute(f"FROM {place}").df().to_csv(), place
