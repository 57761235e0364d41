"""Publishing that is interrupted anywhere and run again ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from safer_streets_assets.release import ReleaseError, verify_release
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.chain_note import forget_chain_notes
from safer_streets_assets_tests.release import builders
from safer_streets_assets_tests.release.killed import (
    CASES,
    STEPS,
    first_release,
    interrupted,
    second_release,
)
from safer_streets_assets_tests.release.written_once import written_once

__all__ = ["written_once"]
pytestmark = pytest.mark.usefixtures("written_once")

REPOSITORY = Path(__file__).parents[2]


class Interruption(Exception):
    """Stands for whatever goes wrong."""


def at(root: Path) -> DataFolder:
    return DataFolder(root=root, keys=root / "keys")


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder a case, as the killed process left it, and `whole`, where nobody was killed."""
    root = tmp_path_factory.mktemp("killed")
    builders.publish(builders.data_folder(root / "template"), first_release())
    shutil.copytree(root / "template", root / "whole")
    builders.publish(at(root / "whole"), second_release())
    result = subprocess.run(
        [sys.executable, "-m", "safer_streets_assets_tests.release.killed", str(root)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(result.stdout) == []
    return root


def without_database_hash(state: dict[str, Any]) -> dict[str, Any]:
    """DuckDB's files are compared by what they hold, so their line of SHA256SUMS is left out."""
    for path, (mode, said) in state["files"].items():
        if path.endswith("SHA256SUMS"):
            lines = [line for line in said.splitlines() if not line.endswith(b".duckdb")]
            state["files"][path] = (mode, lines)
    return state


@pytest.mark.thorough
def test_a_run_killed_at_any_step_leaves_no_reader_with_half_a_release(killed: Path) -> None:
    for case in CASES:
        folder = at(killed / case)
        registered = {row[0] for row in builders.register_rows(folder)}
        for release in folder.releases.glob("r*"):
            verify_release(release)
            assert release.name in registered or release.stat().st_mode & 0o777 == 0o700, case
        found = builders.query(folder.database("published"), 'SELECT release_id FROM "release"')
        assert found[0][0] in registered, case


@pytest.mark.thorough
def test_a_run_killed_at_any_step_and_run_again_ends_as_if_never_killed(killed: Path) -> None:
    expected = without_database_hash(builders.published_state(at(killed / "whole")))
    assert len(expected["register"]) == 2
    for case in CASES:
        folder = at(killed / case)
        builders.publish(folder, second_release())
        assert without_database_hash(builders.published_state(folder)) == expected, case
        assert not builders.publish(folder, second_release()).changed


@pytest.mark.parametrize("case", CASES)
def test_an_error_at_any_step_is_made_up_for_by_running_again(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = builders.data_folder(tmp_path)
    when, step = case.split(" ", 1)
    module, name = STEPS[step]

    def stop() -> None:
        raise Interruption

    with monkeypatch.context() as patched:
        patched.setattr(module, name, interrupted(getattr(module, name), when, stop))
        with pytest.raises(Interruption):
            builders.publish(folder, first_release())
    published = builders.publish(folder, first_release())
    assert published.release_id == builders.register_rows(folder)[0][0]
    verify_release(published.path)
    assert sorted(path.name for path in folder.releases.iterdir()) == [published.release_id]
    assert sorted(path.name for path in folder.published.iterdir()) == [
        "index.html",
        "published.duckdb",
        "releases",
    ]
    assert published.path.stat().st_mode & 0o777 == 0o755


def test_an_unregistered_release_is_removed_when_the_tables_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = builders.data_folder(tmp_path)

    def stop() -> None:
        raise Interruption

    module, name = STEPS["register"]
    with monkeypatch.context() as patched:
        patched.setattr(module, name, interrupted(getattr(module, name), "before", stop))
        with pytest.raises(Interruption):
            builders.publish(folder, first_release())
    (left,) = folder.releases.iterdir()
    published = builders.publish(folder, second_release())
    assert published.number == 1
    assert not left.exists()
    assert [row[0] for row in builders.register_rows(folder)] == [published.release_id]


def test_a_release_folder_without_its_register_row_is_adopted_with_its_own_date(
    tmp_path: Path,
) -> None:
    folder = builders.data_folder(tmp_path)
    first = builders.publish(folder, first_release())
    rows = builders.register_rows(folder)
    forget_releases(folder)
    again = builders.publish(folder, first_release(), now=builders.NOW.replace(year=2021))
    assert again.release_id == first.release_id
    assert builders.register_rows(folder) == rows


def test_a_damaged_release_folder_without_its_register_row_is_built_anew(tmp_path: Path) -> None:
    folder = builders.data_folder(tmp_path)
    first = builders.publish(folder, first_release())
    forget_releases(folder)
    (first.path / "csv" / "funnel.csv").write_bytes(b"stage,n\r\n")
    again = builders.publish(folder, first_release())
    assert again.release_id == first.release_id
    verify_release(again.path)


def test_a_release_that_readers_saw_and_the_register_lacks_stops_publishing(
    tmp_path: Path,
) -> None:
    folder = builders.data_folder(tmp_path)
    seen = builders.publish(folder, first_release())
    forget_releases(folder)
    with pytest.raises(ReleaseError, match="register"):
        builders.publish(folder, second_release())
    verify_release(seen.path)


def forget_releases(folder: DataFolder) -> None:
    with builders.open_registers(folder) as registers:
        registers.execute("DELETE FROM registers.releases")
        registers.execute("DELETE FROM registers.release_steps")
    forget_chain_notes(folder.registers)
