"""Files appear whole or not at all, and their bytes change before they go."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from safer_streets_assets.stores.files import (
    OVERWRITE_PASSES,
    built_beside,
    overwrite_and_unlink,
    put_in_place,
    write_whole,
)
from safer_streets_assets_tests.builders import raising_at

SECRET = b"Zebedee Quillfeather, Q918273\n" * 200


class KilledError(BaseException):
    """Stands in for the process being killed."""


PRIMITIVES = ("fsync", "replace", "rename", "chmod", "unlink")


def killed_at(
    monkeypatch: pytest.MonkeyPatch, name: str, call: int, act: Callable[[], Any]
) -> bool:
    """Runs `act` with the n-th call of an `os` function killing it; whether it was killed."""
    with monkeypatch.context() as patched:
        patched.setattr(os, name, raising_at(call, KilledError(), getattr(os, name)))
        try:
            act()
        except KilledError:
            return True
    return False


def looks_at_each_sync(monkeypatch: pytest.MonkeyPatch, look: Callable[[int], Any]) -> list[Any]:
    """What a look at the descriptor gives each time that something was made durable."""
    looks: list[Any] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        real(descriptor)
        looks.append(look(descriptor))

    monkeypatch.setattr(os, "fsync", noted)
    return looks


def visible(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


@pytest.mark.parametrize("name", PRIMITIVES)
@pytest.mark.parametrize("call", [1, 2])
def test_a_file_is_old_or_new_whenever_writing_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, call: int
) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"old")
    killed = killed_at(monkeypatch, name, call, lambda: write_whole(place, b"new" * 1000))
    assert place.read_bytes() in ((b"old", b"new" * 1000) if killed else (b"new" * 1000,))
    assert visible(tmp_path) == ["file"]


@pytest.mark.parametrize("wanted", [0o600, 0o644])
def test_a_file_has_its_mode_from_the_start(tmp_path: Path, wanted: int) -> None:
    write_whole(tmp_path / "file", b"x", wanted)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == wanted
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_file_is_durable_before_it_is_in_place_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noted_sync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        events.append("sync folder" if is_folder else "sync file")
        fsync(descriptor)

    def noted_replace(old: str, new: str) -> None:
        events.append("replace")
        replace(old, new)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "replace", noted_replace)
    write_whole(tmp_path / "file", b"x")
    (tmp_path / "built").write_bytes(b"y")
    put_in_place(tmp_path / "built", tmp_path / "file")
    assert events == ["sync file", "replace", "sync folder"] * 2


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_place_is_never_empty_while_a_file_is_put_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, call: int
) -> None:
    built, place = tmp_path / "built", tmp_path / "place"
    built.write_bytes(b"new")
    place.write_bytes(b"old")
    killed_at(monkeypatch, name, call, lambda: put_in_place(built, place))
    assert place.read_bytes() in (b"old", b"new")


def test_a_folder_built_beside_is_there_whole(tmp_path: Path) -> None:
    with built_beside(tmp_path / "release") as building:
        assert not (tmp_path / "release").exists()
        (building / "a").write_bytes(b"a")
        (building / "deep").mkdir()
        (building / "deep" / "b").write_bytes(b"b")
    assert (tmp_path / "release" / "deep" / "b").read_bytes() == b"b"
    assert [p.name for p in tmp_path.iterdir()] == ["release"]


def test_every_folder_built_is_durable_before_it_is_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = looks_at_each_sync(
        monkeypatch, lambda descriptor: Path(os.readlink(f"/proc/self/fd/{descriptor}")).name
    )
    with built_beside(tmp_path / "release") as building:
        (building / "deep").mkdir()
        (building / "deep" / "b").write_bytes(b"b")
    assert "b" in synced
    assert "deep" in synced, "else the name of a file in a sub-folder may be lost"


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def build() -> None:
        with built_beside(tmp_path / "release") as building:
            (building / "a").write_bytes(b"a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        build()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "call"), [("fsync", 1), ("fsync", 2), ("rename", 1)])
def test_a_build_killed_at_the_end_is_absent_and_can_be_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, call: int
) -> None:
    def build() -> None:
        with built_beside(tmp_path / "release") as building:
            (building / "a").write_bytes(b"a")

    assert killed_at(monkeypatch, name, call, build)
    assert visible(tmp_path) == []
    build()
    assert visible(tmp_path) == ["release"]


def test_a_build_left_over_by_a_killed_process_is_not_mixed_in(tmp_path: Path) -> None:
    left = tmp_path / ".release.building"
    left.mkdir()
    (left / "half").write_bytes(b"half")
    with built_beside(tmp_path / "release") as building:
        (building / "a").write_bytes(b"a")
    assert [p.name for p in (tmp_path / "release").iterdir()] == ["a"]


def test_a_folder_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "old").write_bytes(b"old")
    with pytest.raises(OSError, match="not empty"), built_beside(tmp_path / "release") as building:
        (building / "a").write_bytes(b"a")
    assert [p.name for p in (tmp_path / "release").iterdir()] == ["old"]


def test_the_bytes_on_disk_change_before_a_file_goes(tmp_path: Path) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_bytes(SECRET)
    os.link(path, link)
    assert overwrite_and_unlink(path) == len(SECRET)
    assert not path.exists()
    left = link.read_bytes()
    assert len(left) == len(SECRET)
    assert b"Zebedee" not in left
    assert len(set(left)) > 200, "random bytes, not one byte over and over"


def test_a_file_is_overwritten_several_times_and_each_time_durably(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_bytes(SECRET)
    os.link(path, link)
    states = looks_at_each_sync(monkeypatch, lambda _: link.read_bytes())
    overwrite_and_unlink(path)
    assert len({SECRET, *states[:OVERWRITE_PASSES]}) == OVERWRITE_PASSES + 1 == 4


def test_erasing_is_safe_to_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(SECRET)
    assert killed_at(monkeypatch, "fsync", 2, lambda: overwrite_and_unlink(path))
    overwrite_and_unlink(path)
    assert list(tmp_path.iterdir()) == []
    assert overwrite_and_unlink(path) == 0


@pytest.mark.parametrize("size", [1, 2, (1 << 18) - 1, (1 << 18) + 1])
def test_every_byte_is_overwritten_to_the_last(tmp_path: Path, size: int) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    lasts = set()
    for _ in range(8):
        path.write_bytes(b"Q" * size)
        os.link(path, link)
        assert overwrite_and_unlink(path) == size
        lasts.add(link.read_bytes()[-1:])
        assert link.stat().st_size == size
        link.unlink()
    assert lasts != {b"Q"}


def test_a_file_with_another_name_loses_only_this_one_where_that_is_to_be_kept(
    tmp_path: Path,
) -> None:
    path, others = tmp_path / "file", tmp_path / "others"
    path.write_bytes(SECRET)
    os.link(path, others)
    assert overwrite_and_unlink(path, keep_other_names=True) == len(SECRET)
    assert not path.exists()
    assert others.read_bytes() == SECRET
    handle = os.open(others, os.O_RDONLY)
    try:
        assert overwrite_and_unlink(others, keep_other_names=True) == len(SECRET)
        assert b"Zebedee" not in os.pread(handle, len(SECRET), 0)
    finally:
        os.close(handle)


def test_what_is_being_written_is_its_owners_alone_whatever_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = looks_at_each_sync(
        monkeypatch, lambda descriptor: stat.S_IMODE(os.fstat(descriptor).st_mode)
    )
    mask = os.umask(0)
    try:
        write_whole(tmp_path / "file", SECRET, 0o644)
    finally:
        os.umask(mask)
    assert modes[0] == 0o600


def test_a_write_that_fails_leaves_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"old")
    assert killed_at(monkeypatch, "replace", 1, lambda: write_whole(tmp_path / "file", SECRET))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_an_empty_file_goes(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert overwrite_and_unlink(tmp_path / "file") == 0
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_removed_and_never_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(SECRET)
    link.symlink_to(target)
    assert overwrite_and_unlink(link) == 0
    assert not link.is_symlink()
    assert target.read_bytes() == SECRET
