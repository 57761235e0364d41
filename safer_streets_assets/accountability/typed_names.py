"""Whether a text that somebody types for a register names somebody whose name E&I holds.

It does when a forename and the surname stand in it, parted by anything or written together, and
when the surname does alone: most surnames tell of one family in the data. A surname that is an
ordinary word (of the policy, of its vocabulary), or that is short, is taken for a name where it is
written as one: with a capital, and not because a sentence begins there; behind a title or an
initial; before a comma and an initial; or as all that the text says. So is the first word of a name
that does not say which of its words is the surname. A word of the policy's lists, such as a
borough, names nobody, unless a title, an initial or a comma says that it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import duckdb

from safer_streets_assets.intake.anonymity import plain_words
from safer_streets_assets.intake.misplaced_values import LEAST_LETTERS, held_names, names_somebody
from safer_streets_assets.intake.name_context import CALENDAR, TITLE_BEFORE, is_named
from safer_streets_assets.intake.name_forms import forms_of
from safer_streets_assets.intake.naming import words_of_policy
from safer_streets_assets.intake.people_held import PeopleHeld
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.sql_files import quoted_name

_JOINT = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z])")
"""Where a capital begins another word of what is written together; capitals in a row are one."""
_LETTERS = re.compile(r"(?<![^\W\d_])[^\W\d_](?:[\W\d_]+[^\W\d_](?![^\W\d_]))+")
"""Letters with something between each two of them."""
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?]\s)[\s\"'(\u2018\u201c]*$")
_TOKEN = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_OF_SOMEBODY = re.compile(r"['\u2019]s?$", re.IGNORECASE)
MOST_LETTERS = 60
"""What is longer is no word, and is not searched for names written together."""


class TypedNames:
    """The names held, to be found in texts that operators type."""

    def __init__(self, policy: Policy, names: Iterable[str]) -> None:
        """Takes names as they arrived."""
        self._policy = policy
        self._people = PeopleHeld(names, ())
        self._ordinary = words_of_policy(policy) | CALENDAR
        own = (policy.vocabulary.ordinary_words, policy.vocabulary.heading_words)
        self._ordinary |= {word.casefold() for words in own for word in words}

    def any_in(self, text: str) -> bool:
        """Whether a text names somebody."""
        forms = (text, _JOINT.sub(" ", text), _LETTERS.sub(_as_one, text))
        if any(self._people.found_in(form).surely for form in dict.fromkeys(forms)):
            return True
        if any(
            self._people.written_together_in(word)
            for word in plain_words(text)
            if len(word) <= MOST_LETTERS and not self._is_ordinary(word)
        ):
            return True
        plain = self._without_own_words(text)
        pieces = _LETTERS.sub(_as_one, _JOINT.sub(" ", plain))
        return any(self._alone_in(form) for form in dict.fromkeys((plain, pieces)))

    def _alone_in(self, text: str) -> bool:
        """Whether a surname, or what may be one, stands in a text without a forename."""
        found = self._people.found_in(text)
        if not found.alone and not found.perhaps:
            return False
        surnames = found.alone | found.parts
        ordinary = {form for form in surnames if self._is_ordinary(form)}
        if surnames - ordinary:
            return True
        first_words = {
            form
            for form in found.perhaps - surnames
            if len(form) < LEAST_LETTERS or not self._is_ordinary(form)
        }
        unsure = ordinary | first_words
        return any(
            forms & (surnames | found.perhaps if has_title else unsure)
            or self._families_of(word) & (surnames | found.perhaps)
            for word, forms, has_title in _written_as_names(text)
        )

    def _is_ordinary(self, word: str) -> bool:
        return word in self._ordinary

    def _families_of(self, word: str) -> set[str]:
        """The surnames of a family that a word may be, the Bakers, unless it is ordinary itself."""
        if self._is_ordinary("".join(plain_words(word))):
            return set()
        return {form for form in forms_of(word).families if len(form) > 1}

    def _without_own_words(self, text: str) -> str:
        """A text without the words of the policy's lists that stand in it whole, as no name."""

        def kept_if_named(own: re.Match[str]) -> str:
            return own.group() if is_named(text, own.start(), own.end()) else "-"

        for own in sorted(self._policy.own_words, key=len, reverse=True):
            if len(own) >= LEAST_LETTERS and own in text.casefold():
                whole = rf"(?<!\w){re.escape(own)}(?!\w)"
                text = re.sub(whole, kept_if_named, text, flags=re.IGNORECASE)
        return text


def typed_names(
    connection: duckdb.DuckDBPyConnection, policy: Policy, texts: Iterable[str]
) -> TypedNames:
    """The names in the raw tables that some texts may hold; the restricted store is attached."""
    letters = "".join(word for text in texts for word in plain_words(text))
    names: set[str] = set()
    for table, columns in held_names(policy).items():
        for column in columns:
            name = quoted_name(column)
            # A first look leaves few of a million names: those of which a word stands somewhere.
            rows = connection.execute(
                f"SELECT DISTINCT {name} FROM {table} WHERE {name} IS NOT NULL AND ("
                f"strlen({name}) <> length({name}) OR list_bool_or(list_transform("
                f"regexp_extract_all(lower({name}), '[a-z]+'), lambda word: contains(?, word))))",
                [letters],
            ).fetchall()
            names |= {text for (text,) in rows if names_somebody(text, policy)}
    return TypedNames(policy, names)


def _written_as_names(text: str) -> Iterator[tuple[str, set[str], bool]]:
    """The words of a text that are written as names, what each may be a form of, and whether a
    title stands before it. In a text in capitals a capital alone says nothing."""
    in_capitals = text.upper() == text
    tokens = list(_TOKEN.finditer(text))
    is_all = len([token for token in tokens if len(token.group()) > 1]) == 1
    for token in tokens:
        word, before = token.group(), text[: token.start()]
        has_title = bool(TITLE_BEFORE.search(before))
        has_capital = word[0].isupper()
        is_within = not in_capitals and not _SENTENCE_BEGINS.search(before)
        is_name = is_within or is_all or is_named(text, token.start(), token.end())
        if has_title or (has_capital and is_name):
            forms = {"".join(plain_words(form)) for form in (word, _OF_SOMEBODY.sub("", word))}
            yield word, forms, has_title


def _as_one(letters: re.Match[str]) -> str:
    return "".join(plain_words(letters.group()))
