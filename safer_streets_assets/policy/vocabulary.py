"""Typed models of `vocabulary.yaml`, and the list of words, which `places.yaml` has too: the words
tables may print, and how arriving text is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel, SnakeName
from safer_streets_assets.policy.hierarchies import TOTAL

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula."""
_DROPPED = frozenset(
    "'\"`.\u00b4\u02b9\u02bb\u02bc\u02bd\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2033"
)
"""Apostrophes, quotes and full stops."""
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
"""What Unicode has as ignorable by default, and not under its category Cf."""
_NOT_A_WORD = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """A text as it is compared with the words of a list.

    NFKC without case, apostrophes, quotes, full stops and characters that show nothing (zero-width,
    direction marks, fillers); & is "and", and what else is neither letter nor digit is one blank.
    """
    # NFKC makes a blank of an acute accent that stands for an apostrophe.
    kept = "".join(letter for letter in text if letter not in _DROPPED)
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", kept).casefold())
    shown = (
        letter
        for letter in plain
        if letter not in _DROPPED and unicodedata.category(letter) != "Cf"
    )
    return _NOT_A_WORD.sub(" ", "".join(shown).replace("&", " and ")).strip()


class WordList(PolicyModel):
    """A list of words: each with the other spellings that mean it.

    `other` is the word for what is on the list under no spelling; `spellings_of_other` are texts
    that mean it and need no mapping. `before` and `after` may stand around a word, and of `endings`
    each spelling reads as its key. No text means two words.
    """

    other: str
    spellings_of_other: list[str] = []
    before: list[str] = []
    after: list[str] = []
    endings: dict[str, list[str]] = {}
    words: dict[str, list[str]] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> WordList:
        means: dict[str, str] = {}
        for spelling, word in self._spellings():
            key = folded(spelling)
            if not key:
                raise ValueError(f"{word} has a spelling without letters; take it out")
            if (already := means.setdefault(key, word)) != word:
                raise ValueError(
                    f"{spelling} is a spelling of two words, {already} and {word}; keep one"
                )
        for word in self.printed:
            if word.startswith(FORMULA_STARTS) or word == TOTAL or word != word.strip():
                raise ValueError(f"a table cannot print the word {word}; write it otherwise")
        return self

    @model_validator(mode="after")
    def _can_be_told_apart_dressed(self) -> WordList:
        around = [*self.before, *self.after]
        for ending, spellings in self.endings.items():
            around += [ending, *spellings]
        if not all(map(folded, around)):
            raise ValueError("before, after or endings have one without letters; take it out")
        for dressed, word in self._dressed():
            if (found := self._meant(dressed)) != {word}:
                raise ValueError(
                    f"{dressed} can be read as {' and as '.join(sorted(found))}; take out one of "
                    "the spellings, or of before, after and endings"
                )
        return self

    def _spellings(self) -> Iterator[tuple[str, str]]:
        for word, others in (*self.words.items(), (self.other, self.spellings_of_other)):
            for spelling in (word, *others):
                yield spelling, word

    @property
    def printed(self) -> list[str]:
        """All words that a table may print, `other` last."""
        return [*self.words, self.other]

    @cached_property
    def _means(self) -> dict[str, str]:
        return {folded(spelling): word for spelling, word in self._spellings()}

    @cached_property
    def _around(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...]]:
        """What may stand before and after a word, and endings with what they read as, folded."""
        before = tuple(f"{folded(text)} " for text in self.before)
        after = tuple(f" {folded(text)}" for text in self.after)
        endings = tuple(
            (f" {folded(spelling)}", f" {folded(ending)}")
            for ending, spellings in self.endings.items()
            for spelling in spellings
        )
        return before, after, endings

    def word(self, text: str) -> str | None:
        """The word that a text means; None when it stands on the list under no spelling."""
        found = self._meant(folded(text))
        return found.pop() if len(found) == 1 else None

    def _meant(self, key: str) -> set[str]:
        """The words that a folded text may mean, with as little around them as can be."""
        waiting, seen = {key}, set[str]()
        while waiting:
            found = {self._means[one] for one in waiting if one in self._means}
            if found:
                return found
            seen |= waiting
            waiting = {shorter for one in waiting for shorter in self._shorter(one)} - seen
        return set()

    def _dressed(self) -> Iterator[tuple[str, str]]:
        """Each spelling, folded, with each thing that may stand around it, and its word."""
        before, after, endings = self._around
        for key, word in self._means.items():
            yield from ((f"{text}{key}", word) for text in before)
            yield from ((f"{key}{text}", word) for text in after)
            yield from (
                (key.removesuffix(to) + text, word) for text, to in endings if key.endswith(to)
            )

    def _shorter(self, key: str) -> Iterator[str]:
        before, after, endings = self._around
        yield from (key.removeprefix(text) for text in before if key.startswith(text))
        yield from (key.removesuffix(text) for text in after if key.endswith(text))
        yield from (key.removesuffix(text) + to for text, to in endings if key.endswith(text))


class NameWords(PolicyModel):
    """How names stand in what people write: see `vocabulary.yaml`."""

    diminutives: dict[str, list[str]]
    also_words: list[str]
    plain_words: list[str]
    after_a_name: list[str]
    after_a_word: list[str]
    before_a_word: list[str]
    before_a_place: list[str]
    after_a_place: list[str]
    before_a_month: list[str]
    addressing: list[str]

    @cached_property
    def forms(self) -> dict[str, frozenset[str]]:
        """Forename to all that people use for it: its diminutives, what it is one of, and the
        others of that."""
        found: dict[str, set[str]] = {}
        for forename, others in self.diminutives.items():
            group = {forename, *others}
            for one in group:
                found.setdefault(one, set()).update(group)
        return {one: frozenset(group) for one, group in found.items()}


class Vocabulary(PolicyModel):
    """The whole of `vocabulary.yaml`.

    `missing` are texts that mean that there is nothing; `common_words` are words of the language
    that are also surnames, and `ordinary_words` more of them, which nobody writes in forms;
    `heading_words` are words of which headings of columns are made; `names` says how names stand in
    what people write; `said_nothing` names the words that a table prints where a row says nothing.
    """

    missing: list[str]
    common_words: list[str]
    ordinary_words: list[str]
    heading_words: list[str]
    names: NameWords
    said_nothing: dict[SnakeName, str]
    lists: dict[SnakeName, WordList]

    @cached_property
    def missing_texts(self) -> frozenset[str]:
        """The texts that mean that there is nothing, folded."""
        return frozenset(folded(text) for text in self.missing)

    def word_for_nothing(self, references: Sequence[str]) -> str | None:
        """The word that stands where a row says nothing, of a dimension with words of these lists;
        None where it has none."""
        return next(
            (self.said_nothing[one] for one in references if one in self.said_nothing), None
        )

    def is_missing(self, text: str) -> bool:
        """Whether a text means that there is nothing; so does one without a letter or digit."""
        return folded(text) in self.missing_texts
