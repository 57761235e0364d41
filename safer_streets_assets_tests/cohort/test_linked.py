"""Eligibility, the first eligible disposal, linkage on the CRN alone, and the funnel's stages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb

from safer_streets_assets.cohort.linkage import funnel_counts, reconcile
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    CHECKIN,
    CRC,
    NPS,
    Row,
    borough_not_open,
    build_cohort,
    crn,
    fetch,
    load_rows,
    people_rows,
    rows_of,
    shipped_policy,
)

NOT_OPEN = borough_not_open()
OPENINGS = shipped_policy().dpia.opening_dates
STAGES = shipped_policy().dpia.cohort.stages


def cohort_of(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, columns: str, **drops: list[Row]
) -> list[tuple[Any, ...]]:
    """Columns of the linked cohort that these rows make, in the order of disposal."""
    sources = {"nps": NPS, "crc": CRC, "checkin": CHECKIN}
    for name, changes in drops.items():
        load_rows(memory, sources[name], rows_of(sources[name], *changes))
    build_cohort(memory, folder, NPS, CRC)
    return fetch(memory, f"SELECT {columns} FROM research.linked_cohort ORDER BY disposal_date")


def test_eligibility_at_its_boundaries(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    cases: list[tuple[str, bool, Row]] = [
        ("18th birthday", True, {"Date of Birth": "13/01/2002"}),
        ("day before the 18th birthday", False, {"Date of Birth": "14/01/2002"}),
        ("born on 29 February, 28 February", False,
         {"Date of Birth": "29/02/2000", "Disposal Date": "28/02/2018"}),
        ("borough without the programme", False, {"Borough": NOT_OPEN}),
        ("borough in other letters", True, {"Borough": "LAMBETH"}),
        ("borough with spaces", True, {"Borough": " Tower Hamlets "}),
        ("offence out of scope", False, {"Offence Code": "10501"}),
        ("offence without its zeros", True, {"Offence Code": "864"}),
        ("custody", True, {"Resulting Sentence": "Immediate Custody"}),
    ]  # fmt: skip
    rows = [{**change, "CRN": crn(number)} for number, (_, _, change) in enumerate(cases, start=1)]
    load_rows(memory, NPS, rows_of(NPS, *rows))
    build_cohort(memory, folder, NPS, CRC)
    found = dict(
        fetch(
            memory,
            "SELECT crn_key, derived FROM research.linked_cohort "
            "JOIN restricted.person_pseudonyms USING (person_id)",
        )
    )
    for number, (what, eligible, _) in enumerate(cases, start=1):
        assert found[crn(number)] == ("eligible" if eligible else "not eligible"), what


def test_each_borough_opens_on_its_day_and_not_before(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    rows, expected = [], {}
    for borough, opens in OPENINGS.items():
        for days in (-1, 0):
            person = crn(len(rows))
            day = opens + timedelta(days=days)
            rows.append({"CRN": person, "Borough": borough, "Disposal Date": f"{day:%d/%m/%Y}"})
            expected[person] = "eligible" if days == 0 else "not eligible"
    load_rows(memory, NPS, rows_of(NPS, *rows))
    build_cohort(memory, folder, NPS, CRC)
    query = (
        "SELECT crn_key, derived FROM research.linked_cohort "
        "JOIN restricted.person_pseudonyms USING (person_id)"
    )
    assert dict(fetch(memory, query)) == expected


def test_every_offence_in_scope_counts(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    codes = list(shipped_policy().dpia.eligibility.offence_codes)
    rows = [{"CRN": crn(n), "Offence Code": str(int(code))} for n, code in enumerate(codes)]
    found = cohort_of(memory, folder, "offence, derived", nps=rows)
    assert dict(found) == dict.fromkeys(codes, "eligible")


def test_the_cohort_takes_a_persons_first_eligible_disposal(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    disposals: list[Row] = [
        {"Disposal Date": "10/12/2019", "Borough": NOT_OPEN},
        {"Disposal Date": "20/12/2019", "Offence Code": "10501"},
        {"Disposal Date": "02/01/2020", "Court": "Thames Magistrates' Court"},
        {"Disposal Date": "01/02/2020", "Court": "Harrow Crown Court"},
    ]
    found = cohort_of(memory, folder, "disposal_date, court, month", nps=disposals[::-1])
    assert found == [(date(2020, 1, 2), "Thames Magistrates' Court", "2020-01")]


def test_a_person_without_an_eligible_disposal_is_there_with_the_first(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    disposals: list[Row] = [
        {"Disposal Date": "20/12/2019", "Borough": NOT_OPEN},
        {"Disposal Date": "10/12/2019", "Borough": NOT_OPEN},
    ]
    found = cohort_of(memory, folder, "disposal_date, stage_reached", nps=disposals)
    assert found == [(date(2019, 12, 10), STAGES[0])]


def test_of_two_offences_on_one_day_the_choice_is_always_the_same(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    found = cohort_of(
        memory, folder, "offence", nps=[{"Offence Code": "00861"}, {"Offence Code": "00826"}]
    )
    assert found == [("00826",)]


def test_crc_links_on_the_crn_alone(folder: DataFolder, memory: duckdb.DuckDBPyConnection) -> None:
    other = {
        "CRN": "a.100-001",
        "Name": "Somebody Else",
        "DOB": "01/01/1970",
        "Gender": "F",
        "Borough of residence": NOT_OPEN,
        "Sentence date": "20/05/2020",
        "Offence code": "00811",
    }
    found = cohort_of(
        memory, folder, "crc_decision, gender, borough, offence, sessions_attended",
        nps=[{}], crc=[other],
    )  # fmt: skip
    assert found == [("assigned", "Male", "Lambeth", "00826", 7)], "person's facts as NPS sent them"


def test_a_crn_one_step_off_links_to_nobody(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    near: list[Row] = [{"CRN": text} for text in ("A100002", "A100010", "B100001", "A010001")]
    assert cohort_of(memory, folder, "crc_decision", nps=[{}], crc=near) == [
        ("not on spreadsheet",)
    ]


def test_of_several_cases_the_one_of_the_disposal_counts(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    cases: list[Row] = [
        {"Sentence date": "01/05/2019", "Sessions attended": "1"},
        {"Sentence date": "15/01/2020", "Sessions attended": "2"},
        {"Sentence date": "13/01/2020", "Sessions attended": "3"},
    ]
    assert cohort_of(memory, folder, "sessions_attended", nps=[{}], crc=cases) == [(3,)]


def test_a_person_reaches_a_stage_only_through_those_before(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    cases: list[tuple[Row, Row | None, int]] = [
        ({"Borough": NOT_OPEN}, {}, 1),
        ({}, None, 2),
        ({}, {"Assigned to Safer Streets?": "No", "Start date": None}, 3),
        ({}, {"Assigned to Safer Streets?": "No"}, 3),
        ({}, {"Start date": None}, 4),
        ({}, {"Start date": None, "Outcome": "Completed", "Sessions attended": "12"}, 4),
        ({}, {"Sessions attended": "5"}, 5),
        ({}, {"Sessions attended": None}, 5),
        ({}, {"Sessions attended": "5", "Outcome": "Completed"}, 5),
        ({}, {"Sessions attended": "6"}, 6),
        ({}, {"Sessions attended": "12", "Outcome": None}, 6),
        ({}, {"Sessions attended": "6", "Outcome": "Completed"}, 7),
        ({"Borough": NOT_OPEN}, {"Sessions attended": "12", "Outcome": "Completed"}, 1),
    ]
    nps = [{**change, "CRN": crn(n)} for n, (change, _, _) in enumerate(cases)]
    crc = [
        {**change, "CRN": crn(n)} for n, (_, change, _) in enumerate(cases) if change is not None
    ]
    load_rows(memory, NPS, rows_of(NPS, *nps))
    load_rows(memory, CRC, rows_of(CRC, *crc))
    build_cohort(memory, folder, NPS, CRC)
    found = fetch(
        memory,
        "SELECT stage_number, stage_reached FROM research.linked_cohort "
        "JOIN restricted.person_pseudonyms USING (person_id) ORDER BY crn_key",
    )
    stages = [stage for _, _, stage in cases]
    assert found == [(stage, STAGES[stage - 1]) for stage in stages]
    assert funnel_counts(memory, policy) == {
        name: sum(stage >= number for stage in stages)
        for number, name in enumerate(STAGES, start=1)
    }


def test_crcs_decision_is_reported_and_never_overwritten(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    found = cohort_of(
        memory, folder, "derived, crc_decision, reason_not_assigned, delivery",
        nps=[{"Borough": NOT_OPEN}],
        crc=[{"Assigned to Safer Streets?": "Yes", "One-to-one?": "Yes"}],
    )  # fmt: skip
    assert found == [("not eligible", "assigned", "Not recorded", "One-to-one")]


def test_someone_crc_has_and_nps_has_not_is_not_in_the_cohort(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    assert len(cohort_of(memory, folder, "1", nps=[{}], crc=[{}, {"CRN": "A100002"}])) == 1


def test_age_bands_begin_at_their_lower_bound(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    bands = {17: "under 18", 18: "18-24", 24: "18-24", 25: "25-34", 34: "25-34", 35: "35-44",
             44: "35-44", 45: "45+", 90: "45+"}  # fmt: skip
    rows = [{"CRN": crn(age), "Date of Birth": f"13/01/{2020 - age}"} for age in bands]
    found = cohort_of(memory, folder, "age_at_disposal, age_band", nps=rows)
    assert dict(found) == bands


def test_check_ins_are_reconciled_session_by_session(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    load_rows(memory, NPS, people_rows(NPS, 3))
    crc = people_rows(CRC, 2, **{"Sessions attended": "2"})
    crc += people_rows(CRC, 1, first=3, **{"Start date": None, "Sessions attended": "0"})
    load_rows(memory, CRC, crc)
    visits: list[Row] = [
        {"ResponseID": "1", "Session": "1"},
        {"ResponseID": "2", "Session": "2", "Attended": "No"},
        {"ResponseID": "3", "Session": "2"},
        {"ResponseID": "4", "Session": "2"},
        {"ResponseID": "5", "CRN": crn(2), "Session": "1"},
    ]
    load_rows(memory, CHECKIN, rows_of(CHECKIN, *visits))
    build_cohort(memory, folder, NPS, CRC, CHECKIN)
    policy = shipped_policy()
    assert policy.dpia.expected.agreement is not None
    assert reconcile(memory, policy, policy.dpia.expected.agreement) == (1, 1)


def test_the_cohort_has_one_row_a_person_and_no_empty_category(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    load_rows(memory, NPS, people_rows(NPS, 6) + people_rows(NPS, 6, Court="B"))
    load_rows(memory, CRC, people_rows(CRC, 3, **{"Outcome": None, "One-to-one?": None}))
    build_cohort(memory, folder, NPS, CRC)
    categories = (
        "person_id, month, borough, gender, age_band, offence, court, sentence, derived, "
        "crc_decision, reason_not_assigned, reason_one_to_one, delivery, outcome, stage_reached"
    )
    rows = fetch(memory, f"SELECT {categories} FROM research.linked_cohort")
    assert len({row[0] for row in rows}) == len(rows) == 6
    assert not [value for row in rows for value in row if value is None or value == ""]
