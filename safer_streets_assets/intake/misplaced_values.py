"""Values in the wrong field: a CRN, a name or a way to reach somebody where nobody may be named.

A text that is a word of its field's list, or of the policy's own, names nobody, whoever is called
so. Where a text is a name in some rows and no name in more of them (a team in the field of its
manager), the rows in which it is a name are the wrong ones. So one slip does not set a whole file
aside.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
import pandas as pd

from safer_streets_assets.intake.anonymity import KnownNames, plain_words
from safer_streets_assets.intake.crn import holds_crn
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import AgreedField, Policy, Source
from safer_streets_assets.stores.frames import write_frame
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

LEAST_LETTERS = 4
"""A name of one word is one from so many characters on: shorter ones are initials."""
_POSTCODE = r"\b[A-Z]{1,2}[0-9][A-Z0-9]?\s?[0-9][A-Z]{2}\b"
_TELEPHONE = r"(?:\+|\b0)(?:[\s().-]{0,2}[0-9]){9,12}\b"
_E_MAIL = r"[^\s@]@[^\s@]+\.[^\s@]"
_CONTACT = re.compile(f"{_POSTCODE}|{_TELEPHONE}|{_E_MAIL}", re.IGNORECASE)


@dataclass(frozen=True)
class Misplaced:
    """A text that makes the rows with it in a field wrong. The repr holds nothing of it."""

    field: str
    text: str
    reason: str

    def __repr__(self) -> str:
        return f"Misplaced(field={self.field!r}, reason={self.reason!r})"


def misplaced_texts(
    connection: duckdb.DuckDBPyConnection, policy: Policy, source: Source, rows: str
) -> list[Misplaced]:
    """The texts of a view of staged rows that stand in the wrong field.

    The restricted store is attached: the names in it, and those in the view itself, are held
    against the fields in which nobody may be named.
    """
    texts = {
        field.name: {
            text: count
            for text, count in _counted(connection, rows, field.name)
            if not _is_own_word(text, field, policy)
        }
        for field in source.open_texts
    }
    wrong = [
        Misplaced(field.name, text, reason)
        for field in source.open_texts
        for text in texts[field.name]
        if (reason := _reason_of(text, field, policy)) is not None
    ]
    words = {word for own in texts.values() for text in own for word in plain_words(text)}
    own_names = _names(connection, policy, {rows: source.names}, words)
    held = _names(connection, policy, held_names(policy), words)
    if not own_names and not held:
        return wrong
    return wrong + list(_named(texts, own_names, held))


def held_names(policy: Policy) -> dict[str, list[str]]:
    """The raw tables that name people, with the columns that do."""
    return {
        f"restricted.{raw_table(name)}": source.names
        for name, source in policy.sources.items()
        if source.names
    }


def _named(
    texts: Mapping[str, Mapping[str, int]],
    own_names: Mapping[tuple[str, str], int],
    held: Mapping[tuple[str, str], int],
) -> Iterable[Misplaced]:
    """Texts that name somebody, or that somebody is named as by mistake."""
    as_name: Counter[frozenset[str]] = Counter()
    for names in (own_names, held):
        for (_, name), count in names.items():
            as_name[frozenset(plain_words(name))] += count
    known = KnownNames(as_name)
    found = {
        (field, text): [
            name
            for name in known.all_in(text)
            if len(name) > 1 or text.strip().casefold() == next(iter(name))
        ]
        for field, own in texts.items()
        for text in own
    }
    elsewhere: Counter[frozenset[str]] = Counter()
    for (field, text), hits in found.items():
        for hit in hits:
            elsewhere[hit] += texts[field][text]
    no_names = {name for name, count in elsewhere.items() if count > as_name[name]}
    for (field, text), hits in found.items():
        if set(hits) - no_names:
            yield Misplaced(field, text, "R-IDENTIFIER")
    for field, name in own_names:
        if frozenset(plain_words(name)) in no_names:
            yield Misplaced(field, name, "R-IDENTIFIER")


def _names(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    places: Mapping[str, list[str]],
    words: set[str],
) -> Counter[tuple[str, str]]:
    """Field and name to rows, of the names all of whose words are among some words."""
    names: Counter[tuple[str, str]] = Counter()
    if not words:
        return names
    counted = " UNION ALL ".join(
        f"SELECT {quoted_text(column)} AS named_in, {quoted_name(column)} AS name, "
        f"count(*) AS rows_of_it FROM {place} GROUP BY ALL"
        for place, columns in places.items()
        for column in columns
    )
    if not counted:
        return names
    # A first look in SQL leaves few of a million names for the exact one.
    listed = ", ".join(quoted_text(word) for word in sorted(words))
    plain = "lower(strip_accents(name))"
    rows = connection.execute(
        f"SELECT named_in, name, rows_of_it FROM ({counted}) WHERE "
        f"list_contains([{listed}], regexp_extract({plain}, '\\p{{L}}+')) AND "
        f"list_has_all([{listed}], regexp_extract_all({plain}, '\\p{{L}}+'))"
    ).fetchall()
    for column, text, count in rows:
        if names_somebody(text, policy) and words >= set(plain_words(text)):
            names[column, text] += count
    return names


def names_somebody(text: str, policy: Policy) -> bool:
    """Whether a text in a field for names names somebody: no placeholder, no word of the policy,
    no initials."""
    words = plain_words(text)
    if not words or (len(words) == 1 and len(text.strip()) < LEAST_LETTERS):
        return False
    return not (policy.vocabulary.is_missing(text) or text.strip().casefold() in policy.own_words)


def _counted(
    connection: duckdb.DuckDBPyConnection, rows: str, column: str
) -> list[tuple[str, int]]:
    name = quoted_name(column)
    return connection.execute(
        f"SELECT {name}, count(*) FROM {rows} WHERE {name} IS NOT NULL GROUP BY {name}"
    ).fetchall()


def _is_own_word(text: str, field: AgreedField, policy: Policy) -> bool:
    if policy.vocabulary.is_missing(text) or text.strip().casefold() in policy.own_words:
        return True
    return field.words is not None and policy.word_lists[field.words].word(text) is not None


def _reason_of(text: str, field: AgreedField, policy: Policy) -> str | None:
    """Why a text is wrong in a field whatever names are held; only fields of words hold no way to
    reach somebody, since a team has a telephone."""
    if holds_crn(text, policy.dpia.person_number):
        return "R-IDENTIFIER"
    return "R-CONTACT" if field.words is not None and _CONTACT.search(text) else None


def misplaced_sql(source: Source, name: str, found: Iterable[Misplaced]) -> dict[str, list[str]]:
    """For each field with misplaced texts, what gives the reason of a row staged under a name, in
    SQL; in anonymous material nobody may be named at all."""
    reasons: dict[str, list[str]] = {}
    for field, reason in dict.fromkeys((one.field, one.reason) for one in found):
        given = "R-NOT-ANONYMOUS" if source.anonymous else reason
        also = " AND NOT is_identifying" if source.anonymous else ""
        reasons.setdefault(field, []).append(
            f"CASE WHEN {quoted_name(field)} IN (SELECT text FROM {name}_misplaced "
            f"WHERE field = {quoted_text(field)} AND reason = {quoted_text(reason)}){also} "
            f"THEN {quoted_text(given)} END"
        )
    return reasons


def define_misplaced(
    connection: duckdb.DuckDBPyConnection, table: str, found: Iterable[Misplaced]
) -> None:
    """Puts misplaced texts into a temporary table (field, text, reason)."""
    rows = [(one.field, one.text, one.reason) for one in dict.fromkeys(found)]
    frame = pd.DataFrame(rows, columns=["field", "text", "reason"], dtype=object)
    types = dict.fromkeys(("field", "text", "reason"), "VARCHAR")
    write_frame(connection, table, frame, types, temporary=True)
