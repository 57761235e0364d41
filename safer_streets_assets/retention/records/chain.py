"""The chain of certificates: each holds the hash of the one before, and the last is noted apart.

A certificate that is edited, exchanged or taken out breaks the chain from there on; taking the last
ones away, or all with what counts them, leaves the chain shorter than noted: in the registers, and
once more in a file beside them. That file is written after the certificates are, so that it may be
behind them and never ahead: the chain has to go on from where it says. Whoever can write both can
make a whole new chain: the hash of the last certificate, kept elsewhere, shows that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from safer_streets_assets.retention.errors import BrokenChainError
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.chain_note import (
    FIRST,
    line_hash,
    read_chain_note,
    write_chain_note,
)
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.registers import has_table, has_tables
from safer_streets_assets.stores.sql_files import quoted_name

LATER_FACTS = ("role", "verified_by")
"""Facts that certificates have had for some time only: one without them is whole without."""
_PLACE = ("number", "previous_hash", "hash")
_TABLES = ("deletion_certificates", "certificate_chain")
_FORGOTTEN_WITHOUT_CERTIFICATE = (
    "SELECT count(*) FROM registers.forgotten "
    "ANTI JOIN registers.deletion_certificates USING (certificate_id)"
)
_ORDER = "ORDER BY number NULLS LAST, erased_at, holding, certificate_id"


@dataclass(frozen=True)
class Head:
    """Where a chain ends: how many certificates are in it, and the hash of the last."""

    certificates: int = 0
    hash: str = FIRST


@dataclass(frozen=True)
class ChainLink:
    """A certificate (column to value, in the table's order) and its place in the chain, if any.

    Its hash is the same whether dates are dates or ISO text with a blank, as JSON has them.
    """

    facts: Mapping[str, Any]
    number: int | None
    previous_hash: str | None
    hash: str | None


@dataclass(frozen=True)
class Chain:
    """How many certificates there are, the hash of the last, and the number of the first that does
    not fit: None when all do; one more than there are when the last are missing."""

    certificates: int
    last_hash: str
    broken_at: int | None


def chain_certificates(registers: duckdb.DuckDBPyConnection) -> None:
    """Adds certificates that are not in the chain yet, in the order of their time.

    Inside the caller's transaction; the registers are attached for writing.
    """
    end = noted_head(registers)
    count, before = end.certificates, end.hash
    for link in links(registers):
        if link.number is None:
            count += 1
            own = line_hash(count, before, link.facts.values())
            registers.execute(
                "UPDATE registers.deletion_certificates SET number = ?, previous_hash = ?, "
                "hash = ? WHERE certificate_id = ?",
                [count, before, own, link.facts["certificate_id"]],
            )
            before = own
    if count > end.certificates:
        _note(registers, Head(count, before))


def append_links(registers: duckdb.DuckDBPyConnection, following: Sequence[ChainLink]) -> None:
    """Puts certificates of a longer chain, of which this one is the beginning, at its end.

    Inside the caller's transaction; `following` are whole, and go on from the last one here.
    """
    for link in following:
        values = {**link.facts, "number": link.number}
        values |= {"previous_hash": link.previous_hash, "hash": link.hash}
        registers.execute(
            f"INSERT INTO registers.deletion_certificates ({', '.join(map(quoted_name, values))}) "
            f"VALUES ({', '.join('?' for _ in values)})",
            list(values.values()),
        )
        _note(registers, Head(link.number or 0, link.hash or FIRST))


def verify_chain(registers: duckdb.DuckDBPyConnection) -> Chain:
    """Checks every certificate against the one before, and the last against what the registers
    note."""
    return verify_links(links(registers), noted_head(registers))


def look_at_chain(folder: DataFolder, registers: duckdb.DuckDBPyConnection) -> Chain:
    """As `verify_chain`, and against what else remembers certificates: the note beside the
    registers, and the line that Dagster's history was searched after one."""
    there = has_tables(registers, _TABLES)  # not in those of an old version
    whole, end = (links(registers), noted_head(registers)) if there else ([], Head())
    found, noted = verify_links(whole, end), read_chain_note(folder.registers)
    if found.broken_at is not None:
        return found
    if noted is not None and not goes_on_from(whole, Head(*noted)):
        return replace(found, broken_at=min(len(whole), noted[0]) + 1)
    searched = there and has_table(registers, "forgotten")
    if searched and one_number(registers, _FORGOTTEN_WITHOUT_CERTIFICATE):
        return replace(found, broken_at=len(whole) + 1)
    return found


def note_chain(folder: DataFolder, registers: duckdb.DuckDBPyConnection) -> None:
    """Notes beside the registers where a whole chain ends; of a broken one the note stays as it is.

    To be called when certificates are committed, and by each command that finishes what was
    interrupted. The caller holds the run's lock.
    """
    found = look_at_chain(folder, registers)
    end = (found.certificates, found.last_hash)
    if found.broken_at is None and found.certificates and end != read_chain_note(folder.registers):
        write_chain_note(folder.registers, *end)


def broken_in_words(chain: Chain) -> str | None:
    """What is said of a chain that is broken, everywhere the same; None of one that is whole."""
    if chain.broken_at is None:
        return None
    return (
        f"The chain of deletion certificates is broken at number {chain.broken_at}: one was "
        "changed, exchanged or taken out since it was written; find out who wrote to the "
        "registers, and put the whole folder registers back from the newest backup."
    )


def refuse_broken_chain(folder: DataFolder, registers: duckdb.DuckDBPyConnection) -> None:
    """Raises `BrokenChainError` when a certificate was edited, exchanged or taken out."""
    if (sentence := broken_in_words(look_at_chain(folder, registers))) is not None:
        raise BrokenChainError(sentence)


def refuse_tampered_certificates(folder: DataFolder) -> None:
    """As `refuse_broken_chain`, of the registers of a data folder."""
    with open_stores(folder, read=["registers"]) as connection:
        refuse_broken_chain(folder, connection)


def verify_links(found: Sequence[ChainLink], noted: Head) -> Chain:
    """As `verify_chain`, of certificates that were read before, and what was noted with them."""
    before = FIRST
    for number, link in enumerate(found, start=1):
        fits = (link.number, link.previous_hash) == (number, before)
        if (
            not fits
            or link.hash is None
            or link.hash != line_hash(number, before, link.facts.values())
        ):
            return Chain(len(found), before, number)
        before = link.hash
    whole = noted == Head(len(found), before)
    return Chain(len(found), before, None if whole else len(found) + 1)


def links(registers: duckdb.DuckDBPyConnection) -> list[ChainLink]:
    """Every certificate with its place in the chain, in that order; last those without one."""
    found = registers.execute(
        f"SELECT * EXCLUDE ({', '.join(_PLACE)}), {', '.join(_PLACE)} "
        f"FROM registers.deletion_certificates {_ORDER}"
    )
    names = [column[0] for column in found.description or ()][: -len(_PLACE)]
    return [
        ChainLink(_facts(dict(zip(names, row, strict=False))), *row[len(names) :])
        for row in found.fetchall()
    ]


def _facts(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in row.items() if value is not None or name not in LATER_FACTS
    }


def noted_head(registers: duckdb.DuckDBPyConnection) -> Head:
    """How many certificates are in the chain, and the hash of the last, as the registers note."""
    found = registers.execute("SELECT certificates, hash FROM registers.certificate_chain")
    return Head(*(found.fetchone() or ()))


def goes_on_from(whole: Sequence[ChainLink], noted: Head) -> bool:
    """Whether a whole chain is one that ended as noted, or goes on from there."""
    if noted.certificates == 0:
        return noted == Head()
    if len(whole) < noted.certificates:
        return False
    return whole[noted.certificates - 1].hash == noted.hash


def _note(registers: duckdb.DuckDBPyConnection, end: Head) -> None:
    registers.execute("DELETE FROM registers.certificate_chain")
    registers.execute(
        "INSERT INTO registers.certificate_chain VALUES (?, ?)", [end.certificates, end.hash]
    )
