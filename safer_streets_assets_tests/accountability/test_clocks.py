"""Clocks count hours that go by, whatever the time of year; deadlines are days of the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.accountability.clocks import (
    days_until,
    left_until,
    local_time,
    utc_of,
)
from safer_streets_assets.accountability.errors import RegisterError

LONDON = "Europe/London"


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-01-15 09:30", datetime(2026, 1, 15, 9, 30)),
        ("2026-07-15 09:30", datetime(2026, 7, 15, 8, 30)),
        ("2026-07-15T09:30", datetime(2026, 7, 15, 8, 30)),
        ("2028-02-29 23:59", datetime(2028, 2, 29, 23, 59)),
        ("2026-03-29 02:00", datetime(2026, 3, 29, 1, 0)),
        # The hour that comes twice: the first of the two, so that the clock runs out sooner.
        ("2026-10-25 01:30", datetime(2026, 10, 25, 0, 30)),
    ],
)
def test_local_time_is_read(local: str, utc: datetime) -> None:
    assert utc_of(local, LONDON) == utc


@pytest.mark.parametrize(
    "text",
    ["2026-03-29 01:30", "2026-02-29 10:00", "29/03/2026 10:00", "2027-03-28", "", "A123456"],
)
def test_what_is_no_time_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(RegisterError) as refused:
        utc_of(text, LONDON)
    assert not text or text not in str(refused.value)


@settings(deadline=None, max_examples=200)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(
        lambda d: d.replace(second=0, microsecond=0)
    ),
    st.sampled_from([24, 72]),
)
def test_a_clock_runs_as_many_hours_at_any_time_of_the_year(utc: datetime, hours: int) -> None:
    shown = utc.replace(tzinfo=UTC).astimezone(ZoneInfo(LONDON)).strftime("%Y-%m-%d %H:%M")
    began = utc_of(shown, LONDON)
    # An hour that comes twice is read as the first of the two.
    assert timedelta(0) <= utc - began <= timedelta(hours=1)
    assert left_until(began + timedelta(hours=hours), began) == f"{hours} hours left"


def test_a_clock_over_the_change_of_time_ends_at_another_hour_of_the_day() -> None:
    before_spring = utc_of("2026-03-27 12:00", LONDON) + timedelta(hours=72)
    before_autumn = utc_of("2026-10-23 12:00", LONDON) + timedelta(hours=72)
    assert local_time(before_spring, LONDON) == "30/03/2026 13:00 BST"
    assert local_time(before_autumn, LONDON) == "26/10/2026 11:00 GMT"


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        (timedelta(hours=72), "72 hours left"),
        (timedelta(hours=1, minutes=1), "1 hour 1 minute left"),
        (timedelta(seconds=59), "0 minutes left"),
        (timedelta(0), "0 minutes left"),
        (-timedelta(seconds=1), "over by 1 minute"),
        (-timedelta(hours=25, minutes=5), "over by 25 hours 5 minutes"),
    ],
)
def test_time_left_is_said_in_words(left: timedelta, shown: str) -> None:
    now = datetime(2026, 1, 1)
    assert left_until(now + left, now) == shown


@pytest.mark.parametrize(
    ("due", "shown"),
    [
        (date(2026, 3, 2), "1 day left"),
        (date(2026, 3, 1), "due today"),
        (date(2026, 2, 27), "overdue by 2 days"),
    ],
)
def test_days_left_are_said_in_words(due: date, shown: str) -> None:
    assert days_until(due, date(2026, 3, 1)) == shown
