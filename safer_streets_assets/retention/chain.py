"""The chain of certificates: each holds the hash of the one before, and the last is noted apart.

A certificate that is edited, exchanged or taken out breaks the chain from there on; taking the last
ones away leaves the chain shorter than noted. Whoever can write the registers can make a whole new
chain: the hash of the last certificate, kept elsewhere, shows that.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import duckdb

FIRST = "0" * 64
_ORDER = "ORDER BY number NULLS LAST, erased_at, holding, certificate_id"


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
    count, before = _noted(registers)
    new = [row[:-3] for row in _rows(registers) if row[-3] is None]
    for number, facts in enumerate(new, start=count + 1):
        own = _hash(number, before, facts)
        registers.execute(
            "UPDATE registers.deletion_certificates SET number = ?, previous_hash = ?, hash = ? "
            "WHERE certificate_id = ?",
            [number, before, own, facts[0]],
        )
        before = own
    registers.execute("DELETE FROM registers.certificate_chain")
    registers.execute(
        "INSERT INTO registers.certificate_chain VALUES (?, ?)", [count + len(new), before]
    )


def verify_chain(registers: duckdb.DuckDBPyConnection) -> Chain:
    """Checks every certificate against the one before, and the last against what is noted."""
    before, rows = FIRST, _rows(registers)
    for number, row in enumerate(rows, start=1):
        facts, (had_number, had_before, had_hash) = row[:-3], row[-3:]
        fits = (had_number, had_before) == (number, before)
        if not fits or had_hash != _hash(number, before, facts):
            return Chain(len(rows), before, number)
        before = had_hash
    whole = _noted(registers) == (len(rows), before)
    return Chain(len(rows), before, None if whole else len(rows) + 1)


def _noted(registers: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    """How many certificates are in the chain, and the hash of the last, as noted beside them."""
    found = registers.execute("SELECT certificates, hash FROM registers.certificate_chain")
    return found.fetchone() or (0, FIRST)


def _rows(registers: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return registers.execute(
        "SELECT * EXCLUDE (number, previous_hash, hash), number, previous_hash, hash "
        f"FROM registers.deletion_certificates {_ORDER}"
    ).fetchall()


def _hash(number: int, before: str, facts: tuple[Any, ...]) -> str:
    """SHA-256 over the number, the hash before and every fact of a certificate."""
    text = json.dumps([number, before, *facts], default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
