"""The redacted copy of every free text in the research store, made anew by every run.

A drop may bring a name that stands in a text of long ago, so all texts are redacted again. What was
once masked as a name in a text of a person stays masked, also when the name is no longer held.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from safer_streets_assets.cohort.conformed import make_conformed_rows
from safer_streets_assets.intake.name_context import Language
from safer_streets_assets.intake.name_decisions import NameDecisions, name_decisions, question_key
from safer_streets_assets.intake.name_forms import tokens_of
from safer_streets_assets.intake.naming import people_held
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.policy.sources import PERSON_ID
from safer_streets_assets.stores.frames import registered
from safer_streets_assets.stores.keys import keyed_digest
from safer_streets_assets.stores.queries import one_number, transaction
from safer_streets_assets.stores.sql_files import quoted_name, read_sql
from safer_streets_assets.texts import identifiers as kinds
from safer_streets_assets.texts.held import births_held, names_set_aside
from safer_streets_assets.texts.redacting import Redactor

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
class _Written:
    """A text as somebody wrote it, and where it stands. The repr holds nothing of it."""

    source: str
    field: str
    person_id: str | None
    crn_key: str | None = dataclasses.field(repr=False)
    reference: str = dataclasses.field(repr=False)
    text: str = dataclasses.field(repr=False)


def make_redacted_texts(connection: duckdb.DuckDBPyConnection, policy: Policy) -> int:
    """Rebuilds `research.redacted_texts`; returns how many texts there are.

    The restricted and the research store are attached for writing, the registers for reading;
    `person_pseudonyms` is made.

    Raises:
        PolicyError: the query of a conformed table is none.
    """
    connection.execute(read_sql("texts", "masked_words"))
    connection.execute(read_sql("texts", "redacted_texts"))
    written = [one for name in policy.sources for one in _written(connection, policy, name)]
    redactor = _redactor(connection, policy, [one.text for one in written])
    key = question_key(connection)
    masked = _Masked(connection, key, redactor.is_ordinary)
    decisions = {name: name_decisions(connection, name) for name in policy.sources}
    rows = [_redacted(one, redactor, masked, decisions[one.source]) for one in written]
    masked.keep(connection)
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
    redactor = _redactor(connection, policy, [text for (text,) in rows])
    return sum(any(place.is_sure for place in redactor.places(text)) for (text,) in rows)


def _redactor(
    connection: duckdb.DuckDBPyConnection, policy: Policy, texts: Sequence[str]
) -> Redactor:
    """Masks everybody who is held and may stand in some texts."""
    people = people_held(connection, policy, texts, names_set_aside(policy))
    return Redactor(people, births_held(connection, policy), Language.of(policy))


def _written(
    connection: duckdb.DuckDBPyConnection, policy: Policy, name: str
) -> Iterator[_Written]:
    """The free texts of the latest rows of a source."""
    source = policy.sources[name]
    if not source.free_texts or not _has_any(connection, name, source):
        return
    make_conformed_rows(connection, policy, name)
    conformed = source.conformed
    told_by = [f"conformed.{quoted_name(c)}" for c in conformed.reference or conformed.identity]
    crn = source.crn_field
    for agreed in source.free_texts:
        query = read_sql("texts", "written_texts").format(
            person="NULL::VARCHAR" if source.anonymous else f"conformed.{PERSON_ID}",
            crn="NULL::VARCHAR" if crn is None else f"latest.{quoted_name(crn.name)}",
            reference=", ".join(told_by) or "''",
            field=quoted_name(agreed.name),
        )
        for row in connection.execute(query).fetchall():
            yield _Written(name, agreed.name, *row)


def _has_any(connection: duckdb.DuckDBPyConnection, name: str, source: Source) -> bool:
    filled = " OR ".join(f"{quoted_name(one.name)} IS NOT NULL" for one in source.free_texts)
    query = f"SELECT 1 FROM restricted.{raw_table(name)} WHERE {filled} LIMIT 1"
    return connection.execute(query).fetchone() is not None


def _redacted(
    one: _Written, redactor: Redactor, masked: _Masked, decisions: NameDecisions
) -> tuple[object, ...]:
    """A row of the table: a text with its identifiers masked."""

    def is_no_name(words: frozenset[str]) -> bool:
        return bool(words) and words <= decisions.refused(one.field, one.text, words)

    found = redactor.redact(one.text, masked.before(one), is_no_name)
    masked.add(one, found.names)
    counts = (found.counts[kind] for kind in COLUMN_OF)
    place = (one.source, one.field, one.person_id, one.reference)
    return (*place, found.text, *counts, found.in_doubt)


class _Masked:
    """The words that were masked as names: in earlier runs, and in this one."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        key: str,
        is_ordinary: Callable[[str], bool],
    ) -> None:
        self._key, self._is_ordinary = key, is_ordinary
        self._digests: dict[str, str] = {}
        rows = connection.execute("SELECT source, crn_key, word_id FROM restricted.masked_words")
        self._before = set(rows.fetchall())
        self._now: set[tuple[str, str | None, str]] = set()
        self._places = {(source, crn) for source, crn, _ in self._before}

    def before(self, one: _Written) -> Callable[[int, str], bool]:
        """Whether an earlier run masked a word of a text, the so-manieth of its words."""
        if (one.source, one.crn_key) not in self._places:
            return lambda at, word: False
        ids = self._ids(one)

        def was_masked(at: int, word: str) -> bool:
            found = (one.source, one.crn_key, ids[at]) in self._before
            if found:
                self._now.add((one.source, one.crn_key, ids[at]))
            return found

        return was_masked

    def add(self, one: _Written, places: frozenset[int]) -> None:
        """Notes the words of a text that were masked, by their numbers."""
        if places:
            ids = self._ids(one)
            self._now |= {(one.source, one.crn_key, ids[at]) for at in places}

    def keep(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Keeps what is masked now; what stands in no text any more goes."""
        frame = pd.DataFrame(
            sorted(self._now, key=str), columns=["source", "crn_key", "word_id"], dtype=object
        )
        with registered(connection, "masked_now", frame), transaction(connection):
            connection.execute("DELETE FROM restricted.masked_words")
            connection.execute("INSERT INTO restricted.masked_words SELECT * FROM masked_now")

    def _ids(self, one: _Written) -> list[str]:
        """The opaque ids of the words of a text. An ordinary word is told apart by how often it
        stood in the text before: May is a month here and somebody there."""
        words = [token.word for token in tokens_of(one.text)]
        seen: Counter[str] = Counter()
        ids = []
        for word in words:
            seen[word] += 1
            place = f" {seen[word]} of {words.count(word)}" if self._is_ordinary(word) else ""
            message = f"masked {one.field} {word}{place}"
            if message not in self._digests:
                self._digests[message] = keyed_digest(self._key, message)
            ids.append(self._digests[message])
        return ids
