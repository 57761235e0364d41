"""What operators decided about texts of anonymous material that perhaps name somebody.

A question is one word that may be a name, in one text of one field. It is asked once: its answer
holds for every row and every later drop with the same text, until it is withdrawn. Another name
that is held later makes another question of the same text. The registers have a keyed hash of each
question, the answer, who and when; the key lies in the restricted store and goes with it.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import duckdb

from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores.keys import keyed_digest
from safer_streets_assets.stores.queries import one_row, transaction

IS_NAME: Final = "accepted"
IS_NONE: Final = "refused"
WITHDRAWN: Final = "withdrawn"
_ID_DIGITS = 32


class NameDecisionError(SaferStreetsError):
    """A decision on a text that perhaps names somebody cannot be carried out."""


@dataclass(frozen=True)
class UncertainText:
    """A text of anonymous material that perhaps names somebody: the first place it stands in, how
    many rows have it, and the words in doubt. The repr holds nothing of it."""

    text_id: str
    source: str
    field: str
    drop_id: str
    row_number: int
    rows: int
    text: str = dataclasses.field(repr=False)
    words: frozenset[str] = dataclasses.field(repr=False)


@dataclass(frozen=True)
class NameDecisions:
    """The answers that stand for one source: question to answer, under the key of the questions."""

    source: str
    key: str = dataclasses.field(repr=False)
    answers: Mapping[str, str] = dataclasses.field(repr=False)

    def is_name(self, column: str, text: str, words: Iterable[str]) -> bool:
        """Whether an operator said that one of some words of a text is a name."""
        return IS_NAME in self._answers(column, text, words).values()

    def refused(self, column: str, text: str, words: Iterable[str]) -> frozenset[str]:
        """The words of a text of which an operator said that they are none."""
        answers = self._answers(column, text, words)
        return frozenset(word for word, answer in answers.items() if answer == IS_NONE)

    def _answers(self, column: str, text: str, words: Iterable[str]) -> dict[str, str]:
        if not self.answers:
            return {}
        asked = {word: question_id(self.key, self.source, column, text, [word]) for word in words}
        return {word: self.answers[q] for word, q in asked.items() if q in self.answers}


def question_id(key: str, source: str, column: str, text: str, words: Collection[str]) -> str:
    """The opaque id of a text with some of its words in doubt."""
    asked = json.dumps([source, column, text.strip(), sorted(words)])
    return keyed_digest(key, f"name {asked}")[:_ID_DIGITS]


def name_decisions(connection: duckdb.DuckDBPyConnection, source: str) -> NameDecisions:
    """The answers that stand for a source; the restricted store and the registers are attached."""
    key = existing_question_key(connection)
    if key is None:
        return NameDecisions(source, "", {})
    rows = connection.execute(
        "SELECT question_id, decision FROM registers.name_decisions "
        "QUALIFY row_number() OVER (PARTITION BY question_id ORDER BY decided_at DESC) = 1"
    ).fetchall()
    answers = {question: answer for question, answer in rows if answer != WITHDRAWN}
    return NameDecisions(source, key, answers)


def decide_names(
    connection: duckdb.DuckDBPyConnection,
    texts: Iterable[UncertainText],
    verdicts: Mapping[str, bool],
    who: str,
    now: datetime,
) -> tuple[int, int]:
    """Records what an operator decided of texts by id (True: it is a name); all of it, or nothing.

    `texts` are those in doubt now. A verdict that stands already changes nothing. Returns how many
    texts were newly said to name somebody, and how many to name nobody. The restricted store and
    the registers are attached for writing.

    Raises:
        NameDecisionError: an id is not among the texts in doubt, and nothing stands about it.
    """
    known = {one.text_id: one for one in texts}
    standing = _standing(connection)
    new = {
        text_id: verdict
        for text_id, verdict in verdicts.items()
        if standing.get(text_id) != (IS_NAME if verdict else IS_NONE)
    }
    if not new.keys() <= known.keys():
        raise NameDecisionError(
            "The list has an id that is not among the texts in doubt; write a new list with "
            "safer-streets names --out, decide in it, and accept that one."
        )
    now, key = _after_what_stands(connection, now), question_key(connection)
    with transaction(connection):
        for text_id, verdict in new.items():
            one = known[text_id]
            for word in sorted(one.words):
                question = question_id(key, one.source, one.field, one.text, [word])
                answer = IS_NAME if verdict else IS_NONE
                connection.execute(
                    "INSERT INTO registers.name_decisions VALUES (?, ?, ?, ?, ?, ?)",
                    [question, text_id, one.drop_id, answer, who, now],
                )
    named = sum(new.values())
    return named, len(new) - named


def withdraw_name(
    connection: duckdb.DuckDBPyConnection, text_id: str, who: str, now: datetime
) -> str:
    """Takes back what was decided of a text; returns what it was. It is asked again.

    Raises:
        NameDecisionError: nothing stands about a text of this id.
    """
    standing = _standing(connection).get(text_id)
    if standing is None:
        raise NameDecisionError(
            "Nothing stands about a text of this id; the list of safer-streets names --out that "
            "was decided in has the ids."
        )
    connection.execute(
        "INSERT INTO registers.name_decisions "
        "SELECT DISTINCT question_id, text_id, drop_id, $withdrawn, $who, $now::TIMESTAMP "
        "FROM registers.name_decisions WHERE text_id = $text_id",
        {
            "withdrawn": WITHDRAWN,
            "who": who,
            "now": _after_what_stands(connection, now),
            "text_id": text_id,
        },
    )
    return standing


def _standing(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Id of a text to what stands about it."""
    rows = connection.execute(
        "SELECT text_id, decision FROM registers.name_decisions "
        "QUALIFY row_number() OVER (PARTITION BY text_id ORDER BY decided_at DESC) = 1"
    ).fetchall()
    return {text_id: answer for text_id, answer in rows if answer != WITHDRAWN}


def _after_what_stands(connection: duckdb.DuckDBPyConnection, now: datetime) -> datetime:
    """The time now, or just after the last decision where a clock was set back: the last counts."""
    (last,) = one_row(connection, "SELECT max(decided_at) FROM registers.name_decisions")
    return now if last is None else max(now, last + timedelta(microseconds=1))


def existing_question_key(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The key of the questions; None when none was asked yet. The restricted store is attached."""
    rows = connection.execute("SELECT key FROM restricted.name_question_key").fetchall()
    return str(rows[0][0]) if rows else None


def question_key(connection: duckdb.DuckDBPyConnection) -> str:
    """The key of the questions, which is made when the first is asked; the restricted store is
    attached for writing."""
    found = existing_question_key(connection)
    if found is not None:
        return found
    key = secrets.token_hex(32)
    connection.execute("INSERT INTO restricted.name_question_key VALUES (?)", [key])
    return key
