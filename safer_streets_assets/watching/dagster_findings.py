"""What Dagster's own history says: runs that failed for good, a daemon that stopped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import dagster as dg

from safer_streets_assets.accountability.clocks import local_time
from safer_streets_assets.intake.sensor import ENDED, past_runs
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.schedule_state import was_seen, what_is_off
from safer_streets_assets.watching.findings import Finding

RUNS_LOOKED_AT = 200


def find_in_dagster(
    instance: dg.DagsterInstance, policy: Policy, now: datetime, evaluation_job: str
) -> list[Finding]:
    """What the history of a data folder's instance says; `now` is in UTC.

    A daemon that never ran on it is not missed: then runs are started by hand, or by a timer.
    """
    off = what_is_off(instance, policy.dpia.evaluation.timezone, now) if was_seen(instance) else []
    return [
        *(Finding("daemon_stopped", sentence, sentence) for sentence in off),
        *_runs(instance, policy, now, evaluation_job, daemon_runs=was_seen(instance) and not off),
    ]


def last_ended(instance: dg.DagsterInstance) -> dict[str, dg.RunRecord]:
    """Job to its newest run that has ended, of the last `RUNS_LOOKED_AT`."""
    records = instance.get_run_records(
        filters=dg.RunsFilter(statuses=[*ENDED]), limit=RUNS_LOOKED_AT
    )
    newest: dict[str, dg.RunRecord] = {}
    for record in records:
        newest.setdefault(record.dagster_run.job_name, record)
    return newest


def ended_at(record: dg.RunRecord) -> datetime:
    """When a run ended, in UTC without an offset."""
    seconds = record.end_time or record.update_timestamp.timestamp()
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def _runs(
    instance: dg.DagsterInstance,
    policy: Policy,
    now: datetime,
    evaluation_job: str,
    *,
    daemon_runs: bool,
) -> Iterator[Finding]:
    """The newest run of each job, where it failed and nothing will try it again."""
    intake = policy.dpia.intake
    for job, record in last_ended(instance).items():
        if record.dagster_run.status is not dg.DagsterRunStatus.FAILURE:
            continue
        if job == evaluation_job and daemon_runs:
            past = past_runs(instance, job, policy)
            tried = len(list(takewhile(lambda run: run.outcome == "failed", past)))
            wait = timedelta(minutes=intake.backoff_minutes * 2**intake.attempts)
            if tried < intake.attempts and now - ended_at(record) < wait:
                continue
        at = local_time(ended_at(record), policy.dpia.evaluation.timezone)
        yield Finding(
            "run_failed",
            record.dagster_run.run_id,
            f"The run {record.dagster_run.run_id[:8]} of {job} failed {at}, and "
            "is not tried again by itself: see why in safer-streets ui, and run it again.",
        )
