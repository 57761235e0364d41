"""The day of the evaluation's time zone, and the hours that come twice when its clocks go back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.registers import now_utc

_FIRST_YEAR = 2000
_DAY = timedelta(days=1)


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
    start, end = datetime(_FIRST_YEAR, 1, 1), datetime(last_year + 1, 1, 1)
    # No zone has changed its clocks twice within a week.
    weeks = _set_back(start, end, timedelta(days=7), zone)
    days = [day for week in weeks for day in _set_back(week, week + timedelta(days=7), _DAY, zone)]
    hours = [day + timedelta(hours=hour) for day in days for hour in range(24)]
    return tuple(hour for hour in hours if _offset(hour, zone) != _offset(hour, zone, fold=1))


def _set_back(start: datetime, end: datetime, step: timedelta, zone: ZoneInfo) -> list[datetime]:
    """The steps from start to end, by their beginning, in which clocks are set back."""
    steps = [start + number * step for number in range(-(-(end - start) // step))]
    return [one for one in steps if _offset(one, zone) > _offset(one + step, zone)]


def _offset(shown: datetime, zone: ZoneInfo, fold: int = 0) -> timedelta:
    offset = shown.replace(tzinfo=zone, fold=fold).utcoffset()
    return offset if offset is not None else timedelta(0)
