"""Case Reference Numbers: one letter and six digits, normalised and never guessed."""

from __future__ import annotations

import re
import unicodedata

CRN_PATTERN = r"^[A-Z][0-9]{6}$"
ASCII_SEPARATORS = r"[\t\n\x0b\x0c\r\x1c-\x1f .\-]"
"""The separators among the characters of ASCII, for a database that has no NFKC."""
_SEPARATOR = r"[\s.\-\u2010-\u2015\u2212]"
_DROPPED = re.compile(_SEPARATOR)
_IN_A_TEXT = r"[\s.,_:\-\u2010-\u2015\u2212]"
"""What people put between the characters of a CRN in a sentence."""
_BEFORE = r"(?:(?<![A-Z0-9])|(?<=^CRN)|(?<=[^A-Z0-9]CRN))"
_IN_TEXT = re.compile(
    # With commas between all of its digits it is a list of numbers.
    rf"{_BEFORE}[A-Z](?:(?:{_IN_A_TEXT.replace(',', '')}{{0,3}}[0-9]){{6}}"
    r"|[0-9]{3},[0-9]{3})(?![0-9])"
)
_LOOK_ALIKES = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "ABEKMHOPCTX" + "ABEZHIKMNOPTYX",
)
"""Capitals of Cyrillic and Greek that are drawn like Latin ones."""
_UNSEEN = re.compile(r"[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Characters that show nothing: soft hyphens, joiners, marks of direction."""


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
    return _IN_TEXT.search(_plain(text)) is not None


def crns_in(text: str) -> list[tuple[int, int]]:
    """Where something that reads as a CRN stands in a text: its start and end."""
    plain: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        shown = _plain(letter)
        plain.append(shown)
        places += [place] * len(shown)
    return [
        (places[found.start()], places[found.end() - 1] + 1)
        for found in _IN_TEXT.finditer("".join(plain))
    ]


def holds_this_crn(text: str, crn: str) -> bool:
    """Whether a normalised CRN stands anywhere in a text, however it is spaced."""
    spaced = rf"{_IN_A_TEXT}{{0,3}}".join(crn)
    return re.search(rf"{_BEFORE}{spaced}(?![0-9])", _plain(text)) is not None


def _plain(text: str) -> str:
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).upper().translate(_LOOK_ALIKES)


def is_one_slip_away(one: str, other: str) -> bool:
    """Whether two texts differ by one slip: a character that is another one, is missing or is too
    many, or two neighbours swapped. A text is not one slip away from itself.
    """
    shorter, longer = sorted((one, other), key=len)
    if one == other or len(longer) - len(shorter) > 1:
        return False
    start = 0
    while start < len(shorter) and shorter[start] == longer[start]:
        start += 1
    if len(shorter) < len(longer):
        return shorter[start:] == longer[start + 1 :]
    rest, other_rest = shorter[start:], longer[start:]
    return rest[1:] == other_rest[1:] or (
        rest[1:2] + rest[:1] == other_rest[:2] and rest[2:] == other_rest[2:]
    )
