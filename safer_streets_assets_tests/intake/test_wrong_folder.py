"""A file in the wrong folder is told where it belongs, and is brought there from its seal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import pytest

from safer_streets_assets.intake import wrong_folder
from safer_streets_assets.intake.finding_drops import DropDecisionError
from safer_streets_assets.intake.held_drops import decide_by_hand
from safer_streets_assets.intake.landing import drop_id_of
from safer_streets_assets.intake.quarantine import key_name
from safer_streets_assets.intake.wrong_folder import move_drop
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets_tests.builders import (
    CHECKIN,
    CRC,
    NPS,
    TRAINING,
    bytes_under,
    crc_workbook,
    csv_drop,
    every_text,
    fetch,
    people_rows,
    put,
    raising_at,
    take_in_everything,
)

CANARY = "CANARY, Zebedee"
OUTCOMES = csv_drop(people_rows(NPS, 6, **{"Offender Name": CANARY}))
NOW = datetime(2030, 1, 1, 9)

pytestmark = pytest.mark.usefixtures("quick_reader")


def line(connection: duckdb.DuckDBPyConnection, drop_id: str) -> tuple[Any, ...]:
    """Source, state and reason of a drop."""
    query = "SELECT source, state, reason FROM registers.drops WHERE drop_id = ?"
    return fetch(connection, query, drop_id)[0]


def sentence(connection: duckdb.DuckDBPyConnection, drop_id: str) -> str:
    """What the ledger says of a drop."""
    query = "SELECT sentence FROM registers.drops WHERE drop_id = ?"
    return str(fetch(connection, query, drop_id)[0][0])


def landed(folder: DataFolder) -> list[str]:
    """Names of the files in the landing, hidden ones too."""
    return [path.name for path in folder.landing.rglob("*") if path.is_file()]


def misplaced(connection: duckdb.DuckDBPyConnection, folder: DataFolder, where: str = CRC) -> str:
    """Takes in a file of court outcomes that lies in another folder; its drop id."""
    drop_id = drop_id_of(put(folder, where, f"{CANARY} outcomes.csv", OUTCOMES))
    take_in_everything(connection, folder)
    return drop_id


def move(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, drop_id: str, policy: Policy,
    source: str = NPS,
) -> None:  # fmt: skip
    """Moves a drop."""
    move_drop(connection, folder, policy, drop_id, source, "someone", NOW)


def test_a_file_in_the_folder_of_another_source_says_where_it_belongs_and_how_it_gets_there(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    drop_id = misplaced(stores, folder)
    assert line(stores, drop_id) == (CRC, "quarantined", "D-OTHER-SOURCE")
    said = sentence(stores, drop_id)
    for word in (NPS, "sealed", f"safer-streets drops move DROP_ID {NPS}"):
        assert word in said
    assert landed(folder) == []
    move(stores, folder, drop_id, policy)
    take_in_everything(stores, folder)
    assert line(stores, drop_id) == (NPS, "loaded", None)
    assert len(fetch(stores, "FROM restricted.nps_court_outcomes_raw")) == 6
    assert landed(folder) == []
    decided = fetch(
        stores, "SELECT decision, state_before, decided_by FROM registers.drop_decisions"
    )
    assert decided == [("move", "quarantined", "someone")]


@pytest.mark.thorough
def test_a_workbook_among_text_files_is_told_too(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder
) -> None:
    for where in (NPS, CHECKIN, TRAINING):
        rows = people_rows(CRC, 5, first=10 * len(where))
        drop_id = drop_id_of(put(folder, where, "a.xlsx", crc_workbook(rows)))
        take_in_everything(stores, folder)
        assert line(stores, drop_id) == (where, "quarantined", "D-OTHER-SOURCE")
        assert CRC in sentence(stores, drop_id)


def test_a_file_of_no_source_at_all_is_told_what_it_lacks(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder
) -> None:
    for header in (b"Name,Shoe size", b"Reference,Form"):
        drop_id = drop_id_of(put(folder, NPS, "a.csv", header + b"\r\nx,9\r\n"))
        take_in_everything(stores, folder)
        assert line(stores, drop_id) == (NPS, "quarantined", "F-NO-COLUMN")


def test_a_file_in_no_sources_folder_is_not_read_and_can_be_brought_to_its_source(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    drop_id = misplaced(stores, folder, "CANARY folder")
    assert line(stores, drop_id) == ("unknown", "refused", "D-UNKNOWN-SOURCE")
    said = sentence(stores, drop_id)
    assert "sealed unread" in said
    assert "safer-streets drops move" in said
    assert NPS not in said
    move(stores, folder, drop_id, policy)
    take_in_everything(stores, folder)
    assert line(stores, drop_id) == (NPS, "loaded", None)


@pytest.mark.thorough
def test_a_moved_drop_is_judged_as_any_other_of_its_source(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    put(folder, CRC, "whole.xlsx", crc_workbook(people_rows(CRC, 60)))
    half = crc_workbook(people_rows(CRC, 30), "31 December 2019")
    take_in_everything(stores, folder)
    drop_id = drop_id_of(put(folder, NPS, "half.xlsx", half))
    take_in_everything(stores, folder)
    move(stores, folder, drop_id, policy, CRC)
    take_in_everything(stores, folder)
    assert line(stores, drop_id)[:2] == (CRC, "held")
    move(stores, folder, drop_id, policy, CHECKIN)
    take_in_everything(stores, folder)
    assert line(stores, drop_id) == (CHECKIN, "quarantined", "D-OTHER-SOURCE")


def test_what_cannot_be_moved_is_refused_with_a_sentence_that_names_nobody(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    drop_id = misplaced(stores, folder)
    for source in (CANARY, "mps_reoffending"):
        with pytest.raises(DropDecisionError, match="no such agreed source") as refusal:
            move(stores, folder, drop_id, policy, source)
        assert "CANARY" not in str(refusal.value)
    Keys(folder.keys).destroy(key_name(drop_id))
    with pytest.raises(DropDecisionError, match="send it again"):
        move(stores, folder, drop_id, policy)
    put(folder, NPS, "good.csv", OUTCOMES)
    take_in_everything(stores, folder)
    with pytest.raises(DropDecisionError, match="This drop is loaded"):
        move(stores, folder, drop_id, policy)


def test_a_drop_that_is_moved_by_mistake_is_moved_again(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    drop_id = misplaced(stores, folder)
    move(stores, folder, drop_id, policy, CHECKIN)
    move(stores, folder, drop_id, policy)
    decide_by_hand(stores, folder, "hold", drop_id, "someone", NOW)
    move(stores, folder, drop_id, policy)
    take_in_everything(stores, folder)
    assert line(stores, drop_id) == (NPS, "loaded", None)


class KilledError(BaseException):
    """Stands in for the process being killed."""


@pytest.mark.parametrize("step", ["clear_landing", "erase_put_back", "request_run", "transaction"])
@pytest.mark.thorough
def test_a_move_that_is_killed_leaves_the_drop_where_it_was_and_is_made_again(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy, step: str
) -> None:
    drop_id = misplaced(stores, folder)
    with pytest.MonkeyPatch.context() as patched:
        real = getattr(wrong_folder, step)
        patched.setattr(wrong_folder, step, raising_at(1, KilledError(), real))
        with pytest.raises(KilledError):
            move(stores, folder, drop_id, policy)
    take_in_everything(stores, folder)
    assert line(stores, drop_id) == (CRC, "quarantined", "D-OTHER-SOURCE")
    move(stores, folder, drop_id, policy)
    take_in_everything(stores, folder)
    assert line(stores, drop_id) == (NPS, "loaded", None)
    assert len(fetch(stores, "FROM restricted.nps_court_outcomes_raw")) == 6


def test_neither_the_ledger_nor_a_file_outside_the_stores_names_anybody(
    stores: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    drop_id = misplaced(stores, folder)
    misplaced(stores, folder, "unknown place")
    move(stores, folder, drop_id, policy)
    assert not any("CANARY" in text for text in every_text(stores, "registers"))
    take_in_everything(stores, folder)
    assert not any("CANARY" in text for text in every_text(stores, "registers"))
    named = [
        n for n, held in bytes_under(folder.root).items() if b"CANARY" in held or "CANARY" in n
    ]
    assert [name for name in named if not name.startswith("landing/")] == []
