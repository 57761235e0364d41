"""A large drop that is read in bulk ends as the same drop read the other way would."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.intake.crn import normalise_crn
from safer_streets_assets.intake.readers import DropReader
from safer_streets_assets.intake.staging import plain_crn
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    CHECKIN,
    NPS,
    csv_drop,
    data_folder,
    fetch,
    opened,
    people_rows,
    put,
    shipped_policy,
    take_in_everything,
)

TABLES = (
    "restricted.nps_court_outcomes_raw",
    "restricted.ors_facilitator_checkin_raw",
    "restricted.set_aside_rows",
    "registers.set_aside_counts",
)
LEDGER = (
    "SELECT drop_id, state, reason, rows_read, rows_loaded, columns_dropped FROM registers.drops"
)


def drops() -> list[tuple[str, str, bytes]]:
    """Drops with good rows, bad rows, CRNs that take normalising, a correction and a refusal."""
    odd = [" a-100 201 ", "\uff21100202", "A\u2011100203", "a.100.204", "A1002"]
    rows = people_rows(NPS, 120) + [dict(people_rows(NPS, 1)[0], CRN=sent) for sent in odd]
    rows += people_rows(NPS, 3, first=400, Gender="7")
    corrected = people_rows(NPS, 60, Court="Camberwell", Address="1 High Street")
    no_court = [{k: v for k, v in row.items() if k != "Court"} for row in people_rows(NPS, 2)]
    return [
        (NPS, "a", csv_drop(rows)),
        (NPS, "b", csv_drop(corrected)),
        (NPS, "c", csv_drop(no_court)),
        (NPS, "d", csv_drop(people_rows(NPS, 9, Gender="7"))),
        (CHECKIN, "e", csv_drop(people_rows(CHECKIN, 40, Comments=" said \xa0"))),
    ]


def policy_with(bulk_bytes: int) -> Policy:
    """The shipped policy with another size from which files are read in bulk."""
    policy = shipped_policy()
    intake = policy.dpia.intake.model_copy(update={"bulk_bytes": bulk_bytes})
    return replace(policy, dpia=policy.dpia.model_copy(update={"intake": intake}))


def taken_in(root: Path, bulk_bytes: int) -> tuple[DataFolder, dict[str, list[Any]]]:
    """The data folder, and the tables that the drops are in."""
    folder = data_folder(root)
    for source, name, content in drops():
        put(folder, source, name, content)
    with opened(folder) as connection:
        take_in_everything(connection, folder, policy_with(bulk_bytes))
        found = {table: fetch(connection, f"FROM {table} ORDER BY ALL") for table in TABLES}
        found["ledger"] = fetch(connection, f"{LEDGER} ORDER BY ALL")
    return folder, found


@pytest.fixture
def bulk_reads(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Grows by whether each drop was read in bulk."""
    found: list[bool] = []
    read = DropReader.read

    def watched(self: DropReader, request: Any) -> Any:
        drop = read(self, request)
        found.append(drop.bulk is not None)
        return drop

    monkeypatch.setattr(DropReader, "read", watched)
    return found


@pytest.mark.thorough
def test_tables_and_ledger_are_the_same_in_bulk(tmp_path: Path, bulk_reads: list[bool]) -> None:
    _, cell_by_cell = taken_in(tmp_path / "one", 1 << 30)
    assert not any(bulk_reads)
    folder, in_bulk = taken_in(tmp_path / "two", 1)
    # The drop without a column is not one for bulk reading; the others are.
    assert sum(bulk_reads) == len(drops()) - 1
    assert in_bulk == cell_by_cell
    assert in_bulk["registers.set_aside_counts"]
    assert not any(folder.landing.rglob("*.duckdb"))
    assert list((folder.restricted / "reading").iterdir()) == []


def test_rows_keep_the_order_of_the_file(tmp_path: Path) -> None:
    folder = data_folder(tmp_path / "data")
    rows = 300_000
    head, line = csv_drop(people_rows(CHECKIN, 1)).decode().split("\r\n")[:2]
    lines = [line.replace("10001", str(10_000 + number), 1) for number in range(rows)]
    lines[rows // 2] = lines[rows // 2].replace("Group", "Tent")
    put(folder, CHECKIN, "large", "\r\n".join([head, *lines]).encode())
    with opened(folder) as connection:
        taken = take_in_everything(connection, folder)
        assert taken[CHECKIN].rows_loaded == rows - 1
        out_of_order = fetch(
            connection,
            "SELECT count(*) FROM (SELECT row_number - lag(row_number) OVER (ORDER BY rowid) "
            "AS step FROM restricted.ors_facilitator_checkin_raw) WHERE step <= 0",
        )
    assert out_of_order == [(0,)]


def test_what_a_killed_run_left_unread_is_removed(tmp_path: Path) -> None:
    folder = data_folder(tmp_path / "data")
    left = folder.restricted / "reading" / "1.duckdb"
    left.parent.mkdir()
    left.write_bytes(b"no key opens this")
    put(folder, NPS, "drop", csv_drop(people_rows(NPS, 3)))
    with opened(folder) as connection:
        take_in_everything(connection, folder)
    assert not left.exists()


@given(st.text(st.characters(max_codepoint=127), max_size=12))
@settings(max_examples=300, deadline=None)
def test_a_crn_in_ascii_is_normalised_alike_in_sql(text: str) -> None:
    found = duckdb.execute(f"SELECT {plain_crn('sent')} FROM (SELECT ? AS sent)", [text]).fetchone()
    assert found == (normalise_crn(text),)
