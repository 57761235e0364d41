"""One population, said once: whoever is no participant is in no table about participants."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from safer_streets_assets.attitudes.tables import (
    gate_counts,
)
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.attitudes.test_tables import with_gates
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
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

PARTICIPANTS = (1, 2, 3)
NOT_ELIGIBLE, NOT_ON_SPREADSHEET, UNKNOWN = 4, 5, 6
"""4 lives where the programme was never open, and CRC assigned and started them all the same; CRC
never listed 5; NPS never sent 6. Each of the six answers at the start and at the end."""
RESULTS = ("linked", "linked and not eligible", "linked and not on spreadsheet", "not linked")


def answers(number: int) -> list[Row]:
    """The start and the end response of a person, with everything answered."""
    asked = {"S2_1": "1", "S2_2": "0", "M1": "3", "X1": "5", "X2": "4"}
    return [
        {"CRN": crn(number), "respid": str(10 * wave + number), "wave": str(wave), **asked}
        for wave in (1, 3)
    ]


@pytest.fixture(scope="module")
def counted(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Policy]]:
    """The six people as far as the change tables, behind gates that one of anything opens."""
    policy = with_gates(1)
    folder = data_folder(tmp_path_factory.mktemp("people") / "data")
    with stores_in_memory() as connection:
        sentenced = people_rows(NPS, 5)
        sentenced[NOT_ELIGIBLE - 1] |= {"Borough": "Barnet"}
        listed = [row for row in people_rows(CRC, 6) if row["CRN"] != crn(NOT_ON_SPREADSHEET)]
        visits = [
            {"ResponseID": str(n), "CRN": crn(n), "Session": "1", "Engagement": "4"}
            for n in range(1, 7)
        ]
        load_rows(connection, NPS, sentenced)
        load_rows(connection, CRC, listed)
        load_rows(connection, CHECKIN, rows_of(CHECKIN, *visits))
        load_rows(
            connection,
            ATTENDEE,
            rows_of(ATTENDEE, *(row for n in range(1, 7) for row in answers(n))),
        )
        build_research(connection, folder, policy)
        yield connection, policy


def test_whoever_crc_assigned_and_is_not_eligible_is_in_no_survey_table(
    counted: tuple[duckdb.DuckDBPyConnection, Policy],
) -> None:
    people = len(PARTICIPANTS)
    assert table_of(counted, "survey_response").loc[("Total", "Total"), "n"] == 2 * people
    assert table_of(counted, "experience").loc[("X1", "Total"), "n"] == people
    assert table_of(counted, "knife_reasons").loc["S2_1", "n_answered"] == people
    assert table_of(counted, "attendance_by_session").loc[("1", "Total"), "n_attended"] == people
    assert table_of(counted, "time_to_start").loc["Total", "n"] == people


def test_whoever_is_no_participant_is_in_no_change_and_opens_no_gate(
    counted: tuple[duckdb.DuckDBPyConnection, Policy],
) -> None:
    connection, policy = counted
    people = len(PARTICIPANTS)
    assert gate_counts(connection, policy)["impact"].n_now == people
    change = table_of(counted, "attitude_change").loc["OFF", "start-end", "Total", "Total"]
    assert (change["n_start"], change["n_paired"]) == (people, people)
    query = "SELECT count(DISTINCT person_id) FROM research.individual_attitude_change"
    assert fetch(connection, query) == [(people,)]
    assert table_of(counted, "attitude_attrition")["n_with_end"]["OFF at start", "Total"] == people


@pytest.mark.parametrize(
    ("source", "rows", "expected"),
    [(CRC, 1, (3, 1, 0, 1)), (ATTENDEE, 2, (3, 1, 1, 1)), (CHECKIN, 1, (3, 1, 1, 1))],
)
def test_their_rows_are_counted_in_linkage_quality_by_why_they_are_no_participants(
    counted: tuple[duckdb.DuckDBPyConnection, Policy],
    source: str,
    rows: int,
    expected: tuple[int, ...],
) -> None:
    found = table_of(counted, "linkage_quality")["n"]
    assert [found[source, result] for result in RESULTS] == [rows * n for n in expected]


def test_what_crc_decided_on_them_stays_in_eligibility_agreement(
    counted: tuple[duckdb.DuckDBPyConnection, Policy],
) -> None:
    found = table_of(counted, "eligibility_agreement")["n"]
    assert found["not eligible", "assigned"] == 1
    assert found["eligible", "not on spreadsheet"] == 1
    assert found["eligible", "assigned"] == len(PARTICIPANTS)


def test_every_table_about_participants_counts_people_at_their_stage_or_beyond() -> None:
    """What outputs.md says of survey, experience, attitude, attendance and time tables."""
    policy = shipped_policy()
    about = ("survey_response", "experience", "knife_reasons", "attitude_change", "reliable_change")
    about += ("attitude_attrition", "attendance_by_session", "time_to_start")
    first = policy.stage_number("participants")
    assert first == policy.dpia.cohort.stages.index("community sentence with RAR") + 1
    for name in about:
        stage = policy.stage_number(policy.tables.tables[name].population)
        assert stage is not None
        assert stage >= first
