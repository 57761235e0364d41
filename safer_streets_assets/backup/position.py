"""The position in the register of erasures: what a backup, and whoever restores it, knows of them.

It is the head of the chain of certificates (`retention.records.chain`). Certificates leave the
data folder as a file with their places in the chain, so that one that is missing or was changed
shows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from safer_streets_assets.backup.errors import RestoreError
from safer_streets_assets.retention import Certificate
from safer_streets_assets.retention.records.chain import (
    LATER_FACTS,
    ChainLink,
    Head,
    chain_certificates,
    goes_on_from,
    links,
    noted_head,
    refuse_broken_chain,
    verify_links,
)
from safer_streets_assets.retention.records.open_erasures import open_erasures
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.chain_note import read_chain_note
from safer_streets_assets.stores.queries import transaction
from safer_streets_assets.stores.registers import ensure_registers, now_utc
from safer_streets_assets.stores.sql_files import quoted_text

FORMAT = 1
_COLUMNS = [field.name for field in fields(Certificate)]


@dataclass(frozen=True)
class Newest:
    """The certificates that a restore goes by, whether they are a register's own, and when erasures
    were begun that are done and have no certificate yet, in UTC.
    """

    certificates: list[ChainLink]
    is_register: bool
    uncertified: tuple[datetime, ...] = ()


def whole_chain(folder: DataFolder, registers: duckdb.DuckDBPyConnection) -> list[ChainLink]:
    """Every certificate, oldest first; the registers are attached for writing.

    Raises:
        BrokenChainError: the chain is broken, so nothing could be restored by it.
    """
    ensure_registers(registers)
    with transaction(registers):
        chain_certificates(registers)
    refuse_broken_chain(folder, registers)
    return links(registers)


def head_of(certificates: Sequence[ChainLink]) -> Head:
    """The position after these certificates, which are whole and oldest first."""
    if not certificates:
        return Head()
    return Head(len(certificates), str(certificates[-1].hash))


def exported(folder: DataFolder) -> bytes:
    """The certificates of a data folder as a file to be kept elsewhere; no personal data.

    Raises:
        BrokenChainError: the chain is broken.
    """
    with open_stores(folder, write=["registers"]) as connection:
        found = whole_chain(folder, connection)
        begun = [one.erasure.begun_at.isoformat() for one in open_erasures(connection)]
    facts = {
        "open_erasures": begun,
        "format": FORMAT,
        "exported_at": now_utc().isoformat(),
        "position": asdict(head_of(found)),
        "certificates": [asdict(link) for link in found],
    }
    return json.dumps(facts, indent=1, default=str).encode()


def read_newest(path: Path) -> Newest:
    """The certificates in an exported file, or in the `registers.duckdb` of a data folder.

    Raises:
        RestoreError: it is neither, or its certificates do not make a whole chain.
    """
    is_register = path.suffix == ".duckdb"
    try:
        found, noted, begun = _of_register(path) if is_register else _of_file(path)
        # The chain is over the values; their names have to be the register's own.
        if any(list(link.facts) != _columns_of(link) for link in found):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, AttributeError, duckdb.Error):
        raise RestoreError(
            "The certificates cannot be read; give the file that safer-streets backup certificates "
            "wrote, or registers.duckdb of the data folder that was in use."
        ) from None
    if verify_links(found, noted).broken_at is not None:
        raise RestoreError(
            "The certificates are damaged or not whole: one is missing or was changed; give "
            "another copy of them."
        )
    return Newest(found, is_register, tuple(begun))


def later_than(backup: Head, newest: Newest, last: str | None) -> list[ChainLink]:
    """The certificates written after a backup that was made at the position `backup`.

    A file could have been exported before the last erasure; so `last`, the id or the hash of the
    newest certificate (or its beginning, or "none"), has to come from the operator's own record.

    Raises:
        RestoreError: it cannot be proven that every certificate is there.
    """
    if head_of(newest.certificates[: backup.certificates]) != backup:
        raise RestoreError(
            "The certificates lack some that the backup has: they are of another data folder or "
            "older than the backup; give the newest ones."
        )
    if not newest.is_register:
        _refuse_unproven(newest.certificates, last)
    return newest.certificates[backup.certificates :]


def refuse_uncertified(newest: Newest, made_at: datetime) -> None:
    """Raises `RestoreError` when something was erased since a backup was made that no certificate
    names yet: nobody could erase it again.
    """
    if any(begun >= made_at for begun in newest.uncertified):
        raise RestoreError(
            "Something was erased after this backup was made and has no certificate yet, so that "
            "this backup would bring it back; restore one that was made since."
        )


def _refuse_unproven(certificates: Sequence[ChainLink], last: str | None) -> None:
    if last is None:
        raise RestoreError(
            "It is not proven that the file has the newest certificates: say with --last which was "
            "the last one that was printed when something was erased (its id), or none."
        )
    named = last.strip().lower()
    fits = not certificates if named == "none" else _begins(certificates, named)
    if not fits:
        raise RestoreError(
            "The newest certificate in the file is not the one that --last names: the file is not "
            "complete; give the newest one."
        )


def _begins(certificates: Sequence[ChainLink], named: str) -> bool:
    """Whether the last certificate's id or hash begins as named; few characters name nothing."""
    if not certificates or len(named) < 12:
        return False
    newest = certificates[-1]
    return any(
        str(name).startswith(named) for name in (newest.facts["certificate_id"], newest.hash)
    )


def _columns_of(link: ChainLink) -> list[str]:
    return [name for name in _COLUMNS if name in link.facts or name not in LATER_FACTS]


def _of_file(path: Path) -> tuple[list[ChainLink], Head, list[datetime]]:
    read = json.loads(path.read_bytes())
    if read["format"] != FORMAT:
        raise ValueError
    begun = [datetime.fromisoformat(at) for at in read.get("open_erasures", [])]
    return [ChainLink(**one) for one in read["certificates"]], Head(**read["position"]), begun


def _of_register(path: Path) -> tuple[list[ChainLink], Head, list[datetime]]:
    connection: Any = duckdb.connect(":memory:")
    try:
        connection.execute(f"ATTACH {quoted_text(str(path))} AS registers (READ_ONLY)")
        begun = [one.erasure.begun_at for one in open_erasures(connection)]
        found, beside = links(connection), read_chain_note(path.parent)
        if beside is not None and not goes_on_from(found, Head(*beside)):
            return found, Head(*beside), begun  # which the chain does not fit
        return found, noted_head(connection), begun
    finally:
        connection.close()
