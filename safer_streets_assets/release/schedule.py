"""When releases are made: the weekly run, and the least time between two that nobody asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import dagster as dg
import duckdb

from safer_streets_assets.intake.ledger_counts import anything_loaded
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.database import StoreBusyError
from safer_streets_assets.stores.preflight import closed

STARTED_BY = ("dagster/sensor_name", "dagster/schedule_name")
"""Tags that Dagster puts on runs that a sensor or a schedule started."""


def build_schedule(policy: Policy, job: Any, data_folder: str = "") -> dg.ScheduleDefinition:
    """Monday mornings in the evaluation's time zone; on by default, skipped once closed."""

    @dg.schedule(
        name="weekly_release",
        job=job,
        cron_schedule="0 6 * * 1",
        execution_timezone=policy.dpia.evaluation.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=(
            "Every Monday at 6: a release, when anything has changed since the last one and that "
            f"is at least {policy.dpia.thresholds.least_days_between} days old."
        ),
    )
    def weekly_release(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        folder = DataFolder.locate(data_folder or None)
        try:
            if closed(folder):
                return dg.SkipReason("The evaluation is closed: the last release stays.")
            if not anything_loaded(folder):
                return dg.SkipReason("Nothing has been taken in yet.")
        except StoreBusyError:
            pass  # The run waits until it is free, and refuses by itself where it is closed.
        return dg.RunRequest()

    return weekly_release


def is_automatic(tags: Mapping[str, str]) -> bool:
    """Whether a sensor or a schedule started the run with these tags."""
    return any(tag in tags for tag in STARTED_BY)


def next_release_from(connection: duckdb.DuckDBPyConnection, policy: Policy) -> datetime | None:
    """When (UTC) a release that nobody asked for may be made; None when there is none yet. The
    registers are attached."""
    (newest,) = connection.execute("SELECT max(made_at) FROM registers.releases").fetchall()[0]
    if newest is None:
        return None
    made: datetime = newest
    return made + timedelta(days=policy.dpia.thresholds.least_days_between)
