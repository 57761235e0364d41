"""Runs that are killed, that meet another run, or that lack a key."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets_tests.builders import NPS, NPS_ROW, csv_drop, digests_under, put
from safer_streets_assets_tests.e2e.commands import Commands, Surroundings
from safer_streets_assets_tests.e2e.contents import content_of, order_of, releases_of
from safer_streets_assets_tests.e2e.runs import (
    WholeRun,
    copy_data,
    instance_of,
    land_second_half,
    run_in,
    run_steps,
    states_under,
    with_password,
)

KILLING = "safer_streets_assets_tests.e2e.killing"


@pytest.mark.thorough
def test_a_run_that_is_killed_again_and_again_ends_as_one_that_was_not(
    first: WholeRun, second: WholeRun, commands: Commands, tmp_path: Path
) -> None:
    folder = copy_data(first.folder, tmp_path / "data")
    land_second_half(first, folder)
    before = states_under(folder.published)
    around = Surroundings(tmp_path / "around")

    assert run_in(commands, folder, around, first=f"{KILLING}:while_registering").code == -9
    going = commands.start(around, "run", "--data", str(folder.root), **with_password(folder))
    assert going.wait_for("done  nps_court_outcomes_raw\n")
    going.kill()
    assert going.finish().code == -9
    assert states_under(folder.published) == before
    assert run_in(commands, folder, around, first=f"{KILLING}:while_publishing").code == -9
    assert digests_under(folder.published)["published.duckdb"] == before["published.duckdb"][1]

    done = run_in(commands, folder, around)
    assert done.code == 0, done.err
    expected, found = content_of(second.folder), content_of(folder)
    assert [name for name in expected if found.get(name) != expected[name]] == []
    assert found.keys() == expected.keys()
    assert releases_of(folder) == releases_of(second.folder)
    assert order_of(folder) == order_of(second.folder)


@pytest.mark.thorough
def test_a_job_that_waits_too_long_for_another_fails_and_writes_nothing(
    second: WholeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_data(second.folder, tmp_path / "data")
    put(folder, NPS, "new.csv", csv_drop([NPS_ROW]))
    with instance_of(folder, monkeypatch) as instance:
        with run_lock(folder.lock):
            before = _all_but_history(folder)
            result = run_steps(folder, instance, ["drop_arrivals"], wait_seconds=0.3)
            assert _all_but_history(folder) == before
        assert not result.success
        run = instance.get_run_by_id(result.run_id)
        assert run is not None
        assert run.status.value == "FAILURE"


def _wrong(folder: DataFolder, name: str) -> None:
    (folder.keys / f"{name}.key").write_text(secrets.token_hex(32))


def _missing(folder: DataFolder, name: str) -> None:
    (folder.keys / f"{name}.key").unlink()


def _readable(folder: DataFolder, name: str) -> None:
    (folder.keys / f"{name}.key").chmod(0o644)


def _damaged(folder: DataFolder, name: str) -> None:
    (folder.keys / f"{name}.key").write_text("half a key")


@pytest.mark.parametrize(
    ("spoil", "name", "sentence"),
    [
        (_wrong, "research", "The key research does not open the research store"),
        (_wrong, "restricted", "The key restricted does not open the restricted store"),
        (_missing, "restricted", "The key restricted cannot be read"),
        (_missing, "pseudonym", "The key pseudonym cannot be read"),
        (_missing, "sends", "The key sends cannot be read"),
        (_readable, "pseudonym", "The key pseudonym can be read by others"),
        (_damaged, "research", "The key research is cut short or damaged"),
    ],
)
@pytest.mark.thorough
def test_a_command_without_the_right_key_writes_nothing(
    spoil: Callable[[DataFolder, str], None],
    name: str,
    sentence: str,
    spare: DataFolder,
    commands: Commands,
    tmp_path: Path,
) -> None:
    spoil(spare, name)
    before = _all_but_history(spare)
    done = run_in(commands, spare, Surroundings(tmp_path / "around"))
    assert done.code == 1
    assert done.err.startswith(sentence)
    assert len(done.err.splitlines()) == 1
    assert _all_but_history(spare) == before


@pytest.mark.thorough
def test_a_job_without_the_right_key_writes_nothing(
    spare: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _missing(spare, "pseudonym")
    with instance_of(spare, monkeypatch) as instance:
        before = _all_but_history(spare)
        result = run_steps(spare, instance, ["drop_arrivals", "person_pseudonyms"])
    assert not result.success
    assert not result.get_asset_materialization_events()
    assert _all_but_history(spare) == before


@pytest.fixture
def spare(second: WholeRun, tmp_path: Path) -> DataFolder:
    """A copy of the second run's data folder with a new drop in its landing."""
    folder = copy_data(second.folder, tmp_path / "data")
    put(folder, NPS, "new.csv", csv_drop([NPS_ROW]))
    return folder


def _all_but_history(folder: DataFolder) -> dict[str, Any]:
    """Every file of the data folder but Dagster's own and the lock, with its times."""
    states = states_under(folder.root)
    others = ("dagster/", folder.lock.name)
    return {name: state for name, state in states.items() if not name.startswith(others)}
