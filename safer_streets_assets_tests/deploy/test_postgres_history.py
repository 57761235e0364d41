"""Dagster's history in a real PostgreSQL: what is pruned of it goes as it goes from files."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from safer_streets_assets.console.instance import open_instance
from safer_streets_assets.retention.history import in_postgres
from safer_streets_assets.retention.history.pruning import forget_drops, prune_history
from safer_streets_assets.retention.history.what_goes import Window
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.history import POSTGRES_VARIABLE, open_postgres
from safer_streets_assets_tests.builders import data_folder
from safer_streets_assets_tests.deploy.postgres import PASSWORD, USER, Server, running_server
from safer_streets_assets_tests.retention.test_run_history import DROP_ID, MARK, materialise

pytestmark = pytest.mark.thorough
NUMBERS = itertools.count(1)
SETTINGS = ("DAGSTER_HOME", "SAFER_STREETS_DAGSTER", "SAFER_STREETS_DATA")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return data_folder(tmp_path / "data")


@pytest.fixture
def instance(
    server: Server,
    folder: DataFolder,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[dg.DagsterInstance]:
    """The instance of a data folder whose history is in a database of its own."""
    database = f"history{next(NUMBERS)}"
    for name in SETTINGS:
        monkeypatch.setenv(name, "")
    for name in ("PGTZ", "PGCONNECT_TIMEOUT"):
        monkeypatch.setenv(name, "0" if name != "PGTZ" else "UTC")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv(POSTGRES_VARIABLE, server.make(database))
    with open_instance(folder) as made:
        yield made


def stands(server: Server, text: str) -> bool:
    """Whether a text is in what the server keeps for tables: read as rows, or in the bytes of a
    file, where it is compressed when it is long."""
    server.ask("postgres", "CHECKPOINT")
    databases = server.ask("postgres", "SELECT datname FROM pg_database WHERE datname ~ 'history'")
    as_rows = (
        server.run("pg_dump", "-h", str(server.root), "-U", USER, name)
        for name in databases.splitlines()
    )
    as_bytes = (path.read_bytes() for path in server.tables.rglob("*") if path.is_file())
    return any(text in rows for rows in as_rows) or any(text.encode() in one for one in as_bytes)


def test_history_older_than_a_time_is_gone_from_every_table(
    server: Server, instance: dg.DagsterInstance, folder: DataFolder
) -> None:
    old = materialise(instance, "old", MARK)
    assert stands(server, MARK)
    assert stands(server, old)
    time.sleep(1.1)
    before = datetime.now(UTC)
    young = materialise(instance, "young", "young says")
    pruned = prune_history(instance, folder.dagster, before)
    assert (pruned.runs, pruned.files, pruned.locked) == (1, 0, 0)
    assert not stands(server, MARK)
    assert not stands(server, old)
    assert instance.get_run_ids() == [young]
    assert stands(server, "young says")
    assert instance.get_latest_materialization_event(dg.AssetKey("young")) is not None
    assert instance.get_latest_materialization_event(dg.AssetKey("old")) is None
    assert prune_history(instance, folder.dagster, before).runs == 0


def test_the_runs_that_refer_to_an_erased_drop_go_and_others_stay(
    server: Server, instance: dg.DagsterInstance, folder: DataFolder
) -> None:
    start = datetime.now(UTC)
    took = materialise(instance, "took", MARK)
    end = datetime.now(UTC)
    time.sleep(1.1)
    named = materialise(instance, "named", f"quarantined drop {DROP_ID[:12]}")
    other = materialise(instance, "other", "of other drops")
    window = Window(start.timestamp(), end.timestamp())
    pruned = forget_drops(instance, folder.dagster, [DROP_ID], [window], datetime.now(UTC))
    assert pruned.runs == 2
    assert instance.get_run_ids() == [other]
    for text in (MARK, DROP_ID[:12], took, named):
        assert not stands(server, text)


def test_a_table_that_is_being_read_is_left_for_the_next_time(
    server: Server,
    instance: dg.DagsterInstance,
    folder: DataFolder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(in_postgres, "LOCK_MILLISECONDS", 200)
    now = datetime.now(UTC)
    with open_postgres() as reader, reader.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM event_logs")
        assert prune_history(instance, folder.dagster, now).locked == 1
    assert prune_history(instance, folder.dagster, now).locked == 0
