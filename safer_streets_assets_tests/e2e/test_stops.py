"""What stops a release: a failing blocking check, the release step itself, and a closed gate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pandas as pd
import pytest

from safer_streets_assets.cohort import assets as cohort
from safer_streets_assets.cohort.linkage import link_cohort
from safer_streets_assets.disclosure import assets as disclosure
from safer_streets_assets.disclosure.earlier import next_number
from safer_streets_assets.disclosure.kept_secrets import tabulated_counts
from safer_streets_assets.disclosure.stored_tables import load_protection, store_protection
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets_tests.e2e.runs import (
    WholeRun,
    copy_data,
    failed_checks,
    failures_of,
    instance_of,
    published,
    query,
    run_steps,
    states_under,
)

PROTECTION = ["aggregate_tables", "protected_tables", "published_tables"]
FROM_THE_COHORT = [
    "linked_cohort",
    "attitude_scores",
    "stage_gates",
    "attitude_change",
    *PROTECTION,
]
CHANGE = ["stage_gates", "attitude_change"]

Tables = Mapping[str, pd.DataFrame]


@pytest.fixture
def folder(second: WholeRun, tmp_path: Path) -> DataFolder:
    """A copy of the second run's data folder."""
    return copy_data(second.folder, tmp_path / "data")


@pytest.fixture
def instance(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of the copy."""
    with instance_of(folder, monkeypatch) as found:
        yield found


def _small_count_printed(tables: Tables) -> None:
    """Prints 3 where a count of the funnel by borough is hidden."""
    frame = tables["funnel_by_borough"]
    hidden = frame.index[frame["n"].isna()][0]
    frame.loc[hidden, "n"] = 3
    frame.loc[hidden, "n_marker"] = pd.NA


def _cover_blown(folder: DataFolder, tables: Tables) -> None:
    """Prints the funnel as it was tabulated: no count is small, and those who go from stage to
    stage are few."""
    with open_stores(folder, read=["registers", "restricted"]) as connection:
        counts = tabulated_counts(connection, next_number(connection) - 1)
    stages = {dict(key[2]).get("stage"): n for key, n in counts.items() if len(key[2]) == 1}
    frame = tables["funnel"]
    assert frame["n"].isna().any()
    frame["n"] = frame["stage"].map(stages).astype("Int64")
    frame["n_marker"] = pd.NA
    assert (frame["n"] >= 5).all()


@pytest.mark.thorough
def test_a_crn_in_the_cohort_stops_the_release(
    folder: DataFolder, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sabotaged(connection: duckdb.DuckDBPyConnection, policy: Policy) -> int:
        people = link_cohort(connection, policy)
        connection.execute(
            "UPDATE research.linked_cohort SET court = 'see X731001 above' "
            "WHERE person_id = (SELECT min(person_id) FROM research.linked_cohort)"
        )
        return people

    monkeypatch.setattr(cohort, "link_cohort", sabotaged)
    before = states_under(folder.published)
    result = run_steps(folder, instance, FROM_THE_COHORT)
    assert not result.success
    assert failed_checks(result) == {"no_direct_identifiers"}
    made = {event.node_name for event in result.get_asset_materialization_events()}
    assert "linked_cohort" in made
    assert not made & {"stage_gates", "attitude_change", *PROTECTION}
    assert states_under(folder.published) == before


@pytest.mark.thorough
def test_a_small_count_about_to_be_printed_stops_the_release(
    folder: DataFolder, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sabotaged(
        connection: duckdb.DuckDBPyConnection, tables: Tables, *rest: Any, **named: Any
    ) -> None:
        _small_count_printed(tables)
        store_protection(connection, tables, *rest, **named)

    monkeypatch.setattr(disclosure, "store_protection", sabotaged)
    before = states_under(folder.published)
    result = run_steps(folder, instance, PROTECTION)
    assert not result.success
    assert failed_checks(result) == {"no_small_count_is_printed", "attack_finds_nothing"}
    assert not result.asset_materializations_for_node("published_tables")
    assert states_under(folder.published) == before


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("a small count", "column n of table .* prints a count that was not counted; .*"),
        ("a small difference", ".* is not proven safe: .*"),
    ],
)
@pytest.mark.thorough
def test_the_release_step_refuses_unsafe_tables_by_itself(
    kind: str, why: str, folder: DataFolder, instance: dg.DagsterInstance
) -> None:
    with open_stores(folder, read=["research"]) as connection:
        stored = load_protection(connection, load_policy())
    if kind == "a small count":
        _small_count_printed(stored.tables)
    else:
        _cover_blown(folder, stored.tables)
    with open_stores(folder, write=["research"]) as connection:
        store_protection(connection, stored.tables, stored.summary, stored.structure, stored.number)
    before = states_under(folder.published)
    result = run_steps(folder, instance, ["published_tables"])
    assert not result.success
    said = failures_of(result)["published_tables"]
    assert re.fullmatch(f"The release is not published because {why}", said)
    assert states_under(folder.published) == before


def _with_gate(needed: int) -> Policy:
    policy = load_policy()
    gates = [
        gate.model_copy(update={"needed": needed}) if gate.name == "impact" else gate
        for gate in policy.dpia.gates
    ]
    return replace(policy, dpia=policy.dpia.model_copy(update={"gates": gates}))


def test_one_pair_below_the_gate_no_change_is_computed(
    second: WholeRun, folder: DataFolder, instance: dg.DagsterInstance
) -> None:
    policy = _with_gate(second.manifest["start_end_pairs"] + 1)
    assert run_steps(folder, instance, CHANGE, policy=policy).success
    assert query(folder, "SELECT open FROM research.stage_gates WHERE gate = 'impact'") == [
        (False,)
    ]
    for table in (
        "attitude_change",
        "individual_attitude_change",
        "reliable_change",
        "attitude_attrition",
        "attitude_reliability",
    ):
        assert query(folder, f"SELECT count(*) FROM research.{table}") == [(0,)], table


def test_a_closed_gate_is_published_with_the_sentence_why(second: WholeRun) -> None:
    with published(second.folder) as connection:
        assert connection.execute("SELECT count(*) FROM attitude_change").fetchone() == (0,)
        (notes,) = connection.execute(
            "SELECT notes FROM table_index WHERE table_name = 'attitude_change'"
        ).fetchall()
        (gate,) = connection.execute(
            "SELECT n_now, n_needed, open FROM stage_gates WHERE gate = 'impact'"
        ).fetchall()
    impact = next(gate for gate in load_policy().dpia.gates if gate.name == "impact")
    needed = impact.needed
    assert gate == (gate[0], needed, False)
    have = f"fewer than {needed}" if gate[0] is None else str(gate[0])
    assert (
        "Not made, because its stage has not gathered enough: there are "
        f"{have} {impact.unit} and {needed} are needed."
    ) in notes[0]


def test_at_the_gate_change_is_made(
    second: WholeRun, folder: DataFolder, instance: dg.DagsterInstance
) -> None:
    pairs = dict.fromkeys(
        load_policy().labels_of("primary_scales"), second.manifest["start_end_pairs"]
    )
    policy = _with_gate(second.manifest["start_end_pairs"])
    assert run_steps(folder, instance, CHANGE, policy=policy).success
    assert query(folder, "SELECT open FROM research.stage_gates WHERE gate = 'impact'") == [(True,)]
    whole = "comparison = 'start-end' AND group_name = 'Total'"
    found = query(folder, f"SELECT scale, n_paired FROM research.attitude_change WHERE {whole}")
    assert {scale: n for scale, n in found if scale in pairs} == pairs
    each = (
        "SELECT scale, count(DISTINCT person_id) FROM research.individual_attitude_change "
        "WHERE comparison = 'start-end' GROUP BY scale"
    )
    assert {scale: n for scale, n in query(folder, each) if scale in pairs} == pairs
