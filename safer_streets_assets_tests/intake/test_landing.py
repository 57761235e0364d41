"""Looking at the landing: a file is settled when it looked the same twice, and is a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from safer_streets_assets.intake import landing
from safer_streets_assets.intake.landing import (
    LandingUnreadableError,
    Look,
    drop_id_of,
    look_at_landing,
)
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import NPS, digests_under, put

NAME = "RE Zebedee Quillfeather"


def names(files: tuple[object, ...]) -> list[str]:
    return [file.path.name for file in files]  # type: ignore[attr-defined]


def seen(look: Look) -> tuple[list[str], list[str]]:
    """Names of settled files, and of files still arriving."""
    return names(look.settled), names(look.arriving)


def dated(path: Path, seconds: int) -> None:
    os.utime(path, (seconds, seconds))


def test_a_file_is_settled_on_the_second_look(folder: DataFolder) -> None:
    assert seen(look_at_landing(folder)) == ([], [])
    put(folder, NPS, "a.csv", b"x")
    assert seen(look_at_landing(folder)) == ([], ["a.csv"])
    assert seen(look_at_landing(folder)) == (["a.csv"], [])
    assert seen(look_at_landing(folder)) == (["a.csv"], []), "until it is taken in"
    put(folder, NPS, "b.csv", b"x")
    assert seen(look_at_landing(folder)) == (["a.csv"], ["b.csv"])


def test_a_file_that_grows_is_arriving_until_it_stops(folder: DataFolder) -> None:
    path = put(folder, NPS, "a.csv", b"x")
    for length in range(2, 6):
        assert seen(look_at_landing(folder)) == ([], ["a.csv"])
        path.write_bytes(b"x" * length)
        dated(path, 1_600_000_000)  # some copying programs set the time at the start
    assert seen(look_at_landing(folder)) == ([], ["a.csv"])
    assert seen(look_at_landing(folder)) == (["a.csv"], [])


def test_a_file_that_is_touched_is_arriving_again(folder: DataFolder) -> None:
    path = put(folder, NPS, "a.csv", b"x")
    look_at_landing(folder)
    assert seen(look_at_landing(folder)) == (["a.csv"], [])
    dated(path, 1_600_000_000)
    assert seen(look_at_landing(folder)) == ([], ["a.csv"])
    assert seen(look_at_landing(folder)) == (["a.csv"], [])


def test_a_file_that_went_and_came_back_has_to_settle_again(folder: DataFolder) -> None:
    path = put(folder, NPS, "a.csv", b"x")
    dated(path, 1_600_000_000)
    look_at_landing(folder)
    path.unlink()
    assert seen(look_at_landing(folder)) == ([], [])
    put(folder, NPS, "a.csv", b"x")
    dated(path, 1_600_000_000)
    assert seen(look_at_landing(folder)) == ([], ["a.csv"])


def test_the_same_name_in_two_folders_is_two_files(folder: DataFolder) -> None:
    put(folder, NPS, "a.csv", b"x")
    look_at_landing(folder)
    put(folder, "crc_eligibility", "a.csv", b"x")
    look = look_at_landing(folder)
    assert [file.source for file in look.settled] == [NPS]
    assert [file.source for file in look.arriving] == ["crc_eligibility"]


@pytest.mark.parametrize(
    "name",
    [".hidden.csv", "~$NPS.xlsx", "~NPS.tmp", "a.csv.part", "a.PART", "a.tmp", "a.csv.crdownload",
     "a.partial", ".~lock.a.csv#", "a.lock", "a.filepart"],
)  # fmt: skip
def test_a_temporary_name_is_not_looked_at(folder: DataFolder, name: str) -> None:
    put(folder, NPS, name, b"x")
    look_at_landing(folder)
    assert look_at_landing(folder) == Look((), (), 0)


def test_links_pipes_and_folders_are_counted_or_entered_and_never_followed(
    folder: DataFolder, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_bytes(b"x")
    base = folder.landing / NPS
    base.mkdir()
    (base / "link.csv").symlink_to(outside / "secret.csv")
    (base / "dangling.csv").symlink_to(outside / "nothing")
    (folder.landing / "crc_eligibility").symlink_to(outside)
    os.mkfifo(base / "pipe.csv")
    put(folder, f"{NPS}/2020/May", "deep.csv", b"x")
    look_at_landing(folder)
    look = look_at_landing(folder)
    assert names(look.settled) == ["deep.csv"]
    assert look.settled[0].source == NPS
    assert look.not_files == 4


def test_a_file_in_no_source_folder_has_no_source(folder: DataFolder) -> None:
    (folder.landing / f"{NAME}.csv").write_bytes(b"x")
    [file] = look_at_landing(folder).arriving
    assert file.source == "unknown"


@pytest.mark.parametrize("name", ["a\nb.csv", "a'b\".csv", "🗡.csv", "a" * 200, "-rf", "..."])
def test_any_name_is_a_name(folder: DataFolder, name: str) -> None:
    put(folder, NPS, name, b"x")
    look_at_landing(folder)
    found = names(look_at_landing(folder).settled)
    assert found == ([] if name.startswith(".") else [name])


@pytest.mark.parametrize("error", [PermissionError(13, NAME), OSError(5, NAME)])
def test_a_failed_look_is_an_error_and_not_an_empty_folder(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    put(folder, NPS, "a.csv", b"x")
    look_at_landing(folder)
    before = digests_under(folder.root)
    scandir = os.scandir

    def failing(path: Path) -> object:
        if Path(path).name == NPS:
            raise error
        return scandir(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", failing)
        with pytest.raises(LandingUnreadableError, match=r"cannot be read; .*\.$") as caught:
            look_at_landing(folder)
    assert NAME not in str(caught.value)
    assert caught.value.__suppress_context__
    assert digests_under(folder.root) == before
    assert names(look_at_landing(folder).settled) == ["a.csv"], "what was seen is not forgotten"


def test_a_folder_that_goes_while_looking_is_an_error(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(path: Path) -> object:
        raise FileNotFoundError(2, NAME)

    monkeypatch.setattr(os, "scandir", failing)
    with pytest.raises(LandingUnreadableError, match="; run again") as caught:
        look_at_landing(folder)
    assert NAME not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"x": 1}', b'{"x": []}', b"[1]"])
def test_a_damaged_memory_of_looks_only_means_looking_twice_again(
    folder: DataFolder, content: bytes
) -> None:
    put(folder, NPS, "a.csv", b"x")
    look_at_landing(folder)
    [memory] = [p for p in folder.restricted.iterdir() if p.is_file()]
    memory.write_bytes(content)
    assert names(look_at_landing(folder).settled) == []
    assert names(look_at_landing(folder).settled) == ["a.csv"]


def test_what_a_look_remembers_names_nobody_and_is_private(folder: DataFolder) -> None:
    put(folder, NPS, f"{NAME}.csv", b"x")
    look_at_landing(folder)
    [memory] = [p for p in folder.restricted.iterdir() if p.is_file()]
    assert b"Quillfeather" not in memory.read_bytes()
    assert memory.stat().st_mode & 0o077 == 0


def test_an_unchanged_landing_is_not_written_down_again(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, NPS, "a.csv", b"x")
    look_at_landing(folder)
    replace: Callable[..., None] = pytest.fail
    monkeypatch.setattr(os, "replace", replace)
    look_at_landing(folder)


def test_the_identity_of_a_drop_is_its_bytes_and_a_link_has_none(
    folder: DataFolder, tmp_path: Path
) -> None:
    one, two = put(folder, NPS, "a.csv", b"abc"), put(folder, NPS, "b.csv", b"abc")
    # FIPS 180-2, appendix B.1.
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert drop_id_of(one) == drop_id_of(two) == digest
    (tmp_path / "link").symlink_to(one)
    with pytest.raises(OSError, match="symbolic link"):
        drop_id_of(tmp_path / "link")


def test_a_clock_that_was_set_back_means_looking_twice_again_and_no_more(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, NPS, "a.csv", b"x")
    looks = []
    for now in (5_000, 4_000, 4_010, 4_020):
        monkeypatch.setattr(landing, "clock_ns", lambda now=now: now * 10**9)
        looks.append(seen(look_at_landing(folder, 5)))
    assert looks == [([], ["a.csv"]), ([], ["a.csv"]), (["a.csv"], []), (["a.csv"], [])]


def test_when_the_newest_of_the_settled_files_came_is_known(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for now in (1_000, 2_000, 3_000):
        monkeypatch.setattr(landing, "clock_ns", lambda now=now: now * 10**9)
        put(folder, NPS, f"{now}.csv", b"x")
        look = look_at_landing(folder)
    assert names(look.settled) == ["1000.csv", "2000.csv"]
    assert look.settled_ns == 2_000 * 10**9
