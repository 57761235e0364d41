"""Of a span of time in the titles of a file, the end is the position, however it is written."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.intake.readers.position import position_date


def _ordinal(day: date) -> str:
    ending = "th" if day.day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10)
    return f"{day.day}{ending or 'th'} {day:%B %Y}"


DAYS: Sequence[Callable[[date], object]] = (
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"{day.day}/{day.month}/{day.year}",
    lambda day: f"{day:%d.%m.%Y}",
    lambda day: f"{day:%d / %m / %Y}",
    lambda day: f"{day:%Y-%m-%d}",
    lambda day: f"{day:%Y-%m-%dT00:00:00}",
    lambda day: f"{day:%d %B %Y}",
    lambda day: f"{day:%d %b, %Y}",
    lambda day: f"{day:%d-%b-%Y}",
    lambda day: f"{day:%B} {day.day}, {day.year}",
    lambda day: f"{day:%a %d/%m/%Y}",
    lambda day: f"{day:%A, %d %B %Y}",
    lambda day: f"{day:%d/%m/%Y %H:%M}",
    lambda day: f"{day:%d/%m/%y}",
    lambda day: f"{day:%d / %m / %y}",
    lambda day: f"{day:%d %b '%y}",
    lambda day: f"{day:%d %b, %y}",
    lambda day: f"{day:%a %d %b %y}",
    lambda day: f"{day:%d/%m/%y 12:00 AM}",
    lambda day: f"{day:%Y%m%d}",
    _ordinal,
    lambda day: datetime(day.year, day.month, day.day),
)
MONTHS: Sequence[Callable[[date], object]] = (
    lambda day: f"{day:%B %Y}",
    lambda day: f"{day:%b %Y}",
    lambda day: f"{day:%b-%y}",
    lambda day: f"{day:%b '%y}",
)
MONTHS_IF_SAID: Sequence[Callable[[date], object]] = (
    lambda day: f"{day:%Y-%m}",
    lambda day: f"{day:%m/%Y}",
    lambda day: f"{day:%b %y}",
)
WORDS = ("to", "until", "till", "through", "up to", "to the end of", "-", "\u2013", "/")
SAID = (
    "Position",
    "Position:",
    "Position at",
    "As at",
    "Snapshot",
    "Data as at",
    "Position for the period",
    "Position: from",
    "Period",
    "Period covered:",
    "Position between",
)
NOT_SAID = ("", "From", "Eligibility", "Court outcomes,")


def _rows(before: str, start: object, word: str, end: object, layout: str) -> list[list[object]]:
    if layout == "cells":
        return [[before, start, word, end]]
    if layout == "no word":
        return [[before, start, end]]
    if layout == "lines":
        return [[before, start], [word, end]]
    start, end = (date_text(cell) for cell in (start, end))
    if layout == "one line each":
        return [[f"{before} {start}"], [f"{word} {end}"]]
    if layout == "word on the first line":
        return [[f"{before} {start} {word}"], [f"{end}"]]
    is_tight = layout == "tight" and not {"-", "/"}.intersection(f"{start}{end}") and len(word) == 1
    between = word if is_tight else f" {word} "
    return [[f"{before} {start}{between}{end}".strip()]]


def date_text(cell: object) -> str:
    """A cell as it looks in a text file."""
    return f"{cell:%Y-%m-%d}" if isinstance(cell, datetime) else str(cell)


LAYOUTS = (
    "one cell",
    "tight",
    "cells",
    "no word",
    "lines",
    "one line each",
    "word on the first line",
)
_days = st.dates(date(2018, 1, 1), date(2029, 12, 31))


@given(
    start=_days,
    length=st.integers(1, 330),
    forms=st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)),
    before=st.sampled_from(SAID + NOT_SAID),
    word=st.sampled_from(WORDS),
    layout=st.sampled_from(LAYOUTS),
)
@settings(deadline=None, max_examples=300)
def test_of_two_days_the_later_is_the_position(
    start: date,
    length: int,
    forms: tuple[Callable[[date], object], Callable[[date], object]],
    before: str,
    word: str,
    layout: str,
) -> None:
    end = start + timedelta(days=length)
    if layout in ("lines", "one line each", "word on the first line") and not word.isalpha():
        word = "to"
    if layout == "tight":
        forms = (forms[0], forms[0])
    if word == "/" and (forms[0] is not forms[1] or "/" in date_text(forms[0](start))):
        word = "-"
    rows = _rows(before, forms[0](start), word, forms[1](end), layout)
    assert position_date(rows) == end


@given(
    start=_days,
    months=st.integers(1, 11),
    form=st.sampled_from(
        [(form, True) for form in MONTHS] + [(form, False) for form in MONTHS_IF_SAID]
    ),
    before=st.sampled_from(SAID + NOT_SAID),
    word=st.sampled_from(WORDS),
    layout=st.sampled_from(["one cell", "tight", "cells"]),
)
@settings(deadline=None, max_examples=300)
def test_of_two_months_the_last_day_of_the_later_is_the_position(
    start: date,
    months: int,
    form: tuple[Callable[[date], object], bool],
    before: str,
    word: str,
    layout: str,
) -> None:
    write, alone = form
    if not alone and before in NOT_SAID:
        before = "Position"
    number = start.year * 12 + start.month - 1 + months
    year, month = divmod(number, 12)
    end = date(year, month + 1, calendar.monthrange(year, month + 1)[1])
    rows = _rows(before, write(start.replace(day=1)), word, write(end), layout)
    assert position_date(rows) == end


@given(
    day=_days,
    form=st.sampled_from(DAYS),
    before=st.sampled_from(SAID + NOT_SAID),
    layout=st.sampled_from(["one cell", "cells"]),
)
@settings(deadline=None, max_examples=200)
def test_one_date_is_itself(
    day: date, form: Callable[[date], object], before: str, layout: str
) -> None:
    cell = form(day)
    rows = [[before, cell]] if layout == "cells" else [[f"{before} {date_text(cell)}"]]
    assert position_date(rows) == day


@pytest.mark.parametrize(
    "title",
    [
        "2019-11-01/2019-11-30",
        "2019-11-01-2019-11-30",
        "2019-11-01T00:00:00Z/2019-11-30T23:59:59Z",
        "CRC_20191101_20191130",
        "Position 01/11/2019-30/11/2019",
        "Position 01.11.19-30.11.19",
        "Position 01/11/19-30/11/19",
        "Position: 1-30 November 2019",
        "Position 01-30/11/2019",
        "Position 01/11 - 30/11/2019",
        "Position Oct 19/Nov 19",
        "Position: Oct/Nov 2019",
        "Position: 2019-10/2019-11",
        "Period 10/2019-11/2019",
        "Position: 2019-11",
        "Month: 11/2019",
        "Month: Nov 19",
        "Position 01/11/2019 up to and including 30/11/2019",
        "Position: start 01/11/2019, end 30/11/2019",
        "As at 01/11/2019 00:00 to 30/11/2019 23:59",
        "Position 43770 to 43799",
        "Position date: 30/11/2019 - 24 rows",
        "Position at 30/11/2019, produced on 05/12/2019",
        "Position ref 12/2019 at 30/11/2019",
    ],
)
def test_a_span_or_a_month_in_one_cell_gives_its_end(title: str) -> None:
    assert position_date([[title]]) == date(2019, 11, 30)


@pytest.mark.parametrize(
    "rows",
    [
        [["Period start", "01/11/2019"], ["Period end", "30/11/2019"]],
        [["Start date: 01/11/2019"], ["End date: 30/11/2019"]],
        [["Date from: 01/11/2019"], ["Date to: 30/11/2019"], ["Date sent: 05/12/2019"]],
        [["Period: 01/11/2019"], ["to 30/11/2019"]],
        [["Period: 01/11/2019 -"], ["30/11/2019"]],
        [["Period", "01/11/2019"], ["", "30/11/2019"], ["", "05/12/2019"]],
        [["Period start", "Period end"], ["01/11/2019", "30/11/2019"]],
        [["Data as at", "Date printed"], ["30/11/2019", "05/12/2019"]],
        [["Position", datetime(2019, 11, 30)], [datetime(2019, 12, 5)]],
        [["Position", datetime(2019, 11, 30), 43861]],
        [["Position: 30/11/2019"], ["- 05/12/2019"]],
    ],
)
def test_a_period_over_several_lines_gives_its_end(rows: list[list[object]]) -> None:
    assert position_date(rows) == date(2019, 11, 30)


@pytest.mark.parametrize(
    "stated",
    [
        "Period covered | 01/11/2019 | 30/11/2019",
        "Position 30/11/2019",
        "Eligibility November 2019",
        "01/11/2019 to 30/11/2019",
        "Month: 11/2019",
    ],
)
@pytest.mark.parametrize(
    "made", ["Date", "Date produced", "Run date", "Printed", "Sent", "Report created", "Extracted"]
)
def test_the_day_on_which_a_file_was_made_gives_way_to_its_position(made: str, stated: str) -> None:
    rows = [[f"{made}: 05/12/2019"], stated.split(" | ")]
    assert position_date(rows) == position_date(rows[::-1]) == date(2019, 11, 30)


@pytest.mark.parametrize(
    "rows",
    [
        [["NPS court outcomes"], ["Date: 05/12/2019"]],
        [["NPS court outcomes. Date: 05/12/2019"]],
        [["From 01/11/2019"], ["Date: 05/12/2019"]],
    ],
)
def test_the_day_on_which_a_file_was_sent_is_its_position_where_no_other_stands(
    rows: list[list[object]],
) -> None:
    assert position_date(rows) == date(2019, 12, 5)


@pytest.mark.parametrize(
    "title",
    [
        "Position 01/11/2019 to 31/11/2019",
        "Position 01/11/2019, 31/11/2019",
        "Position 01/11/2019 to 30/11",
        "Position 1 November 2019 - 30 November",
        "Position 01/11/2019 to date",
        "Position: Nov 12 - Dec 18",
        "Period: Nov 1 to Nov 19",
    ],
)
def test_a_span_whose_end_cannot_be_read_gives_no_position(title: str) -> None:
    assert position_date([[title]]) is None


@pytest.mark.parametrize(
    "title",
    [
        "Dec 19",
        "Position: 30 people in Nov 19",
        "2019-11",
        "11/2019",
        "Week 11/2019",
        "Quarter 3/2019",
        "W/e Dec 19",
        "Period 2019-20",
    ],
)
def test_figures_that_need_not_be_a_month_are_no_position(title: str) -> None:
    assert position_date([[title]]) is None


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["Date produced"], ["20/01/2020"], ["Position"], ["30/11/2019"]], "2019-11-30"),
        ([["Date printed"], ["20/01/2020"], ["Position"], [], ["30/11/2019"]], "2019-11-30"),
        (
            [["Position date", "Date produced"], [None, None], ["30/11/2019", "20/01/2020"]],
            "2019-11-30",
        ),
        ([["Report date", "20/01/2020"], ["Data date", "30/11/2019"]], "2019-11-30"),
        ([["Deadline: 15/01/2020"], ["Eligibility 30/11/2019"]], "2019-11-30"),
        ([["For the board on 10/01/2020"], ["November 2019"]], "2019-11-30"),
        ([["Parole Board position: 30/11/2019"]], "2019-11-30"),
        ([["Delete after 30/11/2025"], ["November 2019"]], "2019-11-30"),
        ([["Refreshed 06/01/2020"], ["December 2019"]], "2019-12-31"),
        ([["Last position: 30/11/2019"], ["This position: 31/12/2019"]], "2019-12-31"),
        ([["Last position: 31/12/2019"]], "2019-12-31"),
        ([["Reporting month", datetime(2019, 12, 1)]], "2019-12-31"),
        ([["Start of the month", datetime(2019, 12, 1)]], "2019-12-01"),
        ([["2019-11-01--2019-12-31"]], "2019-12-31"),
        ([["Position: Thu Jan 23"]], None),
        ([["Position at December 18, 19"]], None),
    ],
)
def test_of_several_dates_in_a_title_the_position_is_the_one_meant(
    rows: list[list[object]], expected: str | None
) -> None:
    assert position_date(rows) == (None if expected is None else date.fromisoformat(expected))
