"""The date a file says it stands for, in the rows above its header, in any form people write."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"((?:19|20)\d\d)"
_SHORT_YEAR = r"((?:(?:19|20)\d\d)|'?\d\d)"
_END = r"(?!\d)"
# Day, month and year stand in the groups that are named; a day that is not there is the last one.
_FORMS = tuple(
    (re.compile(form, re.IGNORECASE), order)
    for form, order in (
        (rf"(?<!\d){_YEAR}[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_END}", "ymd"),
        (rf"(?<!\d)(\d{{1,2}})\s*[-/.]\s*(\d{{1,2}})\s*[-/.]\s*{_YEAR}{_END}", "dmy"),
        (
            rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s./-]*{_NAME}\.?"
            rf"[\s,./-]*{_SHORT_YEAR}{_END}",
            "dmy",
        ),
        (rf"\b{_NAME}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}{_END}", "mdy"),
        (rf"(?<!\d){_YEAR}[\s-]+{_NAME}[\s-]+(\d{{1,2}}){_END}", "ymd"),
        (rf"(?<!\d)(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d\d){_END}(?![-/.])", "dmy"),
        (rf"(?<!\d){_YEAR}(\d\d)(\d\d){_END}", "ymd"),
        (rf"\b{_NAME}\.?[\s,-]*{_YEAR}{_END}", "my"),
    )
)


def position_date(rows: Iterable[Sequence[object]]) -> date | None:
    """The date stated in the rows above the header; a row that says "position" goes first."""
    lines = [[cell for cell in row if cell not in (None, "")] for row in rows]
    lines.sort(key=lambda line: not any("position" in str(cell).casefold() for cell in line))
    found = (date_in(cell) for line in lines for cell in line)
    return next((stated for stated in found if stated is not None), None)


def date_in(cell: object) -> date | None:
    """The first date in a cell of a title, whole and possible; of a month alone its last day."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell)
    return next((found for found in _dates(text) if found is not None), None)


def _dates(text: str) -> Iterator[date | None]:
    for pattern, order in _FORMS:
        if found := pattern.search(text):
            # "31 June 2020" is no day, and not the end of June either.
            if order == "my" and re.search(r"\d\D{0,6}$", text[: found.start()]):
                continue
            parts = dict(zip(order, found.groups(), strict=True))
            yield _valid_date(parts["y"], parts["m"], parts.get("d"))


def _valid_date(year: str, month: str, day: str | None) -> date | None:
    name = month[:3].casefold()
    digits = year.removeprefix("'")
    y = int(digits) + (2000 if len(digits) == 2 else 0)
    m = _MONTHS.index(name) + 1 if name in _MONTHS else int(month)
    try:
        return date(y, m, int(day) if day else calendar.monthrange(y, m)[1])
    except (ValueError, calendar.IllegalMonthError):
        return None
