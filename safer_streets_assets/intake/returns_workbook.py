"""The workbook that goes back to a sender: one line for each value that breaks a rule.

It says of each file what its sender knows it by: the month it is of, and when it was saved and
received. Its name is not kept with it. Our own id of the file stands last, for questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from safer_streets_assets.intake.corrections import header_of, rule_broken, what_would_be_right
from safer_streets_assets.intake.outstanding_rows import WrongValue
from safer_streets_assets.policy import Policy, Source

SHEET = "Rows to correct"
TO_DO_SHEET = "What to do"
COLUMNS = {
    "File of": 16,
    "Data up to": 12,
    "File saved": 12,
    "Received": 18,
    "Sheet": 14,
    "Row": 8,
    "Column": 28,
    "Rule": 38,
    "Value as sent": 28,
    "What would be right": 60,
    "Our reference": 15,
}
"""Headings and the widths of their columns."""

TO_DO = (
    "Each line of the other sheet is one value of a row of a file of yours that breaks a rule. The "
    "row is not used until it is corrected.",
    "Rows are numbered as your spreadsheet program shows them, the header and what is above it "
    "included; in an SPSS file it is the number of the case.",
    "Correct the rows in the file they are in and send us that file again, whole, under any name: "
    "what was right in it stays as it is, and is not counted twice. Corrected rows may also come "
    "with your next file.",
    "This list holds personal data. Send it protected, and delete it when it is dealt with.",
)
"""What the sender is told."""

SHORT_ID = 12
NOT_KEPT = "(not kept here: look in your file)"


def lines_of(policy: Policy, name: str, values: Sequence[WrongValue]) -> list[tuple[str, ...]]:
    """The lines of the workbook of a source, in the order of `COLUMNS`, all as text."""
    source, zone = policy.sources[name], ZoneInfo(policy.dpia.evaluation.timezone)
    return [
        (
            *_file(source, value, zone),
            str(value.row_number),
            header_of(source, value.field),
            rule_broken(policy, value.reason),
            value.value_sent or "" if value.is_kept else NOT_KEPT,
            what_would_be_right(source, policy, value.field, value.reason),
            value.drop_id[:SHORT_ID],
        )
        for value in values
    ]


def _file(source: Source, value: WrongValue, zone: ZoneInfo) -> tuple[str, ...]:
    """By what the sender knows the file, in the order of `COLUMNS`; times are local ones."""
    sent = value.sent
    arrived = value.arrived_at.replace(tzinfo=UTC).astimezone(zone)
    saved = datetime.fromtimestamp(sent.saved_at / 1e9, zone) if sent.saved_at else None
    return (
        f"{sent.stands_for:%B %Y}" if sent.stands_for else "",
        f"{sent.stands_for:%d/%m/%Y}" if sent.stands_for else "",
        f"{saved:%d/%m/%Y}" if saved else "",
        f"{arrived:%d/%m/%Y %H:%M}",
        # The sheet's own name is spelled as the policy does, or is not told: a name may be one.
        "" if sent.sheet is None else source.sheet or f"sheet {sent.sheet}",
    )


def workbook_of(policy: Policy, name: str, values: Sequence[WrongValue]) -> bytes:
    """An XLSX workbook of the lines; every cell is text, whatever it begins with."""
    # Imported late: loading openpyxl would slow down everything that does not write a workbook.
    import openpyxl
    from openpyxl.styles import Alignment, Font

    from safer_streets_assets.intake.workbook_in_memory import saved_in_memory, write_text

    source = policy.sources[name]
    book = openpyxl.Workbook()
    book.properties.creator = policy.dpia.evaluation.unit
    book.properties.title = f"{SHEET}: {source.title}, {source.sender}"
    page = book.active
    page.title = SHEET
    page.freeze_panes = "A2"
    page.oddHeader.center.text = page.oddFooter.center.text = source.classification
    for column, (heading, width) in enumerate(COLUMNS.items(), start=1):
        write_text(page, 1, column, heading).font = Font(bold=True)
        page.column_dimensions[page.cell(1, column).column_letter].width = width
    for row, line in enumerate(lines_of(policy, name, values), start=2):
        for column, text in enumerate(line, start=1):
            write_text(page, row, column, text)
    to_do = book.create_sheet(TO_DO_SHEET)
    to_do.column_dimensions["A"].width = 120
    for row, text in enumerate(TO_DO, start=1):
        write_text(to_do, row, 1, text).alignment = Alignment(wrap_text=True)
    return saved_in_memory(book)
