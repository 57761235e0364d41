"""Due dates, states and the date before which history is pruned."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil import tz
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.retention import Period
from safer_streets_assets.retention import prune_before
from safer_streets_assets.retention.due import add_months, due_date, earlier_by, local_date
from safer_streets_assets.retention.holdings.holding import Clock, earliest, state_on

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2020-02-29", 12, "2021-02-28"),
        ("2020-02-29", 48, "2024-02-29"),
        ("2019-02-28", 12, "2020-02-28"),
        ("2020-01-31", 1, "2020-02-29"),
        ("2020-12-31", 2, "2021-02-28"),
        ("2020-03-31", -1, "2020-02-29"),
        ("2020-12-15", 12, "2021-12-15"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_a_shorter_month(
    start: str, months: int, end: str
) -> None:
    assert add_months(date.fromisoformat(start), months) == date.fromisoformat(end)


@given(day=DAYS, months=st.integers(0, 240), days=st.integers(0, 400))
@settings(deadline=None, max_examples=150)
def test_a_due_date_never_moves_back_when_the_trigger_or_the_period_grows(
    day: date, months: int, days: int
) -> None:
    due = due_date(day, Period(months=months, days=days))
    assert due >= day
    assert due <= due_date(day + timedelta(days=1), Period(months=months, days=days))
    assert due < due_date(day, Period(months=months, days=days + 1))


@given(day=DAYS, months=st.integers(-240, 240))
@settings(deadline=None, max_examples=150)
def test_months_land_in_the_month_that_was_asked_for(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day


@given(day=DAYS, months=st.integers(-240, 240), days=st.integers(0, 400))
@settings(deadline=None, max_examples=200)
def test_a_due_date_is_what_the_calendar_of_another_library_says(
    day: date, months: int, days: int
) -> None:
    assert add_months(day, months) == day + relativedelta(months=months)
    if months >= 0:
        expected = day + relativedelta(months=months) + timedelta(days=days)
        assert due_date(day, Period(months=months, days=days)) == expected


@given(at=st.datetimes(datetime(1996, 1, 1), datetime(2037, 1, 1)))
@settings(deadline=None, max_examples=150)
def test_a_day_in_london_is_the_day_on_its_wall_clock_in_summer_and_winter(at: datetime) -> None:
    aware = at.replace(tzinfo=UTC)
    assert local_date(at, "Europe/London") == aware.astimezone(tz.gettz("Europe/London")).date()


def test_a_day_begins_at_midnight_in_london_not_in_utc() -> None:
    assert local_date(datetime(2020, 7, 1, 23, 30), "Europe/London") == date(2020, 7, 2)
    assert local_date(datetime(2020, 12, 1, 23, 30), "Europe/London") == date(2020, 12, 1)


def test_run_history_is_pruned_by_the_policys_rule(policy: Policy) -> None:
    period = policy.dpia.retention.rules["run_history"].after
    now = datetime(2021, 3, 31, 4, 5, 6)
    assert prune_before(policy, now) == earlier_by(now, period)
    assert earlier_by(now, Period(months=1, days=2)) == datetime(2021, 2, 28, 4, 5, 6)


def test_a_state_names_the_nearest_warning_that_is_reached() -> None:
    today = date(2021, 1, 1)
    states = {
        days: state_on(today, today + timedelta(days=days), [30, 14, 1])
        for days in (31, 30, 15, 14, 1, 0, -1)
    }
    assert states == {
        31: "held until",
        30: "due within 30 days",
        15: "due within 30 days",
        14: "due within 14 days",
        1: "due within 1 days",
        0: "due today",
        -1: "overdue",
    }
    assert state_on(today, None, [30]) == "held, not triggered"


def test_of_two_clocks_the_one_that_strikes_first_counts() -> None:
    unset = Clock("a", "publication")
    set_off = Clock("b", "quarantined", date(2020, 1, 1), date(2020, 1, 31))
    assert earliest(unset, set_off) is set_off
    assert earliest(set_off, unset) is set_off
