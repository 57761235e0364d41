"""Near misses: one slip away from exactly one CRN of NPS, and nothing on the rows contradicts."""

from __future__ import annotations

import string
from collections.abc import Sequence

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.cohort.near_misses import find_near_misses
from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, make_pseudonyms
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
    NPS,
    Row,
    data_folder,
    fetch,
    load_rows,
    rows_of,
    shipped_policy,
    stores_in_memory,
)

KNOWN = "K123456"
Pairs = set[tuple[str, str]]


def pairs_of(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy | None = None
) -> Pairs:
    """The CRN sent and the CRN meant of every near miss."""
    policy = policy or shipped_policy()
    Keys(folder.keys).read_or_create(PSEUDONYM_KEY)
    make_pseudonyms(connection, folder, policy)
    count = find_near_misses(connection, folder, policy)
    found = set(fetch(connection, "SELECT crn_sent, crn_meant FROM restricted.near_misses"))
    assert count == len(found)
    return found


def load(
    connection: duckdb.DuckDBPyConnection,
    nps: Sequence[Row],
    drop: int = 1,
    **others: Sequence[Row],
) -> None:
    """Loads rows of NPS, and of `crc`, `checkin` and `attendee`."""
    named = {"crc": CRC, "checkin": CHECKIN, "attendee": ATTENDEE}
    load_rows(connection, NPS, rows_of(NPS, *nps), drop=drop)
    for name, changes in others.items():
        load_rows(connection, named[name], rows_of(named[name], *changes), drop=drop)


@pytest.mark.parametrize(
    "sent",
    ["B123456", "K023456", "K123457", "K123956", "K213456", "K123465", "k 123-465\u00a0"],
)
def test_one_character_or_two_neighbours_swapped_is_a_near_miss(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, sent: str
) -> None:
    load(memory, [{"CRN": KNOWN}], checkin=[{"CRN": sent}])
    ((found, meant),) = pairs_of(memory, folder)
    assert (found, meant) == (sent.strip().upper().replace(" ", "").replace("-", ""), KNOWN)


@pytest.mark.parametrize("sent", ["K123456", "K124356K", "K143256", "K654321", "B123457", "K12345"])
def test_the_same_two_slips_and_malformed_ones_are_none(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, sent: str
) -> None:
    load(memory, [{"CRN": KNOWN}], checkin=[{"CRN": sent}, {"ResponseID": "2", "CRN": "Z900000"}])
    assert pairs_of(memory, folder) == set()


def test_one_that_is_near_to_two_people_is_none(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    load(memory, [{"CRN": KNOWN}, {"CRN": "K123465"}], checkin=[{"CRN": "K123455"}])
    assert pairs_of(memory, folder) == set()


def test_a_second_neighbour_counts_even_when_its_rows_contradict(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    nps = [{"CRN": KNOWN}, {"CRN": "K123466", "Gender": "F"}]
    load(memory, nps, crc=[{"CRN": "K123457"}, {"CRN": "K123446"}])
    assert pairs_of(memory, folder) == {("K123457", KNOWN)}


def test_only_nps_knows_people(folder: DataFolder, memory: duckdb.DuckDBPyConnection) -> None:
    load(memory, [{"CRN": "Z900000"}], crc=[{"CRN": KNOWN}], checkin=[{"CRN": "K123457"}])
    assert pairs_of(memory, folder) == set()


@pytest.mark.parametrize(
    ("change", "is_near"),
    [
        ({}, True),
        ({"Gender": "Female"}, False),
        ({"Gender": "not known"}, True),
        ({"Gender": None}, True),
        ({"Borough of residence": "Newham"}, False),
        ({"Borough of residence": " LAMBETH"}, True),
        ({"Borough of residence": None}, True),
        ({"DOB": "13/03/1995"}, False),
        ({"DOB": None}, True),
        ({"Sentence date": "12/01/2020"}, False),
        ({"Sentence date": "14/01/2020"}, True),
        ({"Start date": "12/01/2020"}, False),
        ({"Offender Manager": "Somebody Else", "Name": "Another, Spelling"}, True),
    ],
)
def test_what_both_rows_state_may_not_contradict(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, change: Row, is_near: bool
) -> None:
    load(memory, [{"CRN": KNOWN}], crc=[{"CRN": "K123457", **change}])
    assert (pairs_of(memory, folder) == {("K123457", KNOWN)}) is is_near


@pytest.mark.parametrize(("day", "is_near"), [("12/01/2020", False), ("13/01/2020", True)])
def test_nothing_happens_before_the_disposal(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, day: str, is_near: bool
) -> None:
    load(
        memory,
        [{"CRN": KNOWN}, {"CRN": "Z900000"}],
        checkin=[{"CRN": "K123457", "SessionDate": day}],
        attendee=[
            {"CRN": "Z900001", "InterviewStart": f"{day} 00:05", "InterviewEnd": f"{day} 00:10"}
        ],
    )
    expected = {("K123457", KNOWN), ("Z900001", "Z900000")} if is_near else set()
    assert pairs_of(memory, folder) == expected


def test_every_row_with_the_crn_has_to_fit(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    early = {"CRN": "K123457", "ResponseID": "2", "SessionDate": "01/12/2019"}
    load(memory, [{"CRN": KNOWN}], crc=[{"CRN": "K123457"}], checkin=[early])
    assert pairs_of(memory, folder) == set()


def test_a_row_has_to_fit_one_of_the_rows_of_the_person(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    moved = {"CRN": KNOWN, "Borough": "Newham", "Disposal Date": "10/02/2020"}
    load(
        memory,
        [{"CRN": KNOWN}, moved],
        crc=[
            {"CRN": "K123457", "Borough of residence": "Newham", "Sentence date": "10/02/2020"}
            | {"Start date": None}
        ],
    )
    assert pairs_of(memory, folder) == {("K123457", KNOWN)}


@pytest.mark.thorough
def test_a_corrected_row_contradicts_no_longer(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    load(memory, [{"CRN": KNOWN, "Gender": "F"}], crc=[{"CRN": "K123457"}])
    assert pairs_of(memory, folder) == set()
    load(memory, [{"CRN": KNOWN, "Gender": "M"}], drop=2)
    assert pairs_of(memory, folder) == {("K123457", KNOWN)}


def test_a_near_miss_says_who_sent_it_how_often_and_what_agrees(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    checkins = [{"CRN": "K123457", "ResponseID": str(n), "Session": str(n)} for n in (1, 2)]
    load(memory, [{"CRN": KNOWN}], crc=[{"CRN": "K123457"}], checkin=checkins)
    pairs_of(memory, folder)
    ((name, *said),) = fetch(
        memory, "SELECT near_miss_id, sources, row_count, agrees_on FROM restricted.near_misses"
    )
    assert said == [[CRC, CHECKIN], 3, ["borough", "date of birth", "gender", "order of dates"]]
    assert name.startswith("nm-")
    assert "123457" not in name


@pytest.mark.thorough
def test_the_id_is_the_same_in_every_run_and_another_under_another_key(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    load(memory, [{"CRN": KNOWN}], checkin=[{"CRN": "K123457"}])
    ids = []
    for _ in range(2):
        pairs_of(memory, folder)
        ids += fetch(memory, "SELECT near_miss_id FROM restricted.near_misses")
    Keys(folder.keys).destroy(PSEUDONYM_KEY)
    pairs_of(memory, folder)
    other = fetch(memory, "SELECT near_miss_id FROM restricted.near_misses")
    assert ids[0] == ids[1]
    assert other[0] != ids[0]


def near(one: str, other: str) -> bool:
    """One substitution or one swap of neighbours apart, said in another way than the SQL."""
    differ = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(differ) == 1:
        return True
    return (
        len(differ) == 2
        and differ[1] == differ[0] + 1
        and one[differ[0]] == other[differ[1]]
        and one[differ[1]] == other[differ[0]]
    )


# Few letters and digits, so that many are near to one another.
CLOSE = st.builds(
    lambda letter, digits: f"{letter}11{digits}",
    st.sampled_from(string.ascii_uppercase[:2]),
    st.text("123", min_size=4, max_size=4),
)


@given(st.sets(CLOSE, min_size=1, max_size=12), st.sets(CLOSE, min_size=1, max_size=8))
@settings(max_examples=12, deadline=None)
@pytest.mark.thorough
def test_near_misses_are_those_that_a_search_of_all_pairs_finds(
    tmp_path_factory: pytest.TempPathFactory, known: set[str], sent: set[str]
) -> None:
    folder = data_folder(tmp_path_factory.mktemp("near"))
    with stores_in_memory() as connection:
        checkins = [{"CRN": crn, "ResponseID": str(n)} for n, crn in enumerate(sorted(sent), 1)]
        load(connection, [{"CRN": crn} for crn in sorted(known)], checkin=checkins)
        found = pairs_of(connection, folder)
    expected = set()
    for crn in sent - known:
        neighbours = [other for other in known if near(crn, other)]
        if len(neighbours) == 1:
            expected.add((crn, neighbours[0]))
    assert found == expected
