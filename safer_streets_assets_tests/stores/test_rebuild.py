"""A rebuilt store has its rows under a new key, and nothing of the old one is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.database import ENCRYPTED, STORE_NAMES, StoreName
from safer_streets_assets.stores.files import log_of
from safer_streets_assets.stores.rebuild import finish_rebuild, next_key, rebuild_store
from safer_streets_assets_tests.builders import fetch, opened


def every_file(folder: DataFolder) -> set[Path]:
    return {path for path in folder.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("store", STORE_NAMES)
def test_a_store_keeps_its_rows_and_an_encrypted_one_gets_a_new_key(
    used: DataFolder, store: StoreName
) -> None:
    keys, files = Keys(used.keys), every_file(used)
    was = {name: keys.fingerprint(name) for name in STORE_NAMES}
    bytes_before = used.database(store).read_bytes()
    rebuild_store(used, store)
    changed = {name for name in STORE_NAMES if keys.fingerprint(name) != was[name]}
    assert changed == ({store} if store in ENCRYPTED else set())
    assert used.database(store).read_bytes() != bytes_before
    assert every_file(used) == files
    with opened(used) as connection:
        assert fetch(connection, f"SELECT count(*) FROM {store}.t") == [(3000,)]


@pytest.mark.parametrize("store", STORE_NAMES)
def test_a_store_that_is_not_there_stays_so_and_gets_no_key(
    folder: DataFolder, store: StoreName
) -> None:
    rebuild_store(folder, store)
    assert not folder.database(store).exists()
    assert not list(folder.keys.glob("*.key"))


def test_there_was_no_rebuild_where_nothing_is_left_of_one(used: DataFolder) -> None:
    files = every_file(used)
    assert not finish_rebuild(used, "restricted")
    assert every_file(used) == files


@pytest.mark.parametrize("left", ["making", "log", "old", "key"])
def test_whatever_a_killed_rebuild_left_is_removed_and_told(used: DataFolder, left: str) -> None:
    files, store = every_file(used), used.database("restricted")
    making = store.with_name("restricted.making.duckdb")
    places = {
        "making": making,
        "log": log_of(making),
        "old": store.with_name("restricted.old.duckdb"),
    }
    if left == "key":
        Keys(used.keys).create(next_key("restricted"))
    else:
        places[left].write_bytes(b"half")
    assert finish_rebuild(used, "restricted")
    assert every_file(used) == files
    assert not finish_rebuild(used, "restricted")


def test_a_whole_new_store_takes_its_place_and_that_is_told(
    used: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, keys = every_file(used), Keys(used.keys)
    was = keys.fingerprint("restricted")
    with monkeypatch.context() as killed:
        killed.setattr("safer_streets_assets.stores.rebuild._go_forward", _killed)
        with pytest.raises(KeyboardInterrupt):
            rebuild_store(used, "restricted")
    assert keys.fingerprint("restricted") == was
    assert finish_rebuild(used, "restricted")
    assert keys.fingerprint("restricted") != was
    assert every_file(used) == files
    with opened(used) as connection:
        assert fetch(connection, "SELECT count(*) FROM restricted.t") == [(3000,)]


def _killed(*_: object) -> None:
    raise KeyboardInterrupt
