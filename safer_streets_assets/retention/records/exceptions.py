"""Exceptions to the retention schedule: what is kept longer, why, and when that is looked at again.

They stand in the registers and hold no personal data: a role decides, and no line names anybody.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import due_date
from safer_streets_assets.retention.errors import DecisionError
from safer_streets_assets.retention.records.recording import not_in_the_future, role, words

ID_DIGITS = 12


@dataclass(frozen=True)
class RetentionException:
    """One exception: the holding it keeps, and what was written down about it."""

    exception_id: str
    holding: str
    why: str
    least_data: str
    whereabouts: str
    decided_by: str
    decided_on: date
    review_on: date
    ended_by: str | None = None
    ended_on: date | None = None

    @property
    def stands(self) -> bool:
        """Whether it has not been ended. One with an overdue review stands: an operator ends it."""
        return self.ended_on is None

    def review_is_due(self, today: date) -> bool:
        """Whether it is to be looked at again now."""
        return self.stands and self.review_on <= today


@dataclass(frozen=True)
class ExceptionRequest:
    """What is written down when an exception is asked for."""

    holding: str
    why: str
    least_data: str
    whereabouts: str
    decided_by: str
    decided_on: date
    review_on: date


def add_exception(
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    asked: ExceptionRequest,
    today: date,
    now: datetime,
) -> str:
    """Records an exception and returns its id; the same one a second time changes nothing.

    The caller has seen to it that there is such a holding. `today` is the date in the policy's
    time zone, `now` the time in UTC.

    Raises:
        DecisionError: a role or a line is not as it should be, or the review date is not after
            today or later than the policy allows.
    """
    decided_on = not_in_the_future(asked.decided_on, today, "the decision")
    latest = due_date(today, policy.dpia.retention.exceptions.review_within)
    if not today < asked.review_on <= latest:
        raise DecisionError(
            f"An exception is reviewed after today and by {latest}; give such a date."
        )
    line = [
        asked.holding,
        words(asked.why, "why", policy),
        words(asked.least_data, "the least data", policy),
        words(asked.whereabouts, "the whereabouts", policy),
        role(policy, asked.decided_by),
        decided_on.isoformat(),
        asked.review_on.isoformat(),
    ]
    ended = sum(not one.stands and one.holding == asked.holding for one in exceptions(registers))
    identity = "\0".join([*line, str(ended)])
    exception_id = hashlib.sha256(identity.encode()).hexdigest()[:ID_DIGITS]
    registers.execute(
        "INSERT INTO registers.exceptions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL) "
        "ON CONFLICT DO NOTHING",
        [exception_id, *line, now],
    )
    return exception_id


def end_exception(
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    exception_id: str,
    decided_by: str,
    today: date,
) -> RetentionException:
    """Ends an exception that stands; what it kept falls under its rule again. Returns it.

    Raises:
        DecisionError: no exception of that id stands, or the role is none of the policy's.
    """
    by = role(policy, decided_by)
    standing = [one for one in exceptions(registers) if one.stands]
    found = [one for one in standing if one.exception_id == exception_id.strip().lower()]
    if not found:
        raise DecisionError(
            "No exception of that id stands; safer-streets exceptions list has their ids."
        )
    registers.execute(
        "UPDATE registers.exceptions SET ended_by = ?, ended_on = ? WHERE exception_id = ?",
        [by, today, found[0].exception_id],
    )
    return found[0]


def exceptions(registers: duckdb.DuckDBPyConnection) -> list[RetentionException]:
    """Every exception, those that stand first, by the date of their review."""
    rows = registers.execute(
        "SELECT exception_id, holding, why, least_data, whereabouts, decided_by, decided_on, "
        "review_on, ended_by, ended_on FROM registers.exceptions "
        "ORDER BY ended_on NULLS FIRST, review_on, holding, exception_id"
    ).fetchall()
    return [RetentionException(*row) for row in rows]
