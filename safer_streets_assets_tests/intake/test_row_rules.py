"""A row that breaks a rule is set aside with the reason; the rest of the drop goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import duckdb
import pytest

from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.intake.fields import fields_sql
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.intake.reasons import row_reasons
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
    NOVO,
    NPS,
    TRAINING,
    Row,
    crn,
    fetch,
    load_rows,
    rows_of,
    set_aside,
    shipped_policy,
    stores_in_memory,
)

BROKEN: list[tuple[str, Row, list[str]]] = [
    (NPS, {"CRN": "TBC"}, ["R-CRN"]),
    (NPS, {"CRN": "A12345"}, ["R-CRN"]),
    (NPS, {"CRN": "-"}, ["R-CRN"]),
    (NPS, {"CRN": None}, ["R-MISSING"]),
    (NPS, {"Court": None}, ["R-MISSING"]),
    (NPS, {"Gender": None}, ["R-MISSING"]),
    (NPS, {"Gender": "7"}, ["R-CODE"]),
    (NPS, {"Offence Code": "knife"}, ["R-CODE"]),
    (NPS, {"Offence Code": "123456"}, ["R-CODE"]),
    (NPS, {"Disposal Date": "31/02/2020"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "2020-02-31"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "01/13/2020"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "01/13/20"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "19/11/13"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "19-11-20"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "20/11/19"}, ["R-DATE"]),
    (NPS, {"Date of Birth": "3 Nov 01"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "13-Jan-17"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "13/01.20"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "Mon 28 Nov 19"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "Thu 04/11/19"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "Mon 20/11/19"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "28/11/19 12:00 AM"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "20 / 11 / 19"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "04 11 19"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "04/11/19 13:00 PM"}, ["R-DATE"]),
    (NPS, {"Date of Birth": "03/11/19"}, ["R-DATE"]),
    (CRC, {"DOB": "3-Nov-20"}, ["R-DATE"]),
    (CHECKIN, {"SessionDate": "03/02/29"}, ["R-FUTURE"]),
    (NPS, {"Disposal Date": "soon"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "20201301"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "2020/13/01"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "Jan 13 20"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "31-Sept-2019"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "January 2020"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "9999"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "01-13-2020"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "2020-13-01 00:00:00.000"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "31-Feb-2020"}, ["R-DATE"]),
    (NPS, {"Disposal Date": "13/01/2029"}, ["R-FUTURE"]),
    (CRC, {"Sentence date": "43844000"}, ["R-DATE"]),
    (CHECKIN, {"SessionDate": "03/02/2099"}, ["R-FUTURE"]),
    (ATTENDEE, {"InterviewStart": "03/02/2029 10:15", "InterviewEnd": None}, ["R-FUTURE"]),
    (NPS, {"Date of Birth": "12/03/1905"}, ["R-AGE"]),
    (NPS, {"Date of Birth": "13/01/2020"}, ["R-AGE"]),
    (CRC, {"DOB": "01/01/2019"}, ["R-AGE"]),
    (NPS, {"Offence Code": "0"}, ["R-CODE"]),
    (NPS, {"Offence Code": "00000"}, ["R-CODE"]),
    (NPS, {"Borough": "Unknown"}, ["R-MISSING"]),
    (NPS, {"Court": "\u200b"}, ["R-MISSING"]),
    (NPS, {"Resulting Sentence": "N/A"}, ["R-MISSING"]),
    (NPS, {"Disposal Date": "TBC"}, ["R-MISSING"]),
    (NPS, {"Offence Code": "?"}, ["R-MISSING"]),
    (CRC, {"Assigned to Safer Streets?": "NULL"}, ["R-MISSING"]),
    (TRAINING, {"Form": "-"}, ["R-MISSING"]),
    (NPS, {"Court": "A 100001"}, ["R-IDENTIFIER"]),
    (NPS, {"Offence Description": "see b123456"}, ["R-IDENTIFIER"]),
    (NPS, {"Borough": "14 Zephyrquill Road E14 9XX"}, ["R-CONTACT"]),
    (NPS, {"Resulting Sentence": "Fine - rang mum 07700 900123"}, ["R-CONTACT"]),
    (NPS, {"Court": "ask z.quill@example.org"}, ["R-CONTACT"]),
    (NPS, {"Date of Birth": "12/03/1895"}, ["R-DATE"]),
    (NPS, {"Borough": "#REF!"}, ["R-ERROR"]),
    (CRC, {"Start date": "#N/A"}, ["R-ERROR"]),
    (NPS, {"Court": "#SPILL!"}, ["R-ERROR"]),
    (NPS, {"Offender Management Team": "#BLOCKED!"}, ["R-ERROR"]),
    (CRC, {"Team": "Err:508"}, ["R-ERROR"]),
    (TRAINING, {"Form": "As I said"}, ["R-ID"]),
    (TRAINING, {"Form": "- 12"}, ["R-ID"]),
    (TRAINING, {"Form": "['12'"}, ["R-ID"]),
    (NOVO, {"Reference": "ERROR at line 3"}, ["R-ID"]),
    (NOVO, {"Reference": "Kind regards"}, ["R-ID"]),
    (NPS, {"Date of Birth": "14/01/2020"}, ["R-ORDER"]),
    (NPS, {"CRN": "TBC", "Gender": "7", "Disposal Date": "x"}, ["R-CODE", "R-CRN", "R-DATE"]),
    (NPS, {"CRN": None, "Court": None}, ["R-MISSING"]),
    (CRC, {"Assigned to Safer Streets?": "Perhaps"}, ["R-CODE"]),
    (CRC, {"If not assigned: reason code": "42"}, ["R-CODE"]),
    (CRC, {"If one-to-one: reason code": "F"}, ["R-CODE"]),
    (CRC, {"Outcome": "Gone"}, ["R-CODE"]),
    (CRC, {"RAR days": "ten"}, ["R-NUMBER"]),
    (CRC, {"RAR days": "10.5"}, ["R-NUMBER"]),
    (CRC, {"Sessions attended": "13"}, ["R-RANGE"]),
    (CRC, {"Sessions attended": "-1"}, ["R-RANGE"]),
    (CRC, {"Start date": "03/02/2020", "Outcome date": "02/02/2020"}, ["R-ORDER"]),
    (CRC, {"DOB": "14/01/2020"}, ["R-ORDER"]),
    (ATTENDEE, {"wave": "4"}, ["R-CODE"]),
    (ATTENDEE, {"status": "0"}, ["R-CODE"]),
    (ATTENDEE, {"A1": "6"}, ["R-RANGE"]),
    (ATTENDEE, {"A1": "96"}, ["R-RANGE"]),
    (ATTENDEE, {"W4": "11"}, ["R-RANGE"]),
    (ATTENDEE, {"A1": "three"}, ["R-NUMBER"]),
    (ATTENDEE, {"respid": "0"}, ["R-RANGE"]),
    (ATTENDEE, {"InterviewStart": "31/02/2020 10:15"}, ["R-DATE"]),
    (ATTENDEE, {"InterviewStart": "03/02/2020 25:15"}, ["R-DATE"]),
    (ATTENDEE, {"InterviewEnd": "03/02/2020 10:14"}, ["R-ORDER"]),
    (CHECKIN, {"Session": "0"}, ["R-RANGE"]),
    (CHECKIN, {"Session": "13"}, ["R-RANGE"]),
    (CHECKIN, {"Engagement": "6"}, ["R-RANGE"]),
    (CHECKIN, {"Delivery": "Zoom"}, ["R-CODE"]),
    (CHECKIN, {"Attended": "maybe"}, ["R-CODE"]),
    (TRAINING, {"Overall": "6"}, ["R-RANGE"]),
    (TRAINING, {"Form": None}, ["R-MISSING"]),
    (NOVO, {"Reference": None}, ["R-MISSING"]),
]  # fmt: skip

GOOD: list[tuple[str, Row, str, object]] = [
    (NPS, {"CRN": " a100-001\u00a0"}, "crn", "A100001"),
    (NPS, {"Gender": "female"}, "gender", "Female"),
    (NOVO, {"Reference": "Study one"}, "reference", "Study one"),
    (NOVO, {"Reference": "CS 1 of 12"}, "reference", "CS 1 of 12"),
    (NPS, {"Gender": "M "}, "gender", "Male"),
    (NPS, {"Gender": "Unknown"}, "gender", "Other or not known"),
    (NPS, {"Offence Code": "826"}, "offence_code", "00826"),
    (NPS, {"Offence Code": "826.0"}, "offence_code", "00826"),
    (NPS, {"Disposal Date": "02/03/2020"}, "disposal_date", date(2020, 3, 2)),
    (NPS, {"Disposal Date": "2/3/2020"}, "disposal_date", date(2020, 3, 2)),
    (NPS, {"Disposal Date": "2020-03-02"}, "disposal_date", date(2020, 3, 2)),
    (NPS, {"Disposal Date": "2020-03-02 00:00:00"}, "disposal_date", date(2020, 3, 2)),
    (NPS, {"Disposal Date": "02.03.2020"}, "disposal_date", date(2020, 3, 2)),
    (NPS, {"Disposal Date": "2 Mar 2020"}, "disposal_date", date(2020, 3, 2)),
    (NPS, {"Disposal Date": "29/02/2020"}, "disposal_date", date(2020, 2, 29)),
    (NPS, {"Disposal Date": "13-Jan-2020"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "Jan 13 2020 12:00AM"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "January 13, 2020"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "20200113"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "2020/01/13"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "2020/1/13 10:15"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "13-January-2020"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "03/12/19"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "3-Dec-19"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "3.12.19 00:00"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "03/12/19 12:00 AM"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "03/12/19 9:05:33 pm"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "03/12/19, 10:15"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "Tue 3 Dec 19"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "Tuesday, 03/12/19"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "03 / 12 / 19"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "03\u00a0/ 12\u00a0/19"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "03\u201312\u201319"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "03 Dec, 19"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "03 Dec. 19"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "03 Dec '19"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "3rd of December \u201919"}, "disposal_date", date(2019, 12, 3)),
    (NPS, {"Disposal Date": "Thu 28/11/19"}, "disposal_date", date(2019, 11, 28)),
    (NPS, {"Disposal Date": "Thur 28 Nov 19"}, "disposal_date", date(2019, 11, 28)),
    (NPS, {"Disposal Date": "28 Nov '19"}, "disposal_date", date(2019, 11, 28)),
    (NPS, {"Disposal Date": "28th Nov 19"}, "disposal_date", date(2019, 11, 28)),
    (NPS, {"Disposal Date": "Thu 28/11/2019"}, "disposal_date", date(2019, 11, 28)),
    (NPS, {"Disposal Date": "Thurs. 28/11/2019 10:15"}, "disposal_date", date(2019, 11, 28)),
    (NPS, {"Disposal Date": "28 Nov, 2019"}, "disposal_date", date(2019, 11, 28)),
    (NPS, {"Disposal Date": "28 / 11 / 2019 10:15"}, "disposal_date", date(2019, 11, 28)),
    (NPS, {"Disposal Date": "28th of Nov 2019"}, "disposal_date", date(2019, 11, 28)),
    (NPS, {"Disposal Date": "28/11/2019, 10:15"}, "disposal_date", date(2019, 11, 28)),
    (NPS, {"Disposal Date": "2019-11-28 12:00 AM"}, "disposal_date", date(2019, 11, 28)),
    (NPS, {"Date of Birth": "3rd Nov 01"}, "date_of_birth", date(2001, 11, 3)),
    (NPS, {"Date of Birth": "03/11/89"}, "date_of_birth", date(1989, 11, 3)),
    (NPS, {"Date of Birth": "13 Nov 01"}, "date_of_birth", date(2001, 11, 13)),
    (CRC, {"DOB": "03-Nov-65"}, "date_of_birth", date(1965, 11, 3)),
    (
        ATTENDEE,
        {"InterviewStart": "03/02/20 10:15"},
        "interview_start",
        datetime(2020, 2, 3, 10, 15),
    ),
    (NPS, {"Disposal Date": "13th Jan 2020"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "Mon 13 Jan 2020"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "Monday, 13 January 2020"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "13Jan2020"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "2020-01-13T10:00Z"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "2020-01-13T10:00+01:00"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "2020-01-13 00:00:00 UTC"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "13 Jan 2020 10:00:00:000"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "13/01/2020 00:00:00.000"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "13/01/2020 12:00 AM"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "13/01/2020 9:05:33 AM"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "13 / 01 / 2020"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "2020-1-13"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "13-Sept-2019"}, "disposal_date", date(2019, 9, 13)),
    (NPS, {"Disposal Date": "13\u201301\u20132020"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "13-January-2020"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "13/Jan/2020"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "2020-01-31 00:00:00.000"}, "disposal_date", date(2020, 1, 31)),
    (NPS, {"Disposal Date": "2020-01-31 00:00:00.0000000"}, "disposal_date", date(2020, 1, 31)),
    (NPS, {"Disposal Date": "2020-01-31T00:00:00.000Z"}, "disposal_date", date(2020, 1, 31)),
    (NPS, {"Disposal Date": "2020-01-31T00:00:00+00:00"}, "disposal_date", date(2020, 1, 31)),
    (NPS, {"Disposal Date": "43843"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Disposal Date": "43843.0"}, "disposal_date", date(2020, 1, 13)),
    (NPS, {"Date of Birth": "12/03/1915"}, "date_of_birth", date(1915, 3, 12)),
    (NPS, {"Date of Birth": "13/01/2010"}, "date_of_birth", date(2010, 1, 13)),
    (NPS, {"Borough": " Lambeth "}, "borough", "Lambeth"),
    (NPS, {"Proposed Sentence": "NULL"}, "proposed_sentence", None),
    (NPS, {"Offender Management Team": "Unallocated"}, "offender_management_team", None),
    (CRC, {"Start date": "N/A"}, "start_date", None),
    (CRC, {"Outcome": "-"}, "outcome", None),
    (CRC, {"Sessions attended": "n/a"}, "sessions_attended", None),
    (CRC, {"If not assigned: reason code": "3"}, "reason_not_assigned", "03"),
    (CRC, {"If not assigned: reason code": "3.0"}, "reason_not_assigned", "03"),
    (CRC, {"If one-to-one: reason code": "a"}, "reason_one_to_one", "A"),
    (CRC, {"Assigned to Safer Streets?": "y"}, "assigned", "Yes"),
    (CRC, {"Outcome": "in PROGRESS"}, "outcome", "In progress"),
    (CRC, {"Sessions attended": "12.0"}, "sessions_attended", 12),
    (CRC, {"Start date": None}, "start_date", None),
    (ATTENDEE, {"A1": "97"}, "a1", 97),
    (ATTENDEE, {"A1": None}, "a1", None),
    (ATTENDEE, {"W1": "0"}, "w1", 0),
    (ATTENDEE, {"wave": "2.0"}, "wave", "2"),
    (ATTENDEE, {"InterviewStart": "2020-02-03T10:15"}, "interview_start",
     datetime(2020, 2, 3, 10, 15)),
    (ATTENDEE, {"InterviewStart": "2020-02-03 10:15:07.123"}, "interview_start",
     datetime(2020, 2, 3, 10, 15, 7)),
    (ATTENDEE, {"InterviewStart": "43864.4275", "InterviewEnd": None}, "interview_start",
     datetime(2020, 2, 3, 10, 15, 36)),
    (ATTENDEE, {"InterviewStart": "25/10/2020 01:52", "InterviewEnd": "25/10/2020 01:06"},
     "interview_end", datetime(2020, 10, 25, 1, 6)),
    (CHECKIN, {"Delivery": "1-1"}, "delivery", "One-to-one"),
    (CHECKIN, {"Session": "12"}, "session", 12),
]  # fmt: skip


BROKEN_NUMBERS = list(range(len(BROKEN)))
GOOD_NUMBERS = list(range(len(GOOD)))


def row_number(case: int, cases: Sequence[tuple[Any, ...]]) -> int:
    """Where the row of a case stands in the drop of its source, below the header and a good row."""
    return 3 + sum(earlier[0] == cases[case][0] for earlier in cases[:case])


def own_identity(source: str, row: int) -> Row:
    """An identity that no other row of the drop has."""
    own = {ATTENDEE: "respid", CHECKIN: "ResponseID", TRAINING: "Form", NOVO: "Reference"}
    return {own[source]: str(900 + row)} if source in own else {"CRN": crn(900 + row)}


@pytest.fixture(scope="module")
def judged() -> Iterator[duckdb.DuckDBPyConnection]:
    """Every broken row and every good one, a drop a source, with a plain row on top."""
    with stores_in_memory() as connection:
        for number, cases in enumerate((BROKEN, GOOD), start=1):
            for source in dict.fromkeys(case[0] for case in cases):
                changes = [
                    {**own_identity(source, row), **case[1]}
                    for row, case in enumerate(cases)
                    if case[0] == source
                ]
                load_rows(connection, source, rows_of(source, {}, *changes), drop=number)
        yield connection


def loaded_as(connection: duckdb.DuckDBPyConnection, source: str, drop: int, what: str) -> Any:
    """One expression over the raw rows of a drop, by row number."""
    table = f"restricted.{raw_table(source)}"
    query = f"SELECT row_number, {what} FROM {table} WHERE drop_id = ?"
    return dict(fetch(connection, query, f"{source}-{drop}"))


@pytest.mark.parametrize("case", BROKEN_NUMBERS, ids=lambda n: f"{BROKEN[n][0]}-{BROKEN[n][1]}")
def test_a_row_that_breaks_a_rule_is_set_aside_with_the_reason(
    judged: duckdb.DuckDBPyConnection, case: int
) -> None:
    source, _, reasons = BROKEN[case]
    number = row_number(case, BROKEN)
    query = "SELECT reasons FROM restricted.set_aside_rows WHERE drop_id = ? AND row_number = ?"
    assert fetch(judged, query, f"{source}-1", number) == [(reasons,)]
    assert loaded_as(judged, source, 1, "true") == {2: True}, "the plain row goes on, alone"


@pytest.mark.parametrize("case", GOOD_NUMBERS, ids=lambda n: f"{GOOD[n][0]}-{GOOD[n][1]}")
def test_a_value_in_any_agreed_spelling_is_the_same_value(
    judged: duckdb.DuckDBPyConnection, policy: Policy, case: int
) -> None:
    source, _, field, value = GOOD[case]
    [sql] = [f.value for f in fields_sql(policy.sources[source], policy) if f.name == field]
    assert loaded_as(judged, source, 2, sql)[row_number(case, GOOD)] == value


def test_every_reason_code_of_rows_is_reached_by_a_test() -> None:
    elsewhere = {"R-RAGGED", "R-NOT-ANONYMOUS", "R-ERASED", "R-TWICE"}
    reached = {code for _, _, codes in BROKEN for code in codes} | elsewhere
    assert reached == row_reasons(shipped_policy()).keys()


def test_a_row_with_more_cells_than_the_header_is_set_aside(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    load_rows(memory, NPS, rows_of(NPS, {}, {"CRN": "A100002"}), ragged=[2])
    assert set_aside(memory) == {2: ["R-RAGGED"]}


def test_a_row_of_anonymous_material_that_names_a_person_is_set_aside(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    load_rows(memory, NOVO, rows_of(NOVO, {}, {"Reference": "CS02"}), identifying={3})
    assert set_aside(memory) == {3: ["R-NOT-ANONYMOUS"]}


def test_a_row_set_aside_keeps_what_was_sent(memory: duckdb.DuckDBPyConnection) -> None:
    load_rows(memory, CHECKIN, rows_of(CHECKIN, {"Session": "13", "Comments": 'said "no", twice'}))
    [(values,)] = fetch(memory, "SELECT values_sent FROM restricted.set_aside_rows")
    sent = json.loads(values)
    assert sent["session"] == "13"
    assert sent["comments"] == 'said "no", twice'
    assert sent["engagement"] == "4"


def test_raw_rows_keep_the_text_as_sent(memory: duckdb.DuckDBPyConnection) -> None:
    load_rows(memory, NPS, rows_of(NPS, {"CRN": " a100-001", "Disposal Date": "2/3/2020"}))
    query = "SELECT crn, crn_key, disposal_date FROM restricted.nps_court_outcomes_raw"
    assert fetch(memory, query) == [(" a100-001", "A100001", "2/3/2020")]


def test_an_offence_out_of_scope_is_no_mistake(memory: duckdb.DuckDBPyConnection) -> None:
    codes = ("00826", "10501", "05910", "1")
    rows = rows_of(NPS, *({"Offence Code": code} for code in codes))
    assert load_rows(memory, NPS, rows) == (4, 0)


def test_every_agreed_reason_and_outcome_is_taken_in(memory: duckdb.DuckDBPyConnection) -> None:
    no = {"Assigned to Safer Streets?": "No"}
    rows = [{**no, "If not assigned: reason code": code} for code in (*v.NOT_ASSIGNED, v.OUTSIDE)]
    rows += [{"If one-to-one: reason code": code} for code in v.ONE_TO_ONE]
    rows += [{"Outcome": outcome} for outcome in (*v.LEAVING, v.COMPLETED, v.DID_NOT_START)]
    rows = [{**row, **own_identity(CRC, number)} for number, row in enumerate(rows)]
    assert load_rows(memory, CRC, rows_of(CRC, *rows)) == (len(rows), 0)


def test_every_reason_says_what_to_do_without_a_value() -> None:
    for code, reason in row_reasons(shipped_policy()).items():
        assert reason.code == code
        assert reason.sentence
        assert reason.remedy
