"""What a recipient of the policy is given, of which release, and what the register says of it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets.release import ReleaseError
from safer_streets_assets.release.sharing import Shared, share
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.approvals import (
    ALICE,
    BOB,
    NOW,
    TWO,
    acting,
    approve,
    build,
    everything,
    reject,
    roll_back,
    standings,
    under,
)
from safer_streets_assets_tests.release.written_once import written_once
from safer_streets_assets_tests.retention.killing import moments, run_until

__all__ = ["written_once"]
pytestmark = pytest.mark.usefixtures("written_once")

NONE = under("none")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """A release that is current, which nobody approved."""
    acting(monkeypatch, ALICE)
    made = builders.data_folder(tmp_path / "data")
    build(made, 20, NONE)
    return made


def handed(
    folder: DataFolder,
    out: Path,
    given: str | None = None,
    *,
    to: str = "mtc_novo",
    policy: Policy = NONE,
    days: int = 0,
) -> Shared:
    """Shares a release."""
    with builders.open_registers(folder) as registers:
        at = NOW + timedelta(days=days)
        return share(folder, registers, policy, to, out, given, BOB, at)


def contents(out: Path) -> dict[str, tuple[int, bytes | None]]:
    """Mode and bytes of everything below a folder."""
    return {
        path.relative_to(out.parent).as_posix(): (
            path.stat().st_mode & 0o7777,
            None if path.is_dir() else path.read_bytes(),
        )
        for path in (out, *sorted(out.rglob("*")))
    }


def test_the_tables_of_the_current_release_are_written_and_nothing_else(
    folder: DataFolder, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert handed(folder, out).changed
    (release,) = folder.releases.glob("r*")
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert names == {
        "LICENCE.txt",
        "NOTES.md",
        "SHA256SUMS",
        "csv/funnel.csv",
        "csv/stage_gates.csv",
        "release.json",
    }
    for name in ("csv/funnel.csv", "release.json"):
        assert (out / name).read_bytes() == (release / name).read_bytes()
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=out, check=True)
    notes = (out / "NOTES.md").read_text()
    assert "shared with MTC Novo" in notes
    assert "nobody approved this release, because the policy asks for no approval" in notes
    assert NONE.dpia.sharing["mtc_novo"].basis in notes
    assert "user 4000" not in notes


def test_the_register_says_what_was_shared_with_whom_by_whom_and_when(
    folder: DataFolder, tmp_path: Path
) -> None:
    handed(folder, tmp_path / "out")
    ((one,),) = [release.shared for release in standings(folder).releases]
    sums = (tmp_path / "out" / "SHA256SUMS").read_bytes()
    assert (one.recipient, one.by, one.happened_at, one.section) == (
        "mtc_novo",
        BOB,
        NOW,
        "reporting",
    )
    assert (one.basis, one.files_hash, one.approval) == (
        NONE.dpia.sharing["mtc_novo"].basis,
        hashlib.sha256(sums).hexdigest(),
        "none",
    )


def test_sharing_the_same_again_writes_nothing_and_another_day_is_another_line(
    folder: DataFolder, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    handed(folder, out)
    before = (contents(out), everything(folder))
    assert not handed(folder, out).changed
    assert (contents(out), everything(folder)) == before
    handed(folder, out, days=1)
    assert contents(out) == before[0]
    assert len(standings(folder).releases[0].shared) == 2


def test_a_later_release_takes_the_place_of_what_was_shared_before(
    folder: DataFolder, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    handed(folder, out)
    second = build(folder, 30, NONE)
    handed(folder, out)
    assert json.loads((out / "release.json").read_bytes())["id"] == second.release_id
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out"]


def test_what_two_people_approved_is_shared_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acting(monkeypatch, ALICE)
    folder, out = builders.data_folder(tmp_path / "data"), tmp_path / "out"
    build(folder, 20)
    with pytest.raises(ReleaseError, match="No release is the current one"):
        handed(folder, out, policy=TWO)
    approve(folder, "r0001")
    handed(folder, out, policy=TWO)
    assert (
        "approved on 2020-06-01 by somebody who did not build it" in (out / "NOTES.md").read_text()
    )


def waiting(folder: DataFolder) -> None:
    build(folder, 30)


def rejected(folder: DataFolder) -> None:
    build(folder, 30)
    reject(folder, "r0002")


def withdrawn(folder: DataFolder) -> None:
    build(folder, 30, NONE)
    roll_back(folder, "r0001", NONE)


@pytest.mark.parametrize(
    ("make", "said"),
    [(waiting, "waits for approval"), (rejected, "was rejected"), (withdrawn, "was withdrawn")],
)
def test_only_the_current_release_is_shared(
    folder: DataFolder, tmp_path: Path, make: Callable[[DataFolder], None], said: str
) -> None:
    make(folder)
    before = everything(folder)
    with pytest.raises(ReleaseError, match=said):
        handed(folder, tmp_path / "out", "r0002")
    assert everything(folder) == before
    assert not (tmp_path / "out").exists()
    handed(folder, tmp_path / "out")
    assert (tmp_path / "out" / "release.json").read_bytes() == (
        next(folder.releases.glob("r0001*")) / "release.json"
    ).read_bytes()


def test_a_damaged_release_is_not_shared(folder: DataFolder, tmp_path: Path) -> None:
    (next(folder.releases.glob("r*")) / "csv" / "funnel.csv").write_bytes(b"stage,n\r\n")
    with pytest.raises(ReleaseError, match="SHA256SUMS"):
        handed(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("to", ["nps", "Zephyrquill", ""])
def test_a_recipient_that_the_policy_does_not_name_gets_nothing(
    folder: DataFolder, tmp_path: Path, to: str
) -> None:
    with pytest.raises(ReleaseError, match="of that name: give one of mtc_novo") as refused:
        handed(folder, tmp_path / "out", to=to)
    assert "Zephyrquill" not in str(refused.value)
    nobody = replace(NONE, dpia=NONE.dpia.model_copy(update={"sharing": {}}))
    with pytest.raises(ReleaseError, match="names nobody"):
        handed(folder, tmp_path / "out", policy=nobody)


def add_a_file(out: Path) -> None:
    (out / "our plans.txt").write_text("x")


def change_a_table(out: Path) -> None:
    (out / "csv" / "funnel.csv").write_bytes(b"stage,n\r\n")


def put_something_else(out: Path) -> None:
    shutil.rmtree(out)
    out.mkdir()
    (out / "SHA256SUMS").write_text("")


def put_a_file(out: Path) -> None:
    shutil.rmtree(out)
    out.write_text("x")


def put_a_link(out: Path) -> None:
    out.rename(out.with_name("elsewhere"))
    out.symlink_to(out.with_name("elsewhere"))


@pytest.mark.parametrize(
    "change", [add_a_file, change_a_table, put_something_else, put_a_file, put_a_link]
)
def test_a_folder_that_is_not_as_we_left_it_is_not_replaced(
    folder: DataFolder, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    out = tmp_path / "out"
    handed(folder, out)
    change(out)
    build(folder, 30, NONE)
    before = contents(out)
    with pytest.raises(ReleaseError, match="give an"):
        handed(folder, out)
    assert contents(out) == before
    assert standings(folder).releases[1].shared == []


def test_an_empty_folder_is_taken_and_no_folder_in_the_data_folder_is(
    folder: DataFolder, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert handed(folder, out).changed
    for inside in (folder.published / "out", folder.root, tmp_path):
        with pytest.raises(ReleaseError, match="does not lie in the data folder"):
            handed(folder, inside)
    with pytest.raises(ReleaseError, match="could not be written"):
        handed(folder, Path("/proc/nothing/out"))


@pytest.mark.parametrize(
    "part", [1, *(pytest.param(n, marks=pytest.mark.thorough) for n in (2, 3))]
)
def test_a_share_killed_anywhere_and_done_again_ends_as_if_never_killed(
    folder: DataFolder, tmp_path: Path, part: int
) -> None:
    before = tmp_path / "before"
    handed(folder, before / "out")
    build(folder, 30, NONE)
    shutil.copytree(folder.root, before / "data")

    def at(case: str) -> tuple[DataFolder, Path]:
        shutil.copytree(before, tmp_path / case)
        root = tmp_path / case / "data"
        return DataFolder(root=root, keys=root / "keys"), tmp_path / case / "out"

    whole, out = at("whole")
    handed(whole, out)
    expected = (everything(whole), contents(out))
    for number in moments(2, part, parts=3):
        killed, place = at(f"killed {number}")
        ended = run_until(lambda folder=killed, out=place: handed(folder, out), number)  # type: ignore[misc]
        handed(killed, place)
        assert (everything(killed), contents(place)) == expected, number
        assert sorted(one.name for one in place.parent.iterdir()) == ["data", "out"], number
        shutil.rmtree(place.parent)
        if ended:
            break
