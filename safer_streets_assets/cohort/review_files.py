"""The list of near misses as a file: what a person decides in, and reads back.

A CSV with one line a near miss. The last column takes yes, no, or nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from safer_streets_assets.cohort.reviews import ACCEPTED, REJECTED, NearMiss, ReviewError, Verdict
from safer_streets_assets.intake.decision_lists import DECISION, read_decisions

ID = "near_miss_id"
COLUMNS = (ID, "crn_sent", "crn_meant", "sent_by", "rows", "agrees_on", DECISION)
_WRONG = (
    "This is not a list of near misses; write one with safer-streets review list --out, decide "
    f"in its column {DECISION}, and save it as CSV."
)


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

    Raises:
        ReviewError: the file is not such a list, a decision is neither yes nor no, or a near miss
            stands in it twice with two decisions.
    """
    found = read_decisions(content, ID, "a near miss", _WRONG, ReviewError)
    return {name: ACCEPTED if verdict else REJECTED for name, verdict in found.items()}
