"""The sensor and the schedules, on a real instance: tick by tick."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
import pytest

from safer_streets_assets.definitions import EVALUATION_JOB, build_defs
from safer_streets_assets.intake import held_drops
from safer_streets_assets.intake import sensor as sensing
from safer_streets_assets.intake.held_drops import decide_by_hand
from safer_streets_assets.intake.landing import drop_id_of
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.intake.take_in import register_landing
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import close_evaluation, ensure_registers, now_utc
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
from safer_streets_assets_tests.privacy.traces import traces

__all__ = ["folder", "history", "instance", "policy", "quick_reader", "session_reader", "ticks"]

SUCCESS, FAILURE = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE


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
    request = settled(ticks, folder)
    assert request.run_key is not None
    name, attempt = request.run_key.split("-")
    assert len(name) == 64
    assert int(name, 16)
    assert attempt == "1"
    ours = {name: value for name, value in request.tags.items() if not name.startswith("dagster/")}
    assert set(ours) == {sensing.BATCH_TAG, sensing.ATTEMPT_TAG}
    assert int(ours[sensing.BATCH_TAG], 16)
    assert ours[sensing.ATTEMPT_TAG] == "1"
    assert request.run_config == {}
    # The daemon starts one run a key: the same drops are the same key until a run has ended.
    again = ticks.tick()
    assert isinstance(again, dg.RunRequest)
    assert again.run_key == request.run_key


@pytest.mark.parametrize("status", sensing.UNDER_WAY)
def test_no_run_is_started_while_one_goes_on(
    status: dg.DagsterRunStatus, ticks: Ticks, folder: DataFolder
) -> None:
    ticks.add(settled(ticks, folder), status)
    assert ticks.tick() == "A run is going on: what has settled meanwhile is taken in after it."
    put(folder, NPS, "next.csv", CONTENT)
    assert [str(ticks.tick())[:19] for _ in range(2)] == ["A run is going on: "] * 2


def test_what_settled_during_a_run_starts_the_next_one_as_soon_as_it_has_ended(
    ticks: Ticks, folder: DataFolder
) -> None:
    going_on = ticks.start(settled(ticks, folder))
    put(folder, NPS, "next.csv", CONTENT + b"\r\n")
    ticks.tick()
    ticks.tick()
    (folder.landing / NPS / NAME).unlink()  # taken in
    ticks.end(going_on, SUCCESS)
    assert ticks.requested().tags[sensing.ATTEMPT_TAG] == "1"


def test_what_was_taken_in_starts_nothing_more(ticks: Ticks, folder: DataFolder) -> None:
    going_on = ticks.start(settled(ticks, folder))
    (folder.landing / NPS / NAME).unlink()
    ticks.end(going_on, SUCCESS)
    assert [ticks.tick() for _ in range(3)] == ["Nothing has arrived."] * 3


def test_a_request_that_was_never_carried_out_is_made_again_under_its_key(
    ticks: Ticks, folder: DataFolder
) -> None:
    request = settled(ticks, folder)
    assert ticks.requested().run_key == request.run_key, "the sensor's process died"
    ticks.add(request, dg.DagsterRunStatus.NOT_STARTED)
    assert ticks.requested().run_key == request.run_key, "the daemon died before it handed it over"
    ticks.succeed(request)
    put(folder, NPS, NAME, CONTENT + b"\r\n")
    ticks.tick()
    assert ticks.requested().run_key != request.run_key


def test_a_lost_instance_means_one_more_run_of_what_waits(
    ticks: Ticks, folder: DataFolder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ticks.fail(settled(ticks, folder))
    assert isinstance(ticks.tick(after=1), str)
    with dg.instance_for_test(temp_dir=str(tmp_path_factory.mktemp("fresh"))) as fresh:
        ticks.instance = fresh
        assert ticks.requested().tags[sensing.ATTEMPT_TAG] == "1"


def test_a_cancelled_run_is_not_started_again_until_something_new_arrives(
    ticks: Ticks, folder: DataFolder
) -> None:
    ticks.end(ticks.start(settled(ticks, folder)), dg.DagsterRunStatus.CANCELED)
    said = "The last run was cancelled: start the job evaluation when it may go on."
    assert [ticks.tick() for _ in range(3)] == [said] * 3
    assert settled(ticks, folder, "next.csv").tags[sensing.ATTEMPT_TAG] == "1"


def test_a_run_of_chosen_assets_has_tried_nothing_unless_all_of_intake_is_among_them(
    ticks: Ticks, folder: DataFolder, policy: Policy
) -> None:
    request = settled(ticks, folder)
    intake = ["drop_arrivals", *(raw_table(name) for name in policy.sources), "drop_ledger"]
    ticks.end(ticks.start(request, assets=intake[1:]), SUCCESS)
    assert ticks.requested().run_key == request.run_key
    ticks.end(ticks.start(request, assets=intake), SUCCESS)
    assert str(ticks.tick()).startswith("1 files stay in the landing folder")


@pytest.fixture
def held(ticks: Ticks, folder: DataFolder, policy: Policy) -> str:
    """A drop that an operator holds, after a run; its id."""
    drop_id = drop_id_of(put(folder, NPS, NAME, CONTENT))
    ticks.tick()
    request = ticks.requested()
    with opened(folder) as connection:
        register_landing(connection, folder, policy)
        decide_by_hand(connection, folder, "hold", drop_id, "someone", now_utc())
    ticks.succeed(request)
    return drop_id


def test_a_released_drop_starts_one_run_by_itself(
    ticks: Ticks, folder: DataFolder, policy: Policy, held: str, quick_reader: object
) -> None:
    assert ticks.tick() == "Nothing has arrived."
    with opened(folder) as connection:
        decide_by_hand(connection, folder, "release", held, "someone", now_utc())
    request = ticks.requested()
    assert ticks.requested().run_key == request.run_key
    run_takes_in(ticks, folder, policy, request)
    assert [ticks.tick() for _ in range(3)] == ["Nothing has arrived."] * 3
    with opened(folder) as connection:
        assert fetch(connection, "SELECT state FROM registers.drops") == [("loaded",)]


def test_a_release_that_is_killed_at_once_starts_a_run_all_the_same(
    ticks: Ticks, folder: DataFolder, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_drops, "transaction", raising_at(1, KeyboardInterrupt(), Path.stat))
    with opened(folder) as connection, pytest.raises(KeyboardInterrupt):
        decide_by_hand(connection, folder, "release", held, "someone", now_utc())
    ticks.succeed(ticks.requested())
    assert ticks.tick() == "Nothing has arrived."


def test_no_tick_leaves_a_name_in_the_history(
    ticks: Ticks, folder: DataFolder, instance: dg.DagsterInstance
) -> None:
    ticks.fail(settled(ticks, folder))
    ticks.tick()
    assert instance.get_runs_count() == 1
    assert traces(folder.dagster, folder.restricted) == {}


def test_the_sensor_is_among_the_definitions_and_on_by_default(policy: Policy) -> None:
    sensor = build_defs(policy).resolve_sensor_def("new_drops")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert sensor.job_name == EVALUATION_JOB


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
