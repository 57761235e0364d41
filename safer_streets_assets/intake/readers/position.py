"""The date a file says it stands for, in the rows above its header, in any form people write.

What stands before a date says what it is: one after "position", "as at" and the like goes before
another, then the end of a period, then a date of which nothing is said. Of a span the end is what
is stated, whatever stands before it. The day on which a file was made or sent lies after its
position, and a bare "Date:" says no more than that; so these, the beginning of a time and the date
of a version are believed only where no other stands, and that of a printout, of what the file
supersedes or of what is to come never.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from safer_streets_assets.intake.readers.title_dates import (
    JOINING,
    MONTH_AND_DAY,
    NO_WHOLE_DATE,
    DateFound,
    dates_in,
)

_WORDS = {
    "version": r"version|ver|v|rev(?:ision)?|draft|issue|last\s+(?:position|return|snapshot)",
    "stated": r"position|as\s+(?:at|of|on)|data\s+(?:to|at|date)|up\s+to|"
    r"(?:week|month)\s+ending|[wm]/e|snapshot|cut-?\s?off",
    "end": r"(?:week|month|quarter|period|year)\s+end(?:ing|ed|s)?|end(?:s|ed|ing)?|finish\w*|"
    r"last|latest",
    "period": r"periods?|months?|quarter|week|cover(?:s|ed|ing)?",
    "start": r"w/c|from|since|between|start(?:s|ed|ing)?|begin(?:s|ning)?|commenc\w+|first|"
    r"earliest",
    "made": r"sent|send|sending|e-?mailed|produc\w+|run|created|creation|generated|prepar\w+|"
    r"issued|compiled|submitted|saved|received|updated|transmitted|d[ei]spatched|extract\w*|"
    r"export\w*|download\w*|today|refresh\w*|report(?:ing)?\s+date",
    "other": r"print\w*|supersed\w*|replac\w*|instead\s+of|previous\w*|formerly",
    "to_come": r"deadline|due|next|board|meeting|delet\w*|destroy\w*|retain\w*|expir\w*",
}
_SAYS = re.compile(
    rf"(?<![^\W\d_])(?:{'|'.join(f'(?P<{name}>{words})' for name, words in _WORDS.items())})"
    r"(?![^\W\d_])",
    re.IGNORECASE,
)
_DATE = re.compile(r"\bdate[ds]?\b[\W_]*$", re.IGNORECASE)
_TO = re.compile(r"(?<![^\W\d_])(?:to|until|till|through|thru)[\W_]*$", re.IGNORECASE)
_NUMBER = re.compile(
    rf".*?\b(?:{_WORDS['version']})[\s.]*\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d\d$", re.IGNORECASE
)
"""The number of a version that looks like a date."""
_CLAUSE = re.compile(r"[.;()\n]")
_AND = re.compile(r"[\s,&|]*(?:and|or)?[\s,&|]*", re.IGNORECASE)
_REST = r"(?:\s+(?:and|incl\w*|the|end|close|last|day|date|of|month|period|week|midnight|on))*"
_JOINED = re.compile(
    rf"[\s|:,_]*(?:{JOINING}|_|(?:(?:date|period)\s+)?"
    rf"(?:up\s+to|to|until|till|through|thru|end(?:s|ed|ing)?|finish\w*){_REST})[\s|:,]*",
    re.IGNORECASE,
)
"""What stands between the two ends of a span."""
_GOES_ON = re.compile(
    rf"[\s|:,]*(?:(?:date|period)\s+)?(?:up\s+to|to|until|till|through|thru){_REST}[\s|:,]*",
    re.IGNORECASE,
)
_DASH = re.compile(r"[\s|]*[-\u2013\u2014][\s|]*")
"""What goes on from one line to the next: a word in either, or a dash at the end of the first."""
_UNREAD = re.compile(
    rf"[\s|:,]*(?:{JOINING}|up\s+to)\s*(?:{NO_WHOLE_DATE}|(?:date|now|today|present|current)\b)",
    re.IGNORECASE,
)
"""What stands after the beginning of a span whose end is no date."""
_STATED, _PERIOD, _PLAIN, _MADE, _FROM, _IF_ALONE, _NEVER, _UNSAID = range(8)
_MONTH = re.compile(r"(?<![^\W\d_])month(?:\s+of)?[\W_]*$", re.IGNORECASE)
"""What says of the first day of a month that the month is meant: so a spreadsheet keeps it."""
_OF_OTHER_TIMES = re.compile(
    r"week|quarter|w/|(?<!month )end|(?<!month )ending|last|latest|finish", re.IGNORECASE
)
_BEFORE_MONTH = re.compile(r"\W*(?:(?:at|of|for|in|the|date|to|from|between)\b\W*)*", re.IGNORECASE)
_LONGEST_JOINING = 100


class _Said(NamedTuple):
    """What the words before a date say of it.

    starts: it is the beginning of a time. of_a_month: it may be a month.
    """

    rank: int
    starts: bool = False
    of_a_month: bool = False


class _Span(NamedTuple):
    """Dates that are joined, so that what is said of the first is said of all.

    is_to: they are said to be the ends of a span. is_open: its end was not read.
    """

    rank: int
    starts: bool
    days: list[date | None]
    is_to: bool
    is_open: bool

    @property
    def stated(self) -> tuple[int, date] | None:
        """The date that is stated, with how sure that is (0 is best)."""
        days = [day for day in self.days if day is not None]
        if self.rank == _NEVER or self.is_open or self.days[-1] is None:
            return None
        if len(self.days) == 1:
            return (_FROM if self.starts else self.rank), days[0]
        # Nothing is made from one day to another.
        return (_PLAIN if self.is_to and self.rank == _MADE else self.rank), max(days)


def position_date(rows: Iterable[Sequence[object]]) -> date | None:
    """The date that the rows above the header state; of several the one most surely meant."""
    lines = [
        " | ".join(_text(cell) for cell in row if cell not in (None, ""))
        for row in _labelled([list(row) for row in rows])
    ]
    stated = [span.stated for span in _spans(lines)]
    return min(filter(None, stated), key=lambda one: one[0], default=(0, None))[1]


def _labelled(rows: Sequence[list[object]]) -> Iterator[list[object]]:
    """The rows, with each date beside the text above it: of a row of dates, and of one that stands
    alone below a label that does. Empty rows between them are passed over."""
    above: list[object] = []
    for row in rows:
        filled = _filled(row)
        if not filled:
            continue
        if (
            (len(filled) > 1 or _filled(above) == filled)
            and all(
                _is_date(row[place]) and place < len(above) and _is_label(above[place])
                for place in filled
            )
            and any(_SAYS.search(_text(above[place])) for place in filled)
        ):
            yield from ([above[place], row[place]] for place in filled)
        else:
            yield row
        above = row


def _filled(row: Sequence[object]) -> list[int]:
    return [place for place, cell in enumerate(row) if cell not in (None, "")]


def _is_date(cell: object) -> bool:
    text = _text(cell).strip()
    return [(one.start, one.end) for one in dates_in(text) if not one.is_serial] == [(0, len(text))]


def _is_label(cell: object) -> bool:
    return cell not in (None, "") and not dates_in(_text(cell))


def _spans(lines: Iterable[str]) -> Iterator[_Span]:
    """The dates that the lines may state a position by, those that are joined together."""
    span: _Span | None = None
    rest, was_serial = "", False
    for line in lines:
        end = 0
        for found in dates_in(line):
            before = line[end : found.start]
            joins = is_to = False
            if span and was_serial == found.is_serial:
                joins, is_to = _joins(before) if end else _goes_on(span, rest, before)
            said = _Said(span.rank, of_a_month=True) if span and joins else _said_before(before)
            if not _is_believed(found, said, before):
                continue
            end, was_serial = found.end, found.is_serial
            is_open = bool(_UNREAD.match(line, end))
            if span and joins:
                rank = _rank_of_end(span.rank, before) if is_to else span.rank
                is_to = is_to or span.is_to
                span = _Span(rank, span.starts, [*span.days, found.day], is_to, is_open)
                continue
            if span:
                yield span
            is_number = said.rank == _IF_ALONE and _NUMBER.match(before + line[found.start : end])
            one = _Span(said.rank, said.starts, [_day_meant(found, said, before)], False, is_open)
            span = None if is_number else one
        rest = (line[end:] if end else f"{rest} | {line}")[: _LONGEST_JOINING + 1]
    if span:
        yield span


def _day_meant(found: DateFound, said: _Said, before: str) -> date | None:
    """The day of a date; of a month that is written as its first day, the last."""
    day = found.day
    if day is None or day.day > 1 or said.starts or not _MONTH.search(before):
        return day
    return day.replace(day=monthrange(day.year, day.month)[1])


def _joins(between: str) -> tuple[bool, bool]:
    """Whether what stands between two dates of a line joins them, and whether to one span."""
    if len(between) > _LONGEST_JOINING:
        return False, False
    is_to = bool(_JOINED.fullmatch(between))
    return is_to or bool(_AND.fullmatch(between)), is_to


def _goes_on(span: _Span, rest: str, before: str) -> tuple[bool, bool]:
    """The same of the last date of a line and the first of a later one.

    `rest` stands after the one, and `before` before the other.
    """
    if span.rank >= _MADE or len(rest) + len(before) > _LONGEST_JOINING:
        return False, False
    is_dash = bool(_DASH.fullmatch(rest)) and not before.strip(" |")
    is_to = is_dash or bool(_GOES_ON.fullmatch(f"{rest} | {before}"))
    is_alone = span.rank == _PERIOD and len(span.days) == 1 and not (rest + before).strip(" |")
    return is_to or is_alone, is_to


def _rank_of_end(rank: int, before: str) -> int:
    """How sure the end of a span is, with the words that join it to the beginning."""
    word = _SAYS.search(before)
    if rank == _NEVER or not word:
        return rank
    return min(rank, _STATED if word.lastgroup == "stated" else _PERIOD)


def _is_believed(found: DateFound, said: _Said, before: str) -> bool:
    """Whether it is a date at all, with what is said of it."""
    if found.is_serial:
        return said.rank == _STATED
    if found.if_said:
        return (
            said.rank in (_STATED, _PERIOD) and said.of_a_month and not MONTH_AND_DAY.search(before)
        )
    return True


def _said_before(before: str) -> _Said:
    """What the words before a date say of it; those of its own clause go before others."""
    near, said = _said_in(_CLAUSE.split(before)[-1]), _said_in(before)
    if near.rank != _UNSAID or (near.starts and said.rank not in (_STATED, _PERIOD)):
        said = near
    return said if said.rank != _UNSAID else said._replace(rank=_PLAIN)


def _said_in(text: str) -> _Said:
    rank, starts, of_a_month = _UNSAID, False, False
    for word in _SAYS.finditer(text):
        kind = word.lastgroup
        if kind == "other":
            return _Said(_NEVER)
        if kind == "start":
            starts = True
            continue
        if kind == "stated":
            rank = _STATED
        elif kind == "to_come":
            rank = _NEVER
        elif kind in ("end", "period"):
            rank = _STATED if rank == _STATED else _PERIOD
        else:
            rank = _MADE if kind == "made" else _IF_ALONE
        starts = starts and kind == "period"
        of_a_month = not _OF_OTHER_TIMES.search(word[0]) and bool(
            _BEFORE_MONTH.fullmatch(text, word.end())
        )
    if rank == _UNSAID and not starts and _DATE.search(text):
        rank = _MADE
    if _TO.search(text):
        rank, starts = (_STATED if rank == _STATED else _PERIOD), False
    return _Said(rank, starts, of_a_month)


def _text(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
