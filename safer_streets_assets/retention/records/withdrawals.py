"""Taking back what a person recorded: an event beside the record, which itself stays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.errors import DecisionError
from safer_streets_assets.retention.records.wording import role, words
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.registers import evaluation_closed, has_table, withdrawn

Kind = Literal["publication", "conclusion", "decision", "stage", "erasure"]


@dataclass(frozen=True)
class Record:
    """What was recorded about a subject: for which day, by which role, and when (UTC)."""

    subject: str
    on_date: date
    decided_by: str | None
    recorded_at: datetime


def withdraw(
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    kind: Kind,
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
            words(why, "why"),
            None if withdrawn_by is None else role(policy, withdrawn_by),
            now,
        ],
    )


def recorded_now(registers: duckdb.DuckDBPyConnection, kind: Kind, now: datetime) -> datetime:
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
