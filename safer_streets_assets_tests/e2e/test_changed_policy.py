"""A changed policy on a data folder that has a release: it is run again, to a release.

Everything that is added is added at once, and everything that is taken away is taken away at once;
SAFER_STREETS_EVERY_YEAR=1 tries each change by itself, too.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.retention.records.chain import verify_chain
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets_tests.builders import CRC, NPS, TRAINING
from safer_streets_assets_tests.changed_policies import (
    Change,
    Files,
    agreed_anew,
    changed_policy,
    not_agreed,
    without_field,
)
from safer_streets_assets_tests.e2e.runs import (
    WholeRun,
    copy_data,
    failures_of,
    instance_of,
    query,
    run_steps,
)

EVERY_YEAR = os.environ.get("SAFER_STREETS_EVERY_YEAR") == "1"


@dataclass(frozen=True)
class Changed:
    """A data folder after a run under a changed policy."""

    folder: DataFolder
    policy: Policy


Seen = Callable[[Changed], None]


def _code(files: Files) -> None:
    files["dpia"]["code_lists"]["reason_not_assigned"]["08"] = "Cannot be reached"


def _borough(files: Files) -> None:
    files["dpia"]["roll_out"]["phases"].append({"opens": "2020-01-06", "boroughs": ["Barnet"]})


def _gate(files: Files) -> None:
    for name, needed in (("late", 10**6), ("early", 1)):
        gate = {"name": name, "title": f"{name.title()} findings", "section": "purpose"}
        files["dpia"]["gates"].append(
            {
                **gate,
                "population": "completed",
                "measure": "people",
                "unit": "people",
                "needed": needed,
                "reason": "A test.",
            }
        )
        waits = {**files["tables"]["tables"]["funnel"], "title": gate["title"], "gate": name}
        files["tables"]["tables"][f"{name}_findings"] = waits


def _source(files: Files) -> None:
    source = copy.deepcopy(files["dpia"]["sources"]["mtc_novo"])
    source["conformed"]["table"] = "further_studies"
    files["dpia"]["sources"]["more_studies"] = source
    files["sql"]["further_studies"] = load_policy().sql["case_studies"]


def _table(files: Files) -> None:
    table = copy.deepcopy(files["tables"]["tables"]["funnel_by_borough"])
    del table["coarsen"]
    table |= {"title": "People at each stage by gender", "dimensions": ["gender", "stage"]}
    files["tables"]["tables"]["funnel_by_gender"] = table


def _threshold(files: Files) -> None:
    files["dpia"]["thresholds"]["minimum_count"] += 1


def _field_is_missing(changed: Changed) -> None:
    rows = "SELECT count(*), count(ethnicity) FROM restricted.crc_eligibility_raw"
    [(there, filled)] = query(changed.folder, rows)
    assert there > 0
    assert filled == 0
    assert query(changed.folder, "SELECT count(ethnicity) FROM research.programme_cases") == [(0,)]
    assert query(changed.folder, "SELECT count(language) FROM research.court_cases") == [(0,)]


def _borough_is_open(changed: Changed) -> None:
    late = (
        "SELECT count(*) FROM research.court_cases WHERE borough = 'Barnet' "
        "AND disposal_date >= DATE '2020-01-06'"
    )
    eligible = (
        "SELECT count(*) FROM research.linked_cohort WHERE borough = 'Barnet' "
        "AND derived = 'eligible'"
    )
    assert (query(changed.folder, late) > [(0,)]) == (query(changed.folder, eligible) > [(0,)])


def _gate_is_counted(changed: Changed) -> None:
    gates = query(changed.folder, "SELECT gate FROM research.stage_gates ORDER BY row_order")
    assert gates[-1] == ("early",)
    for table, made in (("early_findings", True), ("late_findings", False)):
        rows = query(changed.folder, f"SELECT count(*) > 0 FROM research.aggregates.{table}")
        assert rows == [(made,)], "what is counted waits for its gate, too"


def _source_has_its_table(changed: Changed) -> None:
    assert query(changed.folder, "FROM restricted.more_studies_raw") == []


def _code_is_a_category(changed: Changed) -> None:
    reasons = "SELECT DISTINCT reason FROM research.aggregates.non_assignment"
    assert ("08",) in query(changed.folder, reasons)


def _table_is_released(changed: Changed) -> None:
    newest = max(changed.folder.releases.iterdir(), key=lambda path: path.name)
    assert (newest / "csv" / "funnel_by_gender.csv").exists()


ADDED: dict[str, tuple[Change, Seen]] = {
    "field": (agreed_anew(CRC, "ethnicity", "Ethnicity", like="special category"), lambda _: None),
    "required field": (agreed_anew(NPS, "language", "Language", required=True), lambda _: None),
    "code": (_code, _code_is_a_category),
    "borough": (_borough, _borough_is_open),
    "gate": (_gate, _gate_is_counted),
    "source": (_source, _source_has_its_table),
    "table": (_table, _table_is_released),
}


def _less_code(files: Files) -> None:
    del files["dpia"]["code_lists"]["reason_not_assigned"]["05"]


def _less_borough(files: Files) -> None:
    files["dpia"]["roll_out"]["phases"][-1]["boroughs"].remove("Greenwich")


def _code_is_not_recorded(changed: Changed) -> None:
    reasons = "SELECT count(*) FROM research.linked_cohort WHERE reason_not_assigned = '05'"
    assert query(changed.folder, reasons) == [(0,)]


def _borough_is_not_open(changed: Changed) -> None:
    eligible = (
        "SELECT count(*) FROM research.linked_cohort WHERE borough = 'Greenwich' "
        "AND derived = 'eligible'"
    )
    assert query(changed.folder, eligible) == [(0,)]


def _is_certified(what: str) -> Seen:
    def seen(changed: Changed) -> None:
        [(said,)] = query(changed.folder, "SELECT what FROM registers.deletion_certificates")
        assert what in said
        with open_stores(changed.folder, read=["registers"]) as connection:
            assert verify_chain(connection).broken_at is None

    return seen


TAKEN_AWAY: dict[str, tuple[Change, Seen]] = {
    "field": (without_field(CRC, "rar_days"), _is_certified(f"{CRC}.rar_days")),
    "name": (without_field(CRC, "name"), _is_certified(f"{CRC}.name")),
    "optional field": (
        without_field(CRC, "reason_one_to_one"),
        _is_certified(f"{CRC}.reason_one_to_one"),
    ),
    "code": (_less_code, _code_is_not_recorded),
    "borough": (_less_borough, _borough_is_not_open),
    "source": (not_agreed(TRAINING), _is_certified(TRAINING)),
}
CHANGES: dict[str, Sequence[tuple[Change, Seen]]] = {
    "everything added": list(ADDED.values()),
    "everything taken away": list(TAKEN_AWAY.values()),
}
EACH = {
    "threshold": [(_threshold, lambda _: None)],
    **{f"{name} added": [change] for name, change in ADDED.items()},
    **{f"{name} taken away": [change] for name, change in TAKEN_AWAY.items()},
}


@pytest.mark.parametrize("changes", CHANGES | (EACH if EVERY_YEAR else {}))
@pytest.mark.thorough
def test_a_changed_policy_is_run_to_a_release_on_an_old_data_folder(
    first: WholeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: str
) -> None:
    chosen = (CHANGES | EACH)[changes]
    folder = copy_data(first.folder, tmp_path / "data")
    policy = changed_policy(tmp_path / "policy", *(change for change, _ in chosen))
    with instance_of(folder, monkeypatch) as instance:
        result = run_steps(folder, instance, policy=policy)
        assert failures_of(result) == {}
        assert result.success
    changed = Changed(folder, policy)
    assert query(folder, "SELECT count(*) FROM registers.releases") == [(2,)]
    for _, seen in chosen:
        seen(changed)
    if changes == "everything added":
        _field_is_missing(changed)
    _no_column_is_left(folder, policy)


def _no_column_is_left(folder: DataFolder, policy: Policy) -> None:
    rows = query(
        folder,
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'restricted'",
    )
    for name, source in policy.sources.items():
        there = {column for table, column in rows if table == f"{name}_raw"}
        agreed = {field.name for field in source.fields}
        assert there - agreed <= {"drop_id", "row_number", "crn_key"}
