"""What the sensor sees of the landing folder, tick by tick, and how little it does to see it."""

from __future__ import annotations

import builtins
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.errors import SensorExecutionError, user_code_error_boundary
from dagster._utils.error import serializable_error_info_from_exc_info

from safer_streets_assets.intake import landing
from safer_streets_assets.intake import sensor as sensing
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import NPS, fetch, opened, put, raising_at
from safer_streets_assets_tests.e2e.ticks import (
    CONTENT,
    NAME,
    Ticks,
    folder,
    history,
    instance,
    policy,
    run_takes_in,
    settled,
    ticks,
)
from safer_streets_assets_tests.intake.conftest import quick_reader, session_reader
from safer_streets_assets_tests.privacy.traces import found_in

__all__ = ["folder", "history", "instance", "policy", "quick_reader", "session_reader", "ticks"]

SUCCESS, FAILURE = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE
ARRIVING = "1 files are still arriving."
MANY = 10_000


def copied_over(place: Path, content: bytes, how: str) -> None:
    """Puts other bytes of the same length under a name, with the times of what was there."""
    kept = place.stat()
    if how == "renamed":
        other = place.with_name(".other")
        other.write_bytes(content)
        os.utime(other, ns=(kept.st_atime_ns, kept.st_mtime_ns))
        other.rename(place)
    else:
        place.write_bytes(content)
        os.utime(place, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert (place.stat().st_size, place.stat().st_mtime_ns) == (kept.st_size, kept.st_mtime_ns)


@pytest.mark.parametrize("how", ["renamed", "rewritten"])
def test_a_file_replaced_by_one_of_the_same_size_and_time_is_arriving_again(
    how: str, ticks: Ticks, folder: DataFolder
) -> None:
    first = settled(ticks, folder)
    copied_over(folder.landing / NPS / NAME, CONTENT[::-1], how)
    assert ticks.tick() == ARRIVING
    assert ticks.requested().run_key != first.run_key


def test_a_copy_that_keeps_an_old_time_is_arriving_until_two_looks_agree(
    ticks: Ticks, folder: DataFolder, tmp_path: Path
) -> None:
    sent = tmp_path / "sent.csv"
    sent.write_bytes(CONTENT)
    os.utime(sent, (1_500_000_000, 1_500_000_000))
    (folder.landing / NPS).mkdir()
    shutil.copy2(sent, folder.landing / NPS / NAME)
    assert ticks.tick() == ARRIVING
    assert isinstance(ticks.tick(), dg.RunRequest)


def test_two_looks_are_the_policys_time_apart(
    ticks: Ticks, folder: DataFolder, policy: Policy
) -> None:
    put(folder, NPS, NAME, CONTENT)
    assert ticks.tick() == ARRIVING
    assert ticks.tick(after=policy.dpia.intake.settle_seconds - 0.5) == ARRIVING
    assert isinstance(ticks.tick(after=0.5), dg.RunRequest)


def test_a_file_that_goes_between_two_looks_starts_nothing(
    ticks: Ticks, folder: DataFolder
) -> None:
    place = put(folder, NPS, NAME, CONTENT)
    ticks.tick()
    place.unlink()
    assert ticks.tick() == "Nothing has arrived."
    put(folder, NPS, NAME, CONTENT)
    assert ticks.tick() == ARRIVING


def test_a_file_that_goes_during_a_look_does_not_stop_the_look(
    ticks: Ticks, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(ticks, folder)
    going = put(folder, NPS, "going.csv", CONTENT)
    real = landing._file

    def vanishing(entry: os.DirEntry[str], source: str) -> Any:
        if entry.name == going.name:
            going.unlink()
        return real(entry, source)

    monkeypatch.setattr(landing, "_file", vanishing)
    assert isinstance(ticks.tick(), dg.RunRequest)


@pytest.mark.thorough
def test_a_loaded_drop_that_is_sent_again_is_cleared_by_one_run_and_counted_as_a_send(
    ticks: Ticks, folder: DataFolder, policy: Policy, quick_reader: object
) -> None:
    run_takes_in(ticks, folder, policy, settled(ticks, folder))
    run_takes_in(ticks, folder, policy, settled(ticks, folder, "again under another name.csv"))
    assert [ticks.tick() for _ in range(3)] == ["Nothing has arrived."] * 3
    run_takes_in(ticks, folder, policy, settled(ticks, folder))
    assert [ticks.tick() for _ in range(3)] == ["Nothing has arrived."] * 3
    with opened(folder) as connection:
        assert fetch(connection, "SELECT state FROM registers.drops") == [("loaded",)]
        assert fetch(connection, "SELECT count(*) FROM registers.sends") == [(3,)]
        query = "SELECT count(*) FROM restricted.nps_court_outcomes_raw"
        assert fetch(connection, query) == [(1,)]


def test_a_file_that_no_run_can_read_does_not_start_run_after_run(
    ticks: Ticks, folder: DataFolder
) -> None:
    ticks.succeed(settled(ticks, folder))
    said = [ticks.tick() for _ in range(3)]
    assert said == [
        "1 files stay in the landing folder: the last run could not read them; give the pipeline's "
        "user access and touch them."
    ] * len(said)
    os.chmod(folder.landing / NPS / NAME, 0o640)
    assert ticks.tick() == ARRIVING
    assert isinstance(ticks.tick(), dg.RunRequest)


def test_one_that_cannot_be_read_does_not_hold_up_the_others(
    ticks: Ticks, folder: DataFolder
) -> None:
    ticks.succeed(settled(ticks, folder))
    assert settled(ticks, folder, "next.csv").tags[sensing.ATTEMPT_TAG] == "1"


def failed_tick(ticks: Ticks) -> str:
    """What a tick that fails says in Dagster, where errors of user code are masked."""
    try:
        with user_code_error_boundary(SensorExecutionError, lambda: "The sensor failed"):
            ticks.tick()
    except Exception as error:
        told = serializable_error_info_from_exc_info((type(error), error, error.__traceback__))
        assert found_in(told.to_string().encode()) == set()
        return told.message
    pytest.fail("the tick did not fail")


def denied_by_chmod(folder: DataFolder, patched: pytest.MonkeyPatch) -> None:
    (folder.landing / NPS).chmod(0)


def failing_scandir(error: OSError) -> Callable[[DataFolder, pytest.MonkeyPatch], None]:
    def deny(folder: DataFolder, patched: pytest.MonkeyPatch) -> None:
        real = os.scandir

        def scandir(path: Any) -> Any:
            if Path(path).name == NPS:
                raise error
            return real(path)

        patched.setattr(os, "scandir", scandir)

    return deny


DENIALS = {
    "not permitted": failing_scandir(PermissionError(13, NAME)),
    "input/output error": failing_scandir(OSError(5, NAME)),
    "stale": failing_scandir(OSError(116, NAME)),
    **({"chmod": denied_by_chmod} if os.geteuid() else {}),  # which does not stop root
}


@pytest.mark.parametrize("how", DENIALS)
def test_a_landing_that_cannot_be_read_fails_the_tick_and_nothing_is_forgotten(
    how: str, ticks: Ticks, folder: DataFolder
) -> None:
    first = settled(ticks, folder)
    with pytest.MonkeyPatch.context() as patched:
        DENIALS[how](folder, patched)
        said = [failed_tick(ticks) for _ in range(2)]
    (folder.landing / NPS).chmod(0o700)
    assert all("The landing folder cannot be read; give the pipeline's user" in s for s in said)
    assert ticks.requested().run_key == first.run_key


def test_a_data_folder_of_another_user_fails_the_tick_with_a_sentence(
    ticks: Ticks, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "chmod", raising_at(1, PermissionError(1, NAME), Path.chmod))
    assert "The data folder cannot be used; give it" in failed_tick(ticks)


def test_what_is_no_sentence_of_ours_stays_masked(
    ticks: Ticks, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensing, "look_at_landing", raising_at(1, ValueError(NAME), Path.stat))
    assert "masked" in failed_tick(ticks)


@pytest.mark.thorough
def test_ten_thousand_files_are_not_opened_and_nothing_is_written_in_steady_state(
    ticks: Ticks, folder: DataFolder
) -> None:
    (folder.landing / NPS).mkdir()
    for number in range(MANY):
        (folder.landing / NPS / f"{NAME} {number}").touch()
    ticks.tick()
    request = ticks.requested()
    run_id = ticks.start(request)
    assert idle(ticks, folder).startswith("A run is going on")
    ticks.end(run_id, FAILURE)
    assert idle(ticks, folder).startswith("The last run failed")
    ticks.fail(ticks.requested(after=61))
    ticks.fail(ticks.requested(after=121))
    assert idle(ticks, folder).startswith("Failed 3 times")
    ticks.succeed(request)
    assert idle(ticks, folder).startswith(f"{MANY} files stay in the landing folder")


def idle(ticks: Ticks, folder: DataFolder) -> str:
    """What a tick says that looks once at each file, opens none of them and writes nothing."""
    opened_files: list[str] = []
    looked_at: list[str] = []
    written: list[str] = []
    with pytest.MonkeyPatch.context() as patched:
        for module, name in ((os, "open"), (io, "open"), (builtins, "open")):
            patched.setattr(module, name, noting(opened_files, getattr(module, name)))
        patched.setattr(landing, "_file", noting(looked_at, landing._file))
        patched.setattr(landing, "write_whole", noting(written, landing.write_whole))
        said = ticks.tick()
    assert not [path for path in opened_files if str(folder.landing) in path]
    assert [path for path in opened_files if "landing_looks.json" in path]
    assert written == []
    assert len(looked_at) == MANY
    return str(said)


def noting(noted: list[str], real: Callable[..., Any]) -> Callable[..., Any]:
    """The function, but what it is called with is noted."""

    def wrapped(first: Any, *args: Any, **named: Any) -> Any:
        noted.append(str(first))
        return real(first, *args, **named)

    return wrapped
