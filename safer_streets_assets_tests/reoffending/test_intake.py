"""What the police sent: refused while not agreed, and by its rules once it is."""

from __future__ import annotations

import duckdb
import pytest

from safer_streets_assets.demo import vocabulary as v
from safer_streets_assets.demo.drops import write_demo_drops
from safer_streets_assets.intake.outstanding_rows import outstanding_values
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import STORE_NAMES, DataFolder
from safer_streets_assets_tests.builders import (
    MPS,
    Row,
    every_text,
    fetch,
    ledger,
    load_rows,
    opened,
    set_aside,
    take_in_everything,
)
from safer_streets_assets_tests.reoffending.builders import agreed, found, police


@pytest.mark.parametrize(
    ("row", "reasons"),
    [
        ({}, None),
        (found("A100001", "Arrest", "01/09/2020"), None),
        ({"Event": "no trace"}, None),
        (found("a 100-001", "ARRESTED", "2020-09-01"), None),
        (found("A100001", "Arrest", ""), ["R-MISSING"]),
        ({"Event": None}, ["R-MISSING"]),
        ({"Event": "Acquittal"}, ["R-CODE"]),
        ({"Searched until": None}, ["R-MISSING"]),
        (found("A100001", "Arrest", "02/12/2021"), ["R-ORDER"]),
        (found("A100001", "Arrest", "31/02/2020"), ["R-DATE"]),
        ({"CRN": "TBC"}, ["R-CRN"]),
    ],
)
def test_a_row_is_judged_by_the_rules(
    memory: duckdb.DuckDBPyConnection, row: Row, reasons: list[str] | None
) -> None:
    policy = agreed()
    sent = {k: value or None for k, value in {**police({})[0], **row}.items()}
    load_rows(memory, MPS, [sent], policy=policy)
    assert set_aside(memory) == ({} if reasons is None else {2: reasons})


def test_the_demo_drop_is_refused_unread_and_taken_in_once_agreed(
    folder: DataFolder, policy: Policy
) -> None:
    write_demo_drops(folder.landing, people=50, months=12)
    for path in folder.landing.iterdir():
        if path.name != MPS:
            for drop in path.iterdir():
                drop.unlink()
    (extract,) = (folder.landing / MPS).iterdir()
    content = extract.read_bytes()
    lines = content.decode().splitlines()[1:]
    names = {line.split('"')[1] for line in lines if '"' in line}
    with opened(folder) as connection:
        take_in_everything(connection, folder, policy)
        assert ledger(connection) == [(MPS, "refused", "D-NOT-AGREED")]
        held = set(every_text(connection, *STORE_NAMES))
        assert not [text for text in held if any(name in text for name in names)]
    extract.write_bytes(content)
    with opened(folder) as connection:
        taken = take_in_everything(connection, folder, agreed())[MPS]
        assert (taken.loaded, taken.rows_set_aside) == (1, 0)
        raw = fetch(connection, f"SELECT event, event_date FROM restricted.{MPS}_raw")
        assert len(raw) == len(lines)
        assert {event for event, _ in raw} >= {v.NOTHING_FOUND, "Arrest"}
        assert all((day is None) == (event == v.NOTHING_FOUND) for event, day in raw)
        assert names
        held = set(every_text(connection, *STORE_NAMES))
        assert not [text for text in held if any(name in text for name in names)]


def test_a_re_send_with_a_row_put_right_clears_it(memory: duckdb.DuckDBPyConnection) -> None:
    policy = agreed()
    clean = [{"CRN": f"A10000{n}"} for n in range(2, 9)]
    load_rows(memory, MPS, police({"CRN": "A10000"}, *clean), policy=policy)
    assert len(outstanding_values(memory, policy, MPS)) == 1
    load_rows(
        memory,
        MPS,
        police({"CRN": "A100001", "Searched until": "01/01/2022"}, *clean),
        drop=2,
        policy=policy,
    )
    assert outstanding_values(memory, policy, MPS) == []
