"""The day of the evaluation's time zone, and the hours that come twice when its clocks go back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.registers import now_utc

_FIRST_YEAR = 2000


def local_day(policy: Policy) -> date:
    """The day it is in the evaluation's time zone."""
    zone = ZoneInfo(policy.dpia.evaluation.timezone)
    return now_utc().replace(tzinfo=UTC).astimezone(zone).date()


def hours_that_come_twice(policy: Policy) -> tuple[datetime, ...]:
    """The beginning of each such hour since 2000, as clocks show it (without a zone)."""
    return _hours(policy.dpia.evaluation.timezone, now_utc().year)


@cache
def _hours(timezone: str, last_year: int) -> tuple[datetime, ...]:
    zone = ZoneInfo(timezone)
    found: list[datetime] = []
    day, end = date(_FIRST_YEAR, 1, 1), date(last_year + 1, 1, 1)
    while day < end:
        midnight = datetime(day.year, day.month, day.day)
        next_day = midnight + timedelta(days=1)
        if _offset(midnight, zone) > _offset(next_day, zone):
            hours = (midnight + timedelta(hours=hour) for hour in range(24))
            found += [hour for hour in hours if _offset(hour, zone) != _offset(hour, zone, fold=1)]
        day = next_day.date()
    return tuple(found)


def _offset(shown: datetime, zone: ZoneInfo, fold: int = 0) -> timedelta:
    offset = shown.replace(tzinfo=zone, fold=fold).utcoffset()
    return offset if offset is not None else timedelta(0)
