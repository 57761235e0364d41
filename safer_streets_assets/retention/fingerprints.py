"""Fingerprints of what is erased: keyed hashes made before, looked for after, and destroyed.

Each value is taken as its words in lower case. A text holds it when it has those words one after
the other, however it is spelled out between them. A CRN is looked for in every spelling.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection, Iterator

from safer_streets_assets.intake.crn import normalise_crn

_WORD = re.compile(r"[^\W_]+")
_CRN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z](?:[\s.\-\u2010-\u2015\u2212]{0,3}[0-9]){6}(?![0-9])")
FEWEST_CHARACTERS = 5
"""Shorter values prove nothing: they stand anywhere."""


def words_of(text: str) -> list[str]:
    """The words of a text, as they are compared."""
    return _WORD.findall(text.casefold())


def comparable(text: str) -> str:
    """A text as it is compared: empty when it is too short to prove anything."""
    words = " ".join(words_of(text))
    return words if len(words) >= FEWEST_CHARACTERS else ""


def is_plain(value: str) -> bool:
    """Whether a value is a number: it stands anywhere."""
    return re.fullmatch(r"[0-9 ]+", value) is not None


def fingerprints_of(
    key: str, crns: Collection[str], values: Collection[str]
) -> tuple[dict[str, list[int]], list[str]]:
    """The hashes of first words, each with how many words follow as one value, and of the values.

    `values` are comparable texts that stand in nothing that stays; `crns` are normalised.
    """
    first: dict[str, set[int]] = {}
    found = {_of_crn(key, crn) for crn in crns}
    for value in values:
        words = value.split(" ")
        first.setdefault(_mark(key, "first", words[0]), set()).add(len(words))
        found.add(_mark(key, "value", value))
    return {mark: sorted(lengths) for mark, lengths in sorted(first.items())}, sorted(found)


class Searcher:
    """Looks for fingerprints in texts."""

    def __init__(self, key: str, first: dict[str, list[int]], fingerprints: Collection[str]):
        self.key, self.first, self.fingerprints = key, first, frozenset(fingerprints)
        self.known: dict[str, list[int]] = {}

    def holds(self, text: str) -> bool:
        """Whether a text holds one of the values."""
        return any(mark in self.fingerprints for mark in self._marks(text))

    def found_in(self, text: str) -> set[str]:
        """The fingerprints of the values that a text holds."""
        return {mark for mark in self._marks(text) if mark in self.fingerprints}

    def _marks(self, text: str) -> Iterator[str]:
        for found in _CRN.finditer(text):
            yield _of_crn(self.key, normalise_crn(found[0]))
        if not self.first:
            return
        words = words_of(text)
        begins = {word: lengths for word in set(words) if (lengths := self._lengths(word))}
        for place, word in enumerate(words) if begins else ():
            for length in begins.get(word, ()):
                value = " ".join(words[place : place + length])
                yield _mark(self.key, "value", value)

    def _lengths(self, word: str) -> list[int]:
        """How many words the values have that begin with a word."""
        if word not in self.known:
            if len(self.known) > 1_000_000:
                self.known.clear()
            self.known[word] = self.first.get(_mark(self.key, "first", word), [])
        return self.known[word]


def _of_crn(key: str, crn: str) -> str:
    return _mark(key, "crn", crn)


def _mark(key: str, kind: str, text: str) -> str:
    return hmac.digest(bytes.fromhex(key), f"{kind} {text}".encode(), "sha256").hex()
