"""Who a CRN stands for, by the links in force and the source that says who is a person."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pytest

from safer_streets_assets.cohort.person import (
    InDoubtError,
    PersonError,
    as_crn,
    find_person,
    people_meant,
)
from safer_streets_assets.cohort.reviews import ensure_review_tables
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import CRC, NPS, load_rows, rows_of, shipped_policy

A, B, C, OTHER = "A000001", "A000002", "A000003", "Z000009"


def link(connection: duckdb.DuckDBPyConnection, *pairs: tuple[str, str]) -> None:
    """Puts links in force: CRN sent, CRN meant."""
    ensure_review_tables(connection)
    for sent, meant in pairs:
        connection.execute(
            "INSERT INTO restricted.accepted_links VALUES "
            "('nm-' || ?, ?, ?, 'somebody', TIMESTAMP '2020-01-01', NULL, NULL)",
            [str(ord(sent[-1])), sent, meant],
        )


@pytest.mark.parametrize(
    ("pairs", "known", "meant"),
    [
        ([], (A,), {}),
        ([(B, A)], (A,), {B: A}),
        ([(B, A), (C, A)], (A,), {B: A, C: A}),
        ([(B, A)], (), {B: A}),
        ([(B, A)], (A, B), {}),
        ([(C, B), (B, A)], (A,), {C: A, B: A}),
        ([(C, B), (B, A)], (A, B), {C: B}),
        ([(A, B), (B, A)], (), {}),
        ([(C, B), (A, B), (B, A)], (), {}),
    ],
)
def test_a_crn_is_taken_for_another_as_accepted_unless_it_is_somebodys_own(
    memory: duckdb.DuckDBPyConnection,
    policy: Policy,
    pairs: Sequence[tuple[str, str]],
    known: Sequence[str],
    meant: dict[str, str],
) -> None:
    load_rows(memory, NPS, rows_of(NPS, *({"CRN": crn} for crn in (*known, OTHER))))
    load_rows(memory, CRC, rows_of(CRC, *({"CRN": crn} for crn in (A, B, C))))
    link(memory, *pairs)
    assert people_meant(memory, policy) == meant
    for crn in (A, B, C, OTHER):
        if crn in meant:
            with pytest.raises(InDoubtError):
                find_person(memory, policy, crn)
        else:
            theirs = {sent for sent, person in meant.items() if person == crn}
            assert find_person(memory, policy, crn).crns == {crn, *theirs}


def test_without_any_store_a_crn_stands_for_itself(policy: Policy) -> None:
    with duckdb.connect(":memory:") as connection:
        assert find_person(connection, policy, A).crns == {A}


def test_nothing_that_is_said_of_a_person_holds_a_crn(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    link(memory, (B, A))
    with pytest.raises(InDoubtError) as refusal:
        find_person(memory, policy, B)
    assert "safer-streets review withdraw nm-50" in str(refusal.value)
    for said in (str(refusal.value), repr(refusal.value), repr(find_person(memory, policy, A))):
        assert A not in said
        assert B not in said


@pytest.mark.parametrize("text", ["", "Quillfeather", "A12345", "AA123456"])
def test_what_is_no_crn_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(PersonError) as refusal:
        as_crn(text, shipped_policy().dpia.person_number)
    assert not text or text not in str(refusal.value)
