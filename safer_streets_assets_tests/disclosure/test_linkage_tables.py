"""The tables of linkage quality, counted of small hand-made rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from safer_streets_assets.cohort.crn_findings import record_findings
from safer_streets_assets.cohort.linkage import link_cohort
from safer_streets_assets.cohort.near_misses import find_near_misses
from safer_streets_assets.cohort.reviews import (
    ACCEPTED,
    REJECTED,
    Verdict,
    near_misses,
    record_verdicts,
)
from safer_streets_assets.disclosure.aggregate import aggregate
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.queries import all_tables_in
from safer_streets_assets.stores.sql_files import quoted_name
from safer_streets_assets_tests.attitudes.test_tables import with_gates
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
    NOON,
    NPS,
    Row,
    build_cohort,
    data_folder,
    fetch,
    load_rows,
    rows_of,
    shipped_policy,
    stores_in_memory,
)
from safer_streets_assets_tests.disclosure.aggregated import build_research, table_of

CANARY = "Zebulon Quickfoot"
NAMED = "QUICKFOOT, Zebulon"
LINKED = [f"K{number}00000" for number in range(1, 6)]
STRANGER, NEAR_OPEN, NEAR_NO, NEAR_YES = "Z987654", "K100001", "K200001", "K300001"
"""Of the last three each is one slip away from somebody of NPS; the operator decides on two."""
TABLES = ("linkage_by_month", "linkage_bias", "source_conflicts", "crn_quality", "duplicates")
Counted = tuple[duckdb.DuckDBPyConnection, Policy]


def nps() -> list[Row]:
    """Five people, of whom the last two have one name and one date of birth."""
    return [
        {
            "CRN": crn,
            "Offender Name": f"{NAMED} {'Same' if number >= 3 else number}",
            "Date of Birth": "12/03/1995" if number >= 3 else f"1{number}/03/1995",
        }
        for number, crn in enumerate(LINKED)
    ]


def crc() -> list[Row]:
    """The five on CRC's spreadsheet, the first one twice and the others otherwise than NPS has
    them, and a stranger."""
    cases: list[Row] = [
        {"CRN": crn, "DOB": row["Date of Birth"], "Name": row["Offender Name"]}
        for crn, row in zip(LINKED, nps(), strict=True)
    ]
    first, second, third, fourth, fifth = cases
    return [
        first,
        {**first, "Sentence date": "20/01/2020"},
        {**second, "Gender": "Female", "Borough of residence": "Newham"},
        {**third, "Sentence date": "14/01/2020", "DOB": "12/03/1990"},
        {**fourth, "DOB": "12/03/1990", "Offence code": "00811"},
        {**fifth, "Gender": "not known", "Borough of residence": None},
        {
            "CRN": STRANGER,
            "Name": NAMED,
            "DOB": "01/01/1980",
            "Gender": "Female",
            "Borough of residence": "Hackney",
            "Offence code": "00811",
            "Sentence date": "02/03/2020",
            "One-to-one?": "Yes",
        },
    ]


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, DataFolder]]:
    """The rows, as far as a run finds near misses in them."""
    folder = data_folder(tmp_path_factory.mktemp("links") / "data")
    with stores_in_memory() as connection:
        load_rows(connection, NPS, [*rows_of(NPS, *nps()), *rows_of(NPS, {"CRN": "no CRN"})])
        for drop in (1, 2):
            load_rows(connection, CRC, rows_of(CRC, *crc(), {"CRN": "TBC"}), drop=drop)
        visits = [
            (LINKED[0], "1"),
            (LINKED[0], "1"),
            (NEAR_YES, "1"),
            (NEAR_NO, "1"),
            (NEAR_NO, "2"),
        ]
        checkins = [
            {"ResponseID": str(n), "CRN": crn, "Session": session, "Comments": f"{CANARY} came"}
            for n, (crn, session) in enumerate(visits, start=1)
        ]
        load_rows(connection, CHECKIN, rows_of(CHECKIN, *checkins))
        said = [LINKED[0], LINKED[0], NEAR_OPEN]
        responses = [{"respid": str(n), "CRN": crn} for n, crn in enumerate(said, start=1)]
        load_rows(connection, ATTENDEE, rows_of(ATTENDEE, *responses))
        build_research(connection, folder, with_gates(1))
        yield connection, folder


@pytest.fixture(scope="module")
def counted(made: tuple[duckdb.DuckDBPyConnection, DataFolder]) -> Counted:
    """The same after a review and the next run."""
    connection, folder = made
    policy = shipped_policy()
    find_near_misses(connection, folder, policy)
    sent = {one.crn_sent: one.near_miss_id for one in near_misses(connection)}
    verdicts: dict[str, Verdict] = {sent[NEAR_YES]: ACCEPTED, sent[NEAR_NO]: REJECTED}
    record_verdicts(connection, policy, verdicts, "operator", NOON)
    build_cohort(connection, folder)
    find_near_misses(connection, folder, policy)
    record_findings(connection, policy)
    return connection, with_gates(1)


def pairs(counted: Counted, name: str, part: str) -> dict[tuple[str, ...], tuple[int, int]]:
    """The counts n and `part` of each row of a table that counts anybody."""
    found = table_of(counted, name)
    rows = {key: (int(row["n"]), int(row[part])) for key, row in found.iterrows()}
    return {key: row for key, row in rows.items() if row != (0, 0)}


def test_rows_that_link_to_nobody_are_counted_by_the_month_of_the_row(counted: Counted) -> None:
    found = pairs(counted, "linkage_by_month", "n_unlinked")
    assert found == {
        ("crc_eligibility", "2020-01"): (6, 0),
        ("crc_eligibility", "2020-03"): (1, 1),
        ("crc_eligibility", "Total"): (7, 1),
        ("ors_attendee_survey", "2020-02"): (3, 1),
        ("ors_attendee_survey", "Total"): (3, 1),
        ("ors_facilitator_checkin", "2020-02"): (5, 2),
        ("ors_facilitator_checkin", "Total"): (5, 2),
    }


def test_what_a_case_says_itself_is_counted_where_it_links_to_nobody(counted: Counted) -> None:
    found = pairs(counted, "linkage_bias", "n_unlinked")
    assert {key: row for key, row in found.items() if row[1]} == {
        **{
            (of, "Total"): (7, 1) for of in ("gender", "age band", "borough", "offence", "delivery")
        },
        ("gender", "Female"): (2, 1),
        ("age band", "35-44"): (1, 1),
        ("borough", "Hackney"): (1, 1),
        ("offence", "00811"): (2, 1),
        ("delivery", "One-to-one"): (1, 1),
    }
    assert found["borough", "Not recorded"] == (1, 0)


def test_a_facet_of_counted_rows_is_counted_at_the_level_that_it_stands_at(
    counted: Counted,
) -> None:
    connection, policy = counted
    wide = policy.at_levels({"linkage_bias": {"borough": "area", "age_band": "wide_age_band"}})
    found = pairs((connection, wide), "linkage_bias", "n_unlinked")
    assert found["borough", "East London"] == (2, 1)
    assert found["age band", "25+"][1] == 1
    assert found["gender", "Female"] == (2, 1)
    assert ("borough", "Hackney") not in found


def test_a_case_that_says_nothing_of_a_facet_stays_so_at_every_level(counted: Counted) -> None:
    connection, policy = counted
    wide = policy.at_levels({"linkage_bias": {"age_band": "wide_age_band"}})
    connection.execute("BEGIN")
    connection.execute("UPDATE research.row_links SET age_band = NULL WHERE age_band = '35-44'")
    found = pairs((connection, wide), "linkage_bias", "n_unlinked")
    connection.execute("ROLLBACK")
    assert found["age band", "Not recorded"] == (1, 1)
    assert found["age band", "Total"] == (7, 1)


def test_nps_and_crc_differ_where_both_state_something_else(counted: Counted) -> None:
    found = table_of(counted, "source_conflicts")[["n", "n_differ"]]
    assert dict(zip(found.index, found.itertuples(index=False, name=None), strict=True)) == {
        "gender": (4, 1),  # of the fifth CRC knows none
        "borough": (4, 1),
        "age": (4, 1),  # of the third they have not the same day
        "date of sentence": (5, 1),
        "offence": (5, 1),
    }


def test_what_both_say_and_who_is_believed_is_there_for_researchers(counted: Counted) -> None:
    query = (
        "SELECT characteristic, believed, nps_says, crc_says FROM research.source_conflicts "
        "WHERE differs AND characteristic IN ('gender', 'offence') ORDER BY characteristic"
    )
    assert fetch(counted[0], query) == [
        ("gender", NPS, "Male", "Female"),
        ("offence", NPS, "00826", "00811"),
    ]


def test_each_row_that_does_not_link_as_sent_is_counted_by_what_its_crn_is(
    counted: Counted,
) -> None:
    found = table_of(counted, "crn_quality")["n"]
    assert {key: n for key, n in found.items() if n and key[1] != "Total"} == {
        (NPS, "malformed"): 1,
        (CRC, "unknown"): 1,
        (CRC, "malformed"): 1,  # once, though each of both workbooks has the row
        (ATTENDEE, "near miss, not decided"): 1,
        (CHECKIN, "near miss, rejected"): 2,
        (CHECKIN, "near miss, accepted"): 1,
    }


def test_before_anybody_looked_for_near_misses_every_crn_that_links_to_nobody_is_unknown(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = data_folder(tmp_path_factory.mktemp("unlooked") / "data")
    with stores_in_memory() as connection:
        load_rows(connection, NPS, rows_of(NPS, {"CRN": LINKED[0]}))
        load_rows(connection, CRC, rows_of(CRC, {"CRN": NEAR_OPEN}))
        build_research(connection, folder, with_gates(1))
        assert table_of((connection, with_gates(1)), "crn_quality")["n"][CRC, "unknown"] == 1


def test_what_is_one_more_of_the_same_is_counted_by_rule(counted: Counted) -> None:
    found = table_of(counted, "duplicates")[["n", "n_repeated"]]
    assert dict(zip(found.index, found.itertuples(index=False, name=None), strict=True)) == {
        "person under another CRN": (5, 2),
        "further case of a person": (7, 1),
        "further response of a person at a wave": (3, 1),
        "further check-in of a person at a session": (5, 1),
    }


def test_crc_is_believed_on_the_gender_where_the_policy_says_so_and_crc_knows_it(
    counted: Counted,
) -> None:
    connection, policy = counted
    gender = "SELECT gender, count(*) FROM research.linked_cohort GROUP BY gender ORDER BY gender"
    assert fetch(connection, gender) == [("Male", 5)]
    believed = {**policy.dpia.cohort.believed, "gender": CRC}
    cohort = policy.dpia.cohort.model_copy(update={"believed": believed})
    link_cohort(connection, replace(policy, dpia=policy.dpia.model_copy(update={"cohort": cohort})))
    assert fetch(connection, gender) == [("Female", 1), ("Male", 4)]
    assert fetch(connection, "SELECT DISTINCT believed FROM research.source_conflicts "
                 "WHERE characteristic = 'gender'") == [(CRC,)]  # fmt: skip
    link_cohort(connection, policy)


def test_no_name_and_no_crn_is_in_the_tables_or_in_the_research_store(counted: Counted) -> None:
    connection, policy = counted
    [sent] = fetch(
        connection, f"SELECT count(*) FROM restricted.{NPS}_raw WHERE offender_name LIKE '{NAMED}%'"
    )
    assert sent == (len(LINKED),)
    canaries = (CANARY, NAMED, "QUICKFOOT", STRANGER, NEAR_OPEN, NEAR_NO, NEAR_YES, *LINKED)
    texts = {name: aggregate(connection, policy, name).to_csv() for name in TABLES}
    for schema, name in all_tables_in(connection, "research"):
        place = f"research.{quoted_name(schema)}.{quoted_name(name)}"
        texts[place] = connection.execute(f"FROM {place}").df().to_csv()
    assert "Total" in texts["crn_quality"]
    assert not [(n, canary) for n, text in texts.items() for canary in canaries if canary in text]
