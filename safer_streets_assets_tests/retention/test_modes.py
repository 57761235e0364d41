"""Whatever the umask, every file of the data folder is its owner's alone, also while it is made."""

from __future__ import annotations

import os
import shutil
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from safer_streets_assets.cli import app
from safer_streets_assets.console import ui
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.using import put_right
from safer_streets_assets_tests.modes import open_to_others, watch
from safer_streets_assets_tests.retention.builders import CRNS, folder_at, publish


def in_a_watched_child(folder: DataFolder, step: Callable[[], object]) -> str:
    """Runs a step under a mask that keeps nothing from others; returns what was open to them."""
    told = folder.root.parent / "open_to_others.txt"
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.umask(0)
            watch(folder.root, told)
            step()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert open_to_others(folder.root) == {}
    return told.read_text() if told.exists() else ""


def command(*words: object, typed: str = "") -> None:
    done = CliRunner().invoke(app, [str(word) for word in words], input=typed)
    assert done.exit_code == 0, (done.output, done.exception)


@pytest.fixture
def closed(folder: DataFolder) -> DataFolder:
    """The folder in use, with what the builders made by themselves closed to others."""
    put_right(folder)
    for path in (folder.landing, folder.quarantine):
        path.chmod(0o700)
    folder.lock.chmod(0o600)
    (folder.root / "README.md").unlink()
    (folder.dagster / "runs.db").unlink()
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ("init",),
        ("keys", "rotate", "--pseudonyms", "--yes"),
        ("erase-person", "--why", "asked for", "--yes"),
        ("erase-person", "--why", "asked for", "--now", "--confirm", "erase"),
        ("subject-access", "--yes"),
        ("returns",),
        ("retention", "--enforce", "--yes"),
    ],
    ids=" ".join,
)
@pytest.mark.thorough
def test_nothing_is_ever_open_to_others(closed: DataFolder, words: tuple[str, ...]) -> None:
    if words == ("init",):
        shutil.rmtree(closed.root)
    if words[:2] == ("retention", "--enforce"):
        publish(closed, "Report", "2020-01-01", datetime(2020, 1, 2))
    step = lambda: command(*words, "--data", closed.root, typed=f"{CRNS[0]}\n")  # noqa: E731
    assert in_a_watched_child(closed, step) == ""


def test_nothing_of_a_backup_and_what_is_restored_is_ever_open_to_others(
    closed: DataFolder, tmp_path: Path
) -> None:
    backup, keys, new = (tmp_path / name for name in ("backup", "kept-keys", "new"))
    known = tmp_path / "certificates.json"

    def step() -> None:
        given = ("--data", closed.root)
        command("backup", "make", backup, "--with-keys-to", keys, *given)
        command("backup", "certificates", "--out", known, *given)
        options = ("--keys", keys, "--certificates", known, "--last", "none")
        command("backup", "restore", backup, *options, "--data", new)

    assert in_a_watched_child(closed, step) == ""
    for place in (backup, keys):
        assert not any(path.lstat().st_mode & 0o077 for path in [place, *place.rglob("*")])
    assert open_to_others(new) == {}
    assert new.stat().st_mode & 0o777 == 0o755
    assert folder_at(new).is_one


def test_nothing_that_dagster_keeps_is_ever_open_to_others(closed: DataFolder) -> None:
    def look_like_dagster(*_: object) -> None:
        import dagster as dg

        with dg.DagsterInstance.get() as instance:
            instance.get_runs()
            instance.all_asset_keys()
            instance.all_instigator_state()

    def step() -> None:
        ui.run_together = look_like_dagster
        ui._refuse_port = lambda port: None
        command("ui", "--data", closed.root)

    assert in_a_watched_child(closed, step) == ""
    assert list(closed.dagster.rglob("*.db"))


def test_what_was_open_is_closed_by_the_next_command(closed: DataFolder) -> None:
    for store in ("restricted", "research", "registers"):
        closed.database(store).chmod(0o644)
        closed.database(store).with_suffix(".odd").touch(0o666)
    closed.research.chmod(0o755)
    assert open_to_others(closed.root)
    command("drops", "--data", closed.root)
    assert open_to_others(closed.root) == {}
