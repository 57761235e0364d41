"""The list of near misses as a file: what a person decides in, and reads back.

A CSV with one line a near miss. The last column takes yes, no, or nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from safer_streets_assets.cohort.reviews import ACCEPTED, REJECTED, NearMiss, ReviewError, Verdict

ID, DECISION = "near_miss_id", "decision"
COLUMNS = (ID, "crn_sent", "crn_meant", "sent_by", "rows", "agrees_on", DECISION)
MOST_BYTES = 50_000_000
_VERDICTS: dict[str, Verdict | None] = {
    "yes": ACCEPTED,
    "y": ACCEPTED,
    "no": REJECTED,
    "n": REJECTED,
    "": None,
}


def list_to_decide(found: Sequence[NearMiss]) -> bytes:
    """The near misses as CSV (UTF-8 with a byte order mark, RFC 4180), to be decided on."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in found:
        sides = (one.near_miss_id, one.crn_sent, one.crn_meant)
        writer.writerow(
            [*sides, ", ".join(one.sources), one.row_count, ", ".join(one.agrees_on), ""]
        )
    return out.getvalue().encode("utf-8-sig")


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
        name = (line[ID] or "").strip()
        said = (line[DECISION] or "").strip().lower()
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
        f"in its column {DECISION}, and save it as CSV."
    )
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
    if ID not in names or DECISION not in names:
        raise wrong
    return lines
