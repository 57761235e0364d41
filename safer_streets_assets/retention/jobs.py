"""The jobs and schedules of retention: daily enforcement, monthly pruning of Dagster's history."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.history.what_goes import prune_before
from safer_streets_assets.retention.schedule_state import DAILY
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.steps import guarded

RETENTION_JOB = "retention"
PRUNING_JOB = "history_pruning"


def build_jobs(policy: Policy, data_folder: str = "") -> list[Any]:
    """The retention job and the pruning of Dagster's history."""
    retention = dg.define_asset_job(
        RETENTION_JOB,
        selection=dg.AssetSelection.assets(
            "retention_register", "retention_enforcement", "deletion_certificate"
        ),
        description="Erases what the retention schedule says is due, and certifies it.",
        executor_def=dg.in_process_executor,
    )
    return [retention, _pruning(policy, data_folder)]


def build_schedules(policy: Policy, jobs: list[Any]) -> list[dg.ScheduleDefinition]:
    """Daily enforcement and monthly pruning; on by default."""
    retention, pruning = jobs
    timezone = policy.dpia.evaluation.timezone
    return [
        dg.ScheduleDefinition(
            name=DAILY,
            job=retention,
            cron_schedule="0 3 * * *",
            execution_timezone=timezone,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="Every day at 3: erases what is due.",
        ),
        dg.ScheduleDefinition(
            name="history_pruning_monthly",
            job=pruning,
            cron_schedule="0 4 1 * *",
            execution_timezone=timezone,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="On the first of each month at 4: prunes Dagster's own history.",
        ),
    ]


def _pruning(policy: Policy, data_folder: str) -> dg.JobDefinition:
    @dg.op(
        name="prune_run_history",
        description=(
            "Deletes runs, events, ticks and check results older than the policy keeps them, and "
            "compacts the databases."
        ),
    )
    @guarded
    def prune_run_history(context) -> None:  # type: ignore[no-untyped-def]
        # SQLAlchemy takes long to import, and to load the definitions needs none of it.
        from safer_streets_assets.retention.history.pruning import prune_history

        folder = DataFolder.locate(data_folder or None)
        before = prune_before(policy, datetime.now(UTC))
        context.add_output_metadata(asdict(prune_history(context.instance, folder.dagster, before)))

    @dg.job(
        name=PRUNING_JOB,
        description="Deletes Dagster's own history older than the policy keeps it.",
        executor_def=dg.in_process_executor,
    )
    def history_pruning() -> None:
        prune_run_history()

    return history_pruning
