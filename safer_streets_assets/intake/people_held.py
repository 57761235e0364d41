"""The people whose names E&I holds, to be found in texts.

A text names a person surely when the surname and a forename, or a diminutive of it, stand in it
(middle names left out), one of them perhaps with a typing slip, or the surname alone. Hyphens,
apostrophes, accents and blanks within a name make no difference. It names a person perhaps when
the surname stands alone with a typing slip, or when all that stands in it is part of a double
surname, the first word of a name that does not say which of its words is the surname, or a surname
that is also a common word or a word of the policy, or that is short.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from safer_streets_assets.intake.misplaced_values import LEAST_LETTERS
from safer_streets_assets.intake.name_forms import (
    LEAST_APART,
    PARTICLES,
    Forms,
    Name,
    Token,
    first_words,
    forms_of,
    parsed_name,
    spellings_of,
    tokens_of,
    without_additions,
)
from safer_streets_assets.intake.name_slips import Slips

LEAST_TOGETHER = 7
"""A forename and a surname of fewer letters than these together stand in other words by chance."""


@dataclass(frozen=True)
class NamesFound:
    """What a text holds: whether it names somebody surely, the words that perhaps do, those of them
    that are parts of a double surname, and surnames alone in it."""

    surely: bool
    perhaps: frozenset[str] = field(repr=False)
    alone: frozenset[str] = field(repr=False)
    parts: frozenset[str] = field(repr=False, default=frozenset())


class PeopleHeld:
    """The people whose names E&I holds, to be found in texts."""

    def __init__(
        self,
        names: Iterable[str],
        words: Collection[str],
        diminutives: Mapping[str, Collection[str]] = MappingProxyType({}),
        plain_words: Collection[str] = (),
    ) -> None:
        """Takes names as they arrived, words that are not surely anybody's name, forenames with all
        that people use for them, and words that are no slips in a name."""
        self._words, self._plain = words, plain_words
        self._by_surname: dict[str, list[Name]] = {}
        self._by_part: dict[str, list[Name]] = {}
        self._first_words: set[str] = set()
        self._given: set[str] = set()
        for text in {form for name in names for form in spellings_of(without_additions(name))}:
            name = parsed_name(text)
            if name is None:
                continue
            used = {one for own in name.forenames for one in diminutives.get(own, ())}
            name = replace(name, forenames=name.forenames | used)
            first = first_words(text)
            self._first_words |= first
            self._given |= name.forenames | name.middle | first
            self._by_surname.setdefault(name.surname, []).append(name)
            if len(name.surname_words) > 1:
                for word in name.surname_words:
                    self._by_part.setdefault(word, []).append(name)
        self._surname_slips = Slips([*self._by_surname, *self._by_part])
        self._given_slips = Slips(self._given)

    def found_in(self, text: str) -> NamesFound:
        """What of the names a text holds."""
        tokens = tokens_of(text)
        words = forms_of(text, tokens)
        found = _Findings()
        for form in words.single & self._by_surname.keys():
            self._add(found, self._by_surname[form], form, words, len(form) >= LEAST_LETTERS)
        for form in words.families & self._by_surname.keys():
            self._add(found, self._by_surname[form], form, words, len(form) >= LEAST_APART)
        for form in (words.runs.keys() & self._by_surname.keys()) - words.single:
            self._add_run(found, form, words)
        for form in words.single & self._by_part.keys():
            if any(name.forenames & words.single for name in self._by_part[form]):
                found.surely = True
            elif len(form) >= LEAST_LETTERS and form not in self._words:
                found.parts.add(form)
        self._add_slips(found, text, tokens, words)
        found.perhaps |= found.parts | {
            form
            for form in words.single & self._first_words
            if len(form) >= LEAST_LETTERS and form not in self._words
        }
        own = found.perhaps - found.alone
        return NamesFound(
            found.surely, frozenset(own), frozenset(found.alone), frozenset(found.parts & own)
        )

    def is_surname(self, form: str) -> bool:
        """Whether a word, in lower case, is a surname, a part of one, or the first word of a name
        that does not say which of its words is the surname."""
        return form in self._by_surname or form in self._by_part or form in self._first_words

    def is_given(self, form: str) -> bool:
        """Whether a word, in lower case, is a given name of somebody, or used for one."""
        return form in self._given

    def is_written_apart(self, form: str, first: str) -> bool:
        """Whether several words, of which the first is given, make a surname together: a double
        one, one with a particle, or one that is long enough not to be words by chance."""
        names = self._by_surname.get(form, ())
        double = any(len(name.surname_words) > 1 for name in names)
        return bool(names) and (double or first in PARTICLES or len(form) >= LEAST_APART)

    def with_a_slip(self, form: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The surnames and the given names that a word is one typing slip away from."""
        if form in self._plain or form in self._words:
            return (), ()
        return self._surname_slips.near(form), self._given_slips.near(form)

    def are_of_one(self, given: Collection[str], surnames: Collection[str]) -> bool:
        """Whether somebody has one of some given names and one of some surnames."""
        return any(
            not (name.forenames | name.middle).isdisjoint(given)
            for surname in surnames
            for name in (*self._by_surname.get(surname, ()), *self._by_part.get(surname, ()))
        )

    def written_together_in(self, word: str) -> bool:
        """Whether a word, in lower case, is or holds a forename and its surname without anything
        between them, in either order."""
        for begin in range(len(word) - LEAST_TOGETHER + 1):
            for end in range(begin + LEAST_TOGETHER, len(word) + 1):
                if self._is_together(word[begin:end]):
                    return True
        return False

    def is_written_together(self, word: str) -> bool:
        """Whether a word, in lower case, is a forename and its surname, in either order."""
        return len(word) >= LEAST_TOGETHER and self._is_together(word)

    def _is_together(self, text: str) -> bool:
        halves = ((text[:at], text[at:]) for at in range(2, len(text) - 1))
        return any(
            any(forename in name.forenames for name in self._by_surname.get(surname, ()))
            for one, other in halves
            for forename, surname in ((one, other), (other, one))
        )

    def _add(
        self, found: _Findings, names: Sequence[Name], form: str, words: Forms, is_long: bool
    ) -> None:
        """Adds what a surname of these names says that stands in a text as a form of it."""
        if any(name.forenames & words.single for name in names):
            found.surely = True
        elif form in self._words or not is_long:
            found.perhaps.add(form)
        else:
            found.alone.add(form)

    def _add_slips(
        self, found: _Findings, text: str, tokens: Sequence[Token], words: Forms
    ) -> None:
        """Adds words of a text that are a surname, or a forename, but for a typing slip: beside the
        rest of the name surely, a surname alone perhaps, when it is written as a name."""
        if found.surely:
            return
        in_capitals = text.upper() == text
        given = {word for word in words.single if word in self._given}
        exact = words.single & self._by_surname.keys()
        for token in tokens:
            if self.is_surname(token.word) or self.is_given(token.word):
                continue
            surnames, forenames = self.with_a_slip(token.word)
            is_written_as_name = text[token.start].isupper() and not in_capitals
            if self.are_of_one(given, surnames) or self.are_of_one(forenames, exact):
                found.surely = True
            elif surnames and is_written_as_name and len(token.word) >= LEAST_APART:
                found.perhaps.add(token.word)

    def _add_run(self, found: _Findings, form: str, words: Forms) -> None:
        """Adds a surname that several words of a text make. Two words that make a surname of one
        are often only words, unless the first is a part of surnames, as Mc."""
        names = self._by_surname[form]
        double = [name for name in names if len(name.surname_words) > 1]
        if double or words.runs[form] in PARTICLES:
            self._add(found, double or names, form, words, len(form) >= LEAST_LETTERS)
        elif any(name.forenames & words.single for name in names):
            found.surely = True
        elif len(form) >= LEAST_APART:
            found.perhaps.add(form)


@dataclass
class _Findings:
    """What was found so far in a text. The repr holds nothing of it."""

    surely: bool = False
    perhaps: set[str] = field(default_factory=set, repr=False)
    alone: set[str] = field(default_factory=set, repr=False)
    parts: set[str] = field(default_factory=set, repr=False)
