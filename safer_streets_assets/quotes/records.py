"""Quotes as operators propose, approve and withdraw them, and the record of it.

The words and all that is known of a quote stand in the restricted store, which is written first.
The registers have its random id, what was decided, by whom and when, and a keyed hash of the words;
`complete_log` writes what a killed command left out there. A quote is printed only when both say
that its very words were approved.
"""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import duckdb

from safer_streets_assets.intake.name_decisions import existing_question_key
from safer_streets_assets.stores.keys import keyed_digest
from safer_streets_assets.stores.queries import tables_in, transaction
from safer_streets_assets.stores.registers import ensure_registers, has_table
from safer_streets_assets.stores.sql_files import read_sql
from safer_streets_assets.stores.who import SystemUser

PROPOSED: Final = "proposed"
APPROVED: Final = "approved"
WITHDRAWN: Final = "withdrawn"
TABLE: Final = "quotes"
_ID_BYTES = 8
_FACTS = ("quote_id", "source", "field", "crn_key", "drop_id", "text_id", "words", "consent")


@dataclass(frozen=True)
class Quote:
    """A quote by its random id, and what was decided about it. The repr holds no word of it."""

    quote_id: str
    source: str
    field: str
    crn_key: str | None = dataclasses.field(repr=False)
    drop_id: str
    text_id: str
    words: str = dataclasses.field(repr=False)
    consent: str
    proposed: SystemUser
    approved: SystemUser | None = None
    approved_hash: str | None = dataclasses.field(default=None, repr=False)
    is_withdrawn: bool = False

    @property
    def words_hash(self) -> str:
        """SHA-256 of the words as UTF-8, in hexadecimal digits."""
        return hashlib.sha256(self.words.encode()).hexdigest()

    @property
    def state(self) -> str:
        """What was decided last."""
        if self.is_withdrawn:
            return WITHDRAWN
        return PROPOSED if self.approved is None else APPROVED


def ensure_quotes(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the table; the restricted store is attached for writing."""
    connection.execute(read_sql("quotes", "quotes"))


def quotes_held(connection: duckdb.DuckDBPyConnection) -> list[Quote]:
    """Every quote that is held, oldest first; none where the table is not made yet."""
    if TABLE not in tables_in(connection, "restricted"):
        return []
    found = connection.execute("SELECT * FROM restricted.quotes ORDER BY proposed_at, quote_id")
    columns = [str(column[0]) for column in found.description or ()]
    return [_quote(dict(zip(columns, row, strict=True))) for row in found.fetchall()]


def add_quote(connection: duckdb.DuckDBPyConnection, quote: Quote, key: str, now: datetime) -> None:
    """Puts a quote that was proposed on record; `key` is that of the questions of names."""
    connection.execute(
        "INSERT INTO restricted.quotes (quote_id, source, field, crn_key, drop_id, text_id, words, "
        "consent, proposed_by, proposed_number, proposed_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            quote.quote_id,
            quote.source,
            quote.field,
            quote.crn_key,
            quote.drop_id,
            quote.text_id,
            quote.words,
            quote.consent,
            quote.proposed.name,
            quote.proposed.uid,
            now,
        ],
    )
    complete_log(connection, key)


def mark_approved(
    connection: duckdb.DuckDBPyConnection, quote: Quote, who: SystemUser, key: str, now: datetime
) -> None:
    """Records that somebody approved a quote with the words that it has here."""
    connection.execute(
        "UPDATE restricted.quotes SET approved_by = ?, approved_number = ?, approved_at = ?, "
        "approved_hash = ? WHERE quote_id = ? AND words = ? AND approved_at IS NULL",
        [who.name, who.uid, now, quote.words_hash, quote.quote_id, quote.words],
    )
    complete_log(connection, key)


def mark_withdrawn(
    connection: duckdb.DuckDBPyConnection,
    quote_ids: Collection[str],
    who: SystemUser,
    key: str,
    now: datetime,
) -> None:
    """Records that quotes were withdrawn: no release prints them from then on."""
    with transaction(connection):
        for quote_id in quote_ids:
            connection.execute(
                "UPDATE restricted.quotes SET withdrawn_by = ?, withdrawn_at = ? "
                "WHERE quote_id = ? AND withdrawn_at IS NULL",
                [who.name, now, quote_id],
            )
    complete_log(connection, key)


def complete_log(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """Writes the lines of the registers that quotes call for and that are not there yet; the
    restricted store is attached, and the registers for writing."""
    lines = list(_lines(connection, key))
    with transaction(connection):
        for line in lines:
            connection.execute(
                "INSERT INTO registers.quote_decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                line,
            )


def complete_records(connection: duckdb.DuckDBPyConnection) -> None:
    """Writes the lines of the registers that are missing, where any may be.

    The restricted store is attached, and the registers for writing.
    """
    if TABLE not in tables_in(connection, "restricted"):
        return
    key = existing_question_key(connection)
    if key is not None:
        ensure_registers(connection)
        complete_log(connection, key)


@dataclass(frozen=True)
class GoneQuote:
    """A quote that is on the registers and no longer held: its words were erased."""

    quote_id: str
    source: str
    field: str
    consent: str
    decided_by: str


def quotes_gone(connection: duckdb.DuckDBPyConnection) -> list[GoneQuote]:
    """The quotes that only the registers know, oldest first."""
    rows = connection.execute(
        "SELECT quote_id, source, field, consent, decided_by FROM registers.quote_decisions "
        "WHERE decision = ? AND quote_id NOT IN (SELECT quote_id FROM restricted.quotes) "
        "ORDER BY decided_at, quote_id",
        [PROPOSED],
    ).fetchall()
    return [GoneQuote(*row) for row in rows]


def approved_words(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Quote to the keyed hash of its words, of those that the registers know as approved."""
    if not has_table(connection, "quote_decisions"):
        return {}
    rows = connection.execute(
        "SELECT quote_id, words_id FROM registers.quote_decisions WHERE decision = ?", [APPROVED]
    ).fetchall()
    return dict(rows)


def quotes_digest(connection: duckdb.DuckDBPyConnection) -> str:
    """SHA-256 over the ids of the quotes that stand as approved on the registers; empty when none
    does. The registers are attached."""
    if not has_table(connection, "quote_decisions"):
        return ""
    rows = connection.execute(
        "SELECT quote_id FROM registers.quote_decisions GROUP BY quote_id "
        "HAVING bool_or(decision = ?) AND NOT bool_or(decision = ?) ORDER BY quote_id",
        [APPROVED, WITHDRAWN],
    ).fetchall()
    return hashlib.sha256("\n".join(one for (one,) in rows).encode()).hexdigest() if rows else ""


def words_id(key: str, words_hash: str) -> str:
    """The keyed hash that the registers keep of words, by their SHA-256."""
    return keyed_digest(key, f"quote {words_hash}")


def new_quote_id() -> str:
    """A random id."""
    return secrets.token_hex(_ID_BYTES)


def _lines(connection: duckdb.DuckDBPyConnection, key: str) -> Iterator[list[object]]:
    rows = connection.execute(
        "SELECT quote_id, source, field, consent, words, approved_hash, proposed_by, proposed_at, "
        "approved_by, approved_at, withdrawn_by, withdrawn_at FROM restricted.quotes "
        "ORDER BY proposed_at, quote_id"
    ).fetchall()
    for quote_id, source, field, consent, words, approved, *decisions in rows:
        proposed = hashlib.sha256(words.encode()).hexdigest()
        of_words = words_id(key, approved or proposed)
        for at, decision in enumerate((PROPOSED, APPROVED, WITHDRAWN)):
            who, when = decisions[2 * at : 2 * at + 2]
            if when is not None:
                yield [quote_id, decision, source, field, consent, of_words, who, when]


def _quote(row: Mapping[str, Any]) -> Quote:
    by = row["approved_by"]
    return Quote(
        **{name: row[name] for name in _FACTS},
        proposed=SystemUser(row["proposed_number"], row["proposed_by"]),
        approved=None if by is None else SystemUser(row["approved_number"], by),
        approved_hash=row["approved_hash"],
        is_withdrawn=row["withdrawn_at"] is not None,
    )
