"""The dates in a line of a title, in any form people write, and where they stand."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_NAME = rf"({_MONTH})"
_YEAR = r"((?:19|20)\d\d)"
_END = r"(?!\d)"
_IN, _BEFORE_YEAR = r"(?:[\s./_]*|[./_-]+)", r"(?:[\s,./_]*|[,./_-]+)"
"""What stands within a date with the name of its month: a dash between blanks is between dates."""
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?"
_NO_DAY = rf"(?!(?:st|nd|rd|th)?(?:\s+of)?{_IN}(?:{_MONTH}))"
"""What two figures before the name of another month are: its day, and no year."""
_ANY_YEAR = rf"((?:19|20)\d\d{_END}|['\u2019]?\d\d{_END}{_NO_DAY})"
JOINING = r"to|until|till|through|thru|--?|[\u2013\u2014/~]|->|\u2192"
"""What stands between the first and the last day of a time."""
# Day, month and year stand in the groups that are named; a day that is not there is the last one.
# Other letters are for what is not of the date: a separator, and the beginning of a time. What one
# form has found, even if there is no such day, no later one finds in parts.
_FORMS = tuple(
    (re.compile(form, re.IGNORECASE), order)
    for form, order in (
        (
            rf"(?<!\d)(?:(?<!\d[-/._])|(?<=\d\d\d\d[-/._]\d\d[-/._]\d\d[-/._])|(?<=:\d\d[-/._]))"
            rf"{_YEAR}[-/._](\d{{1,2}})[-/._](\d{{1,2}}){_END}(?![-/._]\d(?!\d\d\d[-/._]))",
            "ymd",
        ),
        (
            rf"\b{_NAME}\.?[\s/-]?['\u2019]?(\d\d)\s*(?:{JOINING}|and)\s*"
            rf"{_NAME}\.?[\s/-]?['\u2019]?(\d\d){_END}(?![-/.]\d|,?\s*(?:19|20)\d\d)",
            "abmy",
        ),
        (
            rf"(?<!\d)(?<!(?<!\d\d)\d[-/._])(\d{{1,2}})\s*([-/._])\s*(\d{{1,2}})\s*\2\s*{_YEAR}{_END}",
            "dsmy",
        ),
        (
            rf"(?<!\d)\d{{1,2}}[-\u2013\u2014](\d{{1,2}})([/.])(\d{{1,2}})\2{_YEAR}{_END}",
            "dsmy",
        ),
        (rf"(?<!\d)(\d{{1,2}})\s+-\s+{_NAME}\s+-\s+{_YEAR}{_END}", "dmy"),
        (
            rf"(?<!\d)(?<!\d:)(?<!\d[/.]\d\d[/.]){_DAY}{_IN}{_NAME}\.?{_BEFORE_YEAR}{_ANY_YEAR}",
            "dmy",
        ),
        (rf"\b{_NAME}\.?[\s/-]+(\d{{1,2}})(?:st|nd|rd|th)?,?[\s/-]+{_YEAR}{_END}", "mdy"),
        (rf"(?<!\d){_YEAR}[\s-]+{_NAME}[\s-]+(\d{{1,2}}){_END}", "ymd"),
        (rf"(?<!\d)(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d\d){_END}(?![-/.]\d)", "dsmy"),
        (rf"(?<!\d)(\d{{1,2}}) ?([-/.]) ?(\d{{1,2}}) ?\2 ?(\d\d){_END}(?!\s?[-/.]\s?\d)", "dsmy"),
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
# What is a month only where something says that a position or a period follows.
_IF_SAID = tuple(
    (re.compile(form, re.IGNORECASE), order)
    for form, order in (
        (
            rf"(?<!\d)(?:(?<!\d/)|(?<=\d\d\d\d-\d\d/)){_YEAR}[-/.](0[1-9]|1[0-2]){_END}"
            r"(?![-/.]\d(?!\d\d\d-\d))",
            "ym",
        ),
        (rf"(?<!\d)(?<!\d[/.])(0?[1-9]|1[0-2])\s?[/.]\s?{_YEAR}{_END}(?![/.]\d)", "my"),
        (rf"(?<!\d)(?<!\d-)(0?[1-9]|1[0-2])-{_YEAR}{_END}(?!-\d)", "my"),
        (
            rf"(?<!\d\s)\b{_NAME}\.?\s+(\d\d){_END}"
            rf"(?!st|nd|rd|th|[-/.:]\d|,?\s*(?:19|20)\d\d|,?\s*['\u2019]?\d\d{_END}){_NO_DAY}",
            "my",
        ),
    )
)
_SERIAL = re.compile(r"(?<![\d/.,-])(\d{5})(?:\.0+)?(?![\d/,-]|\.\d)")
_FIRST_SERIAL, _LAST_SERIAL = 36526, 54789
"""The serial numbers of the days of 2000 to 2049."""
_DAY_0 = date(1899, 12, 30)
NO_WHOLE_DATE = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?\s*)?(?:{_MONTH})\b|\d{{1,2}}\s?[-/.]\s?\d"
"""How a date begins, also one that lacks its year."""
MONTH_AND_DAY = re.compile(rf"\b(?:{_MONTH})\.?\s+\d{{1,2}}{_END}", re.IGNORECASE)
"""Where this stands before "Nov 19", the figures are a day as well."""
_AFTER_MONTH = re.compile(rf"\b(?:{_MONTH})\.?['\u2019\s]*$", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"\b(?:mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs?|ur)?(?:day)?[\s,.]*(?:the\s+)?$", re.IGNORECASE
)
_TIME = re.compile(
    r"[T,\s|]*\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s?[ap]\.?m\b\.?|Z\b|\s?hrs\b)?", re.IGNORECASE
)
_LONGEST_WORD = 20
_LONGEST_SPAN = 12
"""Months; of more, the figures after the names of two months are rather days than years."""


class DateFound(NamedTuple):
    """A date in a line: where it stands with its weekday and time, and the day; None where there is
    no such day.

    is_serial: it is the number of a day. if_said: it is none where nothing says what it is.
    """

    start: int
    end: int
    day: date | None
    is_serial: bool = False
    if_said: bool = False


def dates_in(text: str) -> list[DateFound]:
    """The dates in a text, in order; no two overlap."""
    taken: list[DateFound] = []
    is_taken = bytearray(len(text))

    def is_free(found: re.Match[str]) -> bool:
        return is_taken.find(1, found.start(), found.end()) < 0

    def take(found: DateFound) -> None:
        taken.append(found)
        is_taken[found.start : found.end] = b"\1" * (found.end - found.start)

    for pattern, order in _FORMS:
        for found in filter(is_free, pattern.finditer(text)):
            # Two figures after the name of a month are the year of that one.
            if not (
                (order == "dmy" or " - " in found[0])
                and _AFTER_MONTH.search(text, max(0, found.start() - _LONGEST_WORD), found.start())
            ):
                take(DateFound(found.start(), found.end(), _day(found, order)))
    for pattern, order in _TOGETHER:
        for found in filter(is_free, pattern.finditer(text)):
            if day := _day(found, order):
                take(DateFound(found.start(), found.end(), day))
    for pattern, order in _IF_SAID:
        for found in filter(is_free, pattern.finditer(text)):
            # After a weekday two figures are a day, and its year is not there.
            if (day := _day(found, order)) and not _weekday_before(found.start(), text):
                take(DateFound(found.start(), found.end(), day, if_said=True))
    for found in filter(is_free, _SERIAL.finditer(text)):
        if _FIRST_SERIAL <= int(found[1]) <= _LAST_SERIAL:
            day = _DAY_0 + timedelta(days=int(found[1]))
            take(DateFound(found.start(), found.end(), day, is_serial=True))
    return [_whole(found, text) for found in sorted(taken)]


def _whole(found: DateFound, text: str) -> DateFound:
    """A date with the weekday before it and the time after it."""
    weekday = _weekday_before(found.start, text)
    time = None if found.is_serial else _TIME.match(text, found.end)
    return found._replace(
        start=weekday.start() if weekday else found.start, end=time.end() if time else found.end
    )


def _weekday_before(start: int, text: str) -> re.Match[str] | None:
    return _WEEKDAY.search(text, max(0, start - _LONGEST_WORD), start)


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
