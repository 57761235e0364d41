"""The list of near misses as a file: what an operator decides in, and reads back.

A CSV or an XLSX workbook, as its name says, with one line a near miss. The last column takes yes,
no, or nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from safer_streets_assets.cohort.reviews import ACCEPTED, REJECTED, NearMiss, ReviewError, Verdict
from safer_streets_assets.intake.decision_lists import DECISION, read_decisions

ListFormat = Literal["csv", "xlsx"]
SHEET = "Near misses"
ID = "near_miss_id"
COLUMNS = (ID, "crn_sent", "crn_meant", "sent_by", "rows", "agrees_on", DECISION)
_KINDS: dict[str, ListFormat] = {".csv": "csv", ".xlsx": "xlsx"}
_WRONG = (
    "This is not a list of near misses; write one with safer-streets review list --out, decide "
    f"in its column {DECISION}, and save it as it is, as CSV or XLSX."
)


def list_format_of(path: Path) -> ListFormat:
    """What the name of a list says that it is.

    Raises:
        ReviewError: its name ends in neither of the two.
    """
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        raise ReviewError(
            "The list is written as CSV or as a workbook; give a name that ends in .csv or .xlsx."
        )
    return kind


def list_to_decide(found: Sequence[NearMiss], kind: ListFormat = "csv") -> bytes:
    """The near misses to be decided on, as CSV (UTF-8 with a byte order mark, RFC 4180) or XLSX."""
    lines = [
        (
            one.near_miss_id,
            one.crn_sent,
            one.crn_meant,
            ", ".join(one.sources),
            str(one.row_count),
            ", ".join(one.agrees_on),
            "",
        )
        for one in found
    ]
    return _workbook(lines) if kind == "xlsx" else _csv(lines)


def _csv(lines: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([COLUMNS, *lines])
    return out.getvalue().encode("utf-8-sig")


def _workbook(lines: Sequence[Sequence[str]]) -> bytes:
    import openpyxl  # noqa: PLC0415 (only workbooks pay for the import)

    from safer_streets_assets.intake.workbook_in_memory import (  # noqa: PLC0415
        saved_in_memory,
        write_text,
    )

    book = openpyxl.Workbook()
    page = book.active
    page.title = SHEET
    page.freeze_panes = "A2"
    for row, line in enumerate([COLUMNS, *lines], start=1):
        for column, text in enumerate(line, start=1):
            write_text(page, row, column, text)
    return saved_in_memory(book)


def read_verdicts(content: bytes) -> dict[str, Verdict]:
    """Near miss to verdict, of a list in which an operator decided; undecided lines are left out.

    Raises:
        ReviewError: the file is not such a list, a decision is neither yes nor no, or a near miss
            stands in it twice with two decisions.
    """
    found = read_decisions(content, ID, "a near miss", _WRONG, ReviewError)
    return {name: ACCEPTED if verdict else REJECTED for name, verdict in found.items()}
