"""Rows set aside go back to their sender until a later drop puts them right."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import duckdb
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.intake.outstanding_rows import outstanding_values
from safer_streets_assets.intake.returns import (
    RETURNS_KEY,
    ReturnsError,
    discard_returns,
    opened_return,
    write_returns,
)
from safer_streets_assets.intake.returns_workbook import COLUMNS, workbook_of
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.holdings.inventory import RESTRICTED, UNACCOUNTED, inventory
from safer_streets_assets.stores import DataFolder, Keys, open_stores
from safer_streets_assets.stores.sealed import SealError, unseal
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    CRC,
    NOVO,
    NPS,
    TRAINING,
    Row,
    bytes_under,
    crn,
    fetch,
    load_rows,
    people_rows,
    rows_of,
    shipped_policy,
    stores_in_memory,
)

BAD_CRN: Row = {"CRN": "TBC", "Offender Name": "OKORO, Sam", "Court": "Bromley"}


def waiting(
    connection: duckdb.DuckDBPyConnection, source: str, policy: Policy
) -> list[tuple[str, int, str | None, str]]:
    """Drop, row, field and reason of what is outstanding."""
    found = outstanding_values(connection, policy, source)
    return [(v.drop_id.rsplit("-", 1)[1], v.row_number, v.field, v.reason) for v in found]


def cells(content: bytes) -> list[tuple[Any, ...]]:
    """The cells of the sheet of rows of a workbook."""
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [tuple(line) for line in page.iter_rows(values_only=True)]


def returned(folder: DataFolder, source: str) -> list[tuple[Any, ...]]:
    """The lines of a source's workbook below its heading."""
    return cells(opened_return(folder, shipped_policy(), source))[1:]


NPS_GOOD = people_rows(NPS, 8)
BAD_CHECKIN = [*people_rows(CHECKIN, 8), *people_rows(CHECKIN, 1, 20, Session="x")]
MISTAKES: list[tuple[str, Row, str, str, str | None, str]] = [
    (NPS, {"CRN": "A12 345"}, "CRN", "R-CRN", "A12 345", "One letter and six digits."),
    (NPS, {"Gender": "7"}, "Gender", "R-CODE", "7", "One of: Male; Female; Other or not known."),
    (
        NPS,
        {"Disposal Date": "31/02/2020"},
        "Disposal Date",
        "R-DATE",
        "31/02/2020",
        "A date that exists, as dd/mm/yyyy, the year in four figures.",
    ),
    (NPS, {"Court": None}, "Court", "R-MISSING", None, "A value is required: Text."),
    (
        NPS,
        {"Offence Code": "knife"},
        "Offence Code",
        "R-CODE",
        "knife",
        "An offence code of five digits.",
    ),
    (
        CHECKIN,
        {"Session": "13"},
        "Session",
        "R-RANGE",
        "13",
        "A whole number from 1 to 12.",
    ),
    (
        ATTENDEE,
        {"A1": "8"},
        "A1",
        "R-RANGE",
        "8",
        "A whole number from 1 to 5, or 97, 98, 99.",
    ),
    (
        ATTENDEE,
        {"InterviewStart": "soon"},
        "InterviewStart",
        "R-DATE",
        "soon",
        "A date that exists and a time, as dd/mm/yyyy hh:mm, the year in four figures.",
    ),
]


@pytest.mark.parametrize(("source", "change", "header", "reason", "value", "right"), MISTAKES)
def test_a_line_says_file_row_column_rule_value_and_what_would_be_right(
    folder: DataFolder,
    memory: duckdb.DuckDBPyConnection,
    policy: Policy,
    source: str,
    change: Row,
    header: str,
    reason: str,
    value: str | None,
    right: str,
) -> None:
    from safer_streets_assets.intake.corrections import rule_broken

    rows = [*people_rows(source, 8), *people_rows(source, 1, first=9, **change)]
    load_rows(memory, source, rows)
    assert write_returns(memory, folder, policy) == {source: 1}
    ((month, up_to, saved, arrived, sheet, row, *rest, drop),) = returned(folder, source)
    assert (drop, arrived, row) == (f"{source}-1"[:12], "05/01/2021 12:00", "10")
    assert datetime.strptime(up_to, "%d/%m/%Y").strftime("%B %Y") == month
    assert (saved, sheet) == (None, None)
    assert rest == [header, rule_broken(shipped_policy(), reason), value, right]


def test_both_dates_in_the_wrong_order_are_named(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, NPS, [*NPS_GOOD, *rows_of(NPS, {"Date of Birth": "14/01/2020"})])
    found = {field for _, _, field, reason in waiting(memory, NPS, policy) if reason == "R-ORDER"}
    assert found == {"date_of_birth", "disposal_date"}
    counted = fetch(memory, "SELECT reasons FROM restricted.set_aside_rows")
    assert counted == [(["R-ORDER"],)]


@pytest.mark.parametrize(
    ("source", "named"),
    [(TRAINING, {"identifying": [3]}), (NOVO, {"identifying": [3]}), (NPS, {"ragged": [3]})],
)
def test_a_row_that_is_wrong_as_a_whole_is_listed_without_a_column(
    memory: duckdb.DuckDBPyConnection, policy: Policy, source: str, named: dict[str, Any]
) -> None:
    id_column = {TRAINING: "Form", NOVO: "Reference", NPS: "CRN"}[source]
    rows = rows_of(source, *({id_column: crn(n) if source == NPS else str(n)} for n in range(8)))
    load_rows(memory, source, rows, **named)
    ((_, row, field, _),) = waiting(memory, source, policy)
    assert (row, field) == (3, None)


def test_a_later_row_of_the_same_identity_clears_a_row(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    bad = people_rows(NPS, 1, first=20, Gender="7")
    load_rows(memory, NPS, [*NPS_GOOD, *bad])
    assert len(waiting(memory, NPS, policy)) == 1
    load_rows(memory, NPS, people_rows(NPS, 5, first=30), drop=2)
    assert len(waiting(memory, NPS, policy)) == 1
    typed_otherwise = people_rows(NPS, 1, first=20, **{"Disposal Date": "2020-01-13"})
    load_rows(memory, NPS, typed_otherwise, drop=3)
    assert waiting(memory, NPS, policy) == []


def test_an_earlier_row_of_the_same_identity_clears_nothing(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, NPS, people_rows(NPS, 5))
    load_rows(
        memory, NPS, [*people_rows(NPS, 5, first=50), *people_rows(NPS, 1, Gender="7")], drop=2
    )
    assert waiting(memory, NPS, policy) == [("2", 7, "gender", "R-CODE")]


def test_a_row_corrected_further_down_in_its_own_file_is_not_asked_for(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    bad, good = people_rows(NPS, 1, 20, Gender="7"), people_rows(NPS, 1, 20)
    load_rows(memory, NPS, [*NPS_GOOD, *bad, *good])
    assert waiting(memory, NPS, policy) == []
    load_rows(memory, NPS, [*good, *NPS_GOOD, *bad], drop=2)
    assert waiting(memory, NPS, policy) == [("2", 11, "gender", "R-CODE")]


def test_rows_of_one_file_that_contradict_each_other_are_asked_for(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    one, other = people_rows(NPS, 1, 20, Gender="M"), people_rows(NPS, 1, 20, Gender="F")
    load_rows(memory, NPS, [*NPS_GOOD, *one, *other])
    assert {reason for _, _, _, reason in waiting(memory, NPS, policy)} == {"R-TWICE"}


def test_a_row_that_is_set_aside_again_is_asked_for_once(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    rows = [*people_rows(CRC, 8), *people_rows(CRC, 1, 20, Gender="7")]
    for drop in (1, 2, 3):
        load_rows(memory, CRC, rows, drop=drop)
    assert waiting(memory, CRC, policy) == [("3", 10, "gender", "R-CODE")]


def test_a_row_with_a_malformed_crn_is_cleared_by_the_corrected_re_send(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, NPS, [*NPS_GOOD, *rows_of(NPS, BAD_CRN)])
    load_rows(memory, NPS, people_rows(NPS, 8, first=30), drop=2)
    assert len(waiting(memory, NPS, policy)) == 1
    corrected = rows_of(NPS, {**BAD_CRN, "CRN": "B200002", "Court": "also corrected"})
    load_rows(memory, NPS, [*NPS_GOOD, *corrected], drop=3)
    assert waiting(memory, NPS, policy) == []


def test_a_re_send_that_is_still_wrong_is_outstanding_in_its_own_place(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, NPS, [*NPS_GOOD, *rows_of(NPS, BAD_CRN)])
    load_rows(memory, NPS, [*rows_of(NPS, {**BAD_CRN, "CRN": "TBA"}), *NPS_GOOD], drop=2)
    assert waiting(memory, NPS, policy) == [("2", 2, "crn", "R-CRN")]


@pytest.mark.parametrize(("shared", "cleared"), [(4, False), (5, True)])
def test_a_re_send_has_more_than_half_of_the_identities(
    memory: duckdb.DuckDBPyConnection, policy: Policy, shared: int, cleared: bool
) -> None:
    load_rows(memory, NPS, [*NPS_GOOD, *rows_of(NPS, BAD_CRN)])
    load_rows(memory, NPS, [*NPS_GOOD[:shared], *people_rows(NPS, 3, first=30)], drop=2)
    assert (waiting(memory, NPS, policy) == []) is cleared


def test_a_corrected_row_that_comes_back_alone_clears_the_row(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    another = {**BAD_CRN, "Offender Name": "Z, Z"}
    load_rows(memory, NPS, [*NPS_GOOD, *rows_of(NPS, BAD_CRN, another)])
    load_rows(memory, NPS, rows_of(NPS, {**BAD_CRN, "CRN": "B200002"}), drop=2)
    assert waiting(memory, NPS, policy) == [("1", 11, "crn", "R-CRN")]


def test_another_person_with_the_same_values_is_not_a_correction(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, NPS, [*NPS_GOOD, *rows_of(NPS, {"CRN": "TBC"})])
    load_rows(memory, NPS, NPS_GOOD[:1], drop=2)
    assert len(waiting(memory, NPS, policy)) == 1


def test_a_row_that_a_later_workbook_leaves_out_was_not_corrected(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, CRC, [*people_rows(CRC, 8), *people_rows(CRC, 1, 20, Gender="7")])
    load_rows(memory, CRC, people_rows(CRC, 8), drop=2)
    assert waiting(memory, CRC, policy) == [("1", 10, "gender", "R-CODE")]


def test_a_date_in_the_wrong_order_is_cleared_by_a_re_send_with_another_date(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    born_after = people_rows(NPS, 1, first=20, **{"Date of Birth": "14/01/2020"})
    load_rows(memory, NPS, [*NPS_GOOD, *born_after])
    corrected = people_rows(
        NPS, 1, first=20, **{"Date of Birth": "14/01/2000", "Disposal Date": "14/01/2020"}
    )
    load_rows(memory, NPS, [*NPS_GOOD, *corrected], drop=2)
    assert waiting(memory, NPS, policy) == []


def test_a_row_set_aside_before_fields_were_kept_is_listed_by_its_rules(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, NPS, [*NPS_GOOD, *rows_of(NPS, {"CRN": "TBC", "Gender": "7"})])
    memory.execute("UPDATE restricted.set_aside_rows SET problems = NULL")
    expected = [("1", 10, None, "R-CODE"), ("1", 10, None, "R-CRN")]
    assert waiting(memory, NPS, policy) == expected
    load_rows(memory, NPS, NPS_GOOD, drop=2)
    assert waiting(memory, NPS, policy) == []


def test_a_row_set_aside_before_fields_were_kept_waits_with_its_reason(policy: Policy) -> None:
    with stores_in_memory() as connection:
        load_rows(connection, NPS, [*NPS_GOOD, *rows_of(NPS, BAD_CRN)])
        connection.execute("UPDATE restricted.set_aside_rows SET problems = NULL")
        assert waiting(connection, NPS, policy) == [("1", 10, None, "R-CRN")]


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["M", "7"])), max_size=8))
@settings(max_examples=7, deadline=None)
@pytest.mark.thorough
def test_a_row_waits_exactly_when_the_last_row_of_its_identity_is_bad(
    sent: list[tuple[int, str]],
) -> None:
    policy = shipped_policy()
    last: dict[int, tuple[int, str]] = {}
    with stores_in_memory(policy) as connection:
        for drop, (person, gender) in enumerate(sent, start=1):
            load_rows(connection, CHECKIN, checkin(person, gender), drop=drop)
            last[person] = (drop, gender)
        found = {int(drop) for drop, *_ in waiting(connection, CHECKIN, policy)}
    assert found == {drop for drop, gender in last.values() if gender == "7"}


def checkin(person: int, gender: str) -> Sequence[Row]:
    """A check-in that is good, or not, by the letter."""
    return people_rows(CHECKIN, 1, first=person, Session="1" if gender == "M" else "99")


def test_what_begins_like_a_formula_stays_text(policy: Policy) -> None:
    with stores_in_memory(policy) as connection:
        rows = [*people_rows(CHECKIN, 8), *people_rows(CHECKIN, 1, 20, Attended='=HYPERLINK("x")')]
        load_rows(connection, CHECKIN, [*rows, *people_rows(CHECKIN, 1, 21, Attended="\x01@+-")])
        content = workbook_of(policy, CHECKIN, outstanding_values(connection, policy, CHECKIN))
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert [cell.value for cell in page[1]] == list(COLUMNS)
    value = list(COLUMNS).index("Value as sent") + 1
    assert [page.cell(row, value).value for row in (2, 3)] == ['=HYPERLINK("x")', "\ufffd@+-"]
    filled = [cell for line in page.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in filled} == {"s"}


def test_the_workbooks_are_sealed_for_the_owner_alone(
    folder: DataFolder, stores: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    from safer_streets_assets.intake.take_in import prepare_intake

    prepare_intake(stores, policy)
    load_rows(stores, NPS, [*NPS_GOOD, *rows_of(NPS, BAD_CRN)])
    write_returns(stores, folder, policy)
    (path,) = folder.returns.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.returns.stat().st_mode & 0o777 == 0o700
    assert Keys(folder.keys).path(RETURNS_KEY).stat().st_mode & 0o777 == 0o600
    assert b"xl/" not in path.read_bytes()
    with pytest.raises(SealError):
        unseal(path, "0" * 64)


def test_a_workbook_goes_when_nothing_waits_any_more(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, NPS, [*NPS_GOOD, *people_rows(NPS, 1, 20, Gender="7")])
    load_rows(memory, CHECKIN, BAD_CHECKIN)
    assert write_returns(memory, folder, policy) == {NPS: 1, CHECKIN: 1}
    load_rows(memory, NPS, people_rows(NPS, 1, 20), drop=2)
    assert write_returns(memory, folder, policy) == {CHECKIN: 1}
    assert [path.name for path in folder.returns.iterdir()] == [f"{CHECKIN}.xlsx.sealed"]
    load_rows(memory, CHECKIN, people_rows(CHECKIN, 1, 20), drop=2)
    assert write_returns(memory, folder, policy) == {}
    assert list(folder.returns.iterdir()) == []
    assert not Keys(folder.keys).exists(RETURNS_KEY)


def test_a_lost_key_or_workbook_is_made_good_by_the_next_run(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, NPS, [*NPS_GOOD, *rows_of(NPS, BAD_CRN)])
    write_returns(memory, folder, policy)
    before = returned(folder, NPS)
    Keys(folder.keys).destroy(RETURNS_KEY)
    write_returns(memory, folder, policy)
    assert returned(folder, NPS) == before
    discard_returns(folder)
    with pytest.raises(ReturnsError):
        opened_return(folder, policy, NPS)
    write_returns(memory, folder, policy)
    assert returned(folder, NPS) == before


def test_without_a_store_there_is_nothing_to_return(folder: DataFolder, policy: Policy) -> None:
    with open_stores(folder, read=["restricted"]) as connection:
        assert write_returns(connection, folder, policy) == {}
    assert not folder.returns.exists()


def test_an_unknown_source_is_named_by_none_of_its_letters(
    folder: DataFolder, policy: Policy
) -> None:
    with pytest.raises(ReturnsError) as refusal:
        opened_return(folder, policy, "Canary Persephone")
    assert "Canary" not in str(refusal.value)


class KilledError(BaseException):
    """Stands in for the process being killed."""


def killed_at(number: int, patched: pytest.MonkeyPatch) -> None:
    """Lets the call of that number that writes, renames or removes a file never be reached."""
    passed = 0

    def passing(real: Any) -> Any:
        def wrapped(*args: Any, **named: Any) -> Any:
            nonlocal passed
            passed += 1
            if passed >= number:
                raise KilledError
            return real(*args, **named)

        return wrapped

    for name in ("open", "fsync", "replace", "unlink"):
        patched.setattr(os, name, passing(getattr(os, name)))


def lines_held(folder: DataFolder) -> dict[str, list[tuple[Any, ...]]]:
    """Every file in the returns folder by name, with the lines of its workbook."""
    key = Keys(folder.keys).read(RETURNS_KEY)
    return {path.name: cells(unseal(path, key)) for path in sorted(folder.returns.iterdir())}


@pytest.mark.thorough
def test_writing_returns_killed_before_any_write_and_run_again_ends_the_same(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, NPS, [*NPS_GOOD, *rows_of(NPS, BAD_CRN)])
    forms = rows_of(TRAINING, *({"Form": str(n)} for n in range(8)))
    load_rows(memory, TRAINING, forms, ragged=[3])
    write_returns(memory, folder, policy)
    # The next drops clear one workbook, change another and call for a third.
    load_rows(memory, TRAINING, rows_of(TRAINING, {"Form": "1"}), drop=2)
    bad = people_rows(NPS, 1, 60, Gender="7")
    load_rows(memory, NPS, [*people_rows(NPS, 8, 40), *bad], drop=2)
    load_rows(memory, CHECKIN, BAD_CHECKIN)
    before = bytes_under(folder.root)
    write_returns(memory, folder, policy)
    expected = lines_held(folder)
    assert list(expected) == [f"{NPS}.xlsx.sealed", f"{CHECKIN}.xlsx.sealed"]
    number = finished = 0
    while not finished:
        number += 1
        restore(folder, before)
        try:
            with pytest.MonkeyPatch.context() as patched:
                killed_at(number, patched)
                write_returns(memory, folder, policy)
                finished = number
        except KilledError:
            for path in folder.returns.iterdir():
                if path.name in expected:
                    assert cells(unseal(path, Keys(folder.keys).read(RETURNS_KEY)))
        write_returns(memory, folder, policy)
        assert lines_held(folder) == expected, number
    assert finished > 8


def restore(folder: DataFolder, before: dict[str, bytes]) -> None:
    """Makes the returns and the keys what they were."""
    for path in [*folder.returns.iterdir(), *folder.keys.iterdir()]:
        path.unlink()
    for name, content in before.items():
        if name.startswith(("restricted/returns/", "keys/")):
            (folder.root / name).write_bytes(content)
            (folder.root / name).chmod(0o600)


def test_discarding_returns_killed_before_any_write_leaves_nothing_that_opens(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, NPS, [*NPS_GOOD, *rows_of(NPS, BAD_CRN)])
    write_returns(memory, folder, policy)
    before = bytes_under(folder.root)
    for number in range(1, 6):
        restore(folder, before)
        with pytest.MonkeyPatch.context() as patched:
            killed_at(number, patched)
            with pytest.raises(KilledError):
                discard_returns(folder)
        discard_returns(folder)
        assert list(folder.returns.iterdir()) == []
        assert not Keys(folder.keys).exists(RETURNS_KEY)


def test_no_value_that_was_sent_is_in_a_repr(
    memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, NPS, [*NPS_GOOD, *people_rows(NPS, 1, 20, Gender="Canary Persephone")])
    (found,) = outstanding_values(memory, policy, NPS)
    assert found.value_sent == "Canary Persephone"
    assert "Canary" not in repr(found)


def test_the_returns_and_their_key_are_erased_with_the_restricted_store(
    folder: DataFolder, memory: duckdb.DuckDBPyConnection, policy: Policy
) -> None:
    load_rows(memory, NPS, [*NPS_GOOD, *rows_of(NPS, BAD_CRN)])
    write_returns(memory, folder, policy)
    units = inventory(folder)
    there = {path.name for path in units[RESTRICTED].there(folder)}
    assert there == {f"{RETURNS_KEY}.key", f"{NPS}.xlsx.sealed"}
    assert units[UNACCOUNTED].files == ()
