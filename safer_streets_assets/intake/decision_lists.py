"""Lists that an operator decides in, CSV or XLSX: an id and a decision, yes or no, on each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from safer_streets_assets.errors import SaferStreetsError

DECISION = "decision"
MOST_BYTES = 50_000_000
_ZIP = b"PK\x03\x04"
_VERDICTS = {"yes": True, "y": True, "no": False, "n": False, "": None}


def read_decisions(
    content: bytes, id_column: str, what: str, wrong: str, error: Callable[[str], SaferStreetsError]
) -> dict[str, bool]:
    """Id to decision, of a list in which an operator has decided; undecided lines are left out.

    Column order does not matter, nor whether commas or semicolons divide the cells, nor whether it
    is CSV or a workbook: a spreadsheet program may have saved the list. `what` is what a line is
    about, in the sentence of an `error`, and `wrong` the sentence about a file that is no such
    list. Errors name lines and no cell.

    Raises:
        SaferStreetsError: what `error` makes, when the file is not such a list, a decision is
            neither yes nor no, or an id stands in it twice with two decisions.
    """
    decisions: dict[str, bool] = {}
    for number, line in enumerate(_lines(content, id_column, error(wrong)), start=2):
        name = (line.get(id_column) or "").strip()
        said = (line.get(DECISION) or "").strip().lower()
        if said not in _VERDICTS:
            raise error(
                f"Line {number} of the list is decided neither yes nor no; write one of the two, "
                "or leave the cell empty."
            )
        verdict = _VERDICTS[said]
        if verdict is None:
            continue
        if decisions.setdefault(name, verdict) != verdict:
            raise error(
                f"Line {number} of the list decides {what} again, and otherwise; leave one."
            )
    return decisions


def _lines(content: bytes, id_column: str, wrong: SaferStreetsError) -> list[dict[str, str | None]]:
    if len(content) > MOST_BYTES:
        raise wrong
    if content.startswith(_ZIP):
        return _lines_of_workbook(content, id_column, wrong)
    try:
        text = content.decode("utf-8-sig")
        header = text.partition("\n")[0]
        divider = ";" if header.count(";") > header.count(",") else ","
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=divider, restval="")
        lines = list(reader)
        names = reader.fieldnames or ()
    except (UnicodeDecodeError, csv.Error):
        raise wrong from None
    if id_column not in names or DECISION not in names:
        raise wrong
    return lines


def _lines_of_workbook(
    content: bytes, id_column: str, wrong: SaferStreetsError
) -> list[dict[str, str | None]]:
    """The lines of the first sheet that has the columns of a list."""
    import openpyxl  # noqa: PLC0415 (only workbooks pay for the import)

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for page in book.worksheets:
            rows = page.iter_rows(values_only=True)
            names = [_text(cell).strip() for cell in next(rows, ())]
            if id_column in names and DECISION in names:
                return [dict(zip(names, map(_text, row), strict=False)) for row in rows]
    except Exception:
        # What a parser says of a damaged workbook may hold its cells.
        raise wrong from None
    raise wrong


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)
