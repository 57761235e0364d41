"""A drop that differs too much from the drops before it is held, and one that does not is not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.intake.drift import DriftFinding, judge_drift
from safer_streets_assets.intake.drop_order import WaitingDrop
from safer_streets_assets.intake.ledger import Arrival
from safer_streets_assets.intake.readers import ReadDrop
from safer_streets_assets.intake.staging import stage_rows
from safer_streets_assets.policy import PolicyError
from safer_streets_assets_tests.builders import (
    CHECKIN,
    CRC,
    NOON,
    NPS,
    load_rows,
    people_rows,
    shipped_policy,
    stores_in_memory,
)
from safer_streets_assets_tests.changed_policies import Files, changed_policy

LIMITS = shipped_policy().dpia.drift
ENOUGH = LIMITS.minimum_rows
TWICE = 2 * ENOUGH


def judged(
    connection: duckdb.DuckDBPyConnection, source: str, rows: list[dict[str, Any]], drop: int = 9
) -> list[DriftFinding]:
    """What is found about rows that arrive after everything that is loaded."""
    policy = shipped_policy()
    agreed = policy.sources[source]
    read = ReadDrop(
        format="csv",
        columns={
            field.name: [
                next((row[h] for h in field.headers if row.get(h) is not None), None)
                for row in rows
            ]
            for field in agreed.fields
        },
        row_numbers=list(range(2, len(rows) + 2)),
        position_date=None,
    )
    stage_rows(connection, agreed, policy, read)
    arrival = Arrival(f"{source}-{drop}", source, NOON + timedelta(days=drop), ())
    return judge_drift(connection, policy, source, WaitingDrop(arrival, None, None))


def test_the_first_drop_of_a_source_is_compared_with_nothing(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    assert judged(memory, CRC, people_rows(CRC, ENOUGH)) == []


@settings(max_examples=15, deadline=None)
@given(before=st.integers(1, 3 * ENOUGH), gone=st.integers(0, 3 * ENOUGH))
@pytest.mark.thorough
def test_rows_may_vanish_from_a_cumulative_export_up_to_the_share_of_the_policy(
    before: int, gone: int
) -> None:
    gone = min(gone, before - 1)
    with stores_in_memory() as connection:
        load_rows(connection, CRC, people_rows(CRC, before))
        found = judged(connection, CRC, people_rows(CRC, before - gone, first=1 + gone))
    held = before >= ENOUGH and gone / before > LIMITS.maximum_vanished_share
    assert [finding.code for finding in found] == (["D-DRIFT-VANISHED"] if held else [])
    if held:
        assert (found[0].percent_before, found[0].percent_now) == (
            100,
            round(100 * (1 - gone / before)),
        )


def test_rows_that_are_set_aside_have_not_vanished(memory: duckdb.DuckDBPyConnection) -> None:
    load_rows(memory, CRC, people_rows(CRC, TWICE))
    rows = people_rows(CRC, TWICE - 15) + people_rows(CRC, 15, first=TWICE - 14, Gender="??")
    assert judged(memory, CRC, rows) == []


def test_an_increment_has_other_rows_than_the_one_before(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    load_rows(memory, NPS, people_rows(NPS, TWICE))
    assert judged(memory, NPS, people_rows(NPS, TWICE, first=1000)) == []


def test_a_column_that_goes_empty_is_found(memory: duckdb.DuckDBPyConnection) -> None:
    load_rows(memory, NPS, people_rows(NPS, TWICE))
    rows = people_rows(NPS, TWICE, **{"Offence Description": None})
    assert judged(memory, NPS, rows) == [
        DriftFinding("D-DRIFT-EMPTY", "offence_description", 100, 0)
    ]


def test_a_column_that_was_seldom_filled_in_may_be_empty(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    few = round(TWICE * LIMITS.emptied_column_share) - 1
    load_rows(memory, CHECKIN, people_rows(CHECKIN, few, Comments="went well"))
    load_rows(memory, CHECKIN, people_rows(CHECKIN, TWICE - few, first=500), drop=2)
    assert judged(memory, CHECKIN, people_rows(CHECKIN, TWICE)) == []


@pytest.mark.parametrize(("beyond", "held"), [(0, False), (1, True)])
def test_the_share_of_a_code_may_move_by_the_points_of_the_policy(
    memory: duckdb.DuckDBPyConnection, beyond: int, held: bool
) -> None:
    load_rows(memory, NPS, people_rows(NPS, 100))
    women = LIMITS.share_jump_points + beyond
    rows = people_rows(NPS, 100 - women) + people_rows(NPS, women, first=500, Gender="F")
    expected = [DriftFinding("D-DRIFT-SHARE", "gender", 100, 100 - women)] if held else []
    assert judged(memory, NPS, rows) == expected


def test_the_shares_of_a_column_that_changes_by_itself_are_not_judged(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    assert LIMITS.changing_columns[CRC] == ["outcome"]
    load_rows(memory, CRC, people_rows(CRC, TWICE))
    later = people_rows(CRC, TWICE, Outcome="Completed")
    assert judged(memory, CRC, later) == []
    other = people_rows(CRC, TWICE, **{"One-to-one?": "Yes"})
    assert [finding.column for finding in judged(memory, CRC, other)] == ["one_to_one"]


def test_small_drops_are_not_judged(memory: duckdb.DuckDBPyConnection) -> None:
    load_rows(memory, NPS, people_rows(NPS, TWICE))
    rows = people_rows(NPS, ENOUGH - 1, Gender="F", **{"Offence Description": None})
    assert judged(memory, NPS, rows) == []


def test_an_increment_is_compared_with_the_last_few_together(
    memory: duckdb.DuckDBPyConnection,
) -> None:
    for drop in range(1, LIMITS.earlier_increments + 1):
        load_rows(memory, NPS, people_rows(NPS, 20, first=100 * drop), drop=drop)
    assert 20 < ENOUGH <= 20 * LIMITS.earlier_increments
    found = judged(memory, NPS, people_rows(NPS, TWICE, Gender="F"))
    assert [finding.code for finding in found] == ["D-DRIFT-SHARE"]


def test_a_drop_is_not_compared_with_later_ones(memory: duckdb.DuckDBPyConnection) -> None:
    load_rows(memory, CRC, people_rows(CRC, TWICE), drop=20)
    assert judged(memory, CRC, people_rows(CRC, ENOUGH), drop=9) == []


def test_findings_hold_no_value_of_a_row(memory: duckdb.DuckDBPyConnection) -> None:
    load_rows(memory, CRC, people_rows(CRC, TWICE, Name="CANARY, Zebedee"))
    rows = people_rows(CRC, ENOUGH, first=1000, Name="CANARY, Zebedee", Gender="F")
    found = repr(judged(memory, CRC, rows))
    assert "D-DRIFT-VANISHED" in found
    assert not any(text in found for text in ("CANARY", "A10", "Female", "2020"))


def test_a_policy_that_names_a_column_that_is_none_is_refused(tmp_path: Path) -> None:
    def change(files: Files) -> None:
        files["dpia"]["drift"]["changing_columns"] = {NPS: ["shoe_size"]}

    with pytest.raises(PolicyError, match="shoe_size is not a field"):
        changed_policy(tmp_path, change)
