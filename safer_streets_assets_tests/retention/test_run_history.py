"""Dagster's own history: pruned by age and after an erasure, down to the bytes of its databases."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.enforcement.enforcing import enforce
from safer_streets_assets.retention.history.pruning import (
    forget_drops,
    forget_erased,
    prune_history,
)
from safer_streets_assets.retention.history.what_goes import Window
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets_tests.retention.builders import decided

MARK = "c0ffee" * 6
DROP_ID = "ab" * 32
SETTINGS = {
    "telemetry": {"enabled": False},
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    },
}
"""As in the project's `dagster.yaml`."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "dagster").mkdir()
    return tmp_path / "dagster"


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(home), SETTINGS) as made:
        yield made


def materialise(instance: dg.DagsterInstance, name: str, said: str) -> str:
    @dg.asset(name=name)
    def one() -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata={"said": said})

    @dg.asset_check(asset=name, name=f"check_{name}")
    def check() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True, metadata={"said": said})

    job = dg.define_asset_job("job", selection=dg.AssetSelection.all())
    defs = dg.Definitions(
        assets=[one], asset_checks=[check], jobs=[job], executor=dg.in_process_executor
    )
    return defs.resolve_job_def("job").execute_in_process(instance=instance).run_id


def places_of(home: Path, text: str) -> list[str]:
    return [
        path.name
        for path in home.rglob("*")
        if path.is_file() and text.encode() in path.read_bytes()
    ]


def test_history_older_than_a_time_is_gone_from_every_byte(
    instance: dg.DagsterInstance, home: Path
) -> None:
    old = materialise(instance, "old", MARK)
    assert places_of(home, MARK)
    time.sleep(1.1)
    before = datetime.now(UTC)
    young = materialise(instance, "young", "young says")
    pruned = prune_history(instance, home, before)
    assert (pruned.runs, pruned.locked) == (1, 0)
    assert places_of(home, MARK) == []
    assert places_of(home, old) == []
    assert not list(home.rglob(f"{old}*"))
    assert instance.get_run_ids() == [young]
    assert places_of(home, "young says")
    assert instance.get_latest_materialization_event(dg.AssetKey("young")) is not None
    assert instance.get_latest_materialization_event(dg.AssetKey("old")) is None
    assert prune_history(instance, home, before).runs == 0


@pytest.mark.thorough
def test_the_runs_that_refer_to_an_erased_drop_go_and_others_stay(
    instance: dg.DagsterInstance, home: Path
) -> None:
    start = datetime.now(UTC)
    took = materialise(instance, "took", MARK)
    end = datetime.now(UTC)
    time.sleep(1.1)
    named = materialise(instance, "named", f"quarantined drop {DROP_ID[:12]}")
    other = materialise(instance, "other", "of other drops")
    window = Window(start.timestamp(), end.timestamp())
    pruned = forget_drops(instance, home, [DROP_ID], [window], datetime.now(UTC))
    assert pruned.runs == 2
    assert instance.get_run_ids() == [other]
    for text in (MARK, DROP_ID[:12], took, named):
        assert places_of(home, text) == []


@pytest.mark.thorough
def test_an_erasure_is_forgotten_once_and_after_that_nothing_is_pruned(
    folder: DataFolder, policy: Policy
) -> None:
    (folder.dagster / "runs.db").unlink()
    with dg.DagsterInstance.local_temp(str(folder.dagster), SETTINGS) as instance:
        took = materialise(instance, "took", MARK)
        decided(folder, datetime.now(UTC).replace(tzinfo=None))
        assert forget_erased(instance, folder) is None
        due = datetime.now(UTC) + timedelta(days=40)
        assert enforce(folder, policy, due.date(), due.replace(tzinfo=None))
        time.sleep(1.1)
        after = materialise(instance, "after", "after")
        with open_stores(folder, write=["registers"]) as connection:
            connection.execute(
                "UPDATE registers.drops SET arrived_at = ?, decided_at = ?",
                [datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=5)] * 2,
            )
            record = instance.get_run_record_by_id(took)
            assert record is not None
            assert record.end_time is not None
            at = datetime.fromtimestamp(record.end_time, UTC).replace(tzinfo=None)
            connection.execute("UPDATE registers.drops SET decided_at = ?", [at])
        pruned = forget_erased(instance, folder)
        assert pruned is not None
        assert pruned.runs == 1
        assert instance.get_run_ids() == [after]
        assert places_of(folder.dagster, MARK) == []
        assert forget_erased(instance, folder) is None
