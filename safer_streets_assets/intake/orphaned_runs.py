"""Runs whose process died: Dagster still shows them as going on, and would wait for them."""

from __future__ import annotations

import time

import dagster as dg

from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.lock import POLL_SECONDS, AnotherRunError, run_lock

GOING_ON = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
GRACE_SECONDS = 120.0
"""A run may take this long from its start until it holds the lock of the data folder, or waits for
it."""


def end_orphaned_runs(instance: dg.DagsterInstance, folder: DataFolder) -> int:
    """Reports runs as failed that Dagster shows as going on while no process holds the lock.

    Returns how many. The next run makes good what they left undone.
    """
    records = instance.get_run_records(filters=dg.RunsFilter(statuses=GOING_ON))
    now = time.time()
    old = [
        r for r in records if now - (r.start_time or r.update_timestamp.timestamp()) > GRACE_SECONDS
    ]
    if not old:
        return 0
    try:
        with run_lock(folder.lock):
            pass
        # A run that waits for the lock takes it now.
        time.sleep(2 * POLL_SECONDS)
        with run_lock(folder.lock):
            for record in old:
                instance.report_run_failed(
                    record.dagster_run,
                    "The process of this run ended without a word; the next run completes it.",
                )
    except AnotherRunError:
        return 0
    return len(old)
