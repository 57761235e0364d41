"""Case Reference Numbers: one letter and six digits, normalised and never guessed."""

from __future__ import annotations

import re
import unicodedata

CRN_PATTERN = r"^[A-Z][0-9]{6}$"
ASCII_SEPARATORS = r"[\t\n\x0b\x0c\r\x1c-\x1f .\-]"
"""The separators among the characters of ASCII, for a database that has no NFKC."""
_SEPARATOR = r"[\s.\-\u2010-\u2015\u2212]"
_DROPPED = re.compile(_SEPARATOR)
_IN_TEXT = re.compile(rf"(?<![A-Z0-9])[A-Z](?:{_SEPARATOR}{{0,3}}[0-9]){{6}}(?![0-9])")


def normalise_crn(text: str) -> str:
    """Unicode NFKC, upper case, without spaces, hyphens and full stops.

    The result may still be malformed: `is_crn` says whether it is a letter and six digits.
    """
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text).upper())


def is_crn(normalised: str) -> bool:
    """Whether a normalised text is a letter (A to Z) and six digits (0 to 9)."""
    return re.fullmatch(CRN_PATTERN, normalised) is not None


def holds_crn(text: str) -> bool:
    """Whether something that reads as a CRN stands anywhere in a text."""
    return _IN_TEXT.search(unicodedata.normalize("NFKC", text).upper()) is not None
