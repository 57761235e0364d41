"""Erasures of a drop or a person that were asked for and wait for their day.

The registers say who asked when, why, and for which day; of whom or of what lies in a sealed file
of the restricted store, under a key of its own. Both are there before anything is promised: the
file first. It is destroyed when the erasure has begun, or was taken back. Killed in between, a file
that no standing record names is destroyed by whoever comes next (`forget_others`).
"""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import local_date
from safer_streets_assets.retention.errors import DecisionError, RetentionError
from safer_streets_assets.retention.holdings.intent import read_intent
from safer_streets_assets.retention.records.recording import (
    Record,
    record_withdrawal,
    recorded_now,
    words,
)
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.files import overwrite_and_unlink
from safer_streets_assets.stores.ids import SHOWN_DIGITS, the_one
from safer_streets_assets.stores.keys import KeyMissingError
from safer_streets_assets.stores.registers import has_tables
from safer_streets_assets.stores.sealed import SealError, seal, unseal

SubjectKind = Literal["drop", "person"]

_PREFIX = "asked-"
_TABLES = ("asked_erasures", "withdrawals", "open_erasures", "deletion_certificates")


@dataclass(frozen=True)
class ErasureSubject:
    """Whom or what an erasure is of: a normalised CRN, or the id of a drop. The repr holds none."""

    kind: SubjectKind
    name: str = field(repr=False)


@dataclass(frozen=True)
class AskedErasure:
    """An erasure that was asked for, as the registers have it; times are in UTC."""

    erasure_id: str
    kind: SubjectKind
    row_count: int
    tables: int
    why: str
    asked_by: str
    asked_at: datetime
    due_on: date
    withdrawn_at: datetime | None = None
    why_withdrawn: str | None = None
    done_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether it stands and is not carried out."""
        return self.withdrawn_at is None and self.done_at is None

    @property
    def what(self) -> str:
        """What it erases, in numbers as they were on the day it was asked for."""
        return f"one {self.kind} ({self.row_count} rows in {self.tables} tables when asked for)"

    @property
    def stopped_by(self) -> str:
        """The command that takes it back."""
        return f"safer-streets erasures withdraw {self.erasure_id[:SHOWN_DIGITS]} --why WHY"


def new_erasure_id() -> str:
    """A random id, which the certificate will have too."""
    return secrets.token_hex(16)


def record_asked(
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    asked: AskedErasure,
) -> None:
    """Records that an erasure is asked for, inside the caller's transaction.

    What it is of is sealed before that is committed (`keep_subject`).

    Raises:
        DecisionError: why is no line that names nobody.
    """
    registers.execute(
        "INSERT INTO registers.asked_erasures VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            asked.erasure_id,
            asked.kind,
            asked.row_count,
            asked.tables,
            words(asked.why, "why", policy),
            asked.asked_by,
            recorded_now(registers, "erasure", asked.asked_at),
            asked.due_on,
        ],
    )


def withdraw_asked(
    folder: DataFolder,
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    asked: AskedErasure,
    why: str,
    now: datetime,
) -> None:
    """Takes back an erasure that waits; it stays on record, with why. `now` is in UTC.

    What it was of is to be destroyed (`forget_subject`) once that is committed.

    Raises:
        DecisionError: it has begun, or why is no line that names nobody.
    """
    begun = read_intent(folder)
    if not asked.waits or (begun is not None and begun.erasure_id == asked.erasure_id):
        raise DecisionError("This erasure has begun: it cannot be taken back.")
    zone = policy.dpia.evaluation.timezone
    record = Record(asked.erasure_id, local_date(asked.asked_at, zone), None, asked.asked_at)
    record_withdrawal(registers, policy, "erasure", record, why, None, now)


def asked_erasures(registers: duckdb.DuckDBPyConnection) -> list[AskedErasure]:
    """Every erasure that was ever asked for, oldest first, with what became of it.

    One that is done and could not be verified yet is done. None where there is no such table:
    registers of an earlier version.
    """
    if not has_tables(registers, _TABLES):
        return []
    rows = registers.execute(
        "SELECT asked.*, back.withdrawn_at, back.why, coalesce(done.erased_at, left_open.begun_at) "
        "FROM registers.asked_erasures AS asked "
        "LEFT JOIN registers.withdrawals AS back ON back.kind = 'erasure' "
        "AND back.subject = asked.erasure_id AND back.recorded_at = asked.asked_at "
        "LEFT JOIN registers.deletion_certificates AS done "
        "ON done.certificate_id = asked.erasure_id "
        "LEFT JOIN registers.open_erasures AS left_open "
        "ON left_open.certificate_id = asked.erasure_id "
        "ORDER BY asked.asked_at, asked.erasure_id"
    ).fetchall()
    return [AskedErasure(*row) for row in rows]


def waiting_erasures(registers: duckdb.DuckDBPyConnection) -> list[AskedErasure]:
    """Those that stand and are not carried out, oldest first."""
    return [one for one in asked_erasures(registers) if one.waits]


def wait_anew(registers: duckdb.DuckDBPyConnection, policy: Policy, today: date) -> None:
    """Lets every erasure that waits wait for the whole notice from a day on, or as long as before.

    For registers that are of an earlier time: what was taken back since waits in them again. They
    are attached for writing.
    """
    soonest = today + timedelta(days=policy.dpia.retention.notice_days)
    for one in waiting_erasures(registers):
        registers.execute(
            "UPDATE registers.asked_erasures SET due_on = greatest(due_on, ?) WHERE erasure_id = ?",
            [soonest, one.erasure_id],
        )


def find_waiting(listed: Iterable[AskedErasure], erasure_id: str) -> AskedErasure:
    """The erasure that waits under an id, or under its first digits.

    Raises:
        RetentionError: there is none, or more than one.
    """
    found = the_one((one for one in listed if one.waits), lambda one: one.erasure_id, erasure_id)
    if found is None:
        raise RetentionError(
            "No erasure of that id waits; safer-streets erasures list has their ids."
        )
    return found


def keep_subject(folder: DataFolder, erasure_id: str, subject: ErasureSubject) -> None:
    """Seals whom or what an erasure is of, under a key of its own."""
    key = Keys(folder.keys).create(subject_key(erasure_id))
    facts = {"kind": subject.kind, "name": subject.name}
    seal(io.BytesIO(json.dumps(facts).encode()), _place(folder, erasure_id), key)


def subject_of(folder: DataFolder, erasure_id: str) -> ErasureSubject:
    """Whom or what an erasure is of.

    Raises:
        RetentionError: what says so is gone.
        KeyMissingError, SealError: it is there and does not open.
    """
    place = _place(folder, erasure_id)
    if not place.exists():
        shown = erasure_id[:SHOWN_DIGITS]
        raise RetentionError(
            f"What the erasure {shown} is of is not there any more: take it back with "
            f"safer-streets erasures withdraw {shown} --why WHY, and ask for it again."
        )
    return ErasureSubject(
        **json.loads(unseal(place, Keys(folder.keys).read(subject_key(erasure_id))))
    )


def is_kept(folder: DataFolder, erasure_id: str) -> bool:
    """Whether what an erasure is of is there."""
    return _place(folder, erasure_id).exists()


def waiting_of(
    folder: DataFolder, listed: Sequence[AskedErasure], subject: ErasureSubject
) -> AskedErasure | None:
    """The erasure that waits of the same CRN, or of the same drop; None where there is none.

    One whose subject does not open is none.
    """
    for one in listed:
        try:
            if one.waits and subject_of(folder, one.erasure_id) == subject:
                return one
        except (RetentionError, KeyMissingError, SealError):
            continue
    return None


def forget_subject(folder: DataFolder, erasure_id: str) -> None:
    """Destroys what says whom or what an erasure is of; there is no error where nothing does."""
    Keys(folder.keys).destroy(subject_key(erasure_id))
    place = _place(folder, erasure_id)
    for path in (place, place.with_name(f".{place.name}.part")):
        overwrite_and_unlink(path)


def forget_others(folder: DataFolder, listed: Iterable[AskedErasure]) -> None:
    """Destroys what a killed command left of erasures that do not wait."""
    waiting = {one.erasure_id for one in listed if one.waits}
    for erasure_id in sorted(kept_ids(folder) - waiting):
        forget_subject(folder, erasure_id)


def kept_ids(folder: DataFolder) -> set[str]:
    """The ids of all erasures of which a key or a sealed file is there."""
    keys = {path.name.removesuffix(".key") for path in folder.keys.glob(f"{_PREFIX}*.key")}
    files = {path.name.removesuffix(".sealed") for path in _sealed(folder)}
    return {name.removeprefix(_PREFIX).removesuffix(".next") for name in keys | files}


def subject_key(erasure_id: str) -> str:
    """The name of the key under which it is sealed what an erasure is of."""
    return f"{_PREFIX}{erasure_id}"


def sealed_subjects(folder: DataFolder) -> dict[str, list[Path]]:
    """The name of each such key, and the file under it."""
    return {path.name.removesuffix(".sealed"): [path] for path in _sealed(folder)}


def _sealed(folder: DataFolder) -> list[Path]:
    return sorted(folder.restricted.glob(f"{_PREFIX}*.sealed"))


def _place(folder: DataFolder, erasure_id: str) -> Path:
    return folder.restricted / f"{subject_key(erasure_id)}.sealed"
