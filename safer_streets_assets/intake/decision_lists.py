"""Lists that a person decides in: a CSV with an id and a decision, yes or no, on each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from safer_streets_assets.errors import SaferStreetsError

DECISION = "decision"
MOST_BYTES = 50_000_000
_VERDICTS = {"yes": True, "y": True, "no": False, "n": False, "": None}


def read_decisions(
    content: bytes, id_column: str, what: str, wrong: str, error: Callable[[str], SaferStreetsError]
) -> dict[str, bool]:
    """Id to decision, of a list in which a person has decided; undecided lines are left out.

    Column order does not matter, nor whether commas or semicolons divide the cells: a spreadsheet
    program may have saved the list. `what` is what a line is about, in the sentence of an `error`,
    and `wrong` the sentence about a file that is no such list. Errors name lines and no cell.

    Raises:
        SaferStreetsError: what `error` makes, when the file is not such a list, a decision is
            neither yes nor no, or an id stands in it twice with two decisions.
    """
    decisions: dict[str, bool] = {}
    for number, line in enumerate(_lines(content, id_column, error(wrong)), start=2):
        name = (line[id_column] or "").strip()
        said = (line[DECISION] or "").strip().lower()
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
