"""Runs beside one another and beside commands, and in folders that are not as they should be."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.faults import damaged_sentence
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets_tests.builders import NPS, NPS_ROW, csv_drop, put
from safer_streets_assets_tests.e2e.commands import PATIENCE, Commands, Surroundings
from safer_streets_assets_tests.e2e.contents import content_of, releases_of
from safer_streets_assets_tests.e2e.runs import (
    WholeRun,
    copy_data,
    land_second_half,
    run_in,
    states_under,
)
from safer_streets_assets_tests.modes import open_to_others, told_of

HARMING = "safer_streets_assets_tests.e2e.harming"
NOT_OURS = "A file or folder cannot be read or written: give the data folder"


@pytest.fixture
def folder(second: WholeRun, tmp_path: Path) -> DataFolder:
    """A copy of the second run's data folder."""
    return copy_data(second.folder, tmp_path / "data")


@pytest.fixture
def around(tmp_path: Path) -> Surroundings:
    return Surroundings(tmp_path / "around")


def test_nothing_of_a_run_is_open_to_others_whatever_the_umask(first: WholeRun) -> None:
    assert open_to_others(first.folder.root) == {}
    told = told_of(first.folder.root)
    assert not told.exists(), told.read_text()
    whole = [*first.folder.releases.rglob("*"), first.folder.published / "published.duckdb"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in whole} == {0o755, 0o644}


@pytest.mark.thorough
def test_of_two_runs_at_once_the_second_waits_and_both_end_well(
    folder: DataFolder, around: Surroundings
) -> None:
    before = states_under(folder.published)
    with run_lock(folder.lock, what="safer-streets run"):
        both = [start(around.prepare(), "run", "--data", str(folder.root)) for _ in range(2)]
        for run in both:
            assert run.stderr is not None
            assert "Waiting until safer-streets run (process" in run.stderr.readline()
    for run in both:
        assert "Nothing new" in run.communicate(timeout=PATIENCE)[0]
        assert run.returncode == 0
    assert states_under(folder.published) == before


def start(around: Surroundings, *arguments: str) -> subprocess.Popen[str]:
    """A command in a process of its own, beside others."""
    return subprocess.Popen(
        [sys.executable, "-c", "from safer_streets_assets.program import main; main()", *arguments],
        cwd=around.folders[2],
        env=around.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.thorough
def test_erasing_waits_for_a_run_and_says_for_what(
    folder: DataFolder, around: Surroundings, commands: Commands
) -> None:
    drop = ("erase-drop", "0" * 12, "--why", "x", "--yes", "--data", str(folder.root))
    with run_lock(folder.lock, what="safer-streets run"):
        erasing = commands.start(around, *drop)
        assert erasing.wait_for_error("Waiting until safer-streets run (process")
    done = erasing.finish()
    assert done.code == 1
    assert "no drop" in done.err.lower()


@pytest.mark.thorough
def test_ctrl_c_in_a_step_of_a_run_says_to_run_again_and_the_next_run_goes_on(
    first: WholeRun, tmp_path: Path, around: Surroundings, commands: Commands
) -> None:
    folder = copy_data(first.folder, tmp_path / "data")
    land_second_half(first, folder)
    before = states_under(folder.published)
    done = run_in(commands, folder, around, first=f"{HARMING}:interrupted_in_a_step")
    assert done.code == 130
    assert done.err == "Interrupted; run again: what was begun is finished or undone then.\n"
    assert states_under(folder.published) == before
    assert commands.run(around, "drops", "--data", str(folder.root)).code == 0


@pytest.mark.parametrize("what", ["published.duckdb", "its log"])
@pytest.mark.thorough
def test_a_damaged_published_database_is_put_back_by_the_next_run(
    folder: DataFolder, around: Surroundings, commands: Commands, what: str
) -> None:
    place = folder.published / "published.duckdb"
    right = place.read_bytes()
    place.write_bytes(os.urandom(5000))
    if what == "its log":
        place.with_name("published.duckdb.wal").write_bytes(b"somebody else's")
    done = run_in(commands, folder, around)
    assert done.code == 0, done.err
    assert "published.duckdb was not that of" in done.out
    assert place.read_bytes() == right
    assert stat.S_IMODE(place.stat().st_mode) == 0o644
    assert "was not that of" not in run_in(commands, folder, around).out


@pytest.mark.thorough
def test_a_damaged_research_store_is_made_again_by_the_next_run_once_it_is_deleted(
    second: WholeRun, folder: DataFolder, around: Surroundings, commands: Commands
) -> None:
    before = releases_of(folder)
    place = folder.database("research")
    place.write_bytes(os.urandom(place.stat().st_size))
    done = run_in(commands, folder, around)
    assert (done.code, done.err) == (1, f"{damaged_sentence('research')}\n")
    place.unlink()
    done = run_in(commands, folder, around)
    assert done.code == 0, done.err
    expected, found = content_of(second.folder), content_of(folder)
    assert [name for name in expected if found.get(name) != expected[name]] == []
    assert releases_of(folder) == before


@pytest.mark.thorough
def test_a_damaged_history_of_dagster_is_a_true_sentence(
    folder: DataFolder, around: Surroundings, commands: Commands
) -> None:
    put(folder, NPS, "new.csv", csv_drop([NPS_ROW]))
    for path in folder.dagster.rglob("*.db"):
        path.write_bytes(os.urandom(9000))
    done = run_in(commands, folder, around)
    assert done.code == 1
    assert done.err.startswith("Dagster's history is damaged: move the folder dagster out of the")
    assert len(done.err.splitlines()) == 1
    shutil.rmtree(folder.dagster)
    assert commands.run(around, "drops", "--data", str(folder.root)).code == 0


def test_a_data_folder_that_may_not_be_written_is_a_true_sentence(
    folder: DataFolder, around: Surroundings, commands: Commands
) -> None:
    for path in (folder.root, folder.lock):
        path.chmod(path.stat().st_mode & 0o555)
    for words in (("run",), ("drops",), ("retention", "--enforce")):
        done = ended(commands, around, folder, *words)
        assert done.startswith(f"The folder {folder.root} cannot be written: give it and what is")
    folder.root.chmod(0o755)


@pytest.mark.skipif(os.geteuid() != 0, reason="only a super-user gives files to somebody else")
@pytest.mark.parametrize("part", ["registers", "restricted", "dagster"])
def test_a_folder_of_somebody_elses_is_a_true_sentence(
    folder: DataFolder, around: Surroundings, commands: Commands, part: str
) -> None:
    put(folder, NPS, "new.csv", csv_drop([NPS_ROW]))
    place = folder.root / part
    for path in (place, *place.rglob("*")):
        os.chown(path, 65534, 65534)
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert ended(commands, around, folder, "run").startswith(NOT_OURS)


def ended(commands: Commands, around: Surroundings, folder: DataFolder, *words: str) -> str:
    """The one sentence with which a command ends that has no privileges."""
    without = f"{HARMING}:without_privileges"
    done = commands.run(around, *words, "--data", str(folder.root), first=without)
    assert done.code == 1, done.out
    assert len(done.err.splitlines()) == 1
    return done.err
