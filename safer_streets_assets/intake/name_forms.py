"""What a name and a text are taken apart into, so that the one is found in the other however it is
written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

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
_TOKEN = re.compile(
    "[^\\W\\d_](?:[^\\W\\d_]|[\u0300-\u036f\u00ad\u034f\u180e\u200b-\u200f\u2060-\u2064\ufeff](?=.))*",
    re.DOTALL,
)
"""A word: letters, with accents on their own and what is not seen between them."""
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
    middle: frozenset[str] = field(repr=False, default=frozenset())


@dataclass(frozen=True)
class Token:
    """A word of a text, in lower case and without accents, and where it stands in it."""

    word: str = field(repr=False)
    start: int
    end: int


@dataclass(frozen=True)
class Placed:
    """A form in which a name may stand, from one word of a text (`begin`) to before another: a word
    or joined words, one without the ending of a family, or several words as one. `first` is the
    first word, and of the others the word itself."""

    form: str = field(repr=False)
    kind: Literal["single", "family", "run"]
    first: str = field(repr=False)
    begin: int
    end: int


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


def forms_of(text: str, tokens: Sequence[Token] | None = None) -> Forms:
    """The forms in which a surname may stand in a text; `tokens` are its words."""
    single: set[str] = set()
    families: set[str] = set()
    runs: dict[str, str] = {}
    for one in placed_forms(text, tokens):
        if one.kind == "single":
            single.add(one.form)
        elif one.kind == "family":
            families.add(one.form)
        else:
            runs[one.form] = one.first
    return Forms(single, families - single, runs)


def tokens_of(text: str) -> list[Token]:
    """The words of a text with their places."""
    return [
        Token(word, found.start(), found.end())
        for found in _TOKEN.finditer(text)
        if (word := _plain_word(found.group()))
    ]


def placed_forms(text: str, tokens: Sequence[Token] | None = None) -> Iterator[Placed]:
    """Every form in which a name may stand in a text, with its place; `tokens` are its words."""
    tokens = tokens_of(text) if tokens is None else tokens
    words = [(token.word, at, at + 1) for at, token in enumerate(tokens)]
    words += _joined(text, tokens, _WITHIN)
    if "\n" in text:
        words += _joined(text, tokens, _BROKEN_LINE)
    for word, begin, end in words:
        yield Placed(word, "single", word, begin, end)
        # The Fenwicks, Fenwick's, the Joneses.
        if word.endswith("s"):
            yield Placed(word[:-1], "family", word, begin, end)
        if word.endswith("es"):
            yield Placed(word[:-2], "family", word, begin, end)
    for length in range(2, _MOST_WORDS + 1):
        for at in range(len(tokens) - length + 1):
            form = "".join(token.word for token in tokens[at : at + length])
            yield Placed(form, "run", tokens[at].word, at, at + length)


def _joined(
    text: str, tokens: Sequence[Token], joint: re.Pattern[str]
) -> list[tuple[str, int, int]]:
    """Words that something joins into one, with their places among the tokens."""
    found: list[tuple[str, int, int]] = []
    begin = 0
    for at in range(1, len(tokens) + 1):
        if at < len(tokens):
            between = joint.match(text, tokens[at - 1].end)
            if between is not None and between.end() == tokens[at].start:
                continue
        if at - begin > 1:
            found.append(("".join(token.word for token in tokens[begin:at]), begin, at))
        begin = at
    return found


def _plain_word(text: str) -> str:
    """A word in lower case, without accents and what is not seen in it."""
    return text.lower() if text.isascii() else "".join(plain_words(text))


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
    first = frozenset([*given, "".join(given)] if given else [])
    middle = frozenset(word for part in forenames[1:] for word in plain_words(part))
    return Name("".join(words), words, first, middle - first)


def first_words(text: str) -> set[str]:
    """The first word of a name, as one and in its parts, where the name does not say which of its
    words is the surname: some write the surname first without a comma."""
    parts = text.split()
    capitals = [part.isupper() and len(part) > 1 for part in parts]
    says_so = "," in text or (any(capitals) and not all(capitals))
    if says_so or len(parts) < 2:
        return set()
    return {"".join(plain_words(parts[0]))} - {""}
