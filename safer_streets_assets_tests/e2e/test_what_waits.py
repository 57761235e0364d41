"""After a run nothing waits unseen: checks warn, the summary says so, metadata has due dates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import shipped_policy
from safer_streets_assets_tests.e2e.runs import (
    WholeRun,
    commands,
    copy_data,
    first,
    instance_of,
    published,
    query,
    shared,
)

__all__ = ["commands", "first", "shared"]

REGISTERS = (
    "retention_register",
    "retention_enforcement",
    "deletion_certificate",
    "accountability_registers",
)
TABLES = ("protected_tables", "published_tables")


@pytest.fixture
def folder(first: WholeRun, tmp_path: Path) -> DataFolder:
    """A copy of the first run's data folder."""
    return copy_data(first.folder, tmp_path / "data")


@pytest.fixture
def instance(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of the copy."""
    with instance_of(folder, monkeypatch) as found:
        yield found


def metadata(instance: dg.DagsterInstance, asset: str) -> dict[str, Any]:
    """What the latest materialisation of an asset says."""
    event = instance.get_latest_materialization_event(dg.AssetKey(asset))
    assert event is not None, asset
    made = event.asset_materialization
    assert made is not None
    return dict(made.metadata)


def rows(table: Any) -> list[dict[str, Any]]:
    """The records of a table in metadata."""
    return [dict(record.data) for record in table.records]


def verdicts(instance: dg.DagsterInstance) -> dict[str, tuple[bool, str]]:
    """Check to whether it passed last, and its severity."""
    kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION
    found = {}
    for entry in (e for run in instance.get_runs() for e in instance.all_logs(run.run_id, kind)):
        assert entry.dagster_event is not None
        one: Any = entry.dagster_event.event_specific_data
        found[one.check_name] = (one.passed, one.severity.value)
    return found


def test_drops_that_were_not_taken_in_make_a_check_warn_and_stand_in_the_summary(
    first: WholeRun, folder: DataFolder, instance: dg.DagsterInstance
) -> None:
    states = dict(query(folder, "SELECT state, count(*) FROM registers.drops GROUP BY state"))
    found = verdicts(instance)
    waits = first.finished.out.partition("What waits for an operator")[2].splitlines()
    for state in ("quarantined", "refused"):
        assert states[state] > 0
        assert found[f"no_drop_is_{state}"] == (False, "WARN")
        said = next(line for line in waits if line.startswith(f"drops {state}"))
        assert said.split()[2] == str(states[state])
        assert "safer-streets drops" in said or "drops show" in said
    for what in (
        "rows to send back",
        "contacts not named",
        "questions on the lawful basis",
        "places on no list",
    ):
        assert any(line.startswith(what) for line in waits)
    assert found["drops_arrive_when_expected"] == (True, "WARN")


def test_retention_and_registers_are_materialised_with_tables_due_dates_and_links(
    instance: dg.DagsterInstance, folder: DataFolder
) -> None:
    said = {asset: metadata(instance, asset) for asset in REGISTERS}
    holdings = rows(said["retention_register"]["holdings"])
    assert {"what", "rule", "due_on", "state", "open_question"} <= holdings[0].keys()
    dated = [row["due_on"] for row in holdings if row["due_on"]]
    assert dated
    assert said["retention_register"]["next_due"].value.startswith(min(dated))
    quarantined = [row for row in holdings if row["what"].startswith("quarantined drop")]
    assert {row["due_on"] for row in quarantined} == {min(dated)}
    for asset in REGISTERS:
        links = [v for v in said[asset].values() if isinstance(v, dg.DagsterAssetMetadataValue)]
        assert links, asset
    assert said["accountability_registers"]["waits"].records
    assert "dagster/row_count" in said["deletion_certificate"]


def test_how_much_is_printed_is_shown_by_table_in_sizes_and_verdicts_without_a_figure(
    instance: dg.DagsterInstance, folder: DataFolder
) -> None:
    tables = shipped_policy().tables.tables
    shown_to_analysts = {name: (hidden, verdict) for name, hidden, verdict in _published(folder)}
    for asset in TABLES:
        said = metadata(instance, asset)
        shown = rows(said["printed"])
        assert [row["table"] for row in shown] == list(tables)
        for row in shown:
            assert row.keys() == {"table", "title", "rows", "counts_hidden", "verdict"}
            assert (row["counts_hidden"], row["verdict"]) == shown_to_analysts[row["table"]]
    paths = [v.value for v in said.values() if isinstance(v, dg.PathMetadataValue)]
    assert any(path.endswith("published.duckdb") for path in paths)
    assert any("/releases/" in path for path in paths)


def test_the_release_shows_its_headline_its_verdict_its_charts_and_its_files(
    instance: dg.DagsterInstance, folder: DataFolder
) -> None:
    said = metadata(instance, "published_tables")
    with published(folder) as connection:
        counts = connection.execute("SELECT coalesce(n::VARCHAR, n_marker) FROM funnel").fetchall()
    shown = [str(row["printed"]).removesuffix(" people") for row in rows(said["headline"])]
    assert shown[: len(counts)] == [count for (count,) in counts]
    assert "tables proven safe" in said["verdict"].value
    assert said["charts"].value.startswith("![People at each stage of the programme](data:image/")
    for name in ("report", "workbook", "workbook_ods"):
        assert Path(said[name].value).name
        assert (folder.releases / Path(said[name].value).parent.name).is_dir()


def _published(folder: DataFolder) -> list[tuple[Any, ...]]:
    """Table, hidden counts and verdict, as analysts see them."""
    with published(folder) as connection:
        return connection.execute(
            "SELECT table_name, suppressed, verdict FROM suppression_summary"
        ).fetchall()
