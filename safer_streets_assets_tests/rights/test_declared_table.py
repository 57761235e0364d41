"""A table that a stage declares, and does nothing else about, is found by all who have to know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from safer_streets_assets.cohort import catalogue as declaring
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.erasure.on_request import erase_on_request
from safer_streets_assets.retention.erasure.planning import plan_drop, plan_person
from safer_streets_assets.retention.holdings.register import read_register
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.stored_table import ColumnDoc, StoredTable
from safer_streets_assets_tests.builders import fetch, shipped_policy
from safer_streets_assets_tests.rights.conftest import SOMEBODY, THEIRS, Command
from safer_streets_assets_tests.rights.test_subject_access import asked

NOW, TODAY = datetime(2020, 6, 1, 12), date(2020, 6, 1)
LETTERS, CALLS = "letters", "calls"
LEFT = "SELECT crn_key FROM restricted.{} ORDER BY 1"


@pytest.fixture
def declared(filled: DataFolder, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """The data folder with two tables more: one of people, one of people by drop."""
    columns = {
        "drop_id": ColumnDoc("VARCHAR", "The drop it came in"),
        "crn_key": ColumnDoc("VARCHAR", "Of whom it is"),
        "said": ColumnDoc("VARCHAR", "What was said"),
    }
    crn = ("crn_key",)

    def with_more(policy: Policy) -> Iterator[StoredTable]:
        yield from declaring_before(policy)
        yield StoredTable("restricted", LETTERS, "Letters", columns, crn_columns=crn)
        yield StoredTable(
            "restricted", CALLS, "Calls", columns, crn_columns=crn, drop_column="drop_id"
        )

    declaring_before = declaring.stored_tables
    monkeypatch.setattr(declaring, "stored_tables", with_more)
    with open_stores(filled, write=["restricted"]) as connection:
        for table in (LETTERS, CALLS):
            connection.execute(
                f"CREATE TABLE restricted.{table} AS SELECT drop_id, crn_key, 'hello' AS said FROM "
                "restricted.nps_court_outcomes_raw "
                f"WHERE crn_key IN ('{THEIRS}', '{SOMEBODY}')"
            )
    return filled


def left(folder: DataFolder, table: str) -> set[str]:
    with open_stores(folder, read=["restricted"]) as connection:
        return {crn for (crn,) in fetch(connection, LEFT.format(table))}


def test_it_has_its_line_in_the_retention_register(declared: DataFolder) -> None:
    found = {one.holding: one for one in read_register(declared, shipped_policy(), TODAY)}
    assert found[f"restricted/{LETTERS}"].row_count == 3
    assert found[f"restricted/{LETTERS}"].clock.rule == found["restricted/store"].clock.rule


@pytest.mark.thorough
def test_its_rows_of_a_person_go_with_the_person_and_nobody_elses(declared: DataFolder) -> None:
    plan = plan_person(declared, shipped_policy(), THEIRS)
    assert plan.rows[LETTERS] == plan.rows[CALLS] == 2
    erase_on_request(declared, shipped_policy(), plan, NOW, TODAY)
    assert left(declared, LETTERS) == left(declared, CALLS) == {SOMEBODY}


def test_its_rows_of_a_drop_go_with_the_drop(declared: DataFolder) -> None:
    with open_stores(declared, read=["restricted"]) as connection:
        rows = fetch(connection, f"SELECT drop_id, count(*) FROM restricted.{CALLS} GROUP BY ALL")
    drop, many = max(rows, key=lambda row: int(row[1]))
    plan = plan_drop(declared, shipped_policy(), str(drop))
    assert plan.rows[CALLS] == many
    # Where a table tells no drop, whoever another drop names stays in it.
    assert LETTERS not in plan.rows


def test_its_rows_are_in_the_answer_to_a_subject_access_request(
    command: Command, declared: DataFolder, tmp_path: Path
) -> None:
    answer = asked(command, declared, tmp_path / "out")
    (part,) = [part for part in answer["holdings"] if part["table"] == LETTERS]
    assert len(part["rows"]) == 2
    assert part["columns"]["said"] == "What was said"
