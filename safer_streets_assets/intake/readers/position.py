"""The date a file says it stands for, in the rows above its header, in any form people write.

What stands before a date says what it is: one after "position", "as at" and the like goes before
another, and the end of a time before its beginning. The date of a version is believed only where no
other stands, and that of a printout or of what the file supersedes never.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import NamedTuple

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_NAME = rf"({_MONTH})"
_YEAR = r"((?:19|20)\d\d)"
_SHORT_YEAR = r"((?:(?:19|20)\d\d)|['\u2019]?\d\d)"
_END = r"(?!\d)"
_IN, _BEFORE_YEAR = r"(?:[\s./_]*|[./_-]+)", r"(?:[\s,./_]*|[,./_-]+)"
"""What stands within a date with the name of its month: a dash between blanks is between dates."""
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?"
_NO_DAY = rf"(?!(?:st|nd|rd|th)?(?:\s+of)?{_IN}(?:{_MONTH}))"
"""What two figures before the name of another month are: its day, and no year."""
# Day, month and year stand in the groups that are named; a day that is not there is the last one.
# Other letters are for what is not of the date: a separator, and the beginning of a time. What one
# form has found, even if there is no such day, no later one finds in parts.
_FORMS = tuple(
    (re.compile(form, re.IGNORECASE), order)
    for form, order in (
        (
            rf"(?<!\d)(?<!\d[-/._]){_YEAR}[-/._](\d{{1,2}})[-/._](\d{{1,2}}){_END}(?![-/._]\d)",
            "ymd",
        ),
        (
            rf"\b{_NAME}\.?[\s/-]?['\u2019]?(\d\d)\s*(?:to|until|till|and|[-\u2013\u2014])\s*"
            rf"{_NAME}\.?[\s/-]?['\u2019]?(\d\d){_END}(?![-/.]\d|,?\s*(?:19|20)\d\d)",
            "abmy",
        ),
        (
            rf"(?<!\d)(?<!(?<!\d\d)\d[-/._])(\d{{1,2}})\s*([-/._])\s*(\d{{1,2}})\s*\2\s*{_YEAR}{_END}",
            "dsmy",
        ),
        (rf"(?<!\d)(\d{{1,2}})\s+-\s+{_NAME}\s+-\s+{_YEAR}{_END}", "dmy"),
        (
            rf"(?<!\d){_DAY}{_IN}{_NAME}\.?{_BEFORE_YEAR}{_SHORT_YEAR}{_END}{_NO_DAY}",
            "dmy",
        ),
        (rf"\b{_NAME}\.?[\s/-]+(\d{{1,2}})(?:st|nd|rd|th)?,?[\s/-]+{_YEAR}{_END}", "mdy"),
        (rf"(?<!\d){_YEAR}[\s-]+{_NAME}[\s-]+(\d{{1,2}}){_END}", "ymd"),
        (rf"(?<!\d)(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d\d){_END}(?![-/.]\d)", "dsmy"),
        (rf"(?<!\d\d\d\d\s)\b{_NAME}\.?[\s,|-]*{_YEAR}{_END}", "my"),
        (rf"\b{_NAME}\.?(?:[-/]['\u2019]?|\s?['\u2019])(\d\d){_END}(?![-/.]\d){_NO_DAY}", "my"),
    )
)
_TOGETHER = tuple(
    (re.compile(form), order)
    for form, order in (
        (rf"(?<!\d){_YEAR}(\d\d)(\d\d){_END}", "ymd"),
        (rf"(?<!\d)(\d\d)(\d\d){_YEAR}{_END}", "dmy"),
    )
)
_SERIAL = re.compile(r"(?<![\d/.,-])(\d{5})(?:\.0+)?(?![\d/,-]|\.\d)")
_FIRST_SERIAL, _LAST_SERIAL = 36526, 54789
"""The serial numbers of the days of 2000 to 2049."""
_DAY_0 = date(1899, 12, 30)

_POSITION = (
    r"position|as\s+(?:at|of|on)|data\s+(?:to|at)|up\s+to|(?:week|month)\s+ending|[wm]/e|snapshot"
)
_START = r"from|since|between|starting"
_VERSION = r"version|ver|v|rev(?:ision)?|draft|issue"
_OF_ANOTHER = r"print\w*|supersed\w*|replac\w*|instead\s+of|previous\w*|formerly"
_SAYS = re.compile(
    rf"(?<![^\W\d_])(?:({_POSITION})|({_START})|({_VERSION})|({_OF_ANOTHER}))(?![^\W\d_])",
    re.IGNORECASE,
)
_NUMBER = re.compile(rf".*?\b(?:{_VERSION})[\s.]*\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d\d$", re.IGNORECASE)
"""The number of a version that looks like a date."""
_CLAUSE = re.compile(r"[.;()\n]")
_AND = re.compile(r"[\s,&|]*(?:and|or)?[\s,&|]*", re.IGNORECASE)
_TO = re.compile(r"[\s|]*(?:to|until|till|[-\u2013\u2014])[\s|]*", re.IGNORECASE)
_AFTER_MONTH = re.compile(rf"\b(?:{_MONTH})\.?['\u2019\s]*$", re.IGNORECASE)
_LONGEST_SPAN = 12
"""Months; of more, the figures after the names of two months are rather days than years."""
_STATED, _PLAIN, _FROM, _IF_ALONE, _NEVER = range(5)


class _Found(NamedTuple):
    """A date in a line: where it stands, and the day; None where there is no such day."""

    start: int
    end: int
    day: date | None
    is_serial: bool = False


def position_date(rows: Iterable[Sequence[object]]) -> date | None:
    """The date that the rows above the header state; of several the one most surely meant."""
    lines = (" | ".join(_text(cell) for cell in row if cell not in (None, "")) for row in rows)
    stated = [found for line in lines for found in _stated_in(line)]
    return min(stated, key=lambda found: found[0])[1] if stated else None


def date_in(cell: object) -> date | None:
    """The date that a cell of a title states, whole and possible; of a month alone its last day."""
    return position_date([[cell]])


def _stated_in(line: str) -> Iterator[tuple[int, date]]:
    """The dates that a line may state its position by, with how sure that is (0 is best)."""
    rank, end = _PLAIN, 0
    dates = _dates(line)
    for found, following in zip_longest(dates, dates[1:]):
        before = line[end : found.start]
        if end and (_TO.fullmatch(before) or _AND.fullmatch(before)):
            # "From X to Y" ends with Y; else what is said of the one is said of the other.
            rank = _PLAIN if rank == _FROM else rank
        else:
            rank = _said_before(before)
        end = found.end
        if rank == _PLAIN and following and _TO.fullmatch(line[end : following.start]):
            rank = _FROM
        if rank == _IF_ALONE and _NUMBER.match(before + line[found.start : found.end]):
            continue
        if found.day is not None and rank != _NEVER and not (found.is_serial and rank != _STATED):
            yield rank, found.day


def _said_before(before: str) -> int:
    """What the words before a date say of it; those of its own clause go before others."""
    for text in (_CLAUSE.split(before)[-1], before):
        said = list(_SAYS.finditer(text))
        if said:
            if any(word[4] for word in said):
                return _NEVER
            last = said[-1]
            return _STATED if last[1] else _FROM if last[2] else _IF_ALONE
    return _PLAIN


def _dates(text: str) -> list[_Found]:
    """The dates in a text, in order; no two overlap."""
    taken: list[_Found] = []

    def is_free(found: re.Match[str]) -> bool:
        return all(found.end() <= other.start or other.end <= found.start() for other in taken)

    for pattern, order in _FORMS:
        for found in filter(is_free, pattern.finditer(text)):
            # Two figures after the name of a month are the year of that one.
            if not (order == "dmy" and _AFTER_MONTH.search(text[: found.start()])):
                taken.append(_Found(found.start(), found.end(), _day(found, order)))
    for pattern, order in _TOGETHER:
        for found in filter(is_free, pattern.finditer(text)):
            if day := _day(found, order):
                taken.append(_Found(found.start(), found.end(), day))
    for found in filter(is_free, _SERIAL.finditer(text)):
        if _FIRST_SERIAL <= int(found[1]) <= _LAST_SERIAL:
            day = _DAY_0 + timedelta(days=int(found[1]))
            taken.append(_Found(found.start(), found.end(), day, is_serial=True))
    return sorted(taken)


def _day(found: re.Match[str], order: str) -> date | None:
    parts = dict(zip(order, found.groups(), strict=True))
    digits = parts["y"].lstrip("'\u2019")
    year = int(digits) + (2000 if len(digits) == 2 else 0)
    month = _month(parts["m"])
    if "b" in parts and not 0 <= _months_between(parts) < _LONGEST_SPAN:
        return None
    day = int(parts["d"]) if "d" in parts else None
    # 11/30/2019 can only be American.
    if order in ("dmy", "dsmy") and day is not None and month > 12 >= day:
        day, month = month, day
    try:
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        return None


def _month(text: str) -> int:
    name = text[:3].casefold()
    return _MONTHS.index(name) + 1 if name in _MONTHS else int(text)


def _months_between(parts: Mapping[str, str]) -> int:
    """How many months lie between the first month of a span and its last."""
    years = int(parts["y"]) - int(parts["b"])
    return 12 * years + _month(parts["m"]) - _month(parts["a"])


def _text(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
