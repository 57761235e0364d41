"""The list of near misses as a file: what a person decides in, and reads back.

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

Kind = Literal["csv", "xlsx"]
SHEET = "Near misses"
ID, DECISION = "near_miss_id", "decision"
COLUMNS = (ID, "crn_sent", "crn_meant", "sent_by", "rows", "agrees_on", DECISION)
MOST_BYTES = 50_000_000
_KINDS: dict[str, Kind] = {".csv": "csv", ".xlsx": "xlsx"}
_ZIP = b"PK\x03\x04"
_VERDICTS: dict[str, Verdict | None] = {
    "yes": ACCEPTED,
    "y": ACCEPTED,
    "no": REJECTED,
    "n": REJECTED,
    "": None,
}


def kind_of(path: Path) -> Kind:
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


def list_to_decide(found: Sequence[NearMiss], kind: Kind = "csv") -> bytes:
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
    """Near miss to verdict, of a list in which a person has decided; undecided lines are left out.

    Column order does not matter, nor whether commas or semicolons divide the cells: a spreadsheet
    program may have saved the list. Errors name lines and no cell.

    Raises:
        ReviewError: the file is not such a list, a decision is neither yes nor no, or a near miss
            stands in it twice with two decisions.
    """
    lines = _lines(content)
    verdicts: dict[str, Verdict] = {}
    for number, line in enumerate(lines, start=2):
        name = (line.get(ID) or "").strip()
        said = (line.get(DECISION) or "").strip().lower()
        if said not in _VERDICTS:
            raise ReviewError(
                f"Line {number} of the list is decided neither yes nor no; write one of the two, "
                "or leave the cell empty."
            )
        verdict = _VERDICTS[said]
        if verdict is None:
            continue
        if verdicts.setdefault(name, verdict) != verdict:
            raise ReviewError(
                f"Line {number} of the list decides a near miss again, and otherwise; leave one."
            )
    return verdicts


def _lines(content: bytes) -> list[dict[str, str | None]]:
    wrong = ReviewError(
        "This is not a list of near misses; write one with safer-streets review list --out, decide "
        f"in its column {DECISION}, and save it as it is, as CSV or XLSX."
    )
    if len(content) > MOST_BYTES:
        raise wrong
    if content.startswith(_ZIP):
        return _lines_of_workbook(content, wrong)
    try:
        text = content.decode("utf-8-sig")
        header = text.partition("\n")[0]
        divider = ";" if header.count(";") > header.count(",") else ","
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=divider, restval="")
        lines = list(reader)
        names = reader.fieldnames or ()
    except (UnicodeDecodeError, csv.Error):
        raise wrong from None
    if ID not in names or DECISION not in names:
        raise wrong
    return lines


def _lines_of_workbook(content: bytes, wrong: ReviewError) -> list[dict[str, str | None]]:
    """The lines of the first sheet that has the columns of a list."""
    import openpyxl  # noqa: PLC0415 (only workbooks pay for the import)

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for page in book.worksheets:
            rows = page.iter_rows(values_only=True)
            names = [_text(cell).strip() for cell in next(rows, ())]
            if ID in names and DECISION in names:
                return [dict(zip(names, map(_text, row), strict=False)) for row in rows]
    except Exception:
        # What a parser says of a damaged workbook may hold its cells.
        raise wrong from None
    raise wrong


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)
