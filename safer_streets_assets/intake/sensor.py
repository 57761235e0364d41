"""The sensor that looks at the landing folder and starts one run for all settled drops."""

from __future__ import annotations

import contextlib
import hashlib

import dagster as dg

from safer_streets_assets.intake.landing import Look, drop_id_of, look_at_landing
from safer_streets_assets.intake.orphans import end_orphaned_runs
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder

BATCH_TAG = "safer_streets/batch"
ATTEMPT_TAG = "safer_streets/attempt"
UNDER_WAY = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)


def build_sensor(policy: Policy, job_name: str, data_folder: str = "") -> dg.SensorDefinition:
    """The sensor; on by default. `data_folder` is for tests; empty means the usual place."""

    @dg.sensor(
        name="new_drops",
        job_name=job_name,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Looks at the landing folder. A file is settled when it looks the same on two looks; "
            "one run takes in all settled files. A failed run is tried again, and stays visible "
            "as failed when the policy's attempts are used up."
        ),
    )
    def new_drops(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        folder = DataFolder.locate(data_folder or None).prepare()
        end_orphaned_runs(context.instance, folder)
        look = look_at_landing(folder)
        if not look.settled:
            waiting = len(look.arriving)
            return dg.SkipReason(
                f"{waiting} files are still arriving." if waiting else "Nothing has arrived."
            )
        batch = _batch(look)
        if batch is None:
            return dg.SkipReason(
                "Files in the landing folder cannot be read: give the pipeline's user access."
            )
        return _request(context.instance, batch, policy.dpia.intake.attempts)

    return new_drops


def _batch(look: Look) -> str | None:
    """An opaque name for the settled drops, made of their hashes; None when none is readable."""
    drops = []
    for file in look.settled:
        with contextlib.suppress(OSError):
            drops.append(drop_id_of(file.path))
    if not drops:
        return None
    return hashlib.sha256("\n".join(sorted(drops)).encode()).hexdigest()


def _request(
    instance: dg.DagsterInstance, batch: str, attempts: int
) -> dg.RunRequest | dg.SkipReason:
    runs = instance.get_runs(filters=dg.RunsFilter(tags={BATCH_TAG: batch}))
    if any(run.status in UNDER_WAY for run in runs):
        return dg.SkipReason("A run is taking these drops in.")
    failed = sum(run.status == dg.DagsterRunStatus.FAILURE for run in runs)
    if failed >= attempts:
        return dg.SkipReason(
            f"Taking these drops in failed {failed} times: look at the failed runs, put right "
            "what they say, and start the job evaluation."
        )
    return dg.RunRequest(
        run_key=f"{batch}-{len(runs) + 1}",
        tags={BATCH_TAG: batch, ATTEMPT_TAG: str(failed + 1)},
    )
