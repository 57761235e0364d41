"""Deletion certificates, and the erasures that were begun and are not certified yet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime

import duckdb
import pandas as pd

from safer_streets_assets import __version__
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.records.chain import chain_certificates, note_chain
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.queries import tables_in, transaction
from safer_streets_assets.stores.sql_files import read_sql
from safer_streets_assets.stores.who import user_name

NOT_REACHED = (
    "backups, snapshots, copy-on-write and SSD remapping are not reached, nor names of files in "
    "the file system's own records"
)


@dataclass(frozen=True)
class Certificate:
    """What was erased, by which rule and method, how it was verified, and what was not reached; the
    role that answers for it, and who verified it.
    """

    certificate_id: str
    holding: str
    store: str
    what: str
    rule: str
    due_on: date
    erased_at: datetime
    files: int
    bytes: int
    row_count: int | None
    method: str
    verification: str
    not_reached: str
    role: str | None = None
    verified_by: str | None = None


@dataclass(frozen=True)
class Signature:
    """The role that answers for what is erased, and who verified that it is gone."""

    role: str
    verified_by: str


def signature(policy: Policy) -> Signature:
    """That of an erasure which this program verified, for whoever runs it."""
    return Signature(
        policy.dpia.retention.answers_for_erasing,
        f"safer-streets {__version__}, run by {user_name()}",
    )


@dataclass(frozen=True)
class PendingErasure:
    """An erasure that was begun: what is to be erased and what its certificate will say."""

    certificate_id: str
    holding: str
    store: str
    what: str
    rule: str
    due_on: date
    begun_at: datetime
    files: int
    bytes: int
    row_count: int | None
    key_fingerprints: list[str]
    name_fingerprint: str | None

    def certify(
        self,
        at: datetime,
        method: str,
        verification: str,
        signed: Signature,
        not_reached: str = NOT_REACHED,
    ) -> Certificate:
        """The certificate of the finished and verified erasure."""
        return Certificate(
            certificate_id=self.certificate_id,
            holding=self.holding,
            store=self.store,
            what=self.what,
            rule=self.rule,
            due_on=self.due_on,
            erased_at=at,
            files=self.files,
            bytes=self.bytes,
            row_count=self.row_count,
            method=method,
            verification=verification,
            not_reached=not_reached,
            role=signed.role,
            verified_by=signed.verified_by,
        )


def certificate_id(
    registers: duckdb.DuckDBPyConnection, holding: str, rule: str, due_on: date
) -> str:
    """SHA-256 of holding, rule and due date, and of the number of erasures that are done already.

    The same erasure, begun twice, has one id; a holding that came back has another.
    """
    found = registers.execute(
        "SELECT count(*) FROM (SELECT holding, rule, due_on FROM registers.deletion_certificates "
        "UNION ALL SELECT holding, rule, due_on FROM registers.open_erasures) "
        "WHERE holding = ? AND rule = ? AND due_on = ?",
        [holding, rule, due_on],
    ).fetchone()
    before = [str(found[0])] if found and found[0] else []
    identity = "\0".join([holding, rule, due_on.isoformat(), *before])
    return hashlib.sha256(identity.encode()).hexdigest()


def certificates(registers: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Every certificate, oldest first, with the columns of `registers.deletion_certificates`."""
    return registers.execute(
        "SELECT * FROM registers.deletion_certificates ORDER BY erased_at, holding, certificate_id"
    ).df()


def ensure_pending(registers: duckdb.DuckDBPyConnection) -> None:
    """Makes the table of erasures that were begun."""
    registers.execute(read_sql("retention", "pending_erasures"))


def begin(registers: duckdb.DuckDBPyConnection, erasures: Iterable[PendingErasure]) -> None:
    """Records erasures as begun, inside the caller's transaction."""
    for erasure in erasures:
        registers.execute(
            "INSERT INTO registers.pending_erasures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            list(astuple(erasure)),
        )


def pending(registers: duckdb.DuckDBPyConnection) -> list[PendingErasure]:
    """The erasures that were begun and are not certified; none where there is no such table."""
    if "pending_erasures" not in tables_in(registers, "registers"):
        return []
    rows = registers.execute("SELECT * FROM registers.pending_erasures ORDER BY holding").fetchall()
    return [PendingErasure(*row) for row in rows]


def write_certificates(
    folder: DataFolder, registers: duckdb.DuckDBPyConnection, written: Sequence[Certificate]
) -> None:
    """Writes certificates once and ends their erasures, begun or open, in one transaction; then
    notes beside the registers where the chain ends."""
    ensure_pending(registers)
    with transaction(registers):
        for certificate in written:
            insert_certificate(registers, certificate)
            for table in ("pending_erasures", "open_erasures"):
                registers.execute(
                    f"DELETE FROM registers.{table} WHERE certificate_id = ?",
                    [certificate.certificate_id],
                )
        chain_certificates(registers)
    note_chain(folder, registers)


def insert_certificate(registers: duckdb.DuckDBPyConnection, certificate: Certificate) -> None:
    """Writes a certificate once; it is put into the chain in the same transaction."""
    columns = ", ".join(field.name for field in fields(Certificate))
    marks = ", ".join("?" for _ in fields(Certificate))
    registers.execute(
        f"INSERT INTO registers.deletion_certificates ({columns}) VALUES ({marks}) "
        "ON CONFLICT DO NOTHING",
        list(astuple(certificate)),
    )
