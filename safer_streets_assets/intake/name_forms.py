"""What a name and a text are taken apart into, so that the one is found in the other however it is
written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from safer_streets_assets.intake.anonymity import plain_words

PARTICLES = frozenset(
    [
        "al",
        "ap",
        "ben",
        "bin",
        "d",
        "da",
        "de",
        "del",
        "den",
        "der",
        "di",
        "du",
        "el",
        "fitz",
        "la",
        "le",
        "mac",
        "mc",
        "ni",
        "o",
        "san",
        "st",
        "van",
        "von",
        "ver",
    ]
)
"""First parts of surnames that some write apart from the rest."""
LEAST_APART = 6
"""A surname written in parts, or of a family, is one from so many letters on: others are words."""
_MOST_WORDS = 4
_WITHIN = re.compile(
    r"(?<=\w)['\u2018\u2019\u02bc`\u00b4\u2010-\u2015._/-](?=\w)|(?<=[^\W_])_+(?=[^\W_])"
)
_BROKEN_LINE = re.compile(r"(?<=\w)[-\u2010\u2011]\s*\n\s*(?=\w)")
"""Where a line was broken within a word."""
_IN_TWO_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "AE", "Ö": "OE", "Ü": "UE", "å": "aa", "Å": "AA"}
)
_REMARK = re.compile(r"[(\[/;]|\s[-\u2013]\s|\s\S*\d")
_ADDITIONS = frozenset(
    ["jr", "jnr", "junior", "sr", "snr", "senior", "ii", "iii", "iv", "mbe", "obe"]
)


@dataclass(frozen=True)
class Name:
    """A name as it is looked for. The repr holds nothing of it."""

    surname: str = field(repr=False)
    surname_words: tuple[str, ...] = field(repr=False)
    forenames: frozenset[str] = field(repr=False)


@dataclass(frozen=True)
class Forms:
    """The words of a text, in lower case and without accents. The repr holds nothing of it.

    single: the words, with and without what joins their parts.
    families: the words without the ending of a family or of what is somebody's.
    runs: several words as one, with the first of them.
    """

    single: set[str] = field(repr=False)
    families: set[str] = field(repr=False)
    runs: dict[str, str] = field(repr=False)


def forms_of(text: str) -> Forms:
    """The forms in which a surname may stand in a text."""
    words = plain_words(text)
    single = {*words, *plain_words(_WITHIN.sub("", text))}
    if "\n" in text:
        single |= set(plain_words(_BROKEN_LINE.sub("", text)))
    # The Fenwicks, Fenwick's, the Joneses.
    families = {word[:-1] for word in single if word.endswith("s")}
    families |= {word[:-2] for word in single if word.endswith("es")}
    runs = {
        "".join(words[at : at + length]): words[at]
        for length in range(2, _MOST_WORDS + 1)
        for at in range(len(words) - length + 1)
    }
    return Forms(single, families - single, runs)


def spellings_of(name: str) -> set[str]:
    """A name as it is, and with its umlauts in two letters."""
    return {name, name.translate(_IN_TWO_LETTERS)}


def without_additions(text: str) -> str:
    """A name without what is written behind it: a remark, a number, a title or a generation."""
    parts = _REMARK.split(text, maxsplit=1)[0].split()
    while len(parts) > 1 and parts[-1].strip(".,").casefold() in _ADDITIONS:
        parts.pop()
    return " ".join(parts)


def parsed_name(text: str) -> Name | None:
    """Surname and first forename of a name: Surname, Forename; FORENAME or SURNAME in capitals
    beside the other in small letters is the surname; else the last word is."""
    before, comma, after = text.partition(",")
    parts = text.split()
    capitals = [part for part in parts if part.isupper() and len(part) > 1]
    if comma:
        surname, forenames = before, after.split()
    elif capitals and len(capitals) < len(parts):
        surname = " ".join(capitals)
        forenames = [part for part in parts if part not in capitals]
    else:
        surname, forenames = " ".join(parts[-1:]), parts[:-1]
    words = tuple(plain_words(surname))
    if not words:
        return None
    given = plain_words(forenames[0]) if forenames else []
    return Name("".join(words), words, frozenset([*given, "".join(given)] if given else []))


def first_words(text: str) -> set[str]:
    """The first word of a name, as one and in its parts, where the name does not say which of its
    words is the surname: some write the surname first without a comma."""
    parts = text.split()
    capitals = [part.isupper() and len(part) > 1 for part in parts]
    says_so = "," in text or (any(capitals) and not all(capitals))
    if says_so or len(parts) < 2:
        return set()
    return {"".join(plain_words(parts[0]))} - {""}
