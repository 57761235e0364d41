"""An erasure on request that is killed before any of its changes is finished by the next run.

A person's erasure makes 60 to 110 changes to the disk and a drop's 50 to 90: an inode that is used
again counts once (`killing.moments`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.enforcement.enforcing import resume
from safer_streets_assets.retention.erasure.on_request import erase_on_request
from safer_streets_assets.retention.erasure.planning import Plan, plan_drop, plan_person
from safer_streets_assets.retention.records.chain import verify_chain
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.chain_note import read_chain_note
from safer_streets_assets_tests.retention.builders import (
    CRNS,
    files_of,
    folder_at,
    planted_in,
    restricted_rows,
)
from safer_streets_assets_tests.retention.killing import PARTS, moments, run_until

EACH = 29
NOW, TODAY = datetime(2020, 6, 1, 12), date(2020, 6, 1)
CHECKINS = "ors_facilitator_checkin"

Planned = Callable[[DataFolder, Policy], Plan]


def person(folder: DataFolder, policy: Policy) -> Plan:
    return plan_person(folder, policy, CRNS[0])


def drop(folder: DataFolder, policy: Policy) -> Plan:
    with open_stores(folder, read=["registers"]) as connection:
        found = connection.execute(
            "SELECT drop_id FROM registers.drops WHERE source = ? AND state = 'loaded'", [CHECKINS]
        ).fetchone()
    assert found is not None
    return plan_drop(folder, policy, found[0])


SUBJECTS: dict[str, tuple[Planned, tuple[str, ...]]] = {
    "person": (person, (CRNS[0],)),
    "drop": (drop, ("met Quillfeather's sister",)),
}


def erase(folder: DataFolder, policy: Policy, planned: Planned) -> None:
    erase_on_request(folder, policy, planned(folder, policy), NOW, TODAY)


def what_stays(folder: DataFolder) -> dict[str, object]:
    """Everything that is the same in two erasures of the same: no random id and no mark."""
    rows = restricted_rows(folder)
    people = rows.pop("erased_people")
    with open_stores(folder, read=["registers", "research"]) as connection:
        tables = connection.execute(
            "SELECT database_name || '.' || table_name FROM duckdb_tables() "
            "WHERE table_name NOT IN ('deletion_certificates', 'certificate_chain') ORDER BY 1"
        ).fetchall()
        stored = {
            table: connection.execute(f"FROM {table} ORDER BY ALL").fetchall()
            for (table,) in tables
        }
        certified = connection.execute(
            "SELECT store, what, rule, due_on, erased_at, files, row_count, method, verification, "
            "not_reached, number FROM registers.deletion_certificates"
        ).fetchall()
        chain = verify_chain(connection)
    names = sorted(files_of(folder))
    return {
        **{f"restricted.{table}": found for table, found in rows.items()},
        **stored,
        "marks": len(people),
        "certified": certified,
        "broken": chain.broken_at,
        "noted": read_chain_note(folder.registers) == (chain.certificates, chain.last_hash),
        "files": names,
    }


def half_done(folder: DataFolder) -> dict[str, list[tuple[object, ...]]] | None:
    try:
        return restricted_rows(folder)
    except SaferStreetsError:
        return None


@pytest.mark.parametrize("part", range(1, PARTS + 1))
@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.thorough
def test_an_erasure_on_request_survives_every_kill(
    in_use: Path, tmp_path: Path, policy: Policy, subject: str, part: int
) -> None:
    planned, needles = SUBJECTS[subject]
    whole = folder_at(tmp_path / "whole" / "data")
    shutil.copytree(in_use, whole.root)
    before = restricted_rows(whole)
    erase(whole, policy, planned)
    expected = what_stays(whole)
    after = restricted_rows(whole)
    assert planted_in(whole, needles) == []
    kills = 0
    for change in moments(EACH, part, PARTS):
        folder = folder_at(tmp_path / f"{change}" / "data")
        shutil.copytree(in_use, folder.root)
        if run_until(lambda folder=folder: erase(folder, policy, planned), change):  # type: ignore[misc]
            break
        kills += 1
        half = half_done(folder)
        if half is not None:  # nothing is lost but what goes
            kept = {table: rows for table, rows in before.items() if after[table] == rows}
            assert {table: half[table] for table in kept} == kept
        if not resume(folder, policy, NOW) and not certified(folder):
            erase(folder, policy, planned)  # killed before the intent was on disk
        assert what_stays(folder) == expected
        assert planted_in(folder, needles) == []
        assert not list(folder.keys.glob(".*"))
        shutil.rmtree(folder.root)
    assert kills > 0


def certified(folder: DataFolder) -> bool:
    with open_stores(folder, read=["registers"]) as connection:
        return bool(
            connection.execute("SELECT 1 FROM registers.deletion_certificates LIMIT 1").fetchone()
        )
