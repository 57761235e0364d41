"""Whether a text that somebody types for a register names somebody whose name E&I holds.

It does when a forename and the surname stand in it, parted by anything or written together, and
when the surname does alone: most surnames tell of one family in the data. A surname that is an
ordinary word (of this product, of its policy, of the language), or that is short, is taken for a
name where it is written as one: with a capital, and not because a sentence begins there. So is the
first word of a name that does not say which of its words is the surname. A word of the policy's
lists, such as a borough, names nobody.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator

import duckdb

from safer_streets_assets.intake.anonymity import words_of
from safer_streets_assets.intake.misplaced import LEAST_LETTERS, held_names, names_somebody
from safer_streets_assets.intake.naming import PeopleHeld, words_of_policy
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.own_words import product_words
from safer_streets_assets.stores.sql_files import quoted_name

_JOINT = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z])")
"""Where a capital begins another word of what is written together; capitals in a row are one."""
_LETTERS = re.compile(r"(?<![^\W\d_])[^\W\d_](?:[\W\d_]+[^\W\d_](?![^\W\d_]))+")
"""Letters with something between each two of them."""
_TOKEN = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?:;]\s)[\s\"'(\u2018\u201c]*$")
MOST_LETTERS = 60
"""What is longer is no word, and is not searched for names written together."""
_CALENDAR = frozenset(
    name.casefold() for names in (calendar.month_name, calendar.day_name) for name in names if name
)


class TypedNames:
    """The names held, to be found in texts that people type."""

    def __init__(self, policy: Policy, names: Iterable[str]) -> None:
        """Takes names as they arrived."""
        self._policy = policy
        self._people = PeopleHeld(names, ())
        self._ordinary = words_of_policy(policy) | _CALENDAR
        self._ordinary |= {word.casefold() for word in policy.vocabulary.ordinary_words}

    def any_in(self, text: str) -> bool:
        """Whether a text names somebody."""
        forms = (text, _JOINT.sub(" ", text), _LETTERS.sub(_as_one, text))
        if any(self._people.found_in(form).surely for form in dict.fromkeys(forms)):
            return True
        if any(
            self._people.written_together_in(word)
            for word in words_of(text)
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
        return any("".join(words_of(name)) in unsure for name in _written_as_names(text))

    def _is_ordinary(self, word: str) -> bool:
        return word in self._ordinary or product_words().hold(word)

    def _without_own_words(self, text: str) -> str:
        """A text without the words of the policy's lists that stand in it whole."""
        for own in sorted(self._policy.own_words, key=len, reverse=True):
            if len(own) >= LEAST_LETTERS and own in text.casefold():
                text = re.sub(rf"(?<!\w){re.escape(own)}(?!\w)", "-", text, flags=re.IGNORECASE)
        return text


def typed_names(
    connection: duckdb.DuckDBPyConnection, policy: Policy, texts: Iterable[str]
) -> TypedNames:
    """The names in the raw tables that some texts may hold; the restricted store is attached."""
    letters = "".join(word for text in texts for word in words_of(text))
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


def _written_as_names(text: str) -> Iterator[str]:
    """The words of a text with a capital with which no sentence begins; none of one in capitals."""
    if text.upper() == text:
        return
    for found in _TOKEN.finditer(text):
        word = found.group()
        if word[0].isupper() and not _SENTENCE_BEGINS.search(text[: found.start()]):
            yield word


def _as_one(letters: re.Match[str]) -> str:
    return "".join(words_of(letters.group()))
