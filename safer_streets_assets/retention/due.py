"""Calendar arithmetic of the retention schedule: due dates, and which day it is."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.retention import Period
from safer_streets_assets.stores.registers import now_utc


def add_months(day: date, months: int) -> date:
    """The same day some months later (earlier when negative), or the last day of a shorter month.

    Twelve months after 29 February is 28 February.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def due_date(triggered_on: date, after: Period) -> date:
    """The day on which a holding is to be erased: months first, then days, after its trigger."""
    return add_months(triggered_on, after.months) + timedelta(days=after.days)


def earlier_by(moment: datetime, period: Period) -> datetime:
    """The moment a period before another: days first, then months, at the same time of day."""
    back = moment - timedelta(days=period.days)
    return datetime.combine(add_months(back.date(), -period.months), back.time(), back.tzinfo)


def erasure_in_words(due_on: date, today: date) -> str:
    """When something that is held is erased, after "it": on a day to come, or, where that has come,
    since when it is due and what erases it now."""
    if due_on > today:
        return f"will be erased on {due_on}"
    since = "is due today" if due_on == today else f"was due on {due_on}, is still held,"
    return (
        f"{since} and is erased by the daily schedule of Dagster or by safer-streets retention "
        "--enforce"
    )


def local_date(at_utc: datetime, timezone: str) -> date:
    """The date in a time zone of a time in UTC; the registers keep such times without an offset."""
    aware = at_utc if at_utc.tzinfo else at_utc.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(timezone)).date()


def today_of(policy: Policy) -> date:
    """Today in the evaluation's time zone."""
    return local_date(now_utc(), policy.dpia.evaluation.timezone)
