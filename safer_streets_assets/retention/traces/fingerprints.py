"""Fingerprints of what is erased: keyed hashes made before, looked for after, and destroyed.

Each value is taken as its words in lower case. A text holds it when it has those words one after
the other, however it is spelled out between them. A CRN is looked for in every spelling.
"""

from __future__ import annotations

import hmac
import io
import re
import unicodedata
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

from safer_streets_assets.intake.crn import normalise_crn, written_pattern
from safer_streets_assets.policy.person_number import PersonNumber
from safer_streets_assets.stores.files import CHUNK

_WORD = re.compile(r"[^\W_]+")
FEWEST_CHARACTERS = 5
"""Shorter values prove nothing: they stand anywhere."""


def compared_words(text: str) -> list[str]:
    """The words of a text, as they are compared."""
    return _WORD.findall(text.casefold())


def comparable(text: str) -> str:
    """A text as it is compared: empty when it is too short to prove anything."""
    words = " ".join(compared_words(text))
    return words if len(words) >= FEWEST_CHARACTERS else ""


def is_plain(value: str) -> bool:
    """Whether a value is a number: it stands anywhere."""
    return re.fullmatch(r"[0-9 ]+", value) is not None


@dataclass(frozen=True)
class ValueFound:
    """A value that a text holds, as it is compared: a CRN, an identifier or a free text. The repr
    tells nothing of it; `as_written` is how a CRN stands in the text.
    """

    kind: Literal["crn", "identifier", "free text"]
    words: str = field(repr=False)
    as_written: str = field(default="", repr=False)


@dataclass(frozen=True)
class Fingerprints:
    """The hashes of first words, each with how many words follow as one value, and of the values:
    CRNs and identifiers, and free texts.
    """

    first_words: dict[str, list[int]]
    identifiers: list[str]
    texts: list[str]


def fingerprints_of(
    key: str, crns: Collection[str], values: Collection[str], texts: Collection[str] = ()
) -> Fingerprints:
    """The fingerprints of CRNs (normalised), identifiers and free texts.

    `values` and `texts` are comparable and stand in nothing that stays. A free text that is an
    identifier as well is one.
    """
    first: dict[str, set[int]] = {}
    found = {_of_crn(key, crn) for crn in crns}
    found |= {_mark(key, "value", value) for value in values}
    told = {_mark(key, "value", text) for text in texts} - found
    for value in {*values, *texts}:
        words = value.split(" ")
        first.setdefault(_mark(key, "first", words[0]), set()).add(len(words))
    return Fingerprints(
        {mark: sorted(lengths) for mark, lengths in sorted(first.items())},
        sorted(found),
        sorted(told),
    )


class Searcher:
    """Looks for fingerprints in texts."""

    def __init__(self, key: str, prints: Fingerprints, number: PersonNumber) -> None:
        """Take fingerprints, the key under which they were made, and what a CRN looks like."""
        self._crn = written_pattern(number)
        self.key, self.first = key, prints.first_words
        self.identifiers, self.texts = frozenset(prints.identifiers), frozenset(prints.texts)
        self.known: dict[str, list[int]] = {}

    def holds(self, text: str) -> bool:
        """Whether a text holds one of the values."""
        return next(self.found(text), None) is not None

    def marks_in(self, text: str) -> set[str]:
        """The fingerprints of the free texts and identifiers that a text holds."""
        found = (one for one in self.found(text) if one.kind != "crn")
        return {_mark(self.key, "value", one.words) for one in found}

    def found(self, text: str) -> Iterator[ValueFound]:
        """The values that a text holds, as often as it does."""
        for match in self._crn.finditer(text):
            crn = normalise_crn(match[0])
            if _of_crn(self.key, crn) in self.identifiers:
                yield ValueFound("crn", crn, match[0])
        if not self.first:
            return
        words = compared_words(text)
        begins = {word: lengths for word in set(words) if (lengths := self._lengths(word))}
        for place, word in enumerate(words) if begins else ():
            for length in begins.get(word, ()):
                value = " ".join(words[place : place + length])
                mark = _mark(self.key, "value", value)
                if mark in self.identifiers:
                    yield ValueFound("identifier", value)
                elif mark in self.texts:
                    yield ValueFound("free text", value)

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


_TEXT = re.compile(r"[^\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]{5,}")
_MOST_UNPACKED = CHUNK * 1024


def texts_of_file(content: bytes) -> Iterator[str]:
    """The bytes of a file, and of each member where it is a zip, as text in every likely coding."""
    yield from texts_of_bytes(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                if member.file_size <= _MOST_UNPACKED:
                    yield from texts_of_bytes(archive.read(member))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        return


def texts_of_bytes(content: bytes) -> Iterator[str]:
    """What may be text in some bytes: as UTF-8, and, without NUL bytes, what UTF-16 has of ASCII in
    either order. Runs of fewer characters than any value has are left out.
    """
    for coded in (content, content.replace(b"\0", b"")) if b"\0" in content else (content,):
        runs = _TEXT.findall(coded.decode("utf-8", errors="replace"))
        yield unicodedata.normalize("NFKC", "\n\n\n\n".join(runs))
