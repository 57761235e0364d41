"""Where things lie and who may read them; keys lie apart and are never guessed."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from pathlib import Path

import duckdb
import pytest

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores import DataFolder, KeyMissingError, Keys, StoreError, open_stores
from safer_streets_assets.stores.folder import FolderError
from safer_streets_assets.stores.keys import keyed_digest, keyed_digest_sql
from safer_streets_assets.stores.preflight import keys_beside_data, preflight
from safer_streets_assets_tests.builders import digests_under, opened, raising_at

PRIVATE = ("landing", "restricted", "restricted/quarantine", "research", "registers", "dagster")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_of_personal_data_are_for_their_owner_alone(folder: DataFolder) -> None:
    for name in (*PRIVATE, "keys"):
        assert mode(folder.root / name) == 0o700, name
    assert mode(folder.published) == mode(folder.releases) == 0o755


def test_folders_left_open_by_somebody_are_closed_again(folder: DataFolder) -> None:
    folder.restricted.chmod(0o755)
    assert mode(folder.prepare().restricted) == 0o700


def test_stores_and_keys_are_for_their_owner_alone(used: DataFolder) -> None:
    files = [p for p in used.root.rglob("*") if p.is_file()]
    assert {p.name for p in files} >= {"restricted.duckdb", "research.key"}
    assert {mode(path) for path in files} == {0o600}


def test_an_argument_goes_before_the_variable_and_the_variable_before_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert DataFolder.locate().root == tmp_path / "data"
    monkeypatch.setenv("SAFER_STREETS_DATA", str(tmp_path / "elsewhere"))
    assert DataFolder.locate().root == tmp_path / "elsewhere"
    assert DataFolder.locate(tmp_path / "here").root == tmp_path / "here"
    assert DataFolder.locate("there").root.is_absolute()


def test_keys_can_lie_on_another_volume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFER_STREETS_KEYS", str(tmp_path / "volume"))
    folder = DataFolder.locate(tmp_path / "data")
    preflight(folder)
    with opened(folder):
        pass
    assert sorted(p.stem for p in folder.keys.iterdir()) == sorted(
        ["restricted", "research", "pseudonym", "sends"]
    )
    assert folder.keys == tmp_path / "volume"
    assert list(folder.root.rglob("*.key")) == []
    assert mode(folder.keys) == 0o700


def open_all(folder: DataFolder) -> None:
    with opened(folder):
        pass


HARMS = ("missing", "wrong", "readable", "damaged", "not text")


@pytest.mark.parametrize(
    ("open_it", "store", "harm"),
    [(open_all, store, harm) for store in ("restricted", "research") for harm in HARMS]
    + [(preflight, "research", harm) for harm in HARMS],
)
def test_a_key_that_does_not_serve_stops_before_anything_is_written(
    used: DataFolder, open_it: object, store: str, harm: str
) -> None:
    path = used.keys / f"{store}.key"
    match harm:
        case "missing":
            path.unlink()
        case "wrong":
            path.write_text("0" * 64)
        case "readable":
            path.chmod(0o640)
        case "damaged":
            path.write_text("f00")
        case "not text":
            path.write_bytes(b"\xff" * 64)
    before = digests_under(used.root)
    with pytest.raises((KeyMissingError, StoreError), match=rf"^The key {store} .*\.$") as caught:
        open_it(used)  # type: ignore[operator]
    assert digests_under(used.root) == before
    assert f"{store}.key" in str(caught.value), "the sentence says which file to put right"
    assert "0000" not in str(caught.value)


@pytest.mark.parametrize("name", ["pseudonym", "sends"])
def test_a_key_of_data_in_use_is_never_made_anew(used: DataFolder, name: str) -> None:
    (used.keys / f"{name}.key").unlink()
    before = digests_under(used.root)
    with pytest.raises(KeyMissingError, match=rf"^The key {name} cannot be read; put {name}.key"):
        preflight(used)
    assert digests_under(used.root) == before


def test_an_interrupted_first_preflight_can_be_run_again(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", raising_at(2, KeyboardInterrupt(), os.replace))
        with pytest.raises(KeyboardInterrupt):
            preflight(folder)
    preflight(folder)
    assert len(list(folder.keys.iterdir())) == 4


def test_a_key_is_made_once(folder: DataFolder) -> None:
    keys = Keys(folder.keys)
    made = keys.create("a")
    assert keys.read("a") == keys.read_or_create("a") == made
    assert len(bytes.fromhex(made)) == 32
    assert keys.create("b") != made
    with pytest.raises(KeyMissingError, match="There is a key a already; remove it"):
        keys.create("a")
    assert keys.read("a") == made


def test_a_destroyed_key_is_overwritten_and_gone(folder: DataFolder, tmp_path: Path) -> None:
    keys = Keys(folder.keys)
    made = keys.create("a")
    os.link(keys.path("a"), tmp_path / "other name")
    keys.destroy("a")
    assert not keys.exists("a")
    assert made.encode() not in (tmp_path / "other name").read_bytes()
    keys.destroy("a")
    with pytest.raises(KeyMissingError):
        keys.read("a")


def test_a_keyed_digest_is_hmac_sha_256() -> None:
    # RFC 4231, test case 1.
    key, digest = "0b" * 20, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    assert keyed_digest(key, "Hi There") == digest
    expected = hmac.new(bytes.fromhex(key), "é".encode(), hashlib.sha256).hexdigest()
    assert keyed_digest(key, "é") == expected


@pytest.mark.parametrize("text", ["", "é", "Q736251", "a" * 500])
def test_a_keyed_digest_in_sql_is_the_same(memory: duckdb.DuckDBPyConnection, text: str) -> None:
    key = "0b" * 32
    expression, pads = keyed_digest_sql(key)
    query = f"SELECT {expression} FROM (SELECT $text::VARCHAR AS cell)"
    assert memory.execute(query, {**pads, "text": text}).fetchone() == (keyed_digest(key, text),)


def test_a_keys_folder_that_is_open_to_others_is_refused(used: DataFolder) -> None:
    used.keys.chmod(0o750)
    before = digests_under(used.root)
    with pytest.raises(FolderError, match="run chmod 700"):
        preflight(used)
    assert digests_under(used.root) == before


def test_a_warning_says_that_keys_lie_beside_the_data(used: DataFolder, tmp_path: Path) -> None:
    assert "another volume" in str(keys_beside_data(used))
    assert keys_beside_data(DataFolder(used.root, tmp_path / "elsewhere")) is None


def test_every_error_is_one_for_people() -> None:
    assert issubclass(KeyMissingError, SaferStreetsError)
    assert issubclass(StoreError, SaferStreetsError)


def test_a_store_that_is_only_read_and_not_there_is_not_made(folder: DataFolder) -> None:
    with open_stores(folder, read=["restricted"]) as connection:
        found = connection.execute("SELECT count(*) FROM duckdb_databases()").fetchone()
    assert found is not None
    assert not folder.database("restricted").exists()
    assert not Keys(folder.keys).exists("restricted")
