"""The weekly release: brings everything up to date even when no drop has arrived."""

from __future__ import annotations

from typing import Any

import dagster as dg

from safer_streets_assets.intake.history import anything_loaded
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.preflight import closed


def build_schedule(policy: Policy, job: Any, data_folder: str = "") -> dg.ScheduleDefinition:
    """Monday mornings in the evaluation's time zone; on by default, skipped once closed."""

    @dg.schedule(
        name="weekly_release",
        job=job,
        cron_schedule="0 6 * * 1",
        execution_timezone=policy.dpia.evaluation.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every Monday at 6: a release, when anything has changed since the last one.",
    )
    def weekly_release(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        folder = DataFolder.locate(data_folder or None)
        if closed(folder):
            return dg.SkipReason("The evaluation is closed: the last release stays.")
        if not anything_loaded(folder):
            return dg.SkipReason("Nothing has been taken in yet.")
        return dg.RunRequest()

    return weekly_release
