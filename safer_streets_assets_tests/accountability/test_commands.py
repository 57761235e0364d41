"""The commands of the registers, from the shell to an accessible workbook."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from safer_streets_assets.accountability.tables import REGISTERS
from safer_streets_assets.policy import load_policy
from safer_streets_assets.retention.due import today_of
from safer_streets_assets.retention.holdings.holding import shown_name
from safer_streets_assets.retention.holdings.register import read_register
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets_tests.builders import folder, no_settings_from_outside
from safer_streets_assets_tests.rights.conftest import Command, command

__all__ = ["command", "folder", "no_settings_from_outside"]


def added(command: Command, folder: DataFolder, *words: str) -> str:
    """The id of the entry that a command adds."""
    said = command(folder, "registers", *words)
    assert said.code == 0, said.text
    found = re.search(r"\b[a-z]{2}-[0-9a-f]{10}\b", said.text)
    assert found
    return found[0]


@pytest.mark.thorough
def test_entries_are_added_listed_closed_and_exported(
    folder: DataFolder, tmp_path: Path, command: Command
) -> None:
    what = "=1+1, a letter went astray"
    breach = added(
        command, folder, "breaches", "add", "--detected", "2026-03-28 12:00", "--what", what,
        "--severity", "low",
    )  # fmt: skip
    request = added(
        command,
        folder,
        "requests",
        "add",
        "--by",
        "A court",
        "--for",
        "A count",
        "--gateway",
        "Order",
    )
    review = added(
        command,
        folder,
        "reviews",
        "add",
        "--by",
        "Officer",
        "--outcome",
        "Kept",
        "--actions",
        "Train",
    )
    contact = added(
        command, folder, "contacts", "add", "--party", "nps", "--rank", "primary", "--role", "Lead",
        "--address", "lead@example.gov.uk",
    )  # fmt: skip
    assert "over by" in command(folder, "registers", "breaches", "list").text
    told = ("breaches", "escalate", breach, "--to", "Data Protection Officer")
    assert (
        command(folder, "registers", "breaches", "assess", breach, "--severity", "high").code == 0
    )
    assert command(folder, "registers", *told, "--at", "2026-03-28 13:00").code == 0
    steps = [
        ("breaches", "report", breach, "--to", "ico", "--at", "2026-03-29 03:00"),
        ("breaches", "no-report", breach, "--to", "controllers", "--reasons", "None of theirs"),
        ("breaches", "close", breach, "--lessons", "Check addresses"),
        ("requests", "close", request, "--decision", "refused", "--decided-by", "Head", "--reasons",
         "No gateway"),
        ("reviews", "close", review),
        ("contacts", "close", contact),
    ]  # fmt: skip
    for step in steps:
        assert command(folder, "registers", *step).code == 0
        assert command(folder, "registers", *step).code == 1
    out = tmp_path / "registers.xlsx"
    assert command(folder, "registers", "export", "--out", out).code == 0
    assert command(folder, "registers", "export", "--out", out).code == 1
    assert out.stat().st_mode & 0o777 == 0o600
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == [
        "Cover",
        "Contents",
        "What waits",
        "Lawful basis",
        "Holdings",
        "Exceptions",
        *(r.title for r in REGISTERS),
    ]
    assert (book.properties.language, bool(book.properties.title)) == ("en-GB", True)
    assert "no personal data on offenders" in str(book["Cover"]["A4"].value)
    for page in book.worksheets[1:]:
        assert not page.merged_cells.ranges
        assert len(page.tables) == 1
    row = [cell.value for cell in book["Breaches"][5]]
    assert row[:3] == [breach, "28/03/2026 12:00 GMT", what]
    assert row[7] == "high"
    assert "high: Grave harm to somebody is likely" in str(book["Breaches"]["A2"].value)
    escalated = [cell.value for cell in book["Breach escalations"][5]]
    assert escalated[:3] == [breach, "Data Protection Officer", "28/03/2026 13:00 GMT"]
    assert book["Breaches"]["C5"].data_type == "s"
    assert book["Contacts"]["B5"].value == "National Probation Service (NPS)"
    assert book["Requests of people"]["A5"].value == "Nothing on record"


@pytest.mark.parametrize("name", ["breaches", "contacts"])
def test_each_register_is_listed_and_exported_by_itself(
    folder: DataFolder, tmp_path: Path, command: Command, name: str
) -> None:
    assert "nothing on record" in command(folder, "registers", name, "list").text
    out = tmp_path / "one.xlsx"
    assert command(folder, "registers", name, "export", "--out", out).code == 0
    assert len(openpyxl.load_workbook(out).sheetnames) == 4 + 3 * (name == "breaches")


def test_all_registers_are_exported_with_the_holdings_and_the_exceptions_of_retention(
    folder: DataFolder, tmp_path: Path, command: Command
) -> None:
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        connection.execute(
            "INSERT INTO registers.exceptions VALUES ('ex-1', 'restricted/store', 'An appeal', "
            "'One case', 'Here', 'Data Protection Officer', DATE '2026-01-05', DATE '2026-06-05', "
            "TIMESTAMP '2026-01-05', NULL, NULL)"
        )
    out = tmp_path / "registers.xlsx"
    assert command(folder, "registers", "export", "--out", out).code == 0
    book = openpyxl.load_workbook(out)
    exception = [cell.value for cell in book["Exceptions"][5]]
    assert exception[:3] == ["ex-1", "restricted/store", "An appeal"]
    assert exception[6:] == ["05/01/2026", "05/06/2026", None, None]
    policy = load_policy()
    holdings = read_register(folder, policy, today_of(policy))
    page = book["Holdings"]
    headings = [cell.value for cell in page[4]]
    found = [dict(zip(headings, row, strict=True)) for row in page.iter_rows(5, values_only=True)]
    assert [one["Holding"] for one in found] == [shown_name(one.holding) for one in holdings]
    assert [one["State"] for one in found] == [one.state for one in holdings]
    assert {one["Special category"] for one in found} <= {"True", "False"}
