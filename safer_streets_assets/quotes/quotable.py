"""The texts that may be quoted: masked, under opaque ids, and how many answered each question."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.quotes.wording import is_passage, one_line
from safer_streets_assets.stores.keys import keyed_digest
from safer_streets_assets.texts.identifiers import MaskedPlace
from safer_streets_assets.texts.redacted_texts import MaskedText, masked_texts

_ID_DIGITS = 32


@dataclass(frozen=True)
class QuotableText:
    """A text of the latest rows with its identifiers masked. `places` says what would be masked in
    a passage of it. The repr holds no word of it and no CRN."""

    text_id: str
    source: str
    field: str
    crn_key: str | None = dataclasses.field(repr=False)
    drop_id: str
    masked: str = dataclasses.field(repr=False)
    places: Callable[[str], list[MaskedPlace]] = dataclasses.field(repr=False)

    def holds(self, words: str) -> bool:
        """Whether words are a passage of it as it is masked now."""
        return is_passage(words, self.masked)

    def names_in(self, words: str) -> int:
        """How many identifiers, in doubt or not, are found in words by themselves."""
        return len(self.places(words))


@dataclass(frozen=True)
class QuotableTexts:
    """All of them by id, and how many people (of an anonymous source: rows) answered each
    question, by source and field."""

    by_id: Mapping[str, QuotableText] = dataclasses.field(repr=False)
    answered: Mapping[tuple[str, str], int]


def quotable_texts(
    connection: duckdb.DuckDBPyConnection, policy: Policy, key: str
) -> QuotableTexts:
    """The texts of the latest rows, masked by whoever is held now.

    `key` is that of the questions of names. The restricted store and the registers are attached for
    reading, with the tables that a run makes.
    """
    masked, _ = masked_texts(connection, policy, key)
    found = [_quotable(key, one) for one in masked]
    return QuotableTexts({one.text_id: one for one in found}, _answered(masked))


def _quotable(key: str, one: MaskedText) -> QuotableText:
    written = one.written
    whose = json.dumps([written.source, written.field, written.crn_key, written.text])
    return QuotableText(
        text_id=keyed_digest(key, f"text {whose}")[:_ID_DIGITS],
        source=written.source,
        field=written.field,
        crn_key=written.crn_key,
        drop_id=written.drop_id,
        masked=one_line(one.redacted.text),
        places=one.places,
    )


def _answered(masked: Sequence[MaskedText]) -> dict[tuple[str, str], int]:
    who: dict[tuple[str, str], set[str]] = {}
    for number, one in enumerate(masked):
        written = one.written
        person = written.person_id or f"row {number}"
        who.setdefault((written.source, written.field), set()).add(person)
    return {question: len(people) for question, people in who.items()}
