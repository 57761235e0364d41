"""Whether a word of a text is written as a name: what stands around it says so.

It is for words that are names and ordinary words as well (Will, Hope, May, Young). A capital says
nothing where every word has one, nor where a sentence begins.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from safer_streets_assets.intake.anonymity import plain_words
from safer_streets_assets.intake.name_forms import Token
from safer_streets_assets.policy import Policy

SENTENCE_BEGINS = re.compile(r"(?:^|[.!?:;\n\u2022]\s*|[-\u2013\u2014]\s+)[\s\"'(\u2018\u201c]*$")
TITLE_BEFORE = re.compile(r"\b(?:(?i:mrs?|ms|mx|dr|prof|sir|messrs)|Miss|MISS)\b\.?\s*$")
"""A title, with which no sentence ends; in small letters "miss" is a verb."""
INITIAL_BEFORE = re.compile(r"(?<![^\W\d_])(?:[^\W\d_]\.|(?![AI])[A-Z])\s*$")
"""An initial, with which no sentence ends. Without a full stop A and I are words."""
INITIAL_BEHIND = re.compile(r"\s*,\s*(?:(?![AI])[A-Z]|[AI](?=[.)\]]|\s*$))(?![\w'\u2019])")
CALENDAR = frozenset(
    name.casefold() for names in (calendar.month_name, calendar.day_name) for name in names if name
)
_MONTHS = frozenset(name.casefold() for name in calendar.month_name if name)
_DIGIT = re.compile(r"\d")
_BEFORE_LENGTH = 24
_MOSTLY = 0.6
_LEAST_PAST = 5


def is_named(text: str, start: int, end: int) -> bool:
    """Whether what stands in a text is said to be a name by a title or an initial beside it."""
    before = text[:start]
    if TITLE_BEFORE.search(before):
        return True
    beside = INITIAL_BEFORE.search(before) or INITIAL_BEHIND.match(text, end)
    return text[start].isupper() and bool(beside)


@dataclass(frozen=True)
class Language:
    """The words of the policy that tell names from other words. `ordinary` are no surer names than
    words, `forenames` those of them that are forenames first, and `places` those of lists."""

    ordinary: frozenset[str] = field(repr=False)
    forenames: frozenset[str] = field(repr=False)
    places: frozenset[str] = field(repr=False)
    around: dict[str, frozenset[str]] = field(repr=False)

    @classmethod
    def of(cls, policy: Policy) -> Language:
        """The words of a policy."""
        vocabulary = policy.vocabulary
        names = vocabulary.names
        own = frozenset(word for text in policy.own_words for word in plain_words(text))
        lists = (
            *(vocabulary.common_words, vocabulary.ordinary_words, vocabulary.heading_words),
            *(names.also_words, names.plain_words),
        )
        words = {word.casefold() for listed in lists for word in listed}
        around = {
            "after a name": names.after_a_name,
            "after a word": names.after_a_word,
            "before a word": names.before_a_word,
            "before a place": names.before_a_place,
            "after a place": names.after_a_place,
            "before a month": names.before_a_month,
            "addressing": names.addressing,
        }
        return cls(
            own | words | CALENDAR,
            frozenset(names.also_words),
            own - words,
            {place: frozenset(listed) for place, listed in around.items()},
        )


class Surroundings:
    """The words of a text, each asked whether it is written as a name."""

    def __init__(self, text: str, tokens: Sequence[Token], language: Language) -> None:
        """Takes a text, its words and the language."""
        self.text, self.tokens, self.language = text, tokens, language

    @cached_property
    def capitals_say_nothing(self) -> bool:
        """Whether most words begin with a capital, or all letters are capitals."""
        words = [t for t in self.tokens if t.end - t.start > 1]
        capitals = sum(self.text[t.start].isupper() for t in words)
        upper = bool(words) and self.text.upper() == self.text
        return (upper and len(words) > 1) or (len(words) > 4 and capitals > _MOSTLY * len(words))

    def has_capital(self, at: int) -> bool:
        """Whether a word begins with a capital."""
        return self.text[self.tokens[at].start].isupper()

    def begins_a_sentence(self, at: int) -> bool:
        """Whether a sentence, or a line, begins with a word."""
        start = self.tokens[at].start
        before = self.text[max(0, start - _BEFORE_LENGTH) : start]
        if start <= _BEFORE_LENGTH:
            return bool(SENTENCE_BEGINS.search(before))
        return bool(SENTENCE_BEGINS.search("x" + before))

    def has_title(self, at: int) -> bool:
        """Whether a title stands before a word."""
        start = self.tokens[at].start
        return bool(TITLE_BEFORE.search(self.text[max(0, start - _BEFORE_LENGTH) : start]))

    def gap(self, at: int) -> str:
        """What stands between a word and the next; after the last, the rest of the text."""
        end = self.tokens[at].end
        begin = self.tokens[at + 1].start if at + 1 < len(self.tokens) else len(self.text)
        return self.text[end:begin]

    def gap_before(self, at: int) -> str:
        """What stands between a word and the one before it."""
        return self.gap(at - 1) if at else self.text[: self.tokens[0].start]

    def is_a_name(self, begin: int, end: int) -> bool:
        """Whether an ordinary word (or several, from `begin` to before `end`) is written as a name:
        in doubt it is."""
        start, stop = self.tokens[begin].start, self.tokens[end - 1].end
        if is_named(self.text, start, stop):
            return True
        word = self.tokens[begin].word
        before, behind = self._before(begin), self._behind(end - 1)
        around = self.language.around
        if self._is_addressed(begin):
            return True
        if word in self.language.places:
            if before in around["before a place"] or behind in around["after a place"]:
                return False
            is_shown = self.has_capital(begin) and not self.capitals_say_nothing
            return self._does_something(behind) or (is_shown and not self.begins_a_sentence(begin))
        is_of_a_place = word in around["after a place"] and word not in self.language.forenames
        if word not in self.language.forenames and self._precedes_a_place(end, behind):
            return False
        if is_of_a_place and (before in around["before a word"] or self._follows_a_place(begin)):
            return False
        if word in _MONTHS and self._is_a_month(begin, end):
            return False
        if self._does_something(behind) and before not in around["before a word"]:
            return True
        is_first = self.begins_a_sentence(begin)
        if not self.has_capital(begin) or (self.capitals_say_nothing and not is_first):
            return len(self.tokens) == end - begin
        if not is_first:
            return True
        if behind in around["after a word"]:
            return False
        return word in self.language.forenames

    def _is_addressed(self, at: int) -> bool:
        """Whether the two words before one say that somebody is spoken to, or says who they are."""
        before = self._before(at)
        if not before or at < 2 or self.gap(at - 1) != " ":
            return False
        return f"{self._before(at - 1)} {before}" in self.language.around["addressing"]

    def _precedes_a_place(self, end: int, behind: str) -> bool:
        """Whether what stands behind with a capital makes it a place: Wood Green."""
        is_place = behind in self.language.around["after a place"]
        return is_place and self.gap(end - 1) == " " and self.has_capital(end)

    def _follows_a_place(self, at: int) -> bool:
        """Whether a word with a capital, and nothing else, stands before one: Camberwell Green."""
        return bool(self._before(at)) and self.gap(at - 1) == " " and self.has_capital(at - 1)

    def _does_something(self, behind: str) -> bool:
        """Whether the next word says what somebody did or was, or that something is theirs."""
        past = len(behind) >= _LEAST_PAST and behind.endswith("ed")
        return past or behind == "s" or behind in self.language.around["after a name"]

    def _is_a_month(self, begin: int, end: int) -> bool:
        beside = self.gap_before(begin) + " " + self.gap(end - 1)
        before = self._before(begin)
        return bool(_DIGIT.search(beside)) or before in self.language.around["before a month"]

    def _before(self, at: int) -> str:
        """The word before one in the same sentence; empty when there is none."""
        return "" if at == 0 or self.begins_a_sentence(at) else self.tokens[at - 1].word

    def _behind(self, at: int) -> str:
        """The word behind one in the same sentence; empty when there is none."""
        if at + 1 >= len(self.tokens) or self.begins_a_sentence(at + 1):
            return ""
        return self.tokens[at + 1].word
