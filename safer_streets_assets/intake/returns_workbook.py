"""The workbook that goes back to a sender: one line for each value that breaks a rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from safer_streets_assets.intake.corrections import header_of, rule_broken, what_would_be_right
from safer_streets_assets.intake.outstanding import WrongValue
from safer_streets_assets.policy import Policy

SHEET = "Rows to correct"
COLUMNS = {
    "Drop": 15,
    "Arrived (UTC)": 18,
    "Row": 8,
    "Column": 28,
    "Rule": 38,
    "Value as sent": 28,
    "What would be right": 60,
}
"""Headings and the widths of their columns."""

SHORT_ID = 12


def lines_of(policy: Policy, name: str, values: Sequence[WrongValue]) -> list[tuple[str, ...]]:
    """The lines of the workbook of a source, in the order of `COLUMNS`, all as text."""
    source = policy.sources[name]
    return [
        (
            value.drop_id[:SHORT_ID],
            f"{value.arrived_at:%d/%m/%Y %H:%M}",
            str(value.row_number),
            header_of(source, value.field),
            rule_broken(value.reason),
            value.value_sent or "",
            what_would_be_right(source, policy, value.field, value.reason),
        )
        for value in values
    ]


def workbook_of(policy: Policy, name: str, values: Sequence[WrongValue]) -> bytes:
    """An XLSX workbook of the lines; every cell is text, whatever it begins with."""
    # Imported late: loading openpyxl would slow down everything that does not write a workbook.
    import openpyxl
    from openpyxl.styles import Font

    from safer_streets_assets.intake.workbook_in_memory import saved_in_memory

    source = policy.sources[name]
    book = openpyxl.Workbook()
    book.properties.creator = policy.dpia.evaluation.unit
    book.properties.title = f"{SHEET}: {source.title}, {source.sender}"
    page = book.active
    page.title = SHEET
    page.freeze_panes = "A2"
    page.oddHeader.center.text = page.oddFooter.center.text = source.classification
    for column, (heading, width) in enumerate(COLUMNS.items(), start=1):
        _write(page, 1, column, heading).font = Font(bold=True)
        page.column_dimensions[page.cell(1, column).column_letter].width = width
    for row, line in enumerate(lines_of(policy, name, values), start=2):
        for column, text in enumerate(line, start=1):
            _write(page, row, column, text)
    return saved_in_memory(book)


def _write(page: Any, row: int, column: int, text: str) -> Any:
    """Writes a cell as text: what begins with = is no formula, and editing makes it none."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell = page.cell(row, column)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = True
    return cell
