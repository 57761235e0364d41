"""Clocks: times of the evaluation's time zone read and shown, hours that are left, deadlines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from safer_streets_assets.accountability.errors import RegisterError

AS_GIVEN = "%Y-%m-%d %H:%M"
AS_SHOWN = "%d/%m/%Y %H:%M %Z"


def utc_of(text: str, timezone: str) -> datetime:
    """A time given as `2026-03-28 14:30` in a time zone, in UTC without an offset.

    Of an hour that comes twice, when clocks go back, the first is meant: a clock that starts there
    runs out sooner.

    Raises:
        RegisterError: the text is no such time, or the hour was skipped when clocks went forward.
    """
    try:
        local = datetime.strptime(text.strip().replace("T", " "), AS_GIVEN)
    except ValueError:
        raise RegisterError(
            "The time is not YYYY-MM-DD HH:MM; give it as in 2026-03-28 14:30, in local time."
        ) from None
    utc = local.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    if utc.astimezone(ZoneInfo(timezone)).replace(tzinfo=None) != local:
        raise RegisterError(
            "There was no such hour: clocks went forward over it; give the time as it was after."
        )
    return utc.replace(tzinfo=None)


def day_of(text: str) -> date:
    """A day given as YYYY-MM-DD.

    Raises:
        RegisterError: the text is no such day.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise RegisterError("The date is not YYYY-MM-DD; give it as in 2026-03-28.") from None


def local_time(at_utc: datetime, timezone: str) -> str:
    """A time in UTC as it is shown: day, hour and whether that is GMT or BST."""
    return at_utc.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).strftime(AS_SHOWN)


def left_until(due_at: datetime, now: datetime) -> str:
    """`71 hours 30 minutes left`, or `over by 2 hours 5 minutes`; both times are in UTC."""
    left = due_at - now
    late = left < timedelta(0)
    # A minute that has begun counts as gone while there is time, and as late afterwards.
    minutes = -(left // timedelta(minutes=1)) if late else left // timedelta(minutes=1)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} hour{'' if hours == 1 else 's'}"] if hours else []
    parts += [f"{minutes} minute{'' if minutes == 1 else 's'}"] if minutes or not hours else []
    text = " ".join(parts)
    return f"over by {text}" if late else f"{text} left"


def days_until(due_on: date, today: date) -> str:
    """`12 days left`, `due today`, or `overdue by 3 days`."""
    days = (due_on - today).days
    if days == 0:
        return "due today"
    text = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"{text} left" if days > 0 else f"overdue by {text}"
