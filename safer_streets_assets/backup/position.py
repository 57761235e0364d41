"""The position in the register of erasures: which certificates there are, and their chain.

Each certificate has a digest, and the chain is the hash over the digests in order, each with the
hash before it: a certificate that is left out or changed changes it. Only the columns named here
count, so that a register with more columns gives the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from safer_streets_assets.backup.errors import RestoreError
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import ensure_registers, now_utc
from safer_streets_assets.stores.sql_files import quoted_text

COLUMNS = (
    "certificate_id",
    "holding",
    "store",
    "what",
    "rule",
    "due_on",
    "erased_at",
    "files",
    "bytes",
    "row_count",
    "method",
    "verification",
    "not_reached",
)
FORMAT = 1
START = "0" * 64
Row = dict[str, str | None]


@dataclass(frozen=True)
class Position:
    """How many certificates there are, their digests in order, and the chain over them."""

    count: int
    digests: list[str]
    chain: str


@dataclass(frozen=True)
class Newest:
    """The certificates that a restore goes by, and whether they are a register's own."""

    certificates: list[Row]
    is_register: bool


def certificate_rows(connection: duckdb.DuckDBPyConnection, store: str = "registers") -> list[Row]:
    """Every certificate as text, oldest first; the registers are attached as `store`."""
    columns = ", ".join(f"{name}::VARCHAR AS {name}" for name in COLUMNS)
    rows = connection.execute(
        f"SELECT {columns} FROM {store}.deletion_certificates AS held "
        "ORDER BY held.erased_at, held.holding, held.certificate_id"
    ).fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def digest(certificate: Row) -> str:
    """SHA-256 of a certificate's columns."""
    return hashlib.sha256(json.dumps([certificate[name] for name in COLUMNS]).encode()).hexdigest()


def position_of(certificates: Sequence[Row]) -> Position:
    """The position after these certificates, oldest first."""
    digests = [digest(one) for one in certificates]
    chain = START
    for one in digests:
        chain = hashlib.sha256(f"{chain}{one}".encode()).hexdigest()
    return Position(len(digests), digests, chain)


def exported(folder: DataFolder) -> bytes:
    """The certificates of a data folder as a file to be kept elsewhere; no personal data."""
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        rows = certificate_rows(connection)
    facts = {
        "format": FORMAT,
        "exported_at": now_utc().isoformat(),
        "position": asdict(position_of(rows)),
        "certificates": rows,
    }
    return json.dumps(facts, indent=1).encode()


def read_newest(path: Path) -> Newest:
    """The certificates in an exported file, or in the `registers.duckdb` of a data folder.

    Raises:
        RestoreError: it is neither, or its certificates do not give its own chain.
    """
    try:
        if path.suffix == ".duckdb":
            return Newest(_of_register(path), is_register=True)
        facts = json.loads(path.read_bytes())
        rows = [{name: row[name] for name in COLUMNS} for row in facts["certificates"]]
        whole = facts["format"] == FORMAT and asdict(position_of(rows)) == facts["position"]
    except (OSError, ValueError, KeyError, TypeError, duckdb.Error):
        raise RestoreError(
            "The certificates cannot be read; give the file that safer-streets backup certificates "
            "wrote, or registers.duckdb of the data folder that was in use."
        ) from None
    if not whole:
        raise RestoreError(
            "The file of certificates is damaged or not whole: one is missing or was changed; give "
            "another copy of it."
        )
    return Newest(rows, is_register=False)


def later_than(backup: Sequence[str], newest: Newest, last: str | None) -> list[Row]:
    """The certificates written after a backup whose certificates have the digests `backup`.

    A file could have been exported before the last erasure; so `last`, the id of the newest
    certificate (or its beginning, or "none"), has to come from the operator's own record.

    Raises:
        RestoreError: it cannot be proven that every certificate is there.
    """
    known = position_of(newest.certificates).digests
    if not set(backup) <= set(known):
        raise RestoreError(
            "The certificates lack some that the backup has: they are of another data folder or "
            "older than the backup; give the newest ones."
        )
    if not newest.is_register:
        ids = [str(row["certificate_id"]) for row in newest.certificates]
        _refuse_unproven(ids, last)
    had = set(backup)
    return [row for row, one in zip(newest.certificates, known, strict=True) if one not in had]


def _refuse_unproven(ids: Sequence[str], last: str | None) -> None:
    if last is None:
        raise RestoreError(
            "It is not proven that the file has the newest certificates: say with --last which was "
            "the last one that was printed when something was erased (its id), or none."
        )
    named = last.strip().lower()
    fits = not ids if named == "none" else bool(ids) and _begins(ids[-1], named)
    if not fits:
        raise RestoreError(
            "The newest certificate in the file is not the one that --last names: the file is not "
            "complete; give the newest one."
        )


def _begins(certificate_id: str, named: str) -> bool:
    return len(named) >= 12 and certificate_id.startswith(named)


def _of_register(path: Path) -> list[Row]:
    connection: Any = duckdb.connect(":memory:")
    try:
        connection.execute(f"ATTACH {quoted_text(str(path))} AS registers (READ_ONLY)")
        return certificate_rows(connection)
    finally:
        connection.close()
