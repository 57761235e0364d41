"""Erasures that are done and could not be verified: on record until they are, or are settled.

Rows and files are gone, and something that is equal to a part of what was erased stands somewhere,
which may be nobody's doing (a common name) or a leak. An operator has to look at it. Until then
everything else goes on: nothing but their certificate waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime

import duckdb

from safer_streets_assets.retention.errors import RetentionError
from safer_streets_assets.retention.records.certificates import (
    Certificate,
    PendingErasure,
    Signature,
)
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.ids import SHOWN_DIGITS, the_one
from safer_streets_assets.stores.registers import has_table
from safer_streets_assets.stores.sql_files import read_sql

COPY_OF_A_KEY = "the keys folder, a copy of a key that was destroyed"
_PENDING = len(fields(PendingErasure))


@dataclass(frozen=True)
class OpenErasure:
    """An erasure without a certificate yet: what it will say, and where something was found.

    `places` name a store with table and column, or a folder, and no value; times are in UTC.
    """

    erasure: PendingErasure
    method: str
    not_reached: str
    places: tuple[str, ...]
    tried_at: datetime

    @property
    def sentence(self) -> str:
        """What it is, where something was found, and what to do."""
        found = self.erasure
        shown = found.certificate_id[:SHOWN_DIGITS]
        what = (
            "take the copy of a destroyed key out of the keys folder"
            if COPY_OF_A_KEY in self.places
            else "look there; erase what is left by hand, or, when it is somebody or something "
            f"else, run safer-streets erasures settle {shown}"
        )
        return (
            f"Erasure {shown} ({found.what}, begun {found.begun_at:%Y-%m-%d}) is done and has no "
            "certificate: something that is equal to a part of what was erased stands in "
            f"{'; '.join(self.places)}. {what[0].upper()}{what[1:]}. Each enforcement of the "
            "retention schedule looks again."
        )

    def certify(self, at: datetime, verification: str, signed: Signature) -> Certificate:
        """Its certificate."""
        return self.erasure.certify(at, self.method, verification, signed, self.not_reached)


def leave_open(registers: duckdb.DuckDBPyConnection, erasures: Iterable[OpenErasure]) -> None:
    """Puts erasures on record as done and not verified, inside the caller's transaction.

    One that is on record already has its places renewed.
    """
    registers.execute(read_sql("retention", "pending_erasures"))
    for one in erasures:
        values = [*astuple(one.erasure), one.method, one.not_reached, [*one.places], one.tried_at]
        marks = ", ".join("?" for _ in values)
        registers.execute(
            f"INSERT OR REPLACE INTO registers.open_erasures VALUES ({marks})", values
        )
        registers.execute(
            "DELETE FROM registers.pending_erasures WHERE certificate_id = ?",
            [one.erasure.certificate_id],
        )


def open_erasures(registers: duckdb.DuckDBPyConnection) -> list[OpenErasure]:
    """Every erasure that is not verified, oldest first; none where there is no such table."""
    if not has_table(registers, "open_erasures"):
        return []
    rows = registers.execute(
        "SELECT * FROM registers.open_erasures ORDER BY begun_at, holding, certificate_id"
    ).fetchall()
    return [_from_row(row) for row in rows]


def read_open(folder: DataFolder) -> list[OpenErasure]:
    """Every erasure that is done and not verified."""
    with open_stores(folder, read=["registers"]) as connection:
        return open_erasures(connection)


def find_open(listed: Sequence[OpenErasure], erasure_id: str) -> OpenErasure:
    """The open erasure of an id, or of its first digits.

    Raises:
        RetentionError: there is none, or more than one.
    """
    found = the_one(listed, lambda one: one.erasure.certificate_id, erasure_id)
    if found is None:
        raise RetentionError(
            "No erasure of that id is open; safer-streets erasures list has their ids."
        )
    return found


def _from_row(row: tuple) -> OpenErasure:  # type: ignore[type-arg]
    erasure, (method, not_reached, places, tried_at) = row[:_PENDING], row[_PENDING:]
    return OpenErasure(PendingErasure(*erasure), method, not_reached, tuple(places), tried_at)
