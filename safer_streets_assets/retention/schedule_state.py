"""Whether what is due is erased by itself: Dagster's daemon is there and the schedule is on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import dagster as dg

DAILY = "retention_daily"
FRESH = timedelta(minutes=5)
"""The daemon says every half minute that it is there."""

NOTHING_BY_ITSELF = "so nothing that is due is erased by itself"
EVERY_DAY = "or run safer-streets retention --enforce every day"
NEVER_SEEN = (
    f"Dagster's daemon was never seen on this data folder, {NOTHING_BY_ITSELF}: keep safer-streets "
    f"ui open, {EVERY_DAY}."
)


@cache
def _needed() -> tuple[str, ...]:
    """What of the daemon makes a run out of a schedule."""
    # The daemon takes long to import, and to load the definitions needs none of it.
    from dagster._daemon.daemon import SchedulerDaemon
    from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import (
        QueuedRunCoordinatorDaemon,
    )

    return SchedulerDaemon.daemon_type(), QueuedRunCoordinatorDaemon.daemon_type()


def was_seen(instance: dg.DagsterInstance) -> bool:
    """Whether Dagster's daemon ever ran on this instance."""
    return all(one in instance.get_daemon_heartbeats() for one in _needed())


def what_is_off(instance: dg.DagsterInstance, timezone: str, now: datetime) -> list[str]:
    """What keeps the schedule of retention from running, one sentence each; `now` is in UTC."""
    found = (_stopped(instance), _daemon_gone(instance, timezone, now))
    return [sentence for sentence in found if sentence]


def _stopped(instance: dg.DagsterInstance) -> str | None:
    """An operator stopped it in Dagster; it is on when nobody did anything."""
    from dagster._core.definitions.run_request import InstigatorType
    from dagster._core.scheduler.instigation import InstigatorStatus

    stopped = instance.all_instigator_state(
        instigator_type=InstigatorType.SCHEDULE, instigator_statuses={InstigatorStatus.STOPPED}
    )
    if all(one.instigator_name != DAILY for one in stopped):
        return None
    return (
        f"The schedule {DAILY} was stopped in Dagster, {NOTHING_BY_ITSELF}: start it there under "
        f"Automation (safer-streets ui --operate), {EVERY_DAY}."
    )


def _daemon_gone(instance: dg.DagsterInstance, timezone: str, now: datetime) -> str | None:
    seen = instance.get_daemon_heartbeats()
    if any(one not in seen for one in _needed()):
        return NEVER_SEEN
    last = min(datetime.fromtimestamp(seen[one].timestamp, UTC) for one in _needed())
    if now.replace(tzinfo=UTC) - last <= FRESH:
        return None
    at = last.astimezone(ZoneInfo(timezone))
    return (
        f"Dagster's daemon was last seen {at:%d/%m/%Y %H:%M %Z}, {NOTHING_BY_ITSELF}: keep "
        f"safer-streets ui open, {EVERY_DAY}."
    )
