"""The sensor on a real instance, tick by tick, under a clock that the test moves."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)

from safer_streets_assets.definitions import EVALUATION_JOB
from safer_streets_assets.intake import landing, run_requests
from safer_streets_assets.intake import sensor as sensing
from safer_streets_assets.intake.take_in import register_landing, take_in
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import NPS, NPS_ROW, csv_drop, data_folder, opened, put
from safer_streets_assets_tests.e2e.runs import instance_of
from safer_streets_assets_tests.privacy.traces import canary_crn, found_in, word

NAME = f"{word('filename')} {canary_crn(960)}.csv"
CONTENT = csv_drop([{**NPS_ROW, "CRN": canary_crn(961), "Offender Name": word("person")}])
INTERVAL_SECONDS = 30
EVENTS = {
    dg.DagsterRunStatus.SUCCESS: dg.DagsterEventType.RUN_SUCCESS,
    dg.DagsterRunStatus.FAILURE: dg.DagsterEventType.RUN_FAILURE,
    dg.DagsterRunStatus.CANCELED: dg.DagsterEventType.RUN_CANCELED,
}

# A run in the queue has to say where its job comes from.
ORIGIN = RemoteJobOrigin(
    RemoteRepositoryOrigin(GrpcServerCodeLocationOrigin("localhost", 4266), "__repository__"),
    EVALUATION_JOB,
)


class Ticks:
    """Evaluates the sensor, as the daemon does at each tick, half a minute apart.

    `now` is the time in seconds since 1970; it moves with each tick and with each run.
    """

    def __init__(self, policy: Policy, folder: DataFolder, instance: dg.DagsterInstance) -> None:
        """The sensor, on that data folder."""
        self.instance = instance
        self.now = float(int(datetime.now(UTC).timestamp()))
        self.sensor = sensing.build_sensor(policy, EVALUATION_JOB, str(folder.root))

    def clock_ns(self) -> int:
        """The clock of the product, in place of the system's."""
        return int(self.now * 1e9)

    def tick(self, after: float = INTERVAL_SECONDS) -> dg.RunRequest | str:
        """The run it asks for, or why it asks for none."""
        self.now += after
        with dg.build_sensor_context(instance=self.instance) as context:
            data = self.sensor.evaluate_tick(context)
            assert data.cursor is None
            assert found_in(repr(data).encode()) == set()
        if data.run_requests:
            (request,) = data.run_requests
            return request
        assert data.skip_message is not None
        return data.skip_message

    def requested(self, after: float = INTERVAL_SECONDS) -> dg.RunRequest:
        """The run that the next tick asks for."""
        request = self.tick(after)
        assert isinstance(request, dg.RunRequest), request
        return request

    def add(
        self,
        request: dg.RunRequest,
        status: dg.DagsterRunStatus,
        tags: dict[str, str] | None = None,
        assets: Sequence[str] = (),
    ) -> str:
        """A run as the daemon would make it of a request, with that status; returns its id."""
        run = dg.DagsterRun(
            job_name=EVALUATION_JOB,
            run_id=str(uuid.uuid4()),
            tags={**request.tags, **(tags or {})},
            status=status,
            asset_selection=frozenset(dg.AssetKey(name) for name in assets) or None,
            remote_job_origin=ORIGIN,
        )
        return self.instance.add_run(run).run_id

    def start(
        self,
        request: dg.RunRequest,
        tags: dict[str, str] | None = None,
        assets: Sequence[str] = (),
    ) -> str:
        """A run of a request that starts a few seconds later."""
        self.now += 5
        run_id = self.add(request, dg.DagsterRunStatus.STARTING, tags, assets)
        self._event(run_id, dg.DagsterEventType.RUN_START)
        return run_id

    def end(self, run_id: str, status: dg.DagsterRunStatus) -> None:
        """Lets a run end."""
        self.now += 20
        self._event(run_id, EVENTS[status])

    def fail(self, request: dg.RunRequest) -> None:
        """A run of a request that starts and fails."""
        self.end(self.start(request), dg.DagsterRunStatus.FAILURE)

    def succeed(self, request: dg.RunRequest) -> None:
        """A run of a request that starts and goes well, and leaves the landing as it is."""
        self.end(self.start(request), dg.DagsterRunStatus.SUCCESS)

    def _event(self, run_id: str, kind: dg.DagsterEventType) -> None:
        event = dg.DagsterEvent(event_type_value=kind.value, job_name=EVALUATION_JOB)
        at = datetime.fromtimestamp(self.now, UTC)
        self.instance.run_storage.handle_run_event(run_id, event, at)


def settled(ticks: Ticks, folder: DataFolder, name: str = NAME) -> dg.RunRequest:
    """Puts a drop into the landing and ticks until it is asked for."""
    put(folder, NPS, name, CONTENT)
    ticks.tick()
    return ticks.requested()


def run_takes_in(ticks: Ticks, folder: DataFolder, policy: Policy, request: dg.RunRequest) -> None:
    """A run of a request that takes in what it finds."""
    run_id = ticks.start(request)
    with opened(folder) as connection:
        register_landing(connection, folder, policy)
        take_in(connection, folder, policy, NPS)
    ticks.end(run_id, dg.DagsterRunStatus.SUCCESS)


@pytest.fixture(scope="module")
def policy() -> Policy:
    """The policy that ships with the package."""
    return load_policy()


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """An empty data folder."""
    return data_folder(tmp_path / "data")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Dagster history with nothing in it, made once: making one takes a second."""
    empty = data_folder(tmp_path_factory.mktemp("empty"))
    with pytest.MonkeyPatch.context() as patched, instance_of(empty, patched) as made:
        assert made.get_runs_count() == 0
    return empty.dagster


@pytest.fixture
def instance(
    folder: DataFolder, history: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of the data folder, on SQLite."""
    shutil.copytree(history, folder.dagster, dirs_exist_ok=True)
    with instance_of(folder, monkeypatch) as found:
        yield found


@pytest.fixture
def ticks(
    policy: Policy,
    folder: DataFolder,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> Ticks:
    """The sensor on the data folder, and its clock."""
    made = Ticks(policy, folder, instance)
    for module in (landing, sensing, run_requests):
        monkeypatch.setattr(module, "clock_ns", made.clock_ns)
    return made
