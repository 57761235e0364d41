"""Rows set aside under an earlier policy: a field agreed since is not held against a correction."""

from __future__ import annotations

from pathlib import Path

import duckdb

from safer_streets_assets.intake.outstanding_rows import outstanding_values
from safer_streets_assets.intake.raw_tables import columns_there, ensure_raw_tables
from safer_streets_assets.policy import Policy
from safer_streets_assets_tests.builders import CRC, load_rows, rows_of, stores_in_memory
from safer_streets_assets_tests.changed_policies import agreed_anew, changed_policy, without_field

ETHNICITY = agreed_anew(CRC, "ethnicity", "Ethnicity")


def waiting(connection: duckdb.DuckDBPyConnection, policy: Policy) -> list[tuple[str, str | None]]:
    return [(v.drop_id, v.field) for v in outstanding_values(connection, policy, CRC)]


def test_a_corrected_row_clears_one_from_before_a_field_was_agreed(tmp_path: Path) -> None:
    policy = changed_policy(tmp_path, ETHNICITY)
    with stores_in_memory() as connection:
        load_rows(connection, CRC, rows_of(CRC, {"CRN": "TBC"}))
        ensure_raw_tables(connection, policy)
        assert waiting(connection, policy) == [(f"{CRC}-1", "crn")]
        right = rows_of(CRC, {"Ethnicity": "White British"})
        load_rows(connection, CRC, right, drop=2, policy=policy)
        assert waiting(connection, policy) == []


def test_nobody_is_asked_for_a_field_that_is_no_longer_agreed(tmp_path: Path) -> None:
    policy = changed_policy(tmp_path, without_field(CRC, "rar_days"))
    with stores_in_memory() as connection:
        rows = rows_of(CRC, {"RAR days": "many"}, {"CRN": "TBC", "RAR days": "many"})
        load_rows(connection, CRC, rows)
        assert [field for _, field in waiting(connection, policy)] == ["crn"]


def test_the_tables_follow_the_policy_in_one_transaction(tmp_path: Path) -> None:
    policy = changed_policy(tmp_path, ETHNICITY)
    with stores_in_memory() as connection:
        connection.execute("ALTER TABLE restricted.crc_eligibility_raw ADD COLUMN kept VARCHAR")
        ensure_raw_tables(connection, policy)
        ensure_raw_tables(connection, policy)
        found = columns_there(connection, "restricted")[f"{CRC}_raw"]
    assert found[-2:] == ["kept", "ethnicity"]
