"""Conformed tables: one row an identity, the latest version, typed, without identifiers."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from safer_streets_assets.cohort.conformed import Versions
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.sources import IDENTIFYING
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
    NOVO,
    NPS,
    TRAINING,
    Row,
    build_cohort,
    crn,
    every_text,
    fetch,
    load_rows,
    rows_of,
)

PLANTED = "Zebedee Quillfeather"


def versions_of(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, source: str, *drops: list[Row]
) -> Versions:
    """How versions resolve when these drops arrive in this order."""
    for number, changes in enumerate(drops, start=1):
        load_rows(memory, source, rows_of(source, *changes), drop=number)
    return build_cohort(memory, folder, source)[source]


def test_identical_rows_collapse_and_the_later_version_wins(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    first: list[Row] = [{}, {}, {"CRN": "A100002"}]
    second: list[Row] = [{"Court": "Croydon Crown Court"}, {"CRN": " a100002"}]
    third: list[Row] = [{}]
    found = versions_of(memory, folder, NPS, first, second, third)
    assert found == Versions(rows_read=6, set_aside=0, duplicates=2, corrections=2, conformed=2)
    assert (
        fetch(memory, "SELECT court FROM research.court_cases")
        == [("Thames Magistrates' Court",)] * 2
    )


def test_a_value_spelt_otherwise_is_no_correction(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    spelt = {
        "CRN": "a-100001",
        "Gender": "male",
        "Offence Code": "826",
        "Disposal Date": "2020-01-13",
        "Date of Birth": "1995-03-12",
        "Borough": " Lambeth ",
    }
    assert versions_of(memory, folder, NPS, [{}], [spelt]).duplicates == 1


@pytest.mark.parametrize(
    ("source", "change", "identities"),
    [
        (NPS, {"Disposal Date": "14/01/2020"}, 2),
        (NPS, {"Offence Code": "00811"}, 2),
        (NPS, {"CRN": "A100002"}, 2),
        (NPS, {"Borough": "Brent"}, 1),
        (CRC, {"Sentence date": "14/01/2020"}, 2),
        (CRC, {"Offence code": "00811"}, 1),
        (ATTENDEE, {"respid": "10002"}, 2),
        (ATTENDEE, {"wave": "2"}, 1),
        (CHECKIN, {"ResponseID": "501002"}, 2),
        (CHECKIN, {"Session": "2"}, 1),
        (TRAINING, {"Form": "2"}, 2),
        (NOVO, {"Reference": "CS02"}, 2),
    ],
)
def test_the_identity_of_a_row_is_the_agreed_one(
    folder: DataFolder,
    memory: duckdb.DuckDBPyConnection,
    source: str,
    change: Row,
    identities: int,
) -> None:
    found = versions_of(memory, folder, source, [{}], [change])
    assert found.conformed == identities
    assert found.corrections == 2 - identities


def test_rows_set_aside_are_counted_and_enter_nothing(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    found = versions_of(memory, folder, CHECKIN, [{}, {"ResponseID": "2", "Session": "13"}])
    assert (found.rows_read, found.set_aside, found.conformed) == (2, 1, 1)
    counted = fetch(memory, "SELECT * FROM registers.row_versions WHERE source = ?", CHECKIN)
    assert counted == [(CHECKIN, 2, 1, 0, 0, 1)]


def test_age_is_in_whole_years_on_the_disposal_date(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    cases = [
        ("13/01/2002", "13/01/2020", 18),
        ("14/01/2002", "13/01/2020", 17),
        ("12/01/2002", "13/01/2020", 18),
        ("29/02/2000", "28/02/2018", 17),
        ("29/02/2000", "01/03/2018", 18),
        ("29/02/2000", "28/02/2020", 19),
        ("29/02/2000", "29/02/2020", 20),
        ("31/12/1999", "01/01/2020", 20),
    ]
    rows = [
        {"CRN": crn(number), "Date of Birth": born, "Disposal Date": disposed}
        for number, (born, disposed, _) in enumerate(cases)
    ]
    versions_of(memory, folder, NPS, rows)
    found = fetch(
        memory,
        "SELECT age_at_disposal FROM research.court_cases "
        "JOIN restricted.person_pseudonyms USING (person_id) ORDER BY crn_key",
    )
    assert [age for (age,) in found] == [age for _, _, age in cases]


def test_conformed_values_are_typed(folder: DataFolder, memory: duckdb.DuckDBPyConnection) -> None:
    for source in (CRC, CHECKIN, ATTENDEE, TRAINING, NOVO):
        load_rows(memory, source, rows_of(source, {}))
    build_cohort(memory, folder)
    columns = (
        "assigned, one_to_one, start_date, sessions_attended, rar_days, outcome, not_in_latest"
    )
    assert fetch(memory, f"SELECT {columns} FROM research.programme_cases") == [
        (True, False, date(2020, 2, 3), 7, 20, "In progress", False)
    ]
    columns = "session, session_date, attended, engagement, delivery"
    assert fetch(memory, f"SELECT {columns} FROM research.facilitator_checkins") == [
        (1, date(2020, 2, 3), True, 4, "Group")
    ]
    columns = "response_number, status, wave, a1, w4, not_in_latest"
    assert fetch(memory, f"SELECT {columns} FROM research.attendee_responses") == [
        (1, "1", "1", 3, 6, False)
    ]
    assert fetch(memory, "SELECT form, overall FROM research.training_forms") == [("1", 4)]
    assert fetch(memory, "SELECT * FROM research.case_studies") == [
        ("CS01", "Attendee", "Engagement")
    ]


@pytest.mark.thorough
def test_an_identifying_field_reaches_no_research_table(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    skipped = {
        "crn": "A777777",
        "date": "17/07/1977",
        "timestamp": "17/07/2020 07:07",
        "integer": "777777",
    }
    for source, agreed in policy.sources.items():
        plant = {
            field.headers[0]: skipped.get(field.kind, PLANTED)
            for field in agreed.fields
            if field.field_class in IDENTIFYING
        }
        assert load_rows(memory, source, rows_of(source, plant)) == (1, 0)
    build_cohort(memory, folder)
    texts = list(every_text(memory, "research"))
    assert len(texts) > 80
    for planted in (PLANTED, "A777777", "777777", "1977", "17/07"):
        assert not [text for text in texts if planted in text], planted
    held = list(every_text(memory, "restricted"))
    for planted in (PLANTED, "A777777", "17/07/1977"):
        assert [text for text in held if planted in text], planted


def test_every_source_that_may_be_agreed_has_a_conformed_table_of_its_own(policy: Policy) -> None:
    tables = policy.dpia.conformed_tables
    assert len(set(tables.values())) == len(tables)
    assert set(tables.values()) <= policy.sql.keys()


def test_empty_sources_give_empty_tables(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    found = build_cohort(memory, folder)
    assert set(found.values()) == {Versions(0, 0, 0, 0, 0)}
    assert fetch(memory, "SELECT count(*) FROM research.linked_cohort") == [(0,)]
