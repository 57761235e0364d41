"""A table that a stage declares, and does nothing else about, is found by all who have to know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from safer_streets_assets.backup.making import make_backup
from safer_streets_assets.backup.manifest import DATA
from safer_streets_assets.cohort import catalogue as declaring
from safer_streets_assets.cohort.pseudonyms import PSEUDONYM_KEY, pseudonym
from safer_streets_assets.cohort.rekeying import RekeyingError
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.enforcement.rotating import rotate
from safer_streets_assets.retention.erasure.on_request import erase_on_request
from safer_streets_assets.retention.erasure.planning import plan_drop, plan_person
from safer_streets_assets.retention.holdings.register import read_register
from safer_streets_assets.retention.holdings.strays import find_strays, what_to_do
from safer_streets_assets.retention.traces.read_back import _texts_of_database
from safer_streets_assets.stores import DataFolder, Keys, open_stores
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.stored_table import ColumnDoc, StoredTable
from safer_streets_assets_tests.builders import fetch, shipped_policy
from safer_streets_assets_tests.rights.conftest import SOMEBODY, THEIRS, Command
from safer_streets_assets_tests.rights.test_subject_access import asked

NOW, TODAY = datetime(2020, 6, 1, 12), date(2020, 6, 1)
LETTERS, CALLS, DIARY = "letters", "calls", "diary"
NOTES, REMARKS = "notes", "remarks"
NOTED = {
    "about": ColumnDoc("VARCHAR", "Pseudonym of whom it is about"),
    "note": ColumnDoc("VARCHAR", "What was noted"),
}
LEFT = "SELECT crn_key FROM restricted.{} ORDER BY 1"


@pytest.fixture
def declared(filled: DataFolder, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """The data folder with three tables more: one of people, one of people by drop, one of people
    by their pseudonyms in a column of another name; and with a register of rows of drops."""
    columns = {
        "drop_id": ColumnDoc("VARCHAR", "The drop it came in"),
        "crn_key": ColumnDoc("VARCHAR", "Of whom it is"),
        "said": ColumnDoc("VARCHAR", "What was said"),
    }
    crn = ("crn_key",)

    def with_more(policy: Policy) -> Iterator[StoredTable]:
        yield from declaring_before(policy)
        yield StoredTable("restricted", LETTERS, "Letters", columns, crn_columns=crn)
        yield StoredTable("research", NOTES, "Notes", NOTED, pseudonym="about")
        yield StoredTable("restricted", DIARY, "Diary", NOTED, pseudonym="about")
        yield StoredTable("registers", REMARKS, "Remarks", columns, drop_column="drop_id")
        yield StoredTable(
            "restricted", CALLS, "Calls", columns, crn_columns=crn, drop_column="drop_id"
        )

    declaring_before = declaring.stored_tables
    monkeypatch.setattr(declaring, "stored_tables", with_more)
    with open_stores(filled, write=["restricted", "registers"]) as connection:
        connection.execute(
            f"CREATE TABLE registers.{REMARKS} AS SELECT DISTINCT drop_id, 'odd row' AS said "
            "FROM restricted.nps_court_outcomes_raw"
        )
        for table in (LETTERS, CALLS):
            connection.execute(
                f"CREATE TABLE restricted.{table} AS SELECT drop_id, crn_key, 'hello' AS said FROM "
                "restricted.nps_court_outcomes_raw "
                f"WHERE crn_key IN ('{THEIRS}', '{SOMEBODY}')"
            )
        connection.execute(
            f"CREATE TABLE restricted.{DIARY} AS SELECT person_id AS about, crn_key || ' came' AS "
            "note FROM restricted.person_pseudonyms "
            f"WHERE crn_key IN ('{THEIRS}', '{SOMEBODY}')"
        )
    note(filled, pseudonym(Keys(filled.keys).read(PSEUDONYM_KEY), THEIRS))
    return filled


def note(folder: DataFolder, person: str) -> None:
    """Writes a note about a person into the table of notes."""
    with open_stores(folder, write=["research"]) as connection:
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS research.{NOTES} (about VARCHAR, note VARCHAR)"
        )
        connection.execute("DROP TABLE IF EXISTS research.table_of_later")
        connection.execute(f"INSERT INTO research.{NOTES} VALUES (?, 'called again')", [person])


def noted(folder: DataFolder) -> list[str]:
    with open_stores(folder, read=["research"]) as connection:
        return [about for (about,) in fetch(connection, f"SELECT about FROM research.{NOTES}")]


def left(folder: DataFolder, table: str) -> set[str]:
    with open_stores(folder, read=["restricted"]) as connection:
        return {crn for (crn,) in fetch(connection, LEFT.format(table))}


def test_it_has_its_line_in_the_retention_register(declared: DataFolder) -> None:
    found = {one.holding: one for one in read_register(declared, shipped_policy(), TODAY)}
    assert found[f"restricted/{LETTERS}"].row_count == 3
    assert found[f"restricted/{LETTERS}"].clock.rule == found["restricted/store"].clock.rule


@pytest.mark.thorough
def test_its_rows_of_a_person_go_with_the_person_and_nobody_elses(declared: DataFolder) -> None:
    plan = plan_person(declared, shipped_policy(), THEIRS)
    assert plan.rows[LETTERS] == plan.rows[CALLS] == 2
    erase_on_request(declared, shipped_policy(), plan, NOW, TODAY)
    assert left(declared, LETTERS) == left(declared, CALLS) == {SOMEBODY}


@pytest.mark.thorough
def test_rows_that_tell_whose_they_are_by_a_pseudonym_alone_go_with_the_person(
    declared: DataFolder,
) -> None:
    plan = plan_person(declared, shipped_policy(), THEIRS)
    assert plan.rows[DIARY] == 1
    erase_on_request(declared, shipped_policy(), plan, NOW, TODAY)
    with open_stores(declared, read=["restricted"]) as connection:
        left_in_it = fetch(connection, f"SELECT note FROM restricted.{DIARY}")
    assert left_in_it == [(f"{SOMEBODY} came",)]


def test_rows_by_a_pseudonym_go_with_the_only_drop_that_names_the_person(
    declared: DataFolder,
) -> None:
    everybody = "SELECT person_id, 'came' FROM restricted.person_pseudonyms"
    with open_stores(declared, write=["restricted"]) as connection:
        connection.execute(f"DELETE FROM restricted.{DIARY}")
        connection.execute(f"INSERT INTO restricted.{DIARY} {everybody}")
        ((drop,),) = fetch(
            connection,
            "SELECT drop_id FROM restricted.nps_court_outcomes_raw GROUP BY ALL "
            "ORDER BY count(*) DESC LIMIT 1",
        )
    plan = plan_drop(declared, shipped_policy(), str(drop))
    assert plan.rows[DIARY] == plan.rows["person_pseudonyms"] > 0


def test_no_register_is_declared_to_hold_people() -> None:
    with pytest.raises(ValueError, match=r"registers\.visits is declared to hold people"):
        StoredTable("registers", "visits", "Visits", NOTED, pseudonym="about")


def test_its_rows_of_a_drop_go_with_the_drop(declared: DataFolder) -> None:
    with open_stores(declared, read=["restricted"]) as connection:
        rows = fetch(connection, f"SELECT drop_id, count(*) FROM restricted.{CALLS} GROUP BY ALL")
    drop, many = max(rows, key=lambda row: int(row[1]))
    plan = plan_drop(declared, shipped_policy(), str(drop))
    assert plan.rows[CALLS] == many
    # Where a table tells no drop, whoever another drop names stays in it.
    assert LETTERS not in plan.rows


@pytest.mark.thorough
def test_a_register_of_rows_of_a_drop_loses_them_with_the_drop(declared: DataFolder) -> None:
    remarks = f"SELECT drop_id FROM registers.{REMARKS}"
    with open_stores(declared, read=["registers"]) as connection:
        before = {drop for (drop,) in fetch(connection, remarks)}
    loaded = min(before)
    plan = plan_drop(declared, shipped_policy(), str(loaded))
    erase_on_request(declared, shipped_policy(), plan, NOW, TODAY)
    with open_stores(declared, read=["registers"]) as connection:
        left_in_it = {drop for (drop,) in fetch(connection, remarks)}
    assert left_in_it == before - {loaded}
    assert left_in_it


def test_its_rows_are_in_the_answer_to_a_subject_access_request(
    command: Command, declared: DataFolder, tmp_path: Path
) -> None:
    answer = asked(command, declared, tmp_path / "out")
    (part,) = [part for part in answer["holdings"] if part["table"] == LETTERS]
    assert len(part["rows"]) == 2
    assert part["columns"]["said"] == "What was said"


def test_its_pseudonyms_are_made_anew_when_keys_are_rotated(declared: DataFolder) -> None:
    rotate(declared, shipped_policy(), NOW, pseudonyms=True)
    assert noted(declared) == [pseudonym(Keys(declared.keys).read(PSEUDONYM_KEY), THEIRS)]


def test_a_pseudonym_in_it_that_is_nobodys_stops_a_rotation(declared: DataFolder) -> None:
    before = Keys(declared.keys).fingerprint(PSEUDONYM_KEY)
    note(declared, "nobody's")
    with pytest.raises(RekeyingError, match="whose CRN is no longer known"):
        rotate(declared, shipped_policy(), NOW, pseudonyms=True)
    assert Keys(declared.keys).fingerprint(PSEUDONYM_KEY) == before


def test_what_stands_in_it_is_read_back_after_an_erasure(declared: DataFolder) -> None:
    with open_stores(declared, read=["research"]) as connection:
        told = [(one.place, one.text) for one in _texts_of_database(connection, "research", "it")]
    assert (f"it, table {NOTES}, column note", "called again") in told


def test_it_is_in_a_backup(declared: DataFolder, tmp_path: Path) -> None:
    make_backup(declared, shipped_policy(), tmp_path / "backup", None, NOW)
    for store in Catalogue(shipped_policy()).stores:
        copied = tmp_path / "backup" / DATA / store / f"{store}.duckdb"
        assert copied.read_bytes() == declared.database(store).read_bytes()


def test_it_is_no_stray_and_one_that_nobody_declared_is(declared: DataFolder) -> None:
    assert find_strays(declared, shipped_policy()) == []
    with open_stores(declared, write=["research"]) as connection:
        connection.execute("CREATE TABLE research.darnell_fenwick (note VARCHAR)")
        connection.execute("CREATE SCHEMA research.more")
        connection.execute("CREATE TABLE research.more.notes (note VARCHAR)")
    found = find_strays(declared, shipped_policy())
    assert [one.sentence for one in found] == ["2 undeclared tables in the research store"]
    assert "fenwick" not in what_to_do(found)
    assert "report a table" in what_to_do(found)


def test_pseudonyms_are_not_rotated_beside_a_table_that_nobody_declared(
    declared: DataFolder,
) -> None:
    before = Keys(declared.keys).fingerprint(PSEUDONYM_KEY)
    with open_stores(declared, write=["restricted"]) as connection:
        connection.execute("CREATE TABLE restricted.darnell_fenwick (note VARCHAR)")
    with pytest.raises(RekeyingError) as caught:
        rotate(declared, shipped_policy(), NOW, pseudonyms=True)
    assert "1 of the tables of the restricted store" in str(caught.value)
    assert "fenwick" not in str(caught.value)
    assert Keys(declared.keys).fingerprint(PSEUDONYM_KEY) == before


def test_every_column_of_pseudonyms_is_declared_as_one() -> None:
    for table in Catalogue(shipped_policy()).tables:
        assert ("person_id" in table.columns) == (table.pseudonym == "person_id"), table.name
