"""The redacted copy of every free text in the research store, made anew by every run.

A drop may bring a name that stands in a text of long ago, so all texts are redacted again. What was
once masked as a name in a text of a person stays masked, also when the name is no longer held.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import duckdb
import pandas as pd

from safer_streets_assets.intake.name_decisions import NameDecisions, name_decisions, question_key
from safer_streets_assets.intake.naming import people_held
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.sources import PERSON_ID
from safer_streets_assets.stores.frames import registered
from safer_streets_assets.stores.queries import one_number, transaction
from safer_streets_assets.stores.sql_files import read_sql
from safer_streets_assets.texts import identifiers as kinds
from safer_streets_assets.texts.held import births_held, names_set_aside
from safer_streets_assets.texts.identifiers import MaskedPlace
from safer_streets_assets.texts.masked_words import MaskedWords
from safer_streets_assets.texts.redacting import Redacted, Redactor
from safer_streets_assets.texts.written import WrittenText, written_texts

COLUMN_OF = {
    kinds.NAME: "names",
    kinds.CRN: "crns",
    kinds.EMAIL: "e_mails",
    kinds.POSTCODE: "postcodes",
    kinds.PHONE: "phones",
    kinds.BIRTH: "births",
    kinds.ADDRESS: "addresses",
}
"""Kind of identifier to the column that counts it."""


@dataclass(frozen=True)
class MaskedText:
    """A text as it was written, and with its identifiers masked. `places` says what would be masked
    in a passage of it, by the same people and decisions. The repr holds no word of it."""

    written: WrittenText
    redacted: Redacted = field(repr=False)
    places: Callable[[str], list[MaskedPlace]] = field(repr=False)


def make_redacted_texts(connection: duckdb.DuckDBPyConnection, policy: Policy) -> int:
    """Rebuilds `research.redacted_texts`; returns how many texts there are.

    The restricted and the research store are attached for writing, the registers for reading;
    `person_pseudonyms` is made.

    Raises:
        PolicyError: the query of a conformed table is none.
    """
    connection.execute(read_sql("texts", "masked_words"))
    connection.execute(read_sql("texts", "redacted_texts"))
    found, masked = masked_texts(connection, policy, question_key(connection))
    masked.keep(connection)
    rows = [_row(one) for one in found]
    columns = (
        *("source", "field", PERSON_ID, "reference", "text"),
        *(*COLUMN_OF.values(), "in_doubt"),
    )
    frame = pd.DataFrame(rows, columns=columns)
    with registered(connection, "redacted_now", frame), transaction(connection):
        connection.execute("DELETE FROM research.redacted_texts")
        connection.execute("INSERT INTO research.redacted_texts BY NAME SELECT * FROM redacted_now")
    return len(rows)


def count_redactions(connection: duckdb.DuckDBPyConnection) -> int:
    """Rebuilds `research.redaction_counts`; returns its rows. The research store is attached for
    writing, and `redacted_texts` is made."""
    with transaction(connection):
        connection.execute("DELETE FROM research.redaction_counts")
        connection.execute(read_sql("texts", "redaction_counts"))
    return one_number(connection, "SELECT count(*) FROM research.redaction_counts")


def texts_left_to_mask(connection: duckdb.DuckDBPyConnection, policy: Policy) -> int:
    """How many redacted texts still hold what is surely an identifier; the restricted and the
    research store are attached."""
    rows = connection.execute("SELECT text FROM research.redacted_texts").fetchall()
    return texts_that_name(connection, policy, [text for (text,) in rows])


def texts_that_name(
    connection: duckdb.DuckDBPyConnection, policy: Policy, texts: Sequence[str]
) -> int:
    """How many of some texts hold what is surely an identifier of somebody held; the restricted
    store is attached."""
    if not texts:
        return 0
    redactor = _redactor(connection, policy, texts)
    return sum(any(place.is_sure for place in redactor.places(text)) for text in texts)


def masked_texts(
    connection: duckdb.DuckDBPyConnection, policy: Policy, key: str
) -> tuple[list[MaskedText], MaskedWords]:
    """Every free text of the latest rows with its identifiers masked, and the words masked in it.

    `key` is that of the questions of names. The restricted store and the registers are attached for
    reading, `masked_words` and `person_pseudonyms` are made.

    Raises:
        PolicyError: the query of a conformed table is none.
    """
    written = [one for name in policy.sources for one in written_texts(connection, policy, name)]
    redactor = _redactor(connection, policy, [one.text for one in written])
    masked = MaskedWords(connection, key, redactor.is_ordinary)
    decisions = {name: name_decisions(connection, name) for name in policy.sources}
    found = []
    for one in written:
        answers = decisions[one.source]

        def is_no_name(
            words: frozenset[str], one: WrittenText = one, answers: NameDecisions = answers
        ) -> bool:
            return bool(words) and words <= answers.refused(one.field, one.text, words)

        redacted = redactor.redact(one.text, masked.before(one), is_no_name)
        masked.add(one, redacted.names)
        found.append(MaskedText(one, redacted, partial(redactor.places, is_no_name=is_no_name)))
    return found, masked


def _redactor(
    connection: duckdb.DuckDBPyConnection, policy: Policy, texts: Sequence[str]
) -> Redactor:
    """Masks everybody who is held and may stand in some texts."""
    people = people_held(connection, policy, texts, names_set_aside(policy))
    return Redactor(people, births_held(connection, policy), policy)


def _row(one: MaskedText) -> tuple[object, ...]:
    """A row of the table."""
    written, redacted = one.written, one.redacted
    counts = (redacted.counts[kind] for kind in COLUMN_OF)
    place = (written.source, written.field, written.person_id, written.reference)
    return (*place, redacted.text, *counts, redacted.in_doubt)
