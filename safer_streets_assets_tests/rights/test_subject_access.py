"""Subject access gives a person everything that is held on them, and nothing of anybody else."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from safer_streets_assets.cohort.person import as_crn
from safer_streets_assets.cohort.pseudonyms import make_pseudonyms
from safer_streets_assets.cohort.reviews import ACCEPTED, record_verdicts
from safer_streets_assets.intake.crn import holds_this_crn, is_one_slip_away
from safer_streets_assets.retention import add_publication
from safer_streets_assets.rights import bundle
from safer_streets_assets.rights.answer_parts import WITHHELD
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import close_evaluation
from safer_streets_assets_tests.builders import data_folder, fetch, put, shipped_policy
from safer_streets_assets_tests.privacy.traces import canary_crn, found_in, traces, word
from safer_streets_assets_tests.rights.conftest import FITS, SOMEBODY, THEIRS, UNCLEAR, Command

NOW = datetime(2021, 2, 1, 12)
NUMBER = shipped_policy().dpia.person_number


def asked(
    command: Command, folder: DataFolder, out: Path, crn: str = THEIRS, *more: str
) -> dict[str, Any]:
    """The JSON of the answer to a request."""
    said = command(folder, "subject-access", "--out", out, *more, given=f"{crn}\n")
    assert said.code == 0, said.text
    (place,) = out.iterdir()
    return read(place)


def read(place: Path) -> dict[str, Any]:
    """The JSON of the answer in a folder."""
    answer: dict[str, Any] = json.loads((place / bundle.JSON_FILE).read_text(encoding="utf-8"))
    return answer


def counts(answer: dict[str, Any], kind: str = "holdings") -> Counter[tuple[str, str]]:
    """Store and table to rows given."""
    return Counter((part["store"], part["table"]) for part in answer[kind] for _ in part["rows"])


def test_every_row_of_every_table_is_given(filled: DataFolder, answered: Path) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    with open_stores(filled, read=["restricted", "research"]) as connection:
        ((person,),) = fetch(
            connection,
            "SELECT person_id FROM restricted.person_pseudonyms WHERE crn_key = ?",
            THEIRS,
        )
        tables = fetch(
            connection,
            "SELECT database_name, table_name FROM duckdb_tables() "
            "WHERE database_name IN ('restricted', 'research')",
        )
        for store, table in tables:
            for row in fetch(connection, f'SELECT * FROM {store}."{table}"'):
                is_aside = table == "set_aside_rows" and f'"{THEIRS}"' in str(row)
                if is_aside or any(value in (THEIRS, person) for value in row):
                    expected[store, table] += 1
    # A near miss is about two people, and is given by rules of its own.
    del expected["restricted", "near_misses"]
    assert counts(read(answered)) == expected
    assert {table for _, table in expected} >= {
        "nps_court_outcomes_raw", "crc_eligibility_raw", "ors_attendee_survey_raw",
        "ors_facilitator_checkin_raw", "set_aside_rows", "person_pseudonyms", "linked_cohort",
        "court_cases", "programme_cases", "attendee_responses", "facilitator_checkins",
        "table_of_later", "quotes", "masked_words",
    }  # fmt: skip
    assert expected["restricted", "nps_court_outcomes_raw"] == 2


def test_the_workbook_and_the_json_say_the_same(answered: Path) -> None:
    answer = read(answered)
    book = openpyxl.load_workbook(answered / bundle.WORKBOOK)
    assert book.properties.language == "en-GB"
    assert book.properties.title
    names = []
    for page in book.worksheets[1:]:
        assert not page.merged_cells.ranges
        (table,) = page.tables.values()
        names.append(table.displayName)
        assert [column.name for column in table.tableColumns] == [
            cell.value for cell in page[table.ref][0]
        ]
    assert len(set(names)) == len(names)
    summary = book["What is held"]
    lines = {
        (row[3], row[4]): (int(row[5]), row[7], row[8], row[13])
        for row in summary.iter_rows(min_row=5, values_only=True)
        if row[2] == "yours"
    }
    assert lines == {
        (part["store"], part["table"]): (
            len(part["rows"]),
            part["controller"],
            part["legal_basis"]["article_6"],
            part["kept_until"],
        )
        for part in answer["holdings"]
    }
    first = answer["holdings"][0]
    page = next(p for p in book.worksheets if p.title.startswith("1 "))
    sent = [tuple(c or None for c in row) for row in page.iter_rows(min_row=5, values_only=True)]
    assert sent == [tuple(row.values()) for row in first["rows"]]


def test_each_holding_says_why_it_is_held_who_gets_it_and_until_when(
    filled: DataFolder, tmp_path: Path, command: Command
) -> None:
    with open_stores(filled, write=["registers"]) as connection:
        add_publication(
            connection, shipped_policy(), "Report", date(2021, 3, 31), datetime(2021, 4, 1)
        )
    answer = asked(command, filled, tmp_path / "out")
    parts = {part["table"]: part for part in answer["holdings"]}
    for part in parts.values():
        assert part["kept_until"].startswith("31/03/2022")
        assert part["recipients"]
        assert part["columns"].keys() >= part["rows"][0].keys()
    nps = parts["nps_court_outcomes_raw"]
    source = shipped_policy().sources["nps_court_outcomes"]
    assert nps["legal_basis"] == {
        "article_6": source.article_6,
        "article_9": source.article_9,
        "article_10": source.article_10,
    }
    assert "NPS" in nps["send_on"]
    assert "CRC" in parts["crc_eligibility_raw"]["send_on"]
    assert parts["ors_attendee_survey_raw"]["send_on"] == ""
    assert "Releases" in " ".join(answer["notes"])


def test_names_of_others_are_kept_back_and_given_to_the_reviewer_alone(answered: Path) -> None:
    answer = read(answered)
    found = traces(answered)
    given = found[str(answered / bundle.WORKBOOK)] | found[str(answered / bundle.JSON_FILE)]
    assert given >= {"person", "aside"}
    assert not given & {"officer", "other", "comment"}
    assert {"officer", "comment"} <= found[str(answered / bundle.FOR_REVIEW)]
    parts = {part["table"]: part["rows"][0] for part in answer["holdings"]}
    assert parts["ors_facilitator_checkin_raw"]["comments"] == WITHHELD
    assert parts["nps_court_outcomes_raw"]["offender_manager_name"] == WITHHELD
    assert word("person") in parts["nps_court_outcomes_raw"]["offender_name"]
    assert "withheld" in answer["third_parties"]


def test_what_may_be_theirs_is_given_only_where_it_fits(answered: Path) -> None:
    answer = read(answered)
    rows = [row for part in answer["may_be_yours"] for row in part["rows"]]
    assert sorted(row["crn"] for row in rows) == sorted([FITS, f"{THEIRS}1"])
    assert SOMEBODY.lower() not in found_in(json.dumps(answer).encode())
    assert UNCLEAR.lower() not in found_in(json.dumps(answer).encode())
    waiting = {(one["source"], one["rows"]) for one in answer["for_a_person_to_decide"]}
    # The row one slip away that states no date of birth, and the answer that names the person.
    assert waiting == {("ors_attendee_survey", 1)}
    assert len(answer["for_a_person_to_decide"]) == 2


def test_a_crn_taken_for_another_does_not_open_the_other_persons_data(
    filled: DataFolder, tmp_path: Path, command: Command
) -> None:
    with open_stores(filled, write=["restricted", "registers"]) as connection:
        found = fetch(
            connection, "SELECT near_miss_id FROM restricted.near_misses WHERE crn_sent = ?", FITS
        )
        record_verdicts(connection, shipped_policy(), {found[0][0]: ACCEPTED}, "somebody", NOW)
        make_pseudonyms(connection, filled, shipped_policy())
    out = tmp_path / "out"
    said = command(filled, "subject-access", "--out", out, given=f"{FITS}\n")
    assert said.code == 1
    assert f"safer-streets review withdraw {found[0][0]}" in said.text
    assert "--request dr-" in said.text
    assert not found_in(said.text.encode())
    assert not out.exists()
    theirs = asked(command, filled, tmp_path / "theirs")
    rows = {part["table"]: part["rows"] for part in theirs["holdings"]}
    assert {row["crn"] for row in rows["crc_eligibility_raw"]} == {THEIRS, FITS}


def test_a_decision_that_is_not_carried_out_yet_stops_the_answer(
    filled: DataFolder, tmp_path: Path, command: Command
) -> None:
    with open_stores(filled, write=["restricted"]) as connection:
        connection.execute(
            "UPDATE restricted.person_pseudonyms SET person_id = (SELECT person_id FROM "
            f"restricted.person_pseudonyms WHERE crn_key = '{THEIRS}') WHERE crn_key = '{SOMEBODY}'"
        )
    out = tmp_path / "out"
    said = command(filled, "subject-access", "--out", out, given=THEIRS)
    assert said.code == 1
    assert "safer-streets run" in said.text
    assert "--request dr-" in said.text
    assert not out.exists()


def test_a_crn_is_read_as_intake_reads_it() -> None:
    assert as_crn(f" {THEIRS[0].lower()} {THEIRS[1:4]}-{THEIRS[4:]} ", NUMBER) == THEIRS


@pytest.mark.parametrize("is_empty", [False, True])
def test_somebody_who_is_not_held_gets_a_truthful_empty_answer(
    filled: DataFolder, tmp_path: Path, command: Command, is_empty: bool
) -> None:
    folder = data_folder(tmp_path / "new") if is_empty else filled
    put(folder, "nps_court_outcomes", "outcomes.csv", b"not read yet")
    answer = asked(command, folder, tmp_path / "out", canary_crn(999))
    assert not answer["anything_is_held"]
    assert answer["holdings"] == answer["may_be_yours"] == answer["for_a_person_to_decide"] == []
    assert any("not read yet" in line for line in answer["not_searched"])
    assert answer["send_on"]


@pytest.mark.thorough
def test_the_answer_says_when_an_erasure_that_waits_is_carried_out(
    filled: DataFolder, tmp_path: Path, command: Command
) -> None:
    said = command(filled, "erase-person", "--why", "x", "--yes", given=f"{THEIRS}\n")
    assert said.code == 0, said.text
    day = date.today() + timedelta(days=shipped_policy().dpia.retention.notice_days)
    answer = asked(command, filled, tmp_path / "out")
    assert answer["anything_is_held"]
    assert [note for note in answer["notes"] if f"{day:%d/%m/%Y}" in note]
    answer = asked(command, filled, tmp_path / "another", SOMEBODY)
    assert not [note for note in answer["notes"] if f"{day:%d/%m/%Y}" in note]


def test_after_the_end_the_answer_says_that_the_data_was_erased(
    tmp_path: Path, command: Command
) -> None:
    folder = data_folder(tmp_path / "data")
    command(folder, "registers", "rights", "list")
    with open_stores(folder, write=["registers"]) as connection:
        close_evaluation(connection, NOW)
    answer = asked(command, folder, tmp_path / "out")
    assert not answer["anything_is_held"]
    assert any("erased" in note for note in answer["notes"])
    assert not folder.database("restricted").exists()


@pytest.mark.thorough
def test_a_request_is_answered_again_under_its_id_until_it_is_closed(
    filled: DataFolder, tmp_path: Path, command: Command
) -> None:
    first = asked(command, filled, tmp_path / "out", THEIRS, "--received", "2024-01-31")
    assert first["answer_due_on"] == "2024-02-29"
    again = asked(command, filled, tmp_path / "again", THEIRS, "--request", first["request"])
    assert (again["request"], again["answer_due_on"]) == (first["request"], "2024-02-29")
    assert command(filled, "registers", "rights", "close", first["request"]).code == 0
    out = tmp_path / "closed"
    said = command(
        filled, "subject-access", "--out", out, "--request", first["request"], given=THEIRS
    )
    assert said.code == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("A123456", "A123457", True),
        ("A123456", "A132456", True),
        ("A123456", "A12345", True),
        ("A123456", "A1234560", True),
        ("A123456", "A123456", False),
        ("A123456", "A124365", False),
        ("A123456", "A321456", False),
        ("A123456", "A1234", False),
    ],
)
def test_one_slip_is_one_character_or_two_neighbours(one: str, other: str, slip: bool) -> None:
    assert is_one_slip_away(one, other) is slip
    assert is_one_slip_away(other, one) is slip


def test_a_crn_is_found_in_a_text_however_it_is_spaced() -> None:
    assert holds_this_crn("ask a 123-456 again", "A123456", NUMBER)
    assert not holds_this_crn("ask A1234567", "A123456", NUMBER)
    assert not holds_this_crn("ask AA123456", "A123456", NUMBER)
