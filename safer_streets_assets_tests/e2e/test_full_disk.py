"""A disk that is full, at whatever step: one sentence, and with room again the same result."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from safer_streets_assets.stores.faults import FULL
from safer_streets_assets_tests.e2e.commands import Commands, Surroundings
from safer_streets_assets_tests.e2e.contents import content_of, order_of, releases_of
from safer_streets_assets_tests.e2e.runs import (
    WholeRun,
    copy_data,
    land_second_half,
    run_in,
    states_under,
)

MEBIBYTE = 1 << 20
SIZE = 192 * MEBIBYTE
LEFT = (0, 100_000, 4_000_000)
"""Bytes that are left: the run ends before its first step, in intake, and later."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk in memory, with nothing on it."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only a super-user mounts a disk that is small enough to fill")
    words = [mount, "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("no disk that is small enough to fill may be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def leave(disk: Path, left: int) -> None:
    """Fills a disk up to some bytes."""
    full = disk / "filling"
    full.unlink(missing_ok=True)
    found = os.statvfs(disk)
    free = found.f_bavail * found.f_frsize
    with full.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, max(1, free - left))


@pytest.mark.thorough
def test_a_run_on_a_full_disk_says_so_and_with_room_again_ends_as_one_that_had_it(
    first: WholeRun, second: WholeRun, disk: Path, commands: Commands, tmp_path: Path
) -> None:
    folder = copy_data(first.folder, disk / "data")
    land_second_half(first, folder)
    around = Surroundings(tmp_path / "around")
    before = states_under(folder.releases)
    for left in LEFT:
        leave(disk, left)
        done = run_in(commands, folder, around)
        assert (done.code, done.err) == (1, f"{FULL}\n"), (left, done.out)
        assert states_under(folder.releases) == before
    status = commands.run(around, "status", "--data", str(folder.root))
    assert status.code in (2, 3), status.out
    (disk / "filling").unlink()

    done = run_in(commands, folder, around)
    assert done.code == 0, done.err
    assert releases_of(folder) == releases_of(second.folder)
    assert order_of(folder) == order_of(second.folder)
    expected, found = content_of(second.folder), content_of(folder)
    assert [name for name in expected if found.get(name) != expected[name]] == []
