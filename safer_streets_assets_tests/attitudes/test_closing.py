"""At 99 pairs nothing is made, at 100 it is, and when the gate closes again nothing is left."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from safer_streets_assets.attitudes import closing
from safer_streets_assets.attitudes.closing import update_change
from safer_streets_assets.attitudes.tables import CHANGE_TABLES, write_gates, write_scores
from safer_streets_assets.cohort.conformed import conform
from safer_streets_assets.disclosure.aggregate import aggregate, define_lists, store_aggregate
from safer_streets_assets.disclosure.coarsening import path_of
from safer_streets_assets.disclosure.levels import make_all
from safer_streets_assets.intake.take_in import prepare_intake
from safer_streets_assets.stores import DataFolder, Keys, StoreError
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CRC,
    NPS,
    Row,
    build_cohort,
    crn,
    data_folder,
    fetch,
    load_rows,
    opened,
    people_rows,
    rows_of,
    shipped_policy,
    stores_in_memory,
)

POLICY = shipped_policy()
PAIRS = 100
NO_GOAL = {f"G{i}": "99" for i in range(1, 5)}
PUBLISHED = ("attitude_change", "reliable_change", "attitude_attrition")


def end_of(number: int, **changes: Any) -> Row:
    """The end response of a person."""
    return {"CRN": crn(number), "respid": str(500 + number), "wave": "3", "A1": "4", **changes}


def take_responses(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, last: Mapping[str, Any]
) -> None:
    """100 people with start and end responses; the last one's end response as changed."""
    starts = [
        {"CRN": crn(n), "respid": str(n), "A1": str(1 + n % 5), "K3": str(1 + n % 4)}
        for n in range(1, PAIRS + 1)
    ]
    ends = [end_of(n, K3=str(1 + n % 5)) for n in range(1, PAIRS)] + [end_of(PAIRS, **last)]
    load_rows(connection, NPS, people_rows(NPS, PAIRS))
    load_rows(connection, CRC, people_rows(CRC, PAIRS))
    load_rows(connection, ATTENDEE, rows_of(ATTENDEE, *starts, *ends))
    build_cohort(connection, folder)


def evaluate(connection: duckdb.DuckDBPyConnection) -> int:
    """Scores and gates; returns what the gate of change has counted."""
    write_scores(connection, POLICY)
    return write_gates(connection, POLICY)["impact"].n_now


def count_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """The published tables of change, counted at every level as the step after them does."""
    define_lists(connection, POLICY)
    tables = {name: POLICY.tables.tables[name] for name in PUBLISHED}
    policy = replace(POLICY, tables=POLICY.tables.model_copy(update={"tables": tables}))
    make_all(connection, policy)
    for name in PUBLISHED:
        store_aggregate(connection, name, aggregate(connection, policy, name), "protected")


def rows_of_change(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of every table of change in every schema of every store."""
    tables = fetch(
        connection,
        "SELECT database_name, schema_name, table_name FROM duckdb_tables() "
        "WHERE list_contains($1, split_part(table_name, ' (', 1)) ORDER BY ALL",
        list(CHANGE_TABLES),
    )
    return {".".join(t): one_count(connection, t) for t in tables}


def one_count(connection: duckdb.DuckDBPyConnection, table: tuple[str, str, str]) -> int:
    database, schema, name = table
    count: int = fetch(connection, f'SELECT count(*) FROM {database}.{schema}."{name}"')[0][0]
    return count


@pytest.fixture(scope="module")
def open_gate(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """Stores on disk with 100 pairs, the shipped policy, and everything made and counted."""
    folder = data_folder(tmp_path_factory.mktemp("open") / "data")
    with opened(folder) as connection:
        prepare_intake(connection, POLICY)
        take_responses(connection, folder, {})
        assert evaluate(connection) == PAIRS
    assert update_change(folder, POLICY)[0]
    with opened(folder) as connection:
        count_tables(connection)
        assert all(rows_of_change(connection).values())
    return folder


@pytest.fixture
def folder(open_gate: DataFolder, tmp_path: Path) -> DataFolder:
    """A copy of it."""
    shutil.copytree(open_gate.root, tmp_path / "data")
    return DataFolder(tmp_path / "data", tmp_path / "data" / "keys")


def correct_one_away(folder: DataFolder) -> None:
    """A later drop corrects one end response: it was screened out. Scores and gates follow."""
    with opened(folder) as connection:
        prepare_intake(connection, POLICY)
        corrected = end_of(PAIRS, status="2", **dict.fromkeys(("A1", "K3"), "99"))
        load_rows(connection, ATTENDEE, rows_of(ATTENDEE, corrected), drop=2)
        conform(connection, POLICY, ATTENDEE)
        assert evaluate(connection) == PAIRS - 1


@pytest.mark.parametrize(
    "last", [{"status": "2"}, NO_GOAL], ids=["one pair fewer", "one pair fewer on one scale"]
)
@pytest.mark.thorough
def test_with_99_pairs_on_a_primary_scale_no_change_of_anybody_is_made(
    last: Row, tmp_path: Path
) -> None:
    folder = data_folder(tmp_path / "data")
    with stores_in_memory() as connection:
        take_responses(connection, folder, last)
        assert evaluate(connection) == PAIRS - 1
        closing.write_change(connection, POLICY)
        found = rows_of_change(connection)
        assert found == dict.fromkeys(found, 0)
        assert len(found) == len(CHANGE_TABLES)
        [(others,)] = fetch(
            connection,
            "SELECT count(*) FROM (SELECT person_id FROM research.attitude_scores "
            "WHERE scale = 'OFF' AND score IS NOT NULL GROUP BY ALL HAVING count(*) = 2)",
        )
        assert others == (PAIRS if last is NO_GOAL else PAIRS - 1)


@pytest.mark.thorough
def test_with_100_pairs_change_is_made(open_gate: DataFolder) -> None:
    with opened(open_gate) as connection:
        pairs = fetch(
            connection,
            "SELECT n_paired FROM research.attitude_change WHERE scale IN ('OFF', 'KNF', 'GOAL') "
            "AND comparison = 'start-end' AND group_name = 'Total'",
        )
    assert pairs == [(PAIRS,)] * 3


def test_a_gate_that_stays_open_keeps_its_store(folder: DataFolder) -> None:
    key = Keys(folder.keys).read("research")
    assert update_change(folder, POLICY)[0]
    assert Keys(folder.keys).read("research") == key


@pytest.mark.thorough
def test_when_the_gate_closes_no_row_and_no_old_block_is_left(
    folder: DataFolder, tmp_path: Path
) -> None:
    correct_one_away(folder)
    same_file = tmp_path / "the same file"
    same_file.hardlink_to(folder.database("research"))
    before, key = same_file.read_bytes(), Keys(folder.keys).read("research")
    assert update_change(folder, POLICY) == (False, 0)
    after = same_file.read_bytes()
    assert sum(a == b for a, b in zip(before, after, strict=True)) / len(before) < 0.01
    assert Keys(folder.keys).read("research") != key
    with opened(folder) as connection:
        found = rows_of_change(connection)
        assert found == dict.fromkeys(found, 0)
        assert {table.rsplit(".", 1)[1].split(" (")[0] for table in found} == set(CHANGE_TABLES)
        assert len([table for table in found if ".aggregates." in table]) == len(PUBLISHED)
        coarser = sum(len(path_of(POLICY, name)) - 1 for name in PUBLISHED)
        assert len([table for table in found if ".coarser_aggregates." in table]) == coarser > 0
        scores = fetch(connection, "SELECT count(*) FROM research.attitude_scores")
        count_tables(connection)
        assert not any(rows_of_change(connection).values())
    assert scores[0][0] > 0
    key = Keys(folder.keys).read("research")
    assert update_change(folder, POLICY) == (False, 0)
    assert Keys(folder.keys).read("research") == key


@pytest.mark.thorough
def test_a_rebuild_that_was_cut_short_is_made_up_for(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct_one_away(folder)

    def full(*_: object) -> None:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as cut:
        cut.setattr(closing, "rebuild_store", full)
        with pytest.raises(StoreError):
            update_change(folder, POLICY)
    key = Keys(folder.keys).read("research")
    with opened(folder) as connection:
        assert not any(rows_of_change(connection).values())
    update_change(folder, POLICY)
    assert Keys(folder.keys).read("research") != key
    key = Keys(folder.keys).read("research")
    update_change(folder, POLICY)
    assert Keys(folder.keys).read("research") == key
