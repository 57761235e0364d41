"""The sensor and the schedules, on a real instance: tick by tick."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)

from safer_streets_assets.definitions import EVALUATION_JOB, build_defs
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.intake import sensor as sensing
from safer_streets_assets.intake.landing import Look, look_at_landing
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import close_evaluation, ensure_registers, now_utc
from safer_streets_assets_tests.builders import NPS, NPS_ROW, csv_drop, data_folder, put
from safer_streets_assets_tests.e2e.runs import instance_of
from safer_streets_assets_tests.privacy.traces import canary_crn, found_in, traces, word

NAME = f"{word('filename')} {canary_crn(960)}.csv"
CONTENT = csv_drop([{**NPS_ROW, "CRN": canary_crn(961), "Offender Name": word("person")}])

# A run in the queue has to say where its job comes from.
ORIGIN = RemoteJobOrigin(
    RemoteRepositoryOrigin(GrpcServerCodeLocationOrigin("localhost", 4266), "__repository__"),
    EVALUATION_JOB,
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    """The policy that ships with the package."""
    return load_policy()


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """An empty data folder."""
    return data_folder(tmp_path / "data")


@pytest.fixture
def instance(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of the data folder, on SQLite."""
    with instance_of(folder, monkeypatch) as found:
        yield found


class Ticks:
    """Evaluates the sensor, as the daemon does at each tick."""

    def __init__(self, policy: Policy, folder: DataFolder, instance: dg.DagsterInstance) -> None:
        """The sensor of the definitions, on that data folder."""
        self.instance = instance
        definitions = build_defs(policy, data_folder=str(folder.root))
        self.sensor = definitions.resolve_sensor_def("new_drops")

    def tick(self) -> dg.RunRequest | str:
        """The run it asks for, or why it asks for none."""
        with dg.build_sensor_context(instance=self.instance) as context:
            data = self.sensor.evaluate_tick(context)
            assert data.cursor is None
            assert found_in(repr(data).encode()) == set()
        if data.run_requests:
            (request,) = data.run_requests
            return request
        assert data.skip_message is not None
        return data.skip_message

    def run_of(self, request: dg.RunRequest, status: dg.DagsterRunStatus) -> str:
        """A run as the daemon would make it of a request, with that status; returns its id."""
        run = dg.DagsterRun(
            job_name=EVALUATION_JOB,
            run_id=str(uuid.uuid4()),
            tags=dict(request.tags),
            status=status,
            remote_job_origin=ORIGIN,
        )
        return self.instance.add_run(run).run_id


@pytest.fixture
def ticks(policy: Policy, folder: DataFolder, instance: dg.DagsterInstance) -> Ticks:
    """The sensor on the data folder."""
    return Ticks(policy, folder, instance)


def _settled(ticks: Ticks, folder: DataFolder) -> dg.RunRequest:
    """Puts a drop into the landing and ticks until it is asked for."""
    put(folder, NPS, NAME, CONTENT)
    ticks.tick()
    request = ticks.tick()
    assert isinstance(request, dg.RunRequest)
    return request


def test_nothing_there_starts_nothing(ticks: Ticks) -> None:
    assert ticks.tick() == "Nothing has arrived."
    assert ticks.tick() == "Nothing has arrived."


def test_a_file_starts_a_run_when_it_has_stopped_growing(ticks: Ticks, folder: DataFolder) -> None:
    place = put(folder, NPS, NAME, CONTENT[:40])
    assert ticks.tick() == "1 files are still arriving."
    place.write_bytes(CONTENT)
    assert ticks.tick() == "1 files are still arriving."
    assert isinstance(ticks.tick(), dg.RunRequest)


def test_a_file_that_was_touched_is_still_arriving(ticks: Ticks, folder: DataFolder) -> None:
    place = put(folder, NPS, NAME, CONTENT)
    ticks.tick()
    os.utime(place, ns=(1, 1))
    assert ticks.tick() == "1 files are still arriving."


@pytest.mark.parametrize("name", [".~lock.x.csv#", "x.csv.part", "~$x.xlsx", "x.tmp"])
def test_an_unfinished_file_starts_nothing(name: str, ticks: Ticks, folder: DataFolder) -> None:
    put(folder, NPS, name, CONTENT)
    assert [ticks.tick() for _ in range(3)] == ["Nothing has arrived."] * 3


def test_settled_files_are_one_request_under_an_opaque_key(
    ticks: Ticks, folder: DataFolder
) -> None:
    put(folder, "crc_eligibility", "second.csv", b"x")
    request = _settled(ticks, folder)
    assert request.run_key is not None
    batch, attempt = request.run_key.split("-")
    assert len(batch) == 64
    assert int(batch, 16)
    assert attempt == "1"
    assert request.tags == {
        sensing.BATCH_TAG: batch,
        sensing.ATTEMPT_TAG: "1",
        **{name: value for name, value in request.tags.items() if name.startswith("dagster/")},
    }
    assert request.run_config == {}
    # The daemon starts one run a key: the same drops are the same key until a run has ended.
    again = ticks.tick()
    assert isinstance(again, dg.RunRequest)
    assert again.run_key == request.run_key


def test_the_name_of_a_file_is_not_in_the_key(ticks: Ticks, folder: DataFolder) -> None:
    first = _settled(ticks, folder)
    (folder.landing / NPS / NAME).rename(folder.landing / NPS / "other.csv")
    ticks.tick()
    second = ticks.tick()
    assert isinstance(second, dg.RunRequest)
    assert second.run_key == first.run_key


@pytest.mark.parametrize(
    "status",
    [
        dg.DagsterRunStatus.QUEUED,
        dg.DagsterRunStatus.NOT_STARTED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
        dg.DagsterRunStatus.CANCELING,
    ],
)
def test_no_run_is_started_while_one_takes_the_drops_in(
    status: dg.DagsterRunStatus, ticks: Ticks, folder: DataFolder
) -> None:
    ticks.run_of(_settled(ticks, folder), status)
    assert ticks.tick() == "A run is taking these drops in."


def test_a_failed_run_is_tried_again_until_the_attempts_are_used_up(
    ticks: Ticks, folder: DataFolder, policy: Policy
) -> None:
    attempts = policy.dpia.intake.attempts
    request = _settled(ticks, folder)
    keys = []
    for attempt in range(1, attempts + 1):
        keys.append(request.run_key)
        assert request.tags[sensing.ATTEMPT_TAG] == str(attempt)
        ticks.run_of(request, dg.DagsterRunStatus.FAILURE)
        following = ticks.tick()
        if attempt < attempts:
            assert isinstance(following, dg.RunRequest)
            request = following
    assert len(set(keys)) == attempts
    assert following == (
        f"Taking these drops in failed {attempts} times: look at the failed runs, put right what "
        "they say, and start the job evaluation."
    )
    assert ticks.tick() == following


def test_a_new_drop_is_tried_though_the_attempts_of_others_are_used_up(
    ticks: Ticks, folder: DataFolder, policy: Policy
) -> None:
    request = _settled(ticks, folder)
    for _ in range(policy.dpia.intake.attempts):
        ticks.run_of(request, dg.DagsterRunStatus.FAILURE)
    assert isinstance(ticks.tick(), str)
    put(folder, NPS, "corrected.csv", CONTENT + b"\r\n")
    ticks.tick()
    fresh = ticks.tick()
    assert isinstance(fresh, dg.RunRequest)
    assert fresh.tags[sensing.ATTEMPT_TAG] == "1"


def test_a_file_that_vanishes_while_it_is_looked_at_is_not_named(
    ticks: Ticks,
    folder: DataFolder,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    _settled(ticks, folder)

    def vanishing(where: DataFolder) -> Look:
        look = look_at_landing(where)
        (folder.landing / NPS / NAME).unlink()
        return look

    monkeypatch.setattr(sensing, "look_at_landing", vanishing)
    try:
        said = repr(ticks.tick())
    except Exception as error:
        said = repr(error) + repr(error.__cause__)
        if not isinstance(error, SaferStreetsError):
            said += repr(error.__context__)
    out, err = capfd.readouterr()
    assert found_in((said + out + err + caplog.text).encode()) == set()


def test_no_tick_leaves_a_name_in_the_history(
    ticks: Ticks, folder: DataFolder, instance: dg.DagsterInstance
) -> None:
    ticks.run_of(_settled(ticks, folder), dg.DagsterRunStatus.FAILURE)
    ticks.tick()
    assert instance.get_runs_count() == 1
    assert traces(folder.dagster, folder.restricted) == {}


def test_the_sensor_is_on_by_default(ticks: Ticks) -> None:
    assert ticks.sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert ticks.sensor.job_name == EVALUATION_JOB


SCHEDULES = {
    "weekly_release": ("0 6 * * 1", EVALUATION_JOB),
    "retention_daily": ("0 3 * * *", "retention"),
    "history_pruning_monthly": ("0 4 1 * *", "history_pruning"),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_is_on_and_keeps_london_time(name: str, policy: Policy) -> None:
    schedule = build_defs(policy).resolve_schedule_def(name)
    assert (schedule.cron_schedule, schedule.job_name) == SCHEDULES[name]
    assert schedule.execution_timezone == "Europe/London"
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING


def test_the_weekly_release_is_made_between_the_first_drop_and_the_close(
    policy: Policy, folder: DataFolder, instance: dg.DagsterInstance
) -> None:
    schedule = build_defs(policy, data_folder=str(folder.root)).resolve_schedule_def(
        "weekly_release"
    )
    with dg.build_schedule_context(instance=instance) as context:
        empty = schedule.evaluate_tick(context)
        with open_stores(folder, write=["registers"]) as connection:
            ensure_registers(connection)
            connection.execute(
                "INSERT INTO registers.drops (drop_id, source, state, arrived_at, bytes) "
                "VALUES ('1', 'crc_eligibility', 'loaded', ?, 1)",
                [now_utc()],
            )
        loaded = schedule.evaluate_tick(context)
        with open_stores(folder, write=["registers"]) as connection:
            close_evaluation(connection, now_utc())
        closed = schedule.evaluate_tick(context)
    assert not empty.run_requests
    assert empty.skip_message == "Nothing has been taken in yet."
    assert loaded.run_requests is not None
    assert len(loaded.run_requests) == 1
    assert not closed.run_requests
    assert closed.skip_message == "The evaluation is closed: the last release stays."
