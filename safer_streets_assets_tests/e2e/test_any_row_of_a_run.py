"""Rows with anything in any of their cells do not end a whole run: it publishes, and exits 0."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

from safer_streets_assets_tests.builders import (
    ATTENDEE,
    BASE_ROWS,
    CHECKIN,
    CRC,
    NOVO,
    NPS,
    TRAINING,
    crc_workbook,
    csv_drop,
    people_rows,
    put,
    rows_of,
    workbook_drop,
)
from safer_streets_assets_tests.cohort.test_any_row import CANARY, OWN_ID, kinds
from safer_streets_assets_tests.e2e.commands import Commands, Surroundings
from safer_streets_assets_tests.e2e.runs import at, published, query, run_in

SOURCES = (NPS, CRC, ATTENDEE, CHECKIN, TRAINING, NOVO)
WORKBOOKS = (CRC, TRAINING, NOVO)
"""Sources that send workbooks, in which a text with an equals sign in front is a formula."""
PEOPLE, TIMES = 30, 14
"""Good rows, each so many times: a repeated row collapses, and the bad ones stay a small share."""


def _thrown(source: str, turn: int) -> list[dict[str, str | None]]:
    """Rows with one cell changed: each kind of value in one column, the columns in turn."""
    values = [text for text in kinds() if text.isprintable()][turn % 2 :: 2]
    if source in WORKBOOKS:
        values = [text for text in values if not text.startswith("=")]
    columns = itertools.islice(itertools.cycle(BASE_ROWS[source]), turn, None)
    rows = []
    for number, (value, column) in enumerate(zip(values, columns, strict=False), start=1):
        row = {**BASE_ROWS[source]}
        if "CRN" in row:
            row["CRN"] = f"B{turn}{number:05}"
        if source in OWN_ID:
            row[OWN_ID[source]] = f"{9 - turn}{number:05}"
        rows.append(row | {column: value})
    return rows


def _good(source: str) -> list[dict[str, str | None]]:
    if source in (TRAINING, NOVO):
        return rows_of(source, *({OWN_ID[source]: str(n)} for n in range(1, PEOPLE + 1)))
    rows = people_rows(source, PEOPLE)
    for number, row in enumerate(rows, start=1):
        if source in OWN_ID:
            row[OWN_ID[source]] = str(number)
    return rows


def _drop(source: str, rows: list[dict[str, str | None]]) -> bytes:
    if source == CRC:
        return crc_workbook(rows)
    if source == TRAINING:
        return workbook_drop("Feedback", rows)
    return workbook_drop("Case studies", rows) if source == NOVO else csv_drop(rows)


@pytest.mark.thorough
def test_a_run_over_rows_with_anything_in_them_publishes(
    tmp_path: Path, commands: Commands
) -> None:
    folder = at(tmp_path / "data").prepare()
    thrown = {}
    for turn, source in enumerate(SOURCES):
        changed = _thrown(source, turn)
        thrown[source] = len(changed)
        rows = [*changed, *_good(source) * TIMES]
        random.Random(turn).shuffle(rows)
        put(folder, source, "drop", _drop(source, rows))
    finished = run_in(commands, folder, Surroundings(tmp_path / "around"))
    assert finished.code == 0, finished.out + finished.err
    assert CANARY.casefold() not in (finished.out + finished.err).casefold()
    ledger = query(folder, "SELECT source, state, rows_set_aside FROM registers.drops")
    assert {(source, state) for source, state, _ in ledger} == {(s, "loaded") for s in SOURCES}
    assert all(0 < aside < thrown[source] for source, _, aside in ledger)
    with published(folder) as connection:
        assert connection.execute("SELECT count(*) FROM release").fetchall() == [(1,)]
