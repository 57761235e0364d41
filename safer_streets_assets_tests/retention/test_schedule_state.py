"""It is said when nothing erases by itself: Dagster's daemon is not there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster._daemon.types import DaemonHeartbeat
from typer.testing import CliRunner

from safer_streets_assets.cli import app
from safer_streets_assets.definitions import build_defs
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.schedule_state import NEVER_SEEN, what_is_off
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets_tests.e2e.runs import instance_of

NOW = datetime(2020, 7, 1, 12, 0)
CHECK = "enforced_every_day"


@pytest.fixture
def instance(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of the folder in use."""
    monkeypatch.setenv("SAFER_STREETS_DATA", str(folder.root))
    with instance_of(folder, monkeypatch) as found:
        yield found


def seen(instance: dg.DagsterInstance, at: datetime, *parts: str) -> None:
    """A sign of life of parts of the daemon; `at` is in UTC."""
    for part in parts or ("SCHEDULER", "QUEUED_RUN_COORDINATOR"):
        stamp = at.replace(tzinfo=UTC).timestamp()
        instance.add_daemon_heartbeat(DaemonHeartbeat(stamp, part, "id", []))


def test_a_daemon_that_was_never_there_is_told(instance: dg.DagsterInstance) -> None:
    assert what_is_off(instance, "Europe/London", NOW) == [NEVER_SEEN]
    seen(instance, NOW, "SENSOR", "SCHEDULER")
    assert what_is_off(instance, "Europe/London", NOW) == [NEVER_SEEN]


def test_a_daemon_that_is_gone_is_told_with_when_it_was_seen_last(
    instance: dg.DagsterInstance,
) -> None:
    seen(instance, NOW)
    assert what_is_off(instance, "Europe/London", NOW + timedelta(minutes=5)) == []
    later = NOW + timedelta(minutes=5, seconds=1)
    (said,) = what_is_off(instance, "Europe/London", later)
    assert said.startswith("Dagster's daemon was last seen 01/07/2020 13:00 BST, so nothing")
    seen(instance, later, "SCHEDULER")
    assert what_is_off(instance, "Europe/London", later) == [said], "no run is begun by half of it"
    seen(instance, later)
    assert what_is_off(instance, "Europe/London", later) == []


def test_the_check_warns_and_the_register_says_so(
    instance: dg.DagsterInstance, folder: DataFolder, policy: Policy
) -> None:
    stores = StoresResource(data_folder=str(folder.root))
    layer = build_defs(policy, {"stores": stores}, str(folder.root))
    checks = [one for one in layer.asset_checks or () if isinstance(one, dg.AssetChecksDefinition)]
    (check,) = [one for one in checks if CHECK in {spec.name for spec in one.check_specs}]
    for at, fine in ((NOW, False), (datetime.now(UTC).replace(tzinfo=None), True)):
        seen(instance, at)
        done = dg.materialize(
            [check], instance=instance, resources={"stores": stores}, selection=_only(check)
        )
        (found,) = done.get_asset_check_evaluations()
        assert (found.passed, found.severity) == (fine, dg.AssetCheckSeverity.WARN)
        said = CliRunner().invoke(app, ["retention", "--data", str(folder.root)])
        assert said.exit_code == 0
        assert ("Dagster's daemon was last seen 01/07/2020" in said.output) is not fine
        assert ((found.description or "") in said.output) or fine


def _only(check: dg.AssetChecksDefinition) -> dg.AssetSelection:
    return dg.AssetSelection.checks(check)


def test_a_folder_without_a_history_of_dagster_is_told_and_gets_none(folder: DataFolder) -> None:
    for path in folder.dagster.rglob("*.db"):
        path.unlink()
    said = CliRunner().invoke(app, ["retention", "--data", str(folder.root)])
    assert NEVER_SEEN in said.output
    assert not list(folder.dagster.rglob("*.db"))
