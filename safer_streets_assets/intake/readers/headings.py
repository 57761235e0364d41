"""What is told of the columns that were not asked for: their headings, where these name nobody.

A heading may be anything that was typed into a cell. It is told when each of its words is one that
headings are made of; a name, an address, a number or a code that is not among them is not, since
it may be somebody's initials.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from safer_streets_assets.intake.readers.model import DroppedColumn

_LONGEST = 60
_MOST_DIGITS = 2
_PLAIN = re.compile(r"[\w\s.,;:?!&/()\[\]#%*+'\u2019\u2013-]*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def dropped_column(cell: object, place: int, words: Collection[str]) -> DroppedColumn:
    """The column at a place (from 0) that was not asked for, with its heading if it may be told."""
    text = " ".join(str(cell if cell is not None else "").split())
    if not text:
        return DroppedColumn(place + 1, "")
    may_be_told = isinstance(cell, str) and is_ordinary_heading(text, words)
    return DroppedColumn(place + 1, text if may_be_told else None)


def is_ordinary_heading(text: str, words: Collection[str]) -> bool:
    """Whether a heading is made of some words, which are in lower case, and at most one letter
    beside them."""
    plain = unicodedata.normalize("NFKC", text)
    if len(text) > _LONGEST or not plain.isascii() or not _PLAIN.fullmatch(plain):
        return False
    if sum(letter.isdigit() for letter in plain) > _MOST_DIGITS:
        return False
    named, letters = False, 0
    for part in re.findall(r"[A-Za-z0-9]+", plain.replace("'s", "")):
        for piece in [part] if part.casefold() in words else _PART.findall(part):
            word = piece.casefold()
            if word.isdigit():
                continue
            if len(word) == 1:
                letters += 1
                continue
            if word not in words and word.removesuffix("s") not in words:
                return False
            named = True
    return named and letters <= 1
