"""What is damaged is told, once, and keeps nothing else from being told."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from safer_streets_assets.console.instance import open_instance
from safer_streets_assets.definitions import EVALUATION_JOB
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.faults import FULL, HISTORY_DAMAGED, damaged_sentence
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.watching.channels import FILE, channels_of
from safer_streets_assets.watching.findings import Finding
from safer_streets_assets.watching.looking import tell_what_is_new
from safer_streets_assets.watching.sensor import build_sensor
from safer_streets_assets.watching.told_beside import FILE as BESIDE
from safer_streets_assets_tests.builders import folder, no_settings_from_outside, shipped_policy
from safer_streets_assets_tests.rights.conftest import Command, command
from safer_streets_assets_tests.watching.test_status import add_drop, fail, instance

__all__ = ["command", "folder", "instance", "no_settings_from_outside"]

POLICY = shipped_policy()
NOW = datetime(2020, 3, 2, 12)
FAILED = Finding("run_failed", "one", "The run one failed.")


@pytest.fixture
def alerts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which alerts are told."""
    monkeypatch.setenv(FILE, str(tmp_path / "alerts.jsonl"))
    return tmp_path / "alerts.jsonl"


def told(alerts: Path) -> list[str]:
    return [json.loads(line)["what"] for line in alerts.read_text().splitlines()]


@pytest.fixture
def damaged_history(folder: DataFolder) -> DataFolder:
    """A data folder in which Dagster's history is damaged."""
    preflight(folder)
    with pytest.MonkeyPatch.context() as patched:
        for name in ("DAGSTER_HOME", "SAFER_STREETS_DAGSTER", "SAFER_STREETS_DATA"):
            patched.setenv(name, "")
        with open_instance(folder) as made:
            assert made.get_runs_count() == 0
    for path in folder.dagster.rglob("*.db"):
        path.write_bytes(os.urandom(9000))
    return folder


def spoil(folder: DataFolder, store: str) -> None:
    path = folder.root / store / f"{store}.duckdb"
    path.write_bytes(os.urandom(path.stat().st_size))


@pytest.mark.thorough
def test_before_there_are_registers_and_after_what_was_told_is_not_told_again(
    folder: DataFolder, instance: dg.DagsterInstance, alerts: Path
) -> None:
    fail(instance, "retention")
    sensor = build_sensor(POLICY, EVALUATION_JOB, str(folder.root))

    def look() -> str | None:
        with dg.build_sensor_context(instance=instance) as context:
            return sensor.evaluate_tick(context).skip_message

    assert [look(), look()] == ["1 to know of. 1 told by file.", "1 to know of. Nothing new."]
    assert (folder.registers / BESIDE).exists()
    add_drop(folder, "held")
    assert [look(), look()] == ["2 to know of. 1 told by file.", "2 to know of. Nothing new."]
    assert not (folder.registers / BESIDE).exists()
    assert len(told(alerts)) == 2


def test_what_was_told_without_registers_is_told_again_after_a_day_and_when_it_comes_back(
    folder: DataFolder, alerts: Path
) -> None:
    hours = POLICY.dpia.alerts.remind_after_hours

    def look(found: list[Finding], after: int) -> int:
        now = NOW + timedelta(hours=after)
        done = tell_what_is_new(folder, POLICY, found, channels_of(), now)
        return sum(map(len, done.told.values()))

    looks = [
        ([FAILED], 0),
        ([FAILED], 1),
        ([FAILED], hours),
        ([], hours + 1),
        ([FAILED], hours + 2),
    ]
    assert [look(*one) for one in looks] == [1, 0, 1, 0, 1]
    (folder.registers / BESIDE).write_text("[[1, 2")
    assert look([FAILED], hours + 3) == 1, "told once more rather than never"
    assert "FAILED" not in (folder.registers / BESIDE).read_text()


@pytest.mark.thorough
@pytest.mark.parametrize("store", ["restricted", "research", "registers"])
def test_a_damaged_store_is_critical_and_told_once(
    folder: DataFolder, command: Command, alerts: Path, store: str
) -> None:
    add_drop(folder, "held")
    with open_stores(folder, write=["research"]):
        pass
    spoil(folder, store)
    said = command(folder, "status")
    assert said.code == 2, said.text
    assert len(said.text.strip().splitlines()) == 10
    assert damaged_sentence(store) in said.text
    assert ("Drop dddddddddddd" in said.text) == (store != "registers")
    for _ in range(2):
        assert command(folder, "alerts", "send").code == 0
    assert told(alerts).count(damaged_sentence(store)) == 1


@pytest.mark.thorough
def test_a_damaged_history_is_told_and_what_is_in_the_registers_too(
    damaged_history: DataFolder, command: Command, alerts: Path
) -> None:
    add_drop(damaged_history, "held")
    said = command(damaged_history, "status")
    assert said.code == 2, said.text
    assert HISTORY_DAMAGED in said.text
    assert "Drop dddddddddddd" in said.text
    assert command(damaged_history, "alerts", "send").code == 0
    assert HISTORY_DAMAGED in told(alerts)
    assert any(line.startswith("Drop dddddddddddd") for line in told(alerts))


@pytest.mark.thorough
def test_retention_goes_on_without_the_history_and_dagster_is_not_opened_on_it(
    damaged_history: DataFolder, command: Command
) -> None:
    for words in (("retention", "--enforce", "--yes"), ("retention",)):
        said = command(damaged_history, *words)
        assert said.code == 0, said.text
        assert HISTORY_DAMAGED in said.text
    said = command(damaged_history, "ui", "--port", "3999")
    assert (said.code, said.text.splitlines()[-1]) == (1, HISTORY_DAMAGED)


def test_what_is_not_ours_to_know_is_3_in_one_line(
    folder: DataFolder, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "Zebedee")

    preflight(folder)
    monkeypatch.setattr("safer_streets_assets.console.watching.look", full)
    said = command(folder, "status")
    assert (said.code, said.text) == (3, f"UNKNOWN  {FULL}\n")
