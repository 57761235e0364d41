"""What an operator records: a role, a line that names nobody, a day; and taking a record back.

That is an event beside the record, which itself stays.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import duckdb

from safer_streets_assets.intake.crn import holds_crn
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.errors import DecisionError
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.registers import evaluation_closed, has_table, withdrawn

MAXIMUM_WORDS = 300


def role(policy: Policy, name: str) -> str:
    """A role that may decide, as the policy writes it.

    Raises:
        DecisionError: the policy has no such role; a name of a person never gets in.
    """
    found = {own.casefold(): own for own in policy.dpia.retention.roles}
    wanted = " ".join(name.split()).casefold()
    if wanted not in found:
        raise DecisionError("Give a role, not a name: one of " + ", ".join(found.values()) + ".")
    return found[wanted]


def words(text: str, what: str, policy: Policy) -> str:
    """One line of text for the registers, without a CRN; `what` names it in the error.

    Raises:
        DecisionError: it is empty, too long, or holds something that reads as a CRN.
    """
    line = " ".join(text.split())
    if not line or len(line) > MAXIMUM_WORDS or not line.isprintable():
        raise DecisionError(
            f"Say {what} in a line of 1 to {MAXIMUM_WORDS} characters that names nobody."
        )
    number = policy.dpia.person_number
    if holds_crn(line, number):
        raise DecisionError(
            f"What you give as {what} holds something that reads as a {number.at_length}; "
            "leave it out."
        )
    return line


def not_in_the_future(day: date, today: date, what: str) -> date:
    """The day, when it is not after today.

    Raises:
        DecisionError: it lies in the future.
    """
    if day > today:
        raise DecisionError(f"The date of {what} lies in the future; record it when it has come.")
    return day


RecordKind = Literal["publication", "conclusion", "decision", "stage", "erasure"]


@dataclass(frozen=True)
class Record:
    """What was recorded about a subject: for which day, by which role, and when (UTC)."""

    subject: str
    on_date: date
    decided_by: str | None
    recorded_at: datetime


def record_withdrawal(
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    kind: RecordKind,
    record: Record,
    why: str,
    withdrawn_by: str | None,
    now: datetime,
    holdings: Collection[str] = (),
) -> None:
    """Records that something is taken back. `now` is the time in UTC.

    Raises:
        DecisionError: personal data (unless the record is of one erasure), or one of the `holdings`
            that the record erases, is being erased or was since it was made; or a role or a line
            is not as it should be.
    """
    # An erasure of its own waits on when everything else went, where an exception kept a part.
    closed = kind != "erasure" and evaluation_closed(registers)
    if closed or _erased_since(registers, record.recorded_at, holdings):
        raise DecisionError("Erasure has begun: what led to it stays on record as it is.")
    registers.execute(
        "INSERT INTO registers.withdrawals VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            kind,
            record.subject,
            record.on_date,
            record.decided_by,
            record.recorded_at,
            words(why, "why", policy),
            None if withdrawn_by is None else role(policy, withdrawn_by),
            now,
        ],
    )


def recorded_now(registers: duckdb.DuckDBPyConnection, kind: RecordKind, now: datetime) -> datetime:
    """When a new record of a kind is made: later than any that was taken back.

    A record is told apart from one that was taken back by this time alone.
    """
    gone = [recorded_at for _, recorded_at in withdrawn(registers, kind)]
    return max([now, *(at + timedelta(microseconds=1) for at in gone)])


def _erased_since(
    registers: duckdb.DuckDBPyConnection, since: datetime, holdings: Collection[str]
) -> bool:
    """Whether the erasure of a holding has begun, or was certified, since a time in UTC."""
    times = {"deletion_certificates": "erased_at", "pending_erasures": "begun_at"}
    return any(
        one_number(
            registers,
            f"SELECT count(*) FROM registers.{table} "
            f"WHERE list_contains(?::VARCHAR[], holding) AND {column} >= ?::TIMESTAMP",
            [list(holdings), since.replace(microsecond=0)],
        )
        for table, column in times.items()
        if has_table(registers, table)
    )
