"""Of a drop refused for too many bad rows the rules, columns and rows are kept, and no value."""

from __future__ import annotations

import io

import openpyxl
import pytest
from rich.console import Console

from safer_streets_assets.console.drops import show_drop
from safer_streets_assets.intake.refused_rows import RefusedRows, refused_rows
from safer_streets_assets.intake.returns import opened_return, write_returns
from safer_streets_assets.intake.returns_workbook import COLUMNS, NOT_KEPT
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets_tests.builders import (
    ATTENDEE,
    CHECKIN,
    MPS,
    NPS,
    csv_drop,
    every_text,
    fetch,
    opened,
    people_rows,
    put,
    shipped_policy,
    take_in_everything,
)

WRONG = "31/31/2020"


def refused(folder: DataFolder, policy: Policy) -> str:
    """Takes in a drop of which four of six rows break a rule; its id."""
    rows = people_rows(NPS, 4, **{"Disposal Date": WRONG}) + people_rows(NPS, 2, first=9)
    rows[0]["Gender"] = "Q"
    put(folder, NPS, "a.csv", csv_drop(rows))
    with opened(folder) as connection:
        take_in_everything(connection, folder, policy)
        write_returns(connection, folder, policy)
        # Times of arrival are in whole seconds: what the test puts next is of a later one.
        connection.execute("UPDATE registers.drops SET arrived_at = arrived_at - INTERVAL 1 MINUTE")
        [(drop_id,)] = fetch(connection, "SELECT drop_id FROM registers.drops")
    return str(drop_id)


def test_counts_by_rule_and_column_with_row_numbers_are_kept_and_no_value(
    folder: DataFolder, policy: Policy
) -> None:
    drop_id = refused(folder, policy)
    with opened(folder) as connection:
        assert refused_rows(connection, drop_id) == [
            RefusedRows("disposal_date", "R-DATE", 4, 6, (2, 3, 4, 5)),
            RefusedRows("gender", "R-CODE", 1, 6, (2,)),
        ]
        assert not any(WRONG in text for text in every_text(connection, "registers", "restricted"))


@pytest.mark.thorough
def test_they_are_shown_and_written_for_the_sender_until_a_later_drop_is_loaded(
    folder: DataFolder, policy: Policy
) -> None:
    drop_id = refused(folder, policy)
    out = io.StringIO()
    show_drop(Console(file=out, width=200), folder.root, drop_id[:12])
    for shown in ("D-BAD-ROWS", "R-DATE", "Disposal Date", "2, 3, 4, 5"):
        assert shown in out.getvalue()
    page = openpyxl.load_workbook(io.BytesIO(opened_return(folder, policy, NPS))).active
    assert page is not None
    heads = list(COLUMNS)
    shown = [heads.index("Row"), heads.index("Column")]
    rows = list(page.iter_rows(min_row=2, values_only=True))
    lines = [tuple(row[at] for at in shown) for row in rows]
    assert {row[heads.index("File of")] for row in rows} == {"January 2020"}
    assert {row[heads.index("Value as sent")] for row in rows} == {NOT_KEPT}
    assert all(row[heads.index("File saved")] for row in rows)
    assert lines == [
        ("2", "Disposal Date"), ("2", "Gender"), ("3", "Disposal Date"), ("4", "Disposal Date"),
        ("5", "Disposal Date"),
    ]  # fmt: skip
    put(folder, NPS, "b.csv", csv_drop(people_rows(NPS, 6)))
    with opened(folder) as connection:
        take_in_everything(connection, folder, policy)
        assert write_returns(connection, folder, policy) == {}


def test_the_columns_left_out_of_a_loaded_drop_are_shown(
    folder: DataFolder, policy: Policy
) -> None:
    rows = [{**row, "Shoe size": "9"} for row in people_rows(NPS, 2)]
    put(folder, NPS, "a.csv", csv_drop(rows))
    with opened(folder) as connection:
        take_in_everything(connection, folder, policy)
        [(drop_id,)] = fetch(connection, "SELECT drop_id FROM registers.drops")
    out = io.StringIO()
    show_drop(Console(file=out, width=200), folder.root, drop_id)
    assert "columns left out: Shoe size" in out.getvalue()


def test_a_sentence_that_names_columns_is_said_drop_by_drop(
    folder: DataFolder, policy: Policy
) -> None:
    from safer_streets_assets.console.summary import print_ledger

    for column in ("CRN", "Court"):
        rows = [{k: v for k, v in row.items() if k != column} for row in people_rows(NPS, 2)]
        put(folder, NPS, f"{column}.csv", csv_drop(rows))
    out = io.StringIO()
    with opened(folder) as connection:
        take_in_everything(connection, folder, policy)
        print_ledger(Console(file=out, width=200), shipped_policy(), connection)
    assert "no column 'CRN'" in out.getvalue()
    assert "no column 'Court'" in out.getvalue()


def test_what_another_source_said_of_the_same_bytes_is_shown(
    folder: DataFolder, policy: Policy
) -> None:
    for source in (MPS, NPS):
        put(folder, source, "a.csv", csv_drop(people_rows(NPS, 2)))
    with opened(folder) as connection:
        take_in_everything(connection, folder, policy)
        [(drop_id,)] = fetch(connection, "SELECT drop_id FROM registers.drops")
    out = io.StringIO()
    show_drop(Console(file=out, width=200), folder.root, drop_id)
    said = f"also in the folder of {MPS}, which did not take it in: D-NOT-AGREED"
    assert said in out.getvalue()
    assert "state: loaded" in out.getvalue()


@pytest.mark.thorough
def test_what_is_wrong_in_the_rows_for_another_source_is_shown_and_written_for_its_sender(
    folder: DataFolder, policy: Policy
) -> None:
    sessions = [{**row, "Session": "99"} for row in people_rows(CHECKIN, 3)]
    both = [{**a, **b} for a, b in zip(people_rows(ATTENDEE, 3), sessions, strict=True)]
    for source in (ATTENDEE, CHECKIN):
        put(folder, source, "a.csv", csv_drop(both))
    with opened(folder) as connection:
        take_in_everything(connection, folder, policy)
        assert write_returns(connection, folder, policy) == {CHECKIN: 3}
        [(drop_id,)] = fetch(connection, "SELECT drop_id FROM registers.drops")
    out = io.StringIO()
    show_drop(Console(file=out, width=200), folder.root, drop_id)
    for shown in ("state: loaded", f"break a rule for {CHECKIN}, of 3", "R-RANGE", "2, 3, 4"):
        assert shown in out.getvalue()
    page = openpyxl.load_workbook(io.BytesIO(opened_return(folder, policy, CHECKIN))).active
    assert page is not None
    at = list(COLUMNS).index("Row")
    assert [row[at] for row in page.iter_rows(min_row=2, values_only=True)] == ["2", "3", "4"]
