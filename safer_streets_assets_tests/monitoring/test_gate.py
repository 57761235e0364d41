"""The check that nothing of performance monitoring is made before its gate is open."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import duckdb
import pytest

from safer_streets_assets.monitoring.checks import build_checks
from safer_streets_assets.monitoring.tables import (
    write_completers,
    write_dropout,
    write_factors,
    write_times,
)
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.resource import StoresResource
from safer_streets_assets_tests.builders import data_folder
from safer_streets_assets_tests.monitoring.builders import PERSON, insert, open_gates, stage

STARTED = PERSON | stage("started") | {"start_date": "2020-01-11", "person_id": "p1"}


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A data folder with one person who started, whose tables were made behind an open gate."""
    folder = data_folder(tmp_path / "data")
    policy = open_gates()
    with open_stores(folder, write=["research"]) as connection:
        make_tables(connection, policy)
        insert(connection, "linked_cohort", STARTED)
        for write in (write_dropout, write_factors, write_completers):
            write(connection, policy)
        assert write_times(connection, policy, None)
    return folder


def make_tables(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """The tables of the research store that performance monitoring reads, without a row."""
    for name in ("linked_cohort", "attitude_scores", "facilitator_checkins"):
        columns = Catalogue(policy).columns("research", name)
        listed = ", ".join(f'"{column}" {doc.type}' for column, doc in columns.items())
        connection.execute(f"CREATE TABLE research.{name} ({listed})")


def passes(folder: DataFolder, needed: int) -> bool:
    """Whether the check passes with a gate that needs so many."""
    (check,) = build_checks(open_gates(needed))
    result = check(stores=StoresResource(data_folder=str(folder.root)))
    assert isinstance(result, dg.AssetCheckResult)
    return result.passed


def test_rows_behind_an_open_gate_pass_and_rows_below_it_fail(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFER_STREETS_KEYS", str(folder.keys))
    assert passes(folder, 1)
    assert not passes(folder, 2)
    with open_stores(folder, write=["research"]) as connection:
        for write in (write_dropout, write_factors):
            assert not write(connection, open_gates(2))
        assert not write_times(connection, open_gates(2), None)
    assert passes(folder, 2)
