"""What `safer-streets run` does beside the evaluation: it looks at what is due, erasing nothing."""

from __future__ import annotations

import dagster as dg
import pytest

from safer_streets_assets.console.evaluation import without_erasing
from safer_streets_assets.definitions import defs
from safer_streets_assets.retention.jobs import RETENTION_JOB
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    NPS,
    folder,
    opened,
    put,
    shipped_policy,
    take_in_everything,
)

__all__ = ["folder"]


@pytest.mark.parametrize(("days", "erases"), [(0, True), (31, False)])
def test_while_something_is_due_the_register_alone_is_brought_up_to_date(
    folder: DataFolder, days: int, erases: bool
) -> None:
    put(folder, NPS, "letter.csv", b"%PDF-1.4 no table")
    with opened(folder) as connection:
        take_in_everything(connection, folder)
        connection.execute(
            f"UPDATE registers.drops SET decided_at = decided_at - INTERVAL {days} DAY"
        )
    only = without_erasing(folder, shipped_policy())
    job = defs.resolve_job_def(RETENTION_JOB)
    if only is not None:
        job = job.get_subset(asset_selection={dg.AssetKey(name) for name in only})
    steps = {node.name for node in job.graph.nodes}
    assert {"retention_register", "retention_register_everything_is_known"} <= steps
    assert ("retention_enforcement" in steps) is erases
    assert ("deletion_certificate" in steps) is erases
