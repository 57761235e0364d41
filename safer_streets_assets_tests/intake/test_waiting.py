"""A file that no run has seen can be held, and nobody has to write its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from safer_streets_assets.intake import files_waiting
from safer_streets_assets.intake.files_waiting import (
    StillArrivingError,
    register_waiting,
    waiting_files,
)
from safer_streets_assets.intake.finding_drops import find_drop, on_the_ledger
from safer_streets_assets.intake.held_drops import decide_by_hand
from safer_streets_assets.intake.landing import drop_id_of, look_at_landing
from safer_streets_assets.intake.quarantine import sealed_path_name
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets_tests.builders import NPS, csv_drop, fetch, people_rows, put, raising_at
from safer_streets_assets_tests.builders import take_in_everything as run

CONTENT = csv_drop(people_rows(NPS, 3))
OTHER = csv_drop(people_rows(NPS, 2, first=50))
NAME = "RE Zebedee Quillfeather.csv"

pytestmark = pytest.mark.usefixtures("quick_reader")


def hold(memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy, text: str) -> str:
    """Holds a drop by the beginning of its id, as the command does."""
    ids = {file.drop_id for file in waiting_files(folder, policy) if file.drop_id}
    drop_id = find_drop(memory, text, ids)
    if not on_the_ledger(memory, drop_id):
        register_waiting(memory, folder, policy, drop_id, now_utc())
    decide_by_hand(memory, folder, "hold", drop_id, "someone", now_utc())
    return drop_id


def test_files_that_wait_are_known_by_their_bytes_and_their_source(
    folder: DataFolder, policy: Policy
) -> None:
    place = put(folder, NPS, NAME, CONTENT)
    put(folder, "Zebedee Quillfeather", "x.csv", b"x")
    unknown, known = sorted(waiting_files(folder, policy), key=lambda f: f.source != "unknown")
    assert (known.drop_id, known.source) == (drop_id_of(place), NPS)
    assert known.saved_at.timestamp() > 0
    assert unknown.source == "unknown"


def test_a_file_that_cannot_be_read_is_shown_and_has_no_id(
    folder: DataFolder, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, NPS, NAME, CONTENT)
    monkeypatch.setattr(
        files_waiting, "drop_id_of", raising_at(1, PermissionError(13, NAME), drop_id_of)
    )
    assert [file.drop_id for file in waiting_files(folder, policy)] == [None]


@pytest.mark.parametrize("looks", [0, 1, 2])
def test_a_file_that_no_run_has_seen_is_held_and_the_others_go_on(
    looks: int, memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    stays, goes = put(folder, NPS, NAME, CONTENT), put(folder, NPS, "other.csv", OTHER)
    other = drop_id_of(goes)
    for _ in range(looks):
        look_at_landing(folder)
    drop_id = hold(memory, folder, policy, drop_id_of(stays)[:8])
    assert fetch(memory, "SELECT state FROM registers.drops") == [("held",)]
    assert (folder.quarantine / sealed_path_name(drop_id)).exists()
    assert not stays.exists()
    assert goes.exists()
    run(memory, folder)
    states = dict(fetch(memory, "SELECT drop_id, state FROM registers.drops"))
    assert states == {drop_id: "held", other: "loaded"}


def test_a_file_that_is_still_being_written_is_left_alone(
    memory: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = put(folder, NPS, NAME, CONTENT[:50])
    drop_id = drop_id_of(place)

    def growing(seconds: float) -> None:
        place.write_bytes(CONTENT)

    monkeypatch.setattr(files_waiting.time, "sleep", growing)
    with pytest.raises(StillArrivingError, match="still arriving") as caught:
        hold(memory, folder, policy, drop_id)
    assert "Quillfeather" not in str(caught.value)
    assert place.read_bytes() == CONTENT
    assert fetch(memory, "SELECT count(*) FROM registers.drops") == [(0,)]


def test_copies_of_a_drop_are_held_together(
    memory: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> None:
    places = [put(folder, NPS, f"{number}.csv", CONTENT) for number in range(3)]
    hold(memory, folder, policy, drop_id_of(places[0]))
    assert [place for place in places if place.exists()] == []


class KilledError(BaseException):
    """Stands in for the process being killed."""


@pytest.mark.parametrize("call", ["register_waiting", "decide_by_hand"])
def test_a_hold_that_is_killed_can_be_given_again(
    call: str,
    memory: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drop_id = drop_id_of(put(folder, NPS, NAME, CONTENT))
    here: Any = globals()
    with monkeypatch.context() as patched:
        patched.setitem(here, call, raising_at(1, KilledError(), Path.stat))
        with pytest.raises(KilledError):
            hold(memory, folder, policy, drop_id)
    hold(memory, folder, policy, drop_id)
    assert fetch(memory, "SELECT state FROM registers.drops") == [("held",)]
