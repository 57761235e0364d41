"""The graph as Dagster sees it, held by a snapshot, and held against the tables a run makes.

`snapshots/definitions.json` shows a change of the graph in review. After a change that is meant,
write it anew and read the difference:

    UPDATE_SNAPSHOTS=1 pytest safer_streets_assets_tests/test_definitions.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import dagster as dg
import pytest

from safer_streets_assets.definitions import build_defs, defs
from safer_streets_assets.disclosure.aggregate import counted_conformed_tables
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import load_policy
from safer_streets_assets.stores import STORE_NAMES, open_stores
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.steps import PersonalData
from safer_streets_assets_tests.changed_policies import Files, changed_policy
from safer_streets_assets_tests.e2e.commands import REPOSITORY
from safer_streets_assets_tests.e2e.runs import (
    WholeRun,
    commands,
    copy_data,
    first,
    instance_of,
    published,
    query,
    second,
    shared,
)

__all__ = ["commands", "first", "second", "shared"]

SNAPSHOT = Path(__file__).parent / "snapshots" / "definitions.json"
UPDATE_VARIABLE = "UPDATE_SNAPSHOTS"

TABLES = {
    "drop_arrivals": "restricted.arrivals",
    **{raw_table(name): f"restricted.{raw_table(name)}" for name in load_policy().sources},
    "drop_ledger": "registers.drops",
    "person_pseudonyms": "restricted.person_pseudonyms",
    "near_misses": "restricted.near_misses",
    "court_cases": "research.court_cases",
    "programme_cases": "research.programme_cases",
    "attendee_responses": "research.attendee_responses",
    "facilitator_checkins": "research.facilitator_checkins",
    "training_forms": "research.training_forms",
    "case_studies": "research.case_studies",
    "linked_cohort": "research.linked_cohort",
    "redacted_texts": "research.redacted_texts",
    "redaction_counts": "research.redaction_counts",
    "attitude_scores": "research.attitude_scores",
    "stage_gates": "research.stage_gates",
    "attitude_change": "research.attitude_change",
    "time_to_stage": "research.time_to_stage",
    "programme_ends": "research.programme_ends",
    "factors": "research.factors",
    "reoffending": "research.reoffending",
    "protected_tables": "research.protected.suppression_summary",
    "published_tables": "table_index",
    "retention_register": "registers.retention_register",
    "deletion_certificate": "registers.deletion_certificates",
}
"""The table of each asset that is, or describes itself by, one table."""

SEVERAL = {"aggregate_tables", "retention_enforcement", "accountability_registers"}
"""Assets that are several tables, or write their rows as another asset."""

TYPED_WHEN_OPEN = {"attitude_change"}
"""Empty and without types as long as its gate is closed."""

NOT_AT_THE_END = {"drop_arrivals", "aggregate_tables", "protected_tables", "published_tables"}
"""Assets whose row count is not that of the table their columns describe, at the end of a run."""


PERSONAL_DATA = {tag.replace(" ", "-") for tag in get_args(PersonalData)}
"""What an asset may say of the personal data in it."""


def _asset(spec: dg.AssetSpec) -> dict[str, Any]:
    schema = spec.metadata.get("dagster/column_schema")
    columns = schema.columns if isinstance(schema, dg.TableSchema) else []
    return {
        "group": spec.group_name,
        "deps": sorted(dep.asset_key.to_user_string() for dep in spec.deps),
        "owners": sorted(spec.owners),
        "kinds": sorted(spec.kinds),
        "tags": {k: v for k, v in sorted(spec.tags.items()) if not k.startswith("dagster/kind/")},
        "description": spec.description,
        "columns": {column.name: [column.type, column.description] for column in columns},
    }


def _sensor(sensor: dg.SensorDefinition) -> dict[str, Any]:
    return {
        "jobs": [target.job_name for target in sensor.targets],
        "every_seconds": sensor.minimum_interval_seconds,
        "default": sensor.default_status.value,
    }


def _schedule(schedule: Any) -> dict[str, Any]:
    return {
        "job": schedule.job_name,
        "cron": schedule.cron_schedule,
        "timezone": schedule.execution_timezone,
        "default": schedule.default_status.value,
    }


def _specs() -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


def _picture() -> dict[str, Any]:
    """Everything a reviewer should see change."""
    checks = defs.resolve_asset_graph()
    repository = defs.get_repository_def()
    jobs = {
        job.name: sorted(key.to_user_string() for key in job.asset_layer.selected_asset_keys)
        for job in repository.get_all_jobs()
        if not job.name.startswith("__")
    }
    return {
        "assets": {name: _asset(spec) for name, spec in sorted(_specs().items())},
        "checks": {
            f"{key.asset_key.to_user_string()}: {key.name}": {
                "blocking": checks.get_check_spec(key).blocking,
                "description": checks.get_check_spec(key).description,
            }
            for key in sorted(checks.asset_check_keys, key=str)
        },
        "jobs": dict(sorted(jobs.items())),
        "sensors": {sensor.name: _sensor(sensor) for sensor in defs.sensors or []},
        "schedules": {schedule.name: _schedule(schedule) for schedule in defs.schedules or []},
    }


def test_the_definitions_load() -> None:
    dg.Definitions.validate_loadable(defs)
    assert build_defs(load_policy(), data_folder="somewhere").sensors


def test_the_graph_is_as_in_the_snapshot() -> None:
    found = json.loads(json.dumps(_picture()))
    if os.environ.get(UPDATE_VARIABLE):
        SNAPSHOT.parent.mkdir(exist_ok=True)
        SNAPSHOT.write_text(json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    kept = json.loads(SNAPSHOT.read_text())
    for part, expected in kept.items():
        assert found[part].keys() == expected.keys(), f"{part}: {UPDATE_VARIABLE}=1 writes it anew"
        for name, line in expected.items():
            assert found[part][name] == line, f"{part}: {UPDATE_VARIABLE}=1 writes it anew"
    assert found.keys() == kept.keys()


@pytest.mark.parametrize("name", sorted(_specs()))
def test_an_asset_says_what_it_is(name: str) -> None:
    policy, spec = load_policy(), _specs()[name]
    said = _asset(spec)
    assert said["description"]
    assert said["description"].endswith(".")
    assert said["owners"] == [policy.dpia.evaluation.owner]
    assert said["kinds"]
    assert said["group"] not in (None, "", "default")
    assert said["columns"]
    assert all(kind and about for kind, about in said["columns"].values())
    assert spec.tags["dpia/classification"] in ("OFFICIAL", "OFFICIAL-SENSITIVE")
    assert spec.tags["dpia/personal_data"] in PERSONAL_DATA
    assert spec.tags["dpia/section"] in policy.dpia.sections


def test_assets_about_single_people_are_official_sensitive() -> None:
    for name, spec in _specs().items():
        if spec.tags["dpia/personal_data"] in ("direct-identifiers", "pseudonymised"):
            assert spec.tags["dpia/classification"] == "OFFICIAL-SENSITIVE", name


def test_every_asset_has_a_table_or_is_known_to_have_several() -> None:
    assert _specs().keys() == TABLES.keys() | SEVERAL


def test_counting_waits_for_each_conformed_table_that_a_table_counts(tmp_path: Path) -> None:
    waited_for = {dep.asset_key.to_user_string() for dep in _specs()["aggregate_tables"].deps}
    assert waited_for >= {"case_studies", "training_forms", "programme_cases"}

    def count_the_events(files: Files) -> None:
        files["dpia"]["sources"]["mps_reoffending"]["agreement"] = "agreed"
        files["tables"]["dimensions"]["event_sent"] = {
            "title": "Event",
            "values": "codes:police_event",
            "column": "event",
        }
        files["tables"]["tables"]["events"] = {
            "title": "Events that the police sent",
            "population": "rows_of_sources",
            "margins_of": "events",
            "source": "police_events",
            "dimensions": ["event_sent"],
        }

    changed = changed_policy(tmp_path, count_the_events)
    assert "police_events" not in counted_conformed_tables(load_policy())
    assert "police_events" in counted_conformed_tables(changed)


def test_what_stops_a_release_is_blocking() -> None:
    graph = defs.resolve_asset_graph()
    blocking = {key.name for key in graph.asset_check_keys if graph.get_check_spec(key).blocking}
    assert blocking >= {
        "gender_is_on_its_list",
        "identity_stands_once",
        "person_id_is_a_pseudonym",
        "no_direct_identifiers",
        "no_small_count_is_printed",
        "attack_finds_nothing",
    }


def test_what_takes_long_to_import_is_not_imported_with_the_definitions() -> None:
    slow = ("great_expectations", "statsmodels", "scipy.stats", "scipy.optimize")
    slow += ("docx", "pptx", "lxml", "PIL", "resvg_py", "openpyxl", "pyreadstat", "msoffcrypto")
    slow += ("sqlalchemy", "alembic", "dagster._daemon")
    code = (
        "import sys; from safer_streets_assets.definitions import build_defs; "
        "from safer_streets_assets.policy import load_policy; "
        "build_defs(load_policy(), data_folder='somewhere'); "
        f"print([m for m in {slow} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.stdout.strip() == "[]"


def _columns_of(run: WholeRun, table: str) -> dict[str, str]:
    if table == "table_index":
        with published(run.folder) as connection:
            rows = connection.execute(f"DESCRIBE {table}").fetchall()
    else:
        rows = query(run.folder, f"DESCRIBE {table}")
    return {row[0]: row[1] for row in rows}


@pytest.mark.parametrize("name", sorted(TABLES.keys() - {"retention_register"}))
def test_a_table_has_the_columns_that_its_asset_declares(name: str, second: WholeRun) -> None:
    declared = {column: said[0] for column, said in _asset(_specs()[name])["columns"].items()}
    found = _columns_of(second, TABLES[name])
    assert found.keys() == declared.keys()
    if name not in TYPED_WHEN_OPEN:
        assert found == declared


def test_a_row_count_is_the_number_of_rows(
    second: WholeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {}
    folder = copy_data(second.folder, tmp_path / "data")
    with instance_of(folder, monkeypatch) as instance:
        for name in TABLES.keys() | {"aggregate_tables"}:
            event = instance.get_latest_materialization_event(dg.AssetKey(name))
            if event is not None and event.asset_materialization is not None:
                counts[name] = event.asset_materialization.metadata["dagster/row_count"].value
    expected = {
        name: query(second.folder, f"SELECT count(*) FROM {TABLES[name]}")[0][0]
        for name in counts.keys() - NOT_AT_THE_END
    }
    with published(second.folder) as connection:
        rows = sum(
            connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
            for table in load_policy().tables.tables
        )
    expected |= dict.fromkeys(("protected_tables", "published_tables"), rows)
    # Counted at the finest level, of which some tables are not printed.
    expected["aggregate_tables"] = sum(
        query(second.folder, f"SELECT count(*) FROM research.aggregates.{table}")[0][0]
        for table in load_policy().tables.tables
    )
    drops = len(second.manifest["drops"])
    expected["drop_arrivals"] = drops - drops // 2
    assert counts == expected


@pytest.mark.thorough
def test_the_retention_register_is_a_table_with_the_columns_it_declares(
    first: WholeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_data(first.folder, tmp_path / "data")
    with instance_of(folder, monkeypatch) as instance:
        result = run_retention(folder, instance)
    assert result.success
    declared = _asset(_specs()["retention_register"])["columns"]
    found = query(folder, f"DESCRIBE {TABLES['retention_register']}")
    assert {row[0]: row[1] for row in found} == {name: kind for name, (kind, _) in declared.items()}
    (made,) = result.asset_materializations_for_node("retention_register")
    (rows,) = query(folder, f"SELECT count(*) FROM {TABLES['retention_register']}")
    assert made.metadata["dagster/row_count"].value == rows[0]


def run_retention(folder: Any, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    """The retention job in this process."""
    definitions = build_defs(load_policy(), data_folder=str(folder.root))
    return definitions.resolve_job_def("retention").execute_in_process(
        instance=instance, raise_on_error=False
    )


def test_each_table_that_a_run_makes_is_declared_with_its_columns(first: WholeRun) -> None:
    policy = load_policy()
    catalogue = Catalogue(policy)
    with open_stores(first.folder, read=STORE_NAMES) as connection:
        made = connection.execute(
            "SELECT database_name, if(schema_name = 'main', table_name, schema_name || '.*'), "
            "schema_name, table_name, map_from_entries(list((column_name, data_type))) "
            "FROM duckdb_columns() JOIN duckdb_tables() "
            "USING (database_name, schema_name, table_name) WHERE NOT temporary "
            "GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        for store, name, schema, table, columns in made:
            declared = catalogue.find(store, name if schema != "main" else table)
            assert declared is not None, f"{store}: {name} is made and declared by no stage"
            if schema == "main":
                assert declared.columns.keys() == columns.keys(), name
                place = f'{store}."{schema}"."{table}"'
                rows = connection.execute(f"SELECT count(*) FROM {place}").fetchall()
                if rows != [(0,)]:
                    kinds = {column: doc.type for column, doc in declared.columns.items()}
                    assert all(_fits(columns[c], kinds[c]) for c in columns), name
    there = {(store, name) for store, name, *_ in made}
    assert {("restricted", "set_aside_rows"), ("research", "protected.*")} <= there


def _fits(made: str, declared: str) -> bool:
    """Whether a column may be as it is: a number with a fraction may have none in any row."""
    return made.replace('"', "") == declared.replace('"', "") or (made, declared) == (
        "BIGINT",
        "DOUBLE",
    )
