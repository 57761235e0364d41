"""Rebuilding a store: the same rows under a new key, and nothing of what was deleted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from safer_streets_assets.stores import DataFolder, KeyMissingError, Keys, StoreError, open_stores
from safer_streets_assets.stores.rebuild import rebuild_store
from safer_streets_assets_tests.retention.builders import files_of, folder_at, restricted_rows


def test_a_rebuilt_store_has_the_same_rows_and_another_key(folder: DataFolder) -> None:
    before, key = restricted_rows(folder), Keys(folder.keys).read("restricted")
    names = sorted(files_of(folder))
    rebuild_store(folder, "restricted")
    assert restricted_rows(folder) == before
    assert Keys(folder.keys).read("restricted") != key
    assert sorted(files_of(folder)) == names
    assert folder.database("restricted").stat().st_mode & 0o777 == 0o600
    with open_stores(folder, read=["restricted"]) as connection:
        drops = connection.execute("SELECT * FROM restricted.drop_order").fetchall()
    assert len(drops) == 2


def test_a_rebuilt_store_keeps_its_constraints(folder: DataFolder) -> None:
    rebuild_store(folder, "restricted")
    with open_stores(folder, write=["restricted"]) as connection:
        row = connection.execute("SELECT drop_id FROM restricted.quarantined_drops").fetchone()
        assert row is not None
        connection.execute(
            "INSERT OR REPLACE INTO restricted.quarantined_drops VALUES (?, 'again')", [row[0]]
        )
        found = connection.execute(
            "SELECT count(*) FROM restricted.quarantined_drops WHERE drop_id = ?", [row[0]]
        ).fetchone()
    assert found == (1,)


def test_the_old_file_is_overwritten_and_not_only_let_go(
    folder: DataFolder, tmp_path: Path
) -> None:
    other_name = tmp_path / "the same file"
    other_name.hardlink_to(folder.database("restricted"))
    before = other_name.read_bytes()
    rebuild_store(folder, "restricted")
    after = other_name.read_bytes()
    same = sum(a == b for a, b in zip(before, after, strict=True))
    assert same / len(before) < 0.01


def test_a_store_without_its_key_is_left_as_it_is(folder: DataFolder) -> None:
    Keys(folder.keys).destroy("restricted")
    before = files_of(folder)
    with pytest.raises(KeyMissingError):
        rebuild_store(folder, "restricted")
    assert files_of(folder) == before


def test_a_store_that_does_not_open_is_left_as_it_is(folder: DataFolder) -> None:
    shutil.copy(folder.keys / "research.key", folder.keys / "restricted.key")
    store = folder.database("restricted").read_bytes()
    with pytest.raises(StoreError):
        rebuild_store(folder, "restricted")
    assert folder.database("restricted").read_bytes() == store


def test_a_store_that_is_not_there_stays_so(tmp_path: Path) -> None:
    folder = folder_at(tmp_path / "data").prepare()
    rebuild_store(folder, "restricted")
    assert files_of(folder) == {}
