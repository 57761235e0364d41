"""Failed runs, tick by tick: tried again after waits that double, then left visible as failed."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest

from safer_streets_assets.intake import ledger, take_in
from safer_streets_assets.intake import sensor as sensing
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import close_evaluation, ensure_registers, now_utc
from safer_streets_assets_tests.builders import CRC, NPS, fetch, opened, put, raising_at
from safer_streets_assets_tests.e2e.ticks import (
    CONTENT,
    NAME,
    Ticks,
    folder,
    history,
    instance,
    policy,
    settled,
    ticks,
)
from safer_streets_assets_tests.intake.conftest import quick_reader, session_reader

__all__ = ["folder", "history", "instance", "policy", "quick_reader", "session_reader", "ticks"]

SUCCESS, FAILURE = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE
GIVEN_UP = (
    "Failed 3 times: look at the failed runs, put right what they say, and start the job "
    "evaluation."
)


def used_up(ticks: Ticks, request: dg.RunRequest) -> None:
    """Lets every attempt fail, each when it is due."""
    ticks.fail(request)
    ticks.fail(ticks.requested(after=61))
    ticks.fail(ticks.requested(after=121))
    assert ticks.tick(after=3600) == GIVEN_UP


@pytest.mark.thorough
def test_a_failed_run_is_tried_again_after_waits_that_double_until_the_attempts_are_used_up(
    ticks: Ticks, folder: DataFolder, policy: Policy
) -> None:
    intake = policy.dpia.intake
    request = settled(ticks, folder)
    keys = []
    for attempt in range(1, intake.attempts):
        keys.append(request.run_key)
        assert request.tags[sensing.ATTEMPT_TAG] == str(attempt)
        ticks.fail(request)
        wait = 60 * intake.backoff_minutes * 2 ** (attempt - 1)
        said = ticks.tick(after=wait - 2)
        assert str(said).startswith(f"The last run failed: attempt {attempt + 1} of ")
        request = ticks.requested(after=2)
    ticks.fail(request)
    assert len({*keys, request.run_key}) == intake.attempts
    assert [ticks.tick(after) for after in (1, 10_000, 100_000)] == [GIVEN_UP] * 3


def test_the_time_of_the_next_attempt_is_said_in_london_time(
    ticks: Ticks, folder: DataFolder
) -> None:
    ticks.now = 1_785_585_000.0  # 2026-08-01 11:50:00 UTC, 12:50 in London
    ticks.fail(settled(ticks, folder))  # two ticks, and a run of 25 seconds
    assert ticks.tick() == (
        "The last run failed: attempt 2 of 3 is due at 2026-08-01 12:52:25 (Europe/London)."
    )


def test_a_new_drop_starts_a_run_at_once_though_another_waits_for_its_next_attempt(
    ticks: Ticks, folder: DataFolder
) -> None:
    ticks.fail(settled(ticks, folder))
    put(folder, CRC, "new.xlsx", CONTENT)
    assert "attempt 2 of 3" in str(ticks.tick(after=10))
    assert ticks.requested(after=10).tags[sensing.ATTEMPT_TAG] == "1"


def test_a_new_drop_is_tried_though_the_attempts_of_others_are_used_up(
    ticks: Ticks, folder: DataFolder
) -> None:
    used_up(ticks, settled(ticks, folder))
    put(folder, NPS, "corrected.csv", CONTENT + b"\r\n")
    assert ticks.tick() == GIVEN_UP
    fresh = ticks.requested()
    assert fresh.tags[sensing.ATTEMPT_TAG] == "1"
    used_up(ticks, fresh)


def test_where_one_of_two_drops_was_taken_in_the_attempts_of_the_other_are_counted_on(
    ticks: Ticks, folder: DataFolder
) -> None:
    taken = put(folder, CRC, "taken.xlsx", CONTENT)
    request = settled(ticks, folder)
    taken.unlink()
    ticks.fail(request)
    assert "attempt 2 of 3" in str(ticks.tick())
    second = ticks.requested(after=61)
    assert second.tags[sensing.ATTEMPT_TAG] == "2"
    ticks.fail(second)
    assert "attempt 3 of 3" in str(ticks.tick())


def test_drops_that_come_and_are_taken_in_give_a_failing_one_no_further_attempts(
    ticks: Ticks, folder: DataFolder
) -> None:
    used_up(ticks, settled(ticks, folder))
    for number in range(3):
        place = put(folder, CRC, f"{number}.xlsx", CONTENT)
        ticks.tick()
        request = ticks.requested()
        place.unlink()
        ticks.fail(request)
        assert ticks.tick(after=3600) == GIVEN_UP.replace("3", str(4 + number))


def test_a_run_that_failed_after_the_landing_was_cleared_is_tried_again_too(
    ticks: Ticks, folder: DataFolder
) -> None:
    request = settled(ticks, folder)
    (folder.landing / NPS / NAME).unlink()
    ticks.fail(request)
    assert "attempt 2 of 3" in str(ticks.tick())
    second = ticks.requested(after=61)
    assert second.tags[sensing.ATTEMPT_TAG] == "2"
    ticks.succeed(second)
    assert ticks.tick() == "Nothing has arrived."


def test_a_run_that_a_person_starts_and_that_goes_well_ends_the_failure(
    ticks: Ticks, folder: DataFolder
) -> None:
    request = settled(ticks, folder)
    used_up(ticks, request)
    (folder.landing / NPS / NAME).unlink()
    parent = {sensing.PARENT_TAG: "x"}  # re-executed from the step that failed
    ticks.end(ticks.start(request, parent), SUCCESS)
    assert ticks.tick() == "Nothing has arrived."


def test_a_run_that_went_on_from_a_failed_step_has_not_looked_at_the_landing(
    ticks: Ticks, folder: DataFolder
) -> None:
    request = settled(ticks, folder)
    used_up(ticks, request)
    ticks.end(ticks.start(request, {sensing.PARENT_TAG: "x"}), SUCCESS)
    assert ticks.requested().tags[sensing.ATTEMPT_TAG] == "1"


def test_a_run_that_could_not_be_launched_counts_as_an_attempt(
    ticks: Ticks, folder: DataFolder
) -> None:
    request = settled(ticks, folder)
    ticks.add(request, FAILURE)
    record = ticks.instance.get_run_records(limit=1)[0]
    assert record.start_time is None
    # Dagster keeps when it was made in whole seconds: the file was ready half a second later.
    (folder.restricted / "landing_looks.json").unlink()
    ticks.now = record.create_timestamp.timestamp() - 1.5
    ticks.tick(after=0)
    assert "attempt 2 of 3" in str(ticks.tick(after=4))


def test_a_file_that_was_touched_has_its_attempts_anew(ticks: Ticks, folder: DataFolder) -> None:
    used_up(ticks, settled(ticks, folder))
    os.utime(folder.landing / NPS / NAME)
    ticks.tick()
    assert ticks.requested().tags[sensing.ATTEMPT_TAG] == "1"


def test_a_clock_that_was_set_back_neither_stops_nor_hides_a_retry(
    ticks: Ticks, folder: DataFolder
) -> None:
    ticks.fail(settled(ticks, folder))
    assert ticks.requested(after=-1800).tags[sensing.ATTEMPT_TAG] == "2"


def test_nothing_is_tried_again_once_the_evaluation_is_closed(
    ticks: Ticks, folder: DataFolder
) -> None:
    request = settled(ticks, folder)
    (folder.landing / NPS / NAME).unlink()  # refused and sealed
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        close_evaluation(connection, now_utc())
    ticks.fail(request)
    assert ticks.tick(after=61) == "The evaluation is closed: the last release stays."


STAGES: list[tuple[Any, str]] = [
    (ledger, "drop_id_of"),
    (ledger, "_put_on_ledger"),
    (take_in, "clear_copies_of_held"),
    (take_in, "stage_rows"),
    (take_in, "load_staged"),
    (take_in, "record_outcome"),
    (take_in, "clear_landing"),
]


@pytest.mark.parametrize(("module", "name"), STAGES, ids=[name for _, name in STAGES])
@pytest.mark.thorough
def test_a_run_that_fails_at_any_stage_loses_no_drop(
    module: Any,
    name: str,
    ticks: Ticks,
    folder: DataFolder,
    policy: Policy,
    quick_reader: object,
) -> None:
    put(folder, NPS, "other.csv", CONTENT.replace(b"13/01/2020", b"14/01/2020"))
    request = settled(ticks, folder)
    real: Callable[..., Any] = getattr(module, name)
    with pytest.MonkeyPatch.context() as patched, opened(folder) as connection:
        patched.setattr(module, name, raising_at(2 if name == "drop_id_of" else 1, Full(), real))
        with pytest.raises(Full):
            _run(connection, folder, policy)
    ticks.fail(request)
    assert "attempt 2 of 3" in str(ticks.tick())
    second = ticks.requested(after=61)
    run_id = ticks.start(second)
    with opened(folder) as connection:
        _run(connection, folder, policy)
        assert fetch(connection, "SELECT state FROM registers.drops") == [("loaded",)] * 2
        rows = fetch(connection, "SELECT count(*) FROM restricted.nps_court_outcomes_raw")
    ticks.end(run_id, SUCCESS)
    assert rows == [(2,)]
    assert ticks.tick() == "Nothing has arrived."


class Full(Exception):
    """Stands in for what ends a run."""


def _run(connection: Any, folder: DataFolder, policy: Policy) -> None:
    take_in.register_landing(connection, folder, policy)
    take_in.take_in(connection, folder, policy, NPS)
