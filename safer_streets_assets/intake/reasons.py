"""Every reason for which a row is set aside, or a drop quarantined or refused, beyond reading it.

What can go wrong while reading a file is in `readers.reasons`.
"""

from __future__ import annotations

from dataclasses import dataclass

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy import Policy


@dataclass(frozen=True)
class Reason:
    """What went wrong, and what to do about it."""

    code: str
    sentence: str
    remedy: str


MALFORMED_CRN = "R-CRN"
_ROW_REASONS = {
    reason.code: reason
    for reason in (
        Reason(
            MALFORMED_CRN,
            "the {called} is not {in_words}",
            "ask the sender for the {called}",
        ),
        Reason("R-MISSING", "a required value is blank", "ask the sender to fill it in"),
        Reason(
            "R-DATE",
            "a date is impossible, in no known format, or of a year that two figures leave unclear",
            "correct the date and write the year in four figures",
        ),
        Reason(
            "R-ERROR",
            "a needed cell holds an error of a spreadsheet, such as #N/A",
            "correct the formula behind it",
        ),
        Reason("R-ORDER", "a date lies before one it must follow", "correct the wrong date"),
        Reason("R-FUTURE", "a date of what has happened lies in the future", "correct the date"),
        Reason("R-AGE", "the person would be of no plausible age", "correct the wrong date"),
        Reason("R-CODE", "a code is not on the agreed list", "use a code of the list"),
        Reason("R-NUMBER", "a number is not a whole number", "correct the number"),
        Reason("R-RANGE", "a number is outside its range", "correct the number"),
        Reason(
            "R-IDENTIFIER",
            "a {called} or a name stands in a field that is not for it, or no name in one for "
            "names",
            "put each value into the field it belongs to",
        ),
        Reason(
            "R-CONTACT",
            "a postcode, telephone number or e-mail address stands in a field that is not for it",
            "take it out",
        ),
        Reason(
            "R-TWICE",
            "the same identity stands in the file again with another value, and that row was taken",
            "send one row with what is right",
        ),
        Reason(
            "R-NOT-ANONYMOUS",
            "a {called} or the name of a person {unit} holds stands in anonymous material",
            "take it out and send the row again",
        ),
        Reason(
            "R-ERASED",
            "the person was erased on request: nothing of the row is kept",
            "nothing; the row is not sent back",
        ),
        Reason(
            "R-ID",
            "what tells the row from the others is no number, code or short reference",
            "give the row its reference",
        ),
        Reason("R-RAGGED", "the row has more cells than the header", "check for a stray delimiter"),
    )
}

"""The braces are what the policy says of the number of a person, and who holds the data."""


def row_reasons(policy: Policy) -> dict[str, Reason]:
    """Every reason for which a row is set aside, by its code, in the words of the policy."""
    number = policy.dpia.person_number
    words = {
        "called": number.called,
        "in_words": number.in_words,
        "unit": policy.dpia.evaluation.unit_in_short,
    }
    return {
        code: Reason(code, one.sentence.format(**words), one.remedy.format(**words))
        for code, one in _ROW_REASONS.items()
    }


OTHER_SOURCE = "D-OTHER-SOURCE"
BAD_ROWS = "D-BAD-ROWS"
DROP_REASONS = {
    reason.code: reason
    for reason in (
        Reason(
            "D-UNKNOWN-SOURCE",
            "No agreement covers the folder this file was put into",
            "it is sealed unread and no longer there: run safer-streets drops move DROP_ID SOURCE "
            "with the source it is of, after that is agreed in policy/dpia.yaml",
        ),
        Reason(
            "D-NOT-AGREED",
            "The agreement for this source is not signed",
            "return the file to its sender; it was not read",
        ),
        Reason(
            "D-CLOSED",
            "The evaluation is closed and personal data was erased",
            "return the file to its sender; it was not read",
        ),
        Reason(
            "D-STOPPED",
            "The stage of the evaluation this source is gathered for will not go on",
            "return the file to its sender; it was not read",
        ),
        Reason(
            OTHER_SOURCE,
            "The file has the columns of another source",
            "it is sealed and no longer in the folder: run safer-streets drops move DROP_ID "
            "SOURCE, and the next run judges it as that source's",
        ),
        Reason(
            BAD_ROWS,
            "Too many rows break a rule",
            "ask the sender for a corrected file",
        ),
    )
}

QUARANTINED_FOR = (OTHER_SOURCE, BAD_ROWS)
"""Reasons here for which a drop is quarantined; for the others it is refused."""

HELD_BY_HAND = "D-HELD"
REFUSED_BY_HAND = "D-REFUSED"
GONE = "D-GONE"
ERASED_DROP = "D-ERASED"
DECIDED_FOR_GOOD = (REFUSED_BY_HAND, ERASED_DROP)
"""Reasons for which a drop that comes again is not tried again."""

_LOOK = "look at it with its sender, then run safer-streets drops release or drops refuse"
HELD_REASONS = {
    reason.code: reason
    for reason in (
        Reason("D-DRIFT-OLDER", "This drop is older than what is loaded", _LOOK),
        Reason("D-DRIFT-VANISHED", "Too many rows of the drop before are missing", _LOOK),
        Reason("D-DRIFT-EMPTY", "A column that was filled in is empty", _LOOK),
        Reason("D-DRIFT-SHARE", "The share of a code moved too far", _LOOK),
        Reason(
            "D-DRIFT-SWAPPED",
            "A spreadsheet program swapped day and month in some rows of a column of dates",
            "ask the sender for a file saved with British dates, then run safer-streets drops "
            "refuse (or drops release if the dates are right)",
        ),
        Reason(HELD_BY_HAND, "An operator holds this drop", _LOOK),
        Reason(
            REFUSED_BY_HAND,
            "An operator refused this drop",
            "ask the sender for another file, or run safer-streets drops release",
        ),
        Reason(
            ERASED_DROP,
            "This drop was erased on request",
            "run safer-streets drops release if it may be taken in after all, and save the file "
            "into the landing folder",
        ),
        Reason(
            GONE,
            "The sealed file of this drop is no longer there or does not open",
            "ask the sender to send it again",
        ),
    )
}


LATE = Reason(
    "D-OLDER",
    "This drop is older than what is loaded: it stands in its place, and what is newer holds",
    "nothing has to be done",
)
"""What is said of a drop that is loaded and came later than one of a later position."""

GUIDANCE = Reason(
    "D-GUIDANCE",
    "A sheet with a name of guidance has the agreed columns and a few rows, and was left out as "
    "examples",
    "ask the sender to move rows that are no examples to the sheet of the data",
)
"""What is said of a drop that is loaded without such a sheet."""

ELSEWHERE = Reason(
    "D-ELSEWHERE",
    "This source could take in the drop as well, and another one whose folder it lay in has it",
    "ask the senders for a file each, or run safer-streets drops move where it is held",
)
"""What is said of a drop where it was judged beside the source that took it in or holds it."""


class DropRefusedError(SaferStreetsError):
    """A drop cannot be taken in; `code` is a key of `DROP_REASONS`.

    `source` is the one that a drop in the folder of another one is of.
    """

    def __init__(self, code: str, source: str | None = None) -> None:
        reason = DROP_REASONS[code]
        sentence = f"{reason.sentence}; {reason.remedy}."
        if source is not None:
            sentence = sentence.replace("another source", source).replace("SOURCE", source)
        super().__init__(sentence)
        self.code = code
