"""Pseudonyms: the same person is the same everywhere, and nobody without the key finds out who."""

from __future__ import annotations

import hashlib

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, make_pseudonyms, pseudonym
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, KeyMissingError, Keys
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
    NPS,
    build_cohort,
    fetch,
    load_rows,
    people_rows,
    rows_of,
)

KEY, OTHER = "11" * 32, "22" * 32
CRNS = st.from_regex(r"\A[A-Z][0-9]{6}\Z")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(CRNS, CRNS)
@pytest.mark.thorough
def test_two_people_never_share_a_pseudonym_and_one_keeps_his(one: str, other: str) -> None:
    assert (pseudonym(KEY, one) == pseudonym(KEY, other)) == (one == other)
    assert pseudonym(KEY, one) != pseudonym(OTHER, one)
    assert one not in pseudonym(KEY, one).upper()
    assert pseudonym(KEY, one) != hashlib.sha256(one.encode()).hexdigest()


def test_every_source_gives_a_person_the_same_pseudonym(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    spellings = {NPS: "A100001", CRC: "a100 001", ATTENDEE: "A100-001\u00a0", CHECKIN: "A.100001"}
    for source, written in spellings.items():
        load_rows(memory, source, rows_of(source, {"CRN": written}))
    build_cohort(memory, folder)
    people = set()
    for table in ("court_cases", "programme_cases", "attendee_responses", "facilitator_checkins"):
        people |= set(fetch(memory, f"SELECT person_id FROM research.{table}"))
    key = Keys(folder.keys).read(PSEUDONYM_KEY)
    assert people == {(pseudonym(key, "A100001"),)}
    assert fetch(memory, "SELECT * FROM restricted.person_pseudonyms") == [
        ("A100001", pseudonym(key, "A100001"))
    ]


def test_without_the_key_no_pseudonym_is_made(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, NPS, people_rows(NPS, 1))
    with pytest.raises(KeyMissingError, match=r"^The key pseudonym cannot be read; put"):
        make_pseudonyms(memory, folder, policy)
    assert not Keys(folder.keys).exists(PSEUDONYM_KEY)


def test_another_key_ends_linkage(folder: DataFolder, memory: duckdb.DuckDBPyConnection) -> None:
    load_rows(memory, NPS, people_rows(NPS, 3))
    build_cohort(memory, folder, NPS, CRC)
    before = set(fetch(memory, "SELECT person_id FROM research.linked_cohort"))
    Keys(folder.keys).destroy(PSEUDONYM_KEY)
    build_cohort(memory, folder, NPS, CRC)
    assert not before & set(fetch(memory, "SELECT person_id FROM research.linked_cohort"))


def test_making_them_again_changes_nothing(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, NPS, people_rows(NPS, 3))
    build_cohort(memory, folder, NPS, CRC)
    before = fetch(memory, "SELECT * FROM research.linked_cohort")
    assert make_pseudonyms(memory, folder, policy) == 3
    build_cohort(memory, folder, NPS, CRC)
    assert fetch(memory, "SELECT * FROM research.linked_cohort") == before


def test_a_row_set_aside_makes_no_person(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection
) -> None:
    load_rows(memory, NPS, people_rows(NPS, 1) + people_rows(NPS, 1, first=2, Gender="7"))
    build_cohort(memory, folder, NPS, CRC)
    assert len(fetch(memory, "SELECT * FROM restricted.person_pseudonyms")) == 1
