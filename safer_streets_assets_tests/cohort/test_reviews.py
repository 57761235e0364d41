"""What an operator decides about near misses links from the next run on, and can be taken back."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from safer_streets_assets.cohort.near_misses import find_near_misses
from safer_streets_assets.cohort.review_files import list_format_of, list_to_decide, read_verdicts
from safer_streets_assets.cohort.reviews import (
    ACCEPTED,
    REJECTED,
    Decided,
    ReviewError,
    Verdict,
    complete_audit,
    ensure_review_tables,
    links_digest,
    near_misses,
    record_verdicts,
    withdraw,
)
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    CHECKIN,
    CRC,
    NPS,
    build_cohort,
    data_folder,
    fetch,
    load_rows,
    rows_of,
    shipped_policy,
    stores_in_memory,
)
from safer_streets_assets_tests.kept_stores import keep_stores, kept_stores

MEANT, SENT = "K123456", "K123465"
NOW = datetime(2021, 2, 1, 9, 30, 15, 250)


@pytest.fixture(scope="module")
def reviewed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people, each with a near miss: one on CRC's spreadsheet, one in a check-in."""
    place = tmp_path_factory.mktemp("reviewed")
    folder = data_folder(tmp_path_factory.mktemp("of_reviewed") / "data")
    with stores_in_memory() as memory:
        load_rows(memory, NPS, rows_of(NPS, {"CRN": MEANT}, {"CRN": "Z900000"}))
        load_rows(memory, CRC, rows_of(CRC, {"CRN": SENT}))
        load_rows(memory, CHECKIN, rows_of(CHECKIN, {"CRN": "Z900001"}))
        run(memory, folder, shipped_policy())
        keep_stores(memory, folder, place)
    return place


@pytest.fixture
def reviewed(reviewed_once: Path, folder: DataFolder) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of them, free to change."""
    with kept_stores(reviewed_once, folder) as connection:
        yield connection


def run(connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy) -> None:
    """What a run does."""
    build_cohort(connection, folder)
    find_near_misses(connection, folder, policy)
    complete_audit(connection)


def id_of(connection: duckdb.DuckDBPyConnection, sent: str = SENT) -> str:
    """The id of the near miss of a CRN."""
    return next(f.near_miss_id for f in near_misses(connection) if f.crn_sent == sent)


def linked(connection: duckdb.DuckDBPyConnection) -> int:
    """How many people of the cohort are on CRC's spreadsheet."""
    query = "SELECT count(*) FROM research.linked_cohort WHERE crc_decision = 'assigned'"
    return int(fetch(connection, query)[0][0])


def audit(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """The audit, in order."""
    query = "SELECT decision, decided_by FROM registers.review_decisions ORDER BY decided_at"
    return fetch(connection, query)


@pytest.mark.thorough
def test_an_accepted_near_miss_links_from_the_next_run_on_until_it_is_withdrawn(
    reviewed: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    assert linked(reviewed) == 0
    done = record_verdicts(reviewed, shipped_policy(), {id_of(reviewed): ACCEPTED}, "ada", NOW)
    assert done == Decided(1, 0, 0)
    assert linked(reviewed) == 0
    run(reviewed, folder, policy)
    assert linked(reviewed) == 1
    assert withdraw(reviewed, id_of(reviewed), "ben", NOW + timedelta(days=1)) == ACCEPTED
    run(reviewed, folder, policy)
    assert linked(reviewed) == 0
    assert audit(reviewed) == [("accepted", "ada"), ("withdrawn", "ben")]


def test_an_accepted_link_counts_as_linked(
    reviewed: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    def quality() -> dict[str, str]:
        query = f"SELECT source, link_result FROM ({shipped_policy().sql['linkage']})"
        return dict(fetch(reviewed, query))

    assert quality() == {CRC: "not linked", CHECKIN: "not linked"}
    record_verdicts(reviewed, shipped_policy(), {id_of(reviewed): ACCEPTED}, "ada", NOW)
    run(reviewed, folder, policy)
    assert quality() == {CRC: "linked", CHECKIN: "not linked"}


@pytest.mark.thorough
def test_a_case_sent_under_both_crns_is_one_case_whose_later_version_wins(
    reviewed: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    load_rows(reviewed, CRC, rows_of(CRC, {"CRN": MEANT, "Sessions attended": "9"}), drop=2)
    record_verdicts(reviewed, shipped_policy(), {id_of(reviewed): ACCEPTED}, "ada", NOW)
    run(reviewed, folder, policy)
    assert fetch(reviewed, "SELECT sessions_attended FROM research.programme_cases") == [(9,)]
    counted = "SELECT corrections FROM registers.row_versions WHERE source = ?"
    assert fetch(reviewed, counted, CRC) == [(1,)]


@pytest.mark.thorough
def test_a_crn_that_nps_sends_later_is_that_persons_own(
    reviewed: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    record_verdicts(reviewed, shipped_policy(), {id_of(reviewed): ACCEPTED}, "ada", NOW)
    load_rows(reviewed, NPS, rows_of(NPS, {"CRN": SENT, "Offender Name": "Other, One"}), drop=2)
    run(reviewed, folder, policy)
    people = fetch(reviewed, "SELECT DISTINCT person_id FROM restricted.person_pseudonyms")
    assert len(people) == 4
    assert fetch(reviewed, "SELECT count(*) FROM research.linked_cohort") == [(3,)]


def test_a_decision_again_changes_nothing(reviewed: duckdb.DuckDBPyConnection) -> None:
    verdicts: dict[str, Verdict] = {
        id_of(reviewed): ACCEPTED,
        id_of(reviewed, "Z900001"): REJECTED,
    }
    record_verdicts(reviewed, shipped_policy(), verdicts, "ada", NOW)
    before = audit(reviewed)
    assert record_verdicts(reviewed, shipped_policy(), verdicts, "ben", NOW) == Decided(0, 0, 2)
    assert audit(reviewed) == before
    states = {found.crn_sent: found.state for found in near_misses(reviewed)}
    assert states == {SENT: "accepted", "Z900001": "rejected"}


def test_rejecting_what_was_accepted_withdraws_the_link(
    reviewed: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    record_verdicts(reviewed, shipped_policy(), {id_of(reviewed): ACCEPTED}, "ada", NOW)
    record_verdicts(reviewed, shipped_policy(), {id_of(reviewed): REJECTED}, "ben", NOW)
    run(reviewed, folder, policy)
    assert linked(reviewed) == 0
    assert {f.state for f in near_misses(reviewed) if f.crn_sent == SENT} == {"rejected"}
    assert withdraw(reviewed, id_of(reviewed), "ben", NOW) == REJECTED
    assert {f.state for f in near_misses(reviewed)} == {"open"}


def test_the_last_decision_stands_also_when_the_clock_was_set_back(
    reviewed: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    record_verdicts(reviewed, shipped_policy(), {id_of(reviewed): ACCEPTED}, "ada", NOW)
    withdraw(reviewed, id_of(reviewed), "ada", NOW - timedelta(days=3))
    record_verdicts(
        reviewed, shipped_policy(), {id_of(reviewed): ACCEPTED}, "ada", NOW - timedelta(days=9)
    )
    run(reviewed, folder, policy)
    assert linked(reviewed) == 1
    assert [decision for decision, _ in audit(reviewed)] == ["accepted", "withdrawn", "accepted"]


def test_a_list_with_an_unknown_near_miss_changes_nothing(
    reviewed: duckdb.DuckDBPyConnection,
) -> None:
    with pytest.raises(ReviewError) as refusal:
        record_verdicts(
            reviewed, shipped_policy(), {id_of(reviewed): ACCEPTED, "Canary": REJECTED}, "ada", NOW
        )
    assert "Canary" not in str(refusal.value)
    assert audit(reviewed) == []
    assert fetch(reviewed, "SELECT count(*) FROM restricted.accepted_links") == [(0,)]


def test_nothing_that_stands_cannot_be_withdrawn(reviewed: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ReviewError):
        withdraw(reviewed, id_of(reviewed), "ada", NOW)


def test_one_crn_is_never_accepted_as_two(reviewed: duckdb.DuckDBPyConnection) -> None:
    record_verdicts(reviewed, shipped_policy(), {id_of(reviewed): ACCEPTED}, "ada", NOW)
    reviewed.execute(
        "UPDATE restricted.near_misses SET near_miss_id = 'nm-2', crn_meant = 'K123495' "
        "WHERE crn_sent = ?",
        [SENT],
    )
    with pytest.raises(ReviewError, match="nm-2"):
        record_verdicts(reviewed, shipped_policy(), {"nm-2": ACCEPTED}, "ada", NOW)


@pytest.mark.parametrize("is_sent", [True, False])
def test_a_crn_that_is_somebodys_own_by_now_is_not_accepted_as_another_one(
    reviewed: duckdb.DuckDBPyConnection, is_sent: bool
) -> None:
    if is_sent:
        load_rows(reviewed, NPS, rows_of(NPS, {"CRN": SENT, "Offender Name": "Other, One"}), drop=2)
    else:
        reviewed.execute("CREATE TABLE restricted.objections AS SELECT ? AS crn_key", [SENT])
    with pytest.raises(ReviewError, match=id_of(reviewed)) as refusal:
        record_verdicts(reviewed, shipped_policy(), {id_of(reviewed): ACCEPTED}, "ada", NOW)
    assert SENT not in str(refusal.value)
    assert audit(reviewed) == []
    assert fetch(reviewed, "SELECT count(*) FROM restricted.accepted_links") == [(0,)]
    rejected: dict[str, Verdict] = {id_of(reviewed): REJECTED}
    assert record_verdicts(reviewed, shipped_policy(), rejected, "ada", NOW) == Decided(0, 1, 0)


def test_a_change_of_links_calls_for_a_new_run(reviewed: duckdb.DuckDBPyConnection) -> None:
    digests = [links_digest(reviewed)]
    record_verdicts(reviewed, shipped_policy(), {id_of(reviewed, "Z900001"): REJECTED}, "ada", NOW)
    digests.append(links_digest(reviewed))
    record_verdicts(reviewed, shipped_policy(), {id_of(reviewed): ACCEPTED}, "ada", NOW)
    digests.append(links_digest(reviewed))
    withdraw(reviewed, id_of(reviewed), "ada", NOW)
    digests.append(links_digest(reviewed))
    assert digests[0] == digests[1] == digests[3] != digests[2]


class Killing:
    """A connection whose writing statement of a number is not reached."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, number: int) -> None:
        self._connection = connection
        self._left = number

    def execute(self, query: str, *args: Any) -> Any:
        if query.startswith(("INSERT", "UPDATE", "DELETE", "COMMIT", "BEGIN")):
            self._left -= 1
            if self._left < 0:
                raise KeyboardInterrupt
        return self._connection.execute(query, *args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.mark.parametrize("number", range(12))
@pytest.mark.thorough
def test_deciding_killed_before_any_write_and_done_again_ends_the_same(
    reviewed: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy, number: int
) -> None:
    verdicts: dict[str, Verdict] = {
        id_of(reviewed): ACCEPTED,
        id_of(reviewed, "Z900001"): REJECTED,
    }
    killing: Any = Killing(reviewed, number)
    try:
        record_verdicts(killing, shipped_policy(), verdicts, "ada", NOW)
    except KeyboardInterrupt:
        end_transaction(reviewed)
    # A run in between makes good what is missing of the audit, and links by what was decided.
    run(reviewed, folder, policy)
    in_force = fetch(reviewed, "SELECT count(*) FROM restricted.accepted_links")[0][0]
    assert linked(reviewed) == in_force
    assert sum(decision == "accepted" for decision, _ in audit(reviewed)) == in_force
    record_verdicts(reviewed, shipped_policy(), verdicts, "ada", NOW)
    assert sorted(audit(reviewed)) == [("accepted", "ada"), ("rejected", "ada")]
    run(reviewed, folder, policy)
    assert linked(reviewed) == 1


def end_transaction(connection: duckdb.DuckDBPyConnection) -> None:
    """What closing the connection of a killed process does."""
    try:
        connection.execute("ROLLBACK")
    except duckdb.TransactionException:
        return


def test_the_tables_of_the_review_are_made_once(memory: duckdb.DuckDBPyConnection) -> None:
    for _ in range(2):
        ensure_review_tables(memory)
    assert near_misses(memory) == []


def decided(content: bytes, *decisions: str) -> bytes:
    """The list with decisions in the last column, line by line."""
    header, *lines = content.decode("utf-8-sig").splitlines()
    said = [f"{line}{decision}" for line, decision in zip(lines, decisions, strict=True)]
    return "\r\n".join([header, *said]).encode("utf-8-sig")


def test_what_is_decided_in_the_list_is_what_is_read(reviewed: duckdb.DuckDBPyConnection) -> None:
    found = near_misses(reviewed)
    content = list_to_decide(found)
    assert read_verdicts(content) == {}
    first, second = (one.near_miss_id for one in found)
    assert read_verdicts(decided(content, " Yes", "NO")) == {first: ACCEPTED, second: REJECTED}
    assert read_verdicts(decided(content, "", "y")) == {second: ACCEPTED}
    as_saved_elsewhere = decided(content, "yes", "n").replace(b",", b";").replace(b"\r", b"")
    assert read_verdicts(as_saved_elsewhere) == {first: ACCEPTED, second: REJECTED}


def in_workbook(content: bytes, *decisions: str) -> bytes:
    """The list as a workbook, with decisions in the last column, line by line."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    for row, decision in enumerate(decisions, start=2):
        page.cell(row, page.max_column).value = decision
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_list_as_a_workbook_is_one_and_is_read_as_one(
    reviewed: duckdb.DuckDBPyConnection,
) -> None:
    found = near_misses(reviewed)
    first, second = (one.near_miss_id for one in found)
    content = list_to_decide(found, list_format_of(Path("x.XLSX")))
    assert content.startswith(b"PK")
    assert read_verdicts(content) == {}
    assert read_verdicts(in_workbook(content, "Yes", "no")) == {first: ACCEPTED, second: REJECTED}
    with pytest.raises(ReviewError, match="Line 3 of the list is decided neither yes nor no"):
        read_verdicts(in_workbook(content, "yes", "perhaps"))
    rows = list(
        openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    )
    assert [row[1] for row in rows[1:]] == [one.crn_sent for one in found]


@pytest.mark.parametrize("name", ["list.ods", "list", "Canary Persephone.txt", ".xlsx.pdf"])
def test_a_list_is_written_as_what_its_name_says_or_not_at_all(name: str) -> None:
    with pytest.raises(ReviewError, match=r"\.csv or \.xlsx") as refusal:
        list_format_of(Path(name))
    assert "Canary" not in str(refusal.value)


CANARY = "Canary Persephone K987654"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        CANARY.encode(),
        b"\xff\xfe\x00",
        CANARY.encode("utf-16"),
        f"near_miss_id,decision\n{CANARY},perhaps\n".encode(),
        f"near_miss_id,decision\n{CANARY},yes\n{CANARY},no\n".encode(),
        f"near_miss_id,{CANARY}\n{CANARY},no\n".encode(),
        b"near_miss_id,decision\n" + b"x" * 200_000 + b",yes\n",
        b"PK\x03\x04" + CANARY.encode(),
    ],
)
def test_a_list_that_is_none_is_refused_without_a_word_from_it(content: bytes) -> None:
    with pytest.raises(ReviewError) as refusal:
        read_verdicts(content)
    assert refusal.value.__cause__ is None
    assert "canary" not in str(refusal.value).casefold()
    assert "987654" not in str(refusal.value)


def test_the_repr_of_a_near_miss_shows_no_crn(reviewed: duckdb.DuckDBPyConnection) -> None:
    for found in near_misses(reviewed):
        shown = repr(found)
        assert found.crn_sent not in shown
        assert found.crn_meant not in shown
        assert dataclasses.asdict(found)["crn_sent"]


@pytest.mark.thorough
def test_finding_near_misses_killed_before_any_write_keeps_those_of_before(
    reviewed: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    before = near_misses(reviewed)
    for number in range(7):
        killing: Any = Killing(reviewed, number)
        with pytest.raises(KeyboardInterrupt):
            find_near_misses(killing, folder, policy)
        assert near_misses(reviewed) == before
    assert find_near_misses(reviewed, folder, policy) == 2
