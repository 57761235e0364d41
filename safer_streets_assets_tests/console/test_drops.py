"""The commands of drops: the ledger and why drops are held, and an operator's decision."""

from __future__ import annotations

import pwd
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from safer_streets_assets.cli import app
from safer_streets_assets.intake.landing import drop_id_of
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets_tests.builders import (
    CRC,
    NPS,
    crc_workbook,
    csv_drop,
    data_folder,
    fetch,
    ledger,
    opened,
    people_rows,
    put,
    take_in_everything,
    workbook_drop,
)


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[DataFolder, str]:
    """A data folder with one drop loaded and one held; the id of that."""
    monkeypatch.delenv("SAFER_STREETS_KEYS", raising=False)
    folder = data_folder(tmp_path / "data")
    preflight(folder)
    with opened(folder) as connection:
        put(folder, CRC, "a.xlsx", crc_workbook(people_rows(CRC, 60)))
        take_in_everything(connection, folder)
        half = crc_workbook(people_rows(CRC, 30), "31 December 2019")
        drop_id = drop_id_of(put(folder, CRC, "Zebedee Canary.xlsx", half))
        take_in_everything(connection, folder)
    return folder, drop_id


def drops(folder: DataFolder, *words: str) -> Result:
    """`safer-streets drops ...` in this process."""
    return CliRunner().invoke(app, ["drops", *words, "--data", str(folder.root)])


def test_the_list_says_which_drops_are_held_and_why(held: tuple[DataFolder, str]) -> None:
    folder, drop_id = held
    shown = drops(folder).output
    assert drop_id[:12] in shown
    assert "D-DRIFT-VANISHED" in shown
    assert "1 loaded, 0 quarantined, 0 refused, 1 held" in shown
    assert "Zebedee" not in shown
    assert "A100" not in shown


def test_a_decision_is_carried_out_and_recorded_with_the_user_of_the_system(
    held: tuple[DataFolder, str],
) -> None:
    folder, drop_id = held
    assert "the next run takes it in" in drops(folder, "release", drop_id[:10]).output
    assert "released" in drops(folder).output
    assert "stays sealed" in drops(folder, "refuse", drop_id).output
    with opened(folder) as connection:
        recorded = fetch(
            connection, "SELECT decision, decided_by FROM registers.drop_decisions ORDER BY rowid"
        )
    user = pwd.getpwuid(folder.root.stat().st_uid).pw_name
    assert recorded == [("release", user), ("refuse", user)]


@pytest.mark.parametrize(
    "words", [("release", "ffffffff"), ("hold", "12"), ("--data", "x", "hold")]
)
@pytest.mark.thorough
def test_what_cannot_be_done_is_one_sentence(
    held: tuple[DataFolder, str], words: tuple[str, ...]
) -> None:
    folder, drop_id = held
    done = drops(folder, *words, *([drop_id] if words[-1] == "hold" else []))
    assert done.exit_code == 1
    assert str(done.exception).endswith(".")


@pytest.mark.thorough
def test_a_file_that_no_run_has_seen_is_listed_and_held_by_its_id(
    held: tuple[DataFolder, str],
) -> None:
    folder, _ = held
    place = put(folder, CRC, "Zebedee Canary.xlsx", crc_workbook(people_rows(CRC, 61)))
    drop_id = drop_id_of(place)
    shown = drops(folder).output
    assert drop_id[:12] in shown
    assert "Zebedee" not in shown
    assert "is held" in drops(folder, "hold", drop_id[:12]).output
    assert not place.exists()
    assert "In the landing folder" not in drops(folder).output
    with opened(folder) as connection:
        query = "SELECT state FROM registers.drops WHERE drop_id = ?"
        assert fetch(connection, query, drop_id) == [("held",)]


@pytest.mark.thorough
def test_a_drop_in_the_wrong_folder_is_moved_by_the_words_that_the_ledger_says(
    held: tuple[DataFolder, str],
) -> None:
    folder, _ = held
    with opened(folder) as connection:
        content = csv_drop(people_rows(NPS, 6, **{"Offender Name": "CANARY, Zebedee"}))
        drop_id = drop_id_of(put(folder, CRC, "Zebedee Canary.csv", content))
        take_in_everything(connection, folder)
    shown = drops(folder, "show", drop_id[:12]).output
    words = shown.partition("run safer-streets drops ")[2].split(",")[0].split()
    assert words == ["move", drop_id[:12], NPS]
    done = drops(folder, *words)
    assert "the next run judges it" in done.output
    wrong = drops(folder, "move", drop_id[:12], "Zebedee Canary")
    assert wrong.exit_code == 1
    for said in (shown, done.output, wrong.output, str(wrong.exception)):
        assert "zebedee" not in said.casefold()
        assert "A100" not in said


@pytest.mark.thorough
def test_a_sheet_that_was_left_out_as_guidance_is_said_on_the_ledger_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SAFER_STREETS_KEYS", raising=False)
    folder = data_folder(tmp_path / "data")
    preflight(folder)
    [example] = people_rows(CRC, 1, first=99, Name="EXAMPLE, Ann")
    guidance = [["One line for each case"], list(example), list(example.values())]
    book = workbook_drop("Eligibility", people_rows(CRC, 3), (), Guidance=guidance)
    with opened(folder) as connection:
        drop_id = drop_id_of(put(folder, CRC, "a.xlsx", book))
        take_in_everything(connection, folder)
        assert ledger(connection) == [(CRC, "loaded", "D-GUIDANCE")]
        assert fetch(connection, "SELECT rows_loaded FROM registers.drops") == [(3,)]
    shown = drops(folder, "show", drop_id[:12]).output
    assert "sheets left out as guidance, counted from 1: sheet 2 with 1 row" in shown
    assert "was left out as examples (sheet 2 with 1 row); ask the sender" in shown
