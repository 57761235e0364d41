"""Damage does not keep what is due: a key cut short, another key, a file overwritten."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import add_publication, enforce, read_register
from safer_streets_assets.retention.erasure.carrying_out import REGISTERS_UNREAD
from safer_streets_assets.stores import DataFolder, StoreError, open_stores
from safer_streets_assets.stores.preflight import preflight, ready_registers
from safer_streets_assets.stores.register_copy import heal_registers, keep_copy
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.retention.builders import (
    certificate_rows,
    decided,
    files_of,
    folder_at,
    half_overwritten_registers,
    planted_in,
    publish,
    restricted_rows,
)

DUE, NOW = date(2021, 2, 28), datetime(2021, 2, 28, 3)
QUARANTINE_DUE, QUARANTINE_NOW = date(2020, 3, 11), datetime(2020, 3, 11, 3)

Damage = Callable[[DataFolder], None]


def key_cut_short(folder: DataFolder) -> None:
    path = folder.keys / "restricted.key"
    path.write_text(path.read_text()[:20])


def another_key(folder: DataFolder) -> None:
    (folder.keys / "restricted.key").write_text(secrets.token_hex(32))


def file_overwritten(folder: DataFolder) -> None:
    path = folder.database("restricted")
    path.write_bytes(os.urandom(path.stat().st_size))


def folder_in_place_of_the_key(folder: DataFolder) -> None:
    path = folder.keys / "restricted.key"
    path.unlink()
    path.mkdir()


DAMAGES: list[Damage] = [
    key_cut_short,
    another_key,
    file_overwritten,
    folder_in_place_of_the_key,
]


@pytest.fixture
def published(folder: DataFolder) -> DataFolder:
    decided(folder, datetime(2020, 2, 10, 12))
    publish(folder, "Final report", "2020-02-29", datetime(2020, 3, 1))
    return folder


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.thorough
def test_everything_that_is_due_is_erased_and_the_certificate_says_what_could_not_be_read(
    published: DataFolder, policy: Policy, damage: Damage
) -> None:
    damage(published)
    due = {x.holding for x in read_register(published, policy, DUE) if x.is_due}
    written = {one.holding: one for one in enforce(published, policy, DUE, NOW)}
    assert due == written.keys() >= {"restricted/store", "research/store", "keys/pseudonym"}
    assert "restricted store did not open" in written["restricted/store"].not_reached
    assert written["restricted/store"].row_count is None
    assert "did not open" not in written["research/store"].not_reached
    assert planted_in(published) == []
    assert list(published.keys.iterdir()) == []


@pytest.mark.thorough
def test_a_quarantined_drop_goes_though_its_line_cannot_be_reached_until_the_key_is_back(
    published: DataFolder, policy: Policy
) -> None:
    key = (published.keys / "restricted.key").read_text()
    key_cut_short(published)
    written = enforce(published, policy, QUARANTINE_DUE, QUARANTINE_NOW)
    assert len(written) == 2
    assert all("line with the name of the file stays" in one.not_reached for one in written)
    assert list(published.quarantine.iterdir()) == []
    assert not list(published.keys.glob("drop-*"))
    (published.keys / "restricted.key").write_text(key)
    assert len(enforce(published, policy, QUARANTINE_DUE, QUARANTINE_NOW)) == 2
    assert restricted_rows(published)["quarantined_drops"] == []


def test_registers_missing_beside_stores_are_an_error_everywhere(
    published: DataFolder, policy: Policy
) -> None:
    published.database("registers").unlink()
    before = files_of(published)
    for attempt in (
        lambda: ready_registers(published),
        lambda: preflight(published),
        lambda: read_register(published, policy, DUE),
        lambda: enforce(published, policy, DUE, NOW),
    ):
        with pytest.raises(StoreError, match="registers are missing"):
            attempt()
    assert files_of(published) == before


@pytest.mark.thorough
def test_damaged_registers_are_taken_from_their_copy_and_what_is_due_goes(
    published: DataFolder, policy: Policy
) -> None:
    keep_copy(published)
    path = published.database("registers")
    path.write_bytes(os.urandom(path.stat().st_size))
    due = {one.holding: one for one in enforce(published, policy, DUE, NOW)}
    assert due.keys() >= {"restricted/store", "research/store", "keys/pseudonym"}
    assert all(REGISTERS_UNREAD in one.not_reached for one in due.values())
    assert planted_in(published) == []


def test_registers_that_another_program_holds_are_not_taken_for_damaged(
    published: DataFolder, tmp_path: Path
) -> None:
    keep_copy(published)
    ready, done = tmp_path / "ready", tmp_path / "done"
    writer = os.fork()
    if writer == 0:
        with open_stores(published, write=["registers"]):
            ready.touch()
            while not done.exists():
                time.sleep(0.01)
        os._exit(0)
    while not ready.exists():
        time.sleep(0.01)
    try:
        assert not heal_registers(published, NOW)
    finally:
        done.touch()
        os.waitpid(writer, 0)


def test_registers_that_this_process_has_open_are_not_taken_for_damaged(
    published: DataFolder,
) -> None:
    keep_copy(published)
    with open_stores(published, read=["registers"]):
        assert not heal_registers(published, NOW)


@pytest.mark.parametrize("place", ["lock", "block"])
def test_damaged_registers_are_healed_whatever_the_data_folder_is_called(
    published: DataFolder, tmp_path: Path, place: str
) -> None:
    keep_copy(published)
    shutil.copytree(published.root, tmp_path / place)
    folder = folder_at(tmp_path / place)
    path = folder.database("registers")
    path.write_bytes(os.urandom(path.stat().st_size))
    assert heal_registers(folder, NOW)
    with open_stores(folder, read=["registers"]) as connection:
        rows = connection.execute("SELECT title FROM registers.publications").fetchall()
    assert rows == [("Final report",)]


@pytest.mark.parametrize("is_locked", [False, True])
def test_registers_that_a_kill_left_half_overwritten_are_healed_first(
    published: DataFolder, is_locked: bool
) -> None:
    half_overwritten_registers(published)
    ready_registers(published, is_locked=is_locked)
    with open_stores(published, read=["registers"]) as connection:
        rows = connection.execute("SELECT title FROM registers.publications").fetchall()
    assert rows == [("Final report",)]
    assert [path.name for path in published.registers.iterdir()] == ["registers.duckdb"]


@pytest.mark.thorough
def test_names_typed_into_the_registers_go_with_all_personal_data(
    published: DataFolder, policy: Policy
) -> None:
    with open_stores(published, write=["registers"]) as connection:
        add_publication(
            connection,
            shipped_policy(),
            "What became of Zebedee Quillfeather",
            date(2020, 2, 28),
            NOW,
        )
    enforce(published, policy, DUE, NOW)
    assert planted_in(published) == []
    with open_stores(published, read=["registers"]) as connection:
        titles = connection.execute("SELECT title FROM registers.publications").fetchall()
    assert ("What became of [erased]",) in titles
    assert certificate_rows(published) != []


def test_a_role_and_a_verifier_stand_on_every_certificate(
    published: DataFolder, policy: Policy
) -> None:
    for one in enforce(published, policy, QUARANTINE_DUE, QUARANTINE_NOW):
        assert one.role == policy.dpia.retention.answers_for_erasing
        assert (one.verified_by or "").startswith("safer-streets ")
