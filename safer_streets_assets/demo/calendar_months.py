"""Months of a demo: which months drops cover, and the last day of each."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

SATURDAY = 5


def months_from(first: date, months: int) -> list[date]:
    """First days of `months` months in a row, beginning with the month of `first`."""
    start = first.year * 12 + first.month - 1
    return [date((start + i) // 12, (start + i) % 12 + 1, 1) for i in range(months)]


def month_end(month: date) -> date:
    """Last day of the month that holds `month`."""
    return months_from(month, 2)[1] - timedelta(days=1)


def working_day(rng: random.Random, month: date, *, latest: int = 31) -> date:
    """A Monday-to-Friday day of the month, on or before day `latest` (at least 7)."""
    days = min(month_end(month).day, latest)
    while True:
        day = month.replace(day=rng.randint(1, days))
        if day.weekday() < SATURDAY:
            return day


def arrival(month: date, days: int, hour: int, minute: int = 0) -> datetime:
    """When a drop about `month` arrives: so many days after the month's end."""
    return datetime.combine(month_end(month) + timedelta(days=days), time(hour, minute))
