"""An erasure that is killed before any one of its changes is finished by the next run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import enforce
from safer_streets_assets.stores import DataFolder, StoreName, open_stores
from safer_streets_assets.stores.rebuild import finish_rebuild, rebuild_store
from safer_streets_assets.stores.registers import evaluation_closed
from safer_streets_assets_tests.retention.builders import (
    certificate_rows,
    decided,
    folder_at,
    publish,
    restricted_rows,
)
from safer_streets_assets_tests.retention.killing import PARTS, moments, run_until

EACH = 13


def kills(
    template: Path, tmp_path: Path, part: int, step: Callable[[DataFolder], object]
) -> list[DataFolder]:
    """Copies of a folder, the step killed in each before another of its changes."""
    killed = []
    for change in moments(EACH, part, PARTS):
        folder = folder_at(tmp_path / f"{change}" / "data")
        shutil.copytree(template, folder.root)
        if run_until(lambda folder=folder: step(folder), change):  # type: ignore[misc]
            return killed
        killed.append(folder)
    raise AssertionError("the step never ends")


def restricted_or_error(folder: DataFolder) -> dict[str, list[tuple[object, ...]]] | None:
    """The restricted store's rows; None when it refuses to open."""
    try:
        return restricted_rows(folder)
    except SaferStreetsError:
        return None


def layout(folder: DataFolder) -> list[str]:
    """The files there are, but for keys that were being written: the next run erases those."""
    files = (path for path in folder.root.rglob("*") if path.is_file())
    return sorted(str(p.relative_to(folder.root)) for p in files if p.suffix != ".part")


@pytest.fixture(scope="module")
def dated(in_use: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in use with its dates set, and one quarantined drop fewer."""
    root = tmp_path_factory.mktemp("dated") / "data"
    shutil.copytree(in_use, root)
    one = sorted(path.stem for path in (root / "restricted" / "quarantine").iterdir())[0]
    (root / "restricted" / "quarantine" / f"{one}.sealed").unlink()
    (root / "keys" / f"drop-{one}.key").unlink()
    with open_stores(folder_at(root), write=["restricted"]) as connection:
        connection.execute("DELETE FROM restricted.quarantined_drops WHERE drop_id = ?", [one])
    decided(folder_at(root), datetime(2020, 2, 10, 12))
    publish(folder_at(root), "Final report", "2020-02-29", datetime(2020, 3, 1))
    return root


@pytest.mark.parametrize("part", range(1, PARTS + 1))
@pytest.mark.thorough
def test_erasing_personal_data_survives_every_kill(
    dated: Path, tmp_path: Path, policy: Policy, part: int
) -> None:
    day, now = date(2021, 2, 28), datetime(2021, 2, 28, 3)
    whole = folder_at(tmp_path / "whole")
    shutil.copytree(dated, whole.root)
    enforce(whole, policy, day, now)
    files, certified = layout(whole), certificate_rows(whole)
    killed = kills(dated, tmp_path, part, lambda folder: enforce(folder, policy, day, now))
    assert len(killed) > 2
    for folder in killed:
        if not all(folder.database(store).exists() for store in ("restricted", "research")):
            with open_stores(folder, read=["registers"]) as connection:
                assert evaluation_closed(connection)
        enforce(folder, policy, day, now)
        assert layout(folder) == files
        assert not list(folder.keys.glob(".*"))
        assert certificate_rows(folder) == certified


@pytest.mark.parametrize("part", range(1, PARTS + 1))
@pytest.mark.thorough
def test_erasing_a_quarantined_drop_survives_every_kill(
    dated: Path, tmp_path: Path, policy: Policy, part: int
) -> None:
    day, now = date(2020, 3, 11), datetime(2020, 3, 11, 3)
    before = restricted_rows(folder_at(dated))
    whole = folder_at(tmp_path / "whole")
    shutil.copytree(dated, whole.root)
    enforce(whole, policy, day, now)
    after = restricted_rows(whole)
    files, certified = layout(whole), certificate_rows(whole)
    killed = kills(dated, tmp_path, part, lambda folder: enforce(folder, policy, day, now))
    assert len(killed) > 2
    for folder in killed:
        half = restricted_or_error(folder)
        if half is not None:
            lost = {table for table in before if half[table] != before[table]}
            assert lost <= {"quarantined_drops"}
        enforce(folder, policy, day, now)
        assert layout(folder) == files
        assert not list(folder.keys.glob(".*"))
        assert certificate_rows(folder) == certified
        assert restricted_rows(folder) == after


def test_a_rebuild_that_is_killed_is_rolled_back_or_finished(dated: Path, tmp_path: Path) -> None:
    store: StoreName = "restricted"
    rows = restricted_rows(folder_at(dated))
    killed = 0
    for part in range(1, PARTS + 1):
        for folder in kills(dated, tmp_path / store, part, lambda f: rebuild_store(f, store)):
            killed += 1
            finish_rebuild(folder, store)
            assert not finish_rebuild(folder, store)
            assert set(layout(folder)) <= set(layout(folder_at(dated)))
            assert restricted_rows(folder) == rows
    assert killed > 1
