"""A rotation that is killed before any one of its changes is finished, or was not begun."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from safer_streets_assets.stores import DataFolder, Keys, open_stores
from safer_streets_assets.stores.rebuild import next_key
from safer_streets_assets.stores.rotation import (
    finish_rotation,
    forget_next_key,
    rename_and_rotate,
    rotation_is_pending,
)
from safer_streets_assets.stores.sealed import seal, unseal
from safer_streets_assets_tests.builders import data_folder, fetch
from safer_streets_assets_tests.retention.killing import PARTS, moments, run_until

EACH = 5
OLD, NEW = [f"old {n}" for n in range(20)], [f"new {n}" for n in range(20)]
STORES = ("registers", "restricted", "research")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three stores with the same identifiers, a key over two sealed files and one over one."""
    folder = data_folder(tmp_path_factory.mktemp("small") / "data")
    for store in STORES:
        with open_stores(folder, write=[store]) as connection:
            connection.execute(f"CREATE TABLE {store}.t AS SELECT unnest(?) AS id, 7 AS n", [OLD])
    with open_stores(folder, write=["research"]) as connection:
        connection.execute("CREATE SCHEMA research.other")
        connection.execute("CREATE TABLE research.other.u AS FROM research.t")
    keys = Keys(folder.keys)
    keys.create("names")
    folder.returns.mkdir()
    for key, name in (("one", "a"), ("two", "b"), ("two", "c")):
        seal(io.BytesIO(name.encode()), folder.returns / f"{name}.sealed", keys.read_or_create(key))
    return folder.root


def rotate_everything(folder: DataFolder) -> None:
    Keys(folder.keys).create(next_key("names"))
    files = {name: folder.returns / f"{name}.sealed" for name in "abc"}
    keys = {"restricted": [], "research": [], "one": [files["a"]], "two": [files["b"], files["c"]]}
    rename_and_rotate(folder, keys, "names", dict(zip(OLD, NEW, strict=True)))


def contents(folder: DataFolder) -> tuple[set[str], list[bytes]]:
    """Identifiers of all stores together, and what is sealed."""
    with open_stores(folder, read=STORES) as connection:
        tables = [*(f"{store}.t" for store in STORES), "research.other.u"]
        union = " UNION ".join(f"SELECT id FROM {table}" for table in tables)
        ids = {found for (found,) in fetch(connection, union)}
        assert fetch(connection, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 't'") == [
            (3,)
        ]
    keys = Keys(folder.keys)
    sealed = [("one", "a"), ("two", "b"), ("two", "c")]
    return ids, [unseal(folder.returns / f"{n}.sealed", keys.read(key)) for key, n in sealed]


def layout(folder: DataFolder) -> list[str]:
    files = (path for path in folder.root.rglob("*") if path.is_file())
    return sorted(str(p.relative_to(folder.root)) for p in files if p.suffix != ".part")


def test_everything_is_under_new_keys_and_new_names_afterwards(small: Path, tmp_path: Path) -> None:
    shutil.copytree(small, tmp_path / "data")
    folder = DataFolder(tmp_path / "data", tmp_path / "data" / "keys")
    before, files = {path.name: path.read_bytes() for path in folder.keys.iterdir()}, layout(folder)
    assert not finish_rotation(folder)
    assert not forget_next_key(folder, "names")
    rotate_everything(folder)
    assert contents(folder) == (set(NEW), [b"a", b"b", b"c"])
    after = {path.name: path.read_bytes() for path in folder.keys.iterdir()}
    assert after.keys() == before.keys()
    assert not set(after.values()) & set(before.values())
    assert layout(folder) == files
    assert not finish_rotation(folder)


def test_a_rotation_that_was_only_written_down_is_finished(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(small, tmp_path / "data")
    folder = DataFolder(tmp_path / "data", tmp_path / "data" / "keys")
    files = layout(folder)
    with monkeypatch.context() as killed:
        killed.setattr("safer_streets_assets.stores.rotation.finish_rotation", lambda _: None)
        rotate_everything(folder)
    assert rotation_is_pending(folder)
    assert not forget_next_key(folder, "names"), "what is written down is finished, not undone"
    assert finish_rotation(folder)
    assert contents(folder) == (set(NEW), [b"a", b"b", b"c"])
    assert layout(folder) == files


@pytest.mark.parametrize("part", range(1, PARTS + 1))
@pytest.mark.thorough
def test_every_kill_is_made_good(small: Path, tmp_path: Path, part: int) -> None:
    before = {path.name: path.read_bytes() for path in (small / "keys").iterdir()}
    files = layout(DataFolder(small, small / "keys"))
    states = set()
    for change in moments(EACH, part, PARTS):
        root = tmp_path / f"{change}"
        shutil.copytree(small, root)
        folder = DataFolder(root, root / "keys")
        if run_until(lambda folder=folder: rotate_everything(folder), change):  # type: ignore[misc]
            break
        begun = rotation_is_pending(folder)
        states.add(begun)
        assert finish_rotation(folder) is begun
        forget_next_key(folder, "names")
        assert not forget_next_key(folder, "names")
        if not begun and contents(folder)[0] == set(OLD):
            expected = set(before)
        else:
            expected = set()
            assert contents(folder)[0] == set(NEW)
        assert contents(folder)[1] == [b"a", b"b", b"c"]
        after = {path.name: path.read_bytes() for path in folder.keys.glob("*.key")}
        assert {name for name in before if after[name] == before[name]} == expected
        assert layout(folder) == files
        shutil.rmtree(root)
    assert states == {False, True}
    assert change > 30


def test_keys_on_another_volume_are_rotated_there(small: Path, tmp_path: Path) -> None:
    shutil.copytree(small, tmp_path / "data")
    volumes = [place for place in (Path("/dev/shm"), Path("/tmp")) if place.is_dir()]
    others = [place for place in volumes if place.stat().st_dev != tmp_path.stat().st_dev]
    keys = (others or [tmp_path])[0] / f"keys-of-{tmp_path.name}-{id(tmp_path)}"
    try:
        shutil.move(tmp_path / "data" / "keys", keys)
        folder = DataFolder(tmp_path / "data", keys)
        rotate_everything(folder)
        assert contents(folder) == (set(NEW), [b"a", b"b", b"c"])
        assert not list(folder.root.rglob("*.key"))
    finally:
        shutil.rmtree(keys, ignore_errors=True)
