"""`safer-streets status` in ten lines, with a plug-in's exit code; the sensor of alerts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from safer_streets_assets.definitions import EVALUATION_JOB
from safer_streets_assets.policy import load_policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.preflight import preflight
from safer_streets_assets.stores.registers import ensure_registers, now_utc
from safer_streets_assets.watching.channels import FILE, SMTP, WEBHOOK
from safer_streets_assets.watching.dagster_findings import find_in_dagster
from safer_streets_assets.watching.looking import look
from safer_streets_assets.watching.sensor import build_sensor
from safer_streets_assets.watching.status import status_of
from safer_streets_assets_tests.builders import folder, no_settings_from_outside
from safer_streets_assets_tests.e2e.runs import instance_of
from safer_streets_assets_tests.privacy.traces import STEM, canary_crn, traces, word
from safer_streets_assets_tests.retention.test_schedule_state import seen
from safer_streets_assets_tests.rights.conftest import Command, command

__all__ = ["command", "folder", "no_settings_from_outside"]

POLICY = load_policy()


@pytest.fixture
def instance(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of the data folder."""
    monkeypatch.setenv("SAFER_STREETS_DATA", str(folder.root))
    with instance_of(folder, monkeypatch) as found:
        yield found


def add_drop(folder: DataFolder, state: str, at: datetime | None = None) -> None:
    """A drop on the ledger, and in the store what may never be told: a name and a CRN."""
    preflight(folder)
    with open_stores(folder, write=["registers", "restricted"]) as connection:
        ensure_registers(connection)
        connection.execute(
            "INSERT INTO registers.drops (drop_id, source, state, reason, arrived_at, bytes) "
            "VALUES (?, 'crc_eligibility', ?, 'D-X', ?, 1)",
            ["d" * 64, state, at or now_utc()],
        )
        connection.execute(
            "CREATE TABLE restricted.quarantined_drops AS SELECT ? AS drop_id, "
            "? AS file_name, ? AS crn",
            ["d" * 64, word("file"), canary_crn(1)],
        )


def fail(instance: dg.DagsterInstance, job_name: str) -> None:
    """A run of a job that fails."""

    @dg.op
    def failing() -> None:
        raise ValueError(word("error"))

    @dg.job(name=job_name)
    def job() -> None:
        failing()

    job.execute_in_process(instance=instance, raise_on_error=False)


@contextmanager
def held_elsewhere(folder: DataFolder, what: str) -> Iterator[None]:
    """Another process that holds the folder's lock."""
    preflight(folder)
    code = (
        "import sys, pathlib; from safer_streets_assets.stores.lock import run_lock\n"
        "with run_lock(pathlib.Path(sys.argv[1]), what=sys.argv[2]):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder.lock), what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        process.communicate()


@pytest.mark.thorough
def test_ten_lines_and_0_when_all_is_well(folder: DataFolder, command: Command) -> None:
    said = command(folder, "status")
    assert said.code == 0, said.text
    lines = said.text.strip().splitlines()
    assert len(lines) == 10
    assert lines[0].startswith("OK")


@pytest.mark.thorough
def test_1_with_a_held_drop_and_2_with_a_failed_run(
    folder: DataFolder, command: Command, instance: dg.DagsterInstance
) -> None:
    add_drop(folder, "held")
    said = command(folder, "status")
    assert said.code == 1, said.text
    assert "Drop dddddddddddd of crc_eligibility is held" in said.text
    assert len(said.text.strip().splitlines()) == 10
    fail(instance, "retention")
    said = command(folder, "status")
    assert said.code == 2, said.text
    assert "of retention failed" in said.text
    assert STEM not in said.text


def test_3_where_it_cannot_be_told(folder: DataFolder, command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = command(DataFolder(tmp_path / "empty", tmp_path / "empty" / "keys"), "status")
    assert said.code == 3, said.text
    assert said.text.startswith("UNKNOWN  ")
    assert "is no data folder" in said.text


def test_while_something_else_works_it_says_so_and_is_well(
    folder: DataFolder, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safer_streets_assets.console.watching.PATIENCE_SECONDS", 0.1)
    with held_elsewhere(folder, "safer-streets run"):
        said = command(folder, "status")
    assert said.code == 0, said.text
    assert said.text.startswith("OK  safer-streets run (process")
    assert "how things stand is said after it" in said.text


def test_a_run_of_the_daemon_that_is_tried_again_is_not_told_of(
    folder: DataFolder, instance: dg.DagsterInstance
) -> None:
    now = now_utc()

    def kinds() -> list[str]:
        return [one.kind for one in find_in_dagster(instance, POLICY, now, EVALUATION_JOB)]

    seen(instance, now)
    assert kinds() == []
    for tried in range(1, POLICY.dpia.intake.attempts + 1):
        fail(instance, EVALUATION_JOB)
        assert kinds() == ["run_failed"] * (tried == POLICY.dpia.intake.attempts)


def test_a_run_that_failed_where_no_daemon_tries_again_is_told_of_at_once(
    folder: DataFolder, instance: dg.DagsterInstance
) -> None:
    fail(instance, EVALUATION_JOB)
    (one,) = find_in_dagster(instance, POLICY, now_utc(), EVALUATION_JOB)
    assert one.kind == "run_failed"
    assert STEM not in one.sentence


def test_a_daemon_that_was_there_and_is_gone_is_told_of(
    folder: DataFolder, instance: dg.DagsterInstance
) -> None:
    seen(instance, now_utc() - timedelta(hours=1))
    (one,) = find_in_dagster(instance, POLICY, now_utc(), EVALUATION_JOB)
    assert one.kind == "daemon_stopped"
    assert "Dagster's daemon was last seen" in one.sentence


def test_the_sensor_tells_once_and_names_nobody(
    folder: DataFolder,
    instance: dg.DagsterInstance,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alerts = tmp_path / "alerts.jsonl"
    monkeypatch.setenv(FILE, str(alerts))
    add_drop(folder, "quarantined")
    fail(instance, "retention")
    sensor = build_sensor(POLICY, EVALUATION_JOB, str(folder.root))
    words = []
    for _ in range(2):
        with dg.build_sensor_context(instance=instance) as context:
            words.append(sensor.evaluate_tick(context).skip_message)
    assert words == ["2 to know of. 2 told by file.", "2 to know of. Nothing new."]
    kinds = [json.loads(line)["kind"] for line in alerts.read_text().splitlines()]
    assert kinds == ["run_failed", "drop_quarantined"]
    assert traces(alerts, folder.registers) == {}


def test_the_sensor_waits_while_something_works_in_the_folder(
    folder: DataFolder, instance: dg.DagsterInstance
) -> None:
    sensor = build_sensor(POLICY, EVALUATION_JOB, str(folder.root))
    with (
        held_elsewhere(folder, "safer-streets run"),
        dg.build_sensor_context(instance=instance) as context,
    ):
        said = sensor.evaluate_tick(context).skip_message
    assert said == "Something works in the data folder: the look comes after it."


def test_a_folder_in_which_nothing_happened_yet_has_nothing_to_know(
    folder: DataFolder, instance: dg.DagsterInstance
) -> None:
    now = now_utc()
    looked = look(folder, POLICY, instance, now, EVALUATION_JOB)
    status = status_of(folder, POLICY, looked, instance, {}, now)
    assert (looked.found, status.code) == ([], 0)


def test_alerts_with_nobody_to_tell_are_refused_with_what_to_set(
    folder: DataFolder, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (f"{SMTP}_HOST", WEBHOOK, FILE):
        monkeypatch.delenv(name, raising=False)
    refused = command(folder, "alerts", "send")
    assert refused.code == 1
    for name in (f"{SMTP}_HOST", WEBHOOK, FILE):
        assert name in refused.text
