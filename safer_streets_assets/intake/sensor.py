"""The sensor that looks at the landing folder and starts one run for all settled drops."""

from __future__ import annotations

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.intake.attempts import NextStep, Outcome, PastRun, next_attempt
from safer_streets_assets.intake.landing import Look, clock_ns, look_at_landing
from safer_streets_assets.intake.orphaned_runs import end_orphaned_runs
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.intake.run_requests import run_requested_ns
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.database import StoreBusyError
from safer_streets_assets.stores.preflight import closed

BATCH_TAG = "safer_streets/batch"
ATTEMPT_TAG = "safer_streets/attempt"
PARENT_TAG = "dagster/parent_run_id"
# A run that was made and never handed over (NOT_STARTED) is not among them: asked for again under
# its key, Dagster starts it.
UNDER_WAY = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
ENDED: dict[dg.DagsterRunStatus, Outcome] = {
    dg.DagsterRunStatus.SUCCESS: "succeeded",
    dg.DagsterRunStatus.FAILURE: "failed",
    dg.DagsterRunStatus.CANCELED: "cancelled",
}
RUNS_LOOKED_AT = 50


def build_sensor(policy: Policy, job_name: str, data_folder: str = "") -> dg.SensorDefinition:
    """The sensor; on by default. `data_folder` is for tests; empty means the usual place."""

    @dg.sensor(
        name="new_drops",
        job_name=job_name,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Looks at the landing folder. A file is settled when it looks the same on two looks; "
            "one run takes in all settled files. A failed run is tried again after a wait that "
            "doubles, and stays visible as failed when the policy's attempts are used up."
        ),
    )
    def new_drops(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        try:
            folder = _prepared(data_folder)
            end_orphaned_runs(context.instance, folder)
            look = look_at_landing(folder, *policy.dpia.intake.settling)
            return _answer(context.instance, folder, look, policy, job_name)
        except SaferStreetsError as error:
            # Dagster masks the text of every error that is not its own.
            raise dg.DagsterError(str(error)) from None

    return new_drops


def _prepared(data_folder: str) -> DataFolder:
    try:
        return DataFolder.locate(data_folder or None).required().prepare()
    except OSError:
        raise SaferStreetsError(
            "The data folder cannot be used; give it, and all folders in it, to the pipeline's "
            "user."
        ) from None


def _answer(
    instance: dg.DagsterInstance, folder: DataFolder, look: Look, policy: Policy, job_name: str
) -> dg.RunRequest | dg.SkipReason:
    of_job = dg.RunsFilter(job_name=job_name, statuses=[*UNDER_WAY])
    if instance.get_run_records(filters=of_job, limit=1):
        return dg.SkipReason("A run is going on: what has settled meanwhile is taken in after it.")
    past = past_runs(instance, job_name, policy)
    requested = run_requested_ns(folder)
    ready = _ready(look, requested, policy)
    intake = policy.dpia.intake
    now = clock_ns() / 1e9
    verdict = next_attempt(past, ready, now, intake.attempts, 60 * intake.backoff_minutes)
    if verdict.what != "start":
        return dg.SkipReason(_why_not(verdict, look, policy))
    try:
        if not look.settled and closed(folder):
            return dg.SkipReason("The evaluation is closed: the last release stays.")
    except StoreBusyError as error:
        return dg.SkipReason(str(error))
    batch = _digest(*(f"{file.token} {file.facts}" for file in look.settled))
    key = _digest(batch, str(requested), past[0].run_id if past else "")
    return dg.RunRequest(
        run_key=f"{key}-{verdict.attempt}",
        tags={BATCH_TAG: batch, ATTEMPT_TAG: str(verdict.attempt)},
    )


def past_runs(instance: dg.DagsterInstance, job_name: str, policy: Policy) -> list[PastRun]:
    """The last runs of the job that have ended, the latest first.

    A run of chosen assets without all of intake is not among them: it says nothing about the drops.
    """
    intake = {"drop_arrivals", "drop_ledger", *(raw_table(name) for name in policy.sources)}
    records = instance.get_run_records(
        filters=dg.RunsFilter(job_name=job_name, statuses=[*ENDED]), limit=RUNS_LOOKED_AT
    )
    past = []
    for record in records:
        run = record.dagster_run
        goes_on = PARENT_TAG in run.tags
        chosen = {key.to_user_string() for key in run.asset_selection or ()}
        if goes_on or (not run.op_selection and (not chosen or chosen >= intake)):
            past.append(
                PastRun(
                    run_id=run.run_id,
                    outcome=ENDED[run.status],
                    started=record.start_time or _made(record),
                    ended=record.end_time or record.update_timestamp.timestamp(),
                    whole=not goes_on,
                )
            )
    return past


def _made(record: dg.RunRecord) -> float:
    """When a run was made that never started, rounded up: Dagster keeps whole seconds."""
    return record.create_timestamp.timestamp() + 1


def _ready(look: Look, requested_ns: int | None, policy: Policy) -> float | None:
    """When the newest of what waits was ready, in seconds since 1970; None when nothing waits."""
    times = []
    if look.settled:
        times.append(look.settled_ns / 1e9 + policy.dpia.intake.settle_seconds)
    if requested_ns is not None:
        times.append(requested_ns / 1e9)
    return max(times, default=None)


def _why_not(verdict: NextStep, look: Look, policy: Policy) -> str:
    if verdict.what == "wait":
        zone = policy.dpia.evaluation.timezone
        due = datetime.fromtimestamp(verdict.due, ZoneInfo(zone))
        return (
            f"The last run failed: attempt {verdict.attempt} of {policy.dpia.intake.attempts} is "
            f"due at {due:%Y-%m-%d %H:%M:%S} ({zone})."
        )
    if verdict.what == "given up":
        return (
            f"Failed {verdict.attempt} times: look at the failed runs, put right what they say, "
            "and start the job evaluation."
        )
    if verdict.what == "cancelled":
        return "The last run was cancelled: start the job evaluation when it may go on."
    if look.arriving:
        return f"{len(look.arriving)} files are still arriving."
    if look.settled:
        return (
            f"{len(look.settled)} files stay in the landing folder: the last run could not read "
            "them; give the pipeline's user access and touch them."
        )
    return "Nothing has arrived."


def _digest(*parts: str) -> str:
    """An opaque name: times in ns and inodes are in it, so that no guess at a path can be tried."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
