"""The numbers by which sources mean one person, which the code calls CRNs: normalised and never
guessed. The policy says what form they have (`person_number`)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from safer_streets_assets.policy.person_number import DIGIT, PersonNumber

ASCII_SEPARATORS = r"[\t\n\x0b\x0c\r\x1c-\x1f .\-]"
"""The separators among the characters of ASCII, for a database that has no NFKC."""
_SEPARATOR = r"[\s.\-\u2010-\u2015\u2212]"
_DROPPED = re.compile(_SEPARATOR)
_IN_A_TEXT = r"[\s.,_:\-\u2010-\u2015\u2212]"
"""What people put between the characters of a CRN in a sentence."""
_THOUSAND = 3
"""So many digits stand behind a comma."""
_LOOK_ALIKES = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "ABEKMHOPCTX" + "ABEZHIKMNOPTYX",
)
"""Capitals of Cyrillic and Greek that are drawn like Latin ones."""
_UNSEEN = re.compile(r"[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Characters that show nothing: soft hyphens, joiners, marks of direction."""


def _before(number: PersonNumber) -> str:
    """What stands before a number in a text: no letter and no digit, but perhaps its name."""
    called = re.escape(number.called.upper())
    return rf"(?:(?<![A-Z0-9])|(?<=^{called})|(?<=[^A-Z0-9]{called}))"


def _after(number: PersonNumber) -> str:
    """What does not stand behind it: more of the kind with which it ends."""
    return r"(?![0-9])" if number.form.endswith(DIGIT) else r"(?![A-Z0-9])"


@lru_cache
def _in_text(number: PersonNumber) -> re.Pattern[str]:
    """A number of the form in a text, however it is spaced."""
    # With commas between all of its digits it is a list of numbers.
    spaced = rf"{_IN_A_TEXT.replace(',', '')}{{0,3}}".join(number.classes)
    ways = [spaced]
    if number.form.endswith(DIGIT * (_THOUSAND + 1)):
        head, tail = number.classes[:-_THOUSAND], number.classes[-_THOUSAND:]
        ways.append(f"{''.join(head)},{''.join(tail)}")
    return re.compile(f"{_before(number)}(?:{'|'.join(ways)}){_after(number)}")


@lru_cache
def written_pattern(number: PersonNumber) -> re.Pattern[str]:
    """A number of the form in a text that is not normalised: in either case, spaced."""
    spaced = rf"{_SEPARATOR}{{0,3}}".join(_either_case(number))
    after = _after(number).replace("A-Z", "A-Za-z")
    return re.compile(f"(?<![A-Za-z0-9]){spaced}{after}")


def _either_case(number: PersonNumber) -> list[str]:
    return [one.replace("A-Z", "A-Za-z") for one in number.classes]


def in_text_sql(number: PersonNumber) -> str:
    """The pattern of a number of the form that stands by itself in a text, for DuckDB."""
    spaced = "".join(f"{one}[ .-]?" for one in _either_case(number))
    return rf"(^|[^A-Za-z0-9]){spaced}($|[^A-Za-z0-9])"


def normalise_crn(text: str) -> str:
    """Unicode NFKC, upper case, without spaces, hyphens and full stops.

    The result may still be malformed: `PersonNumber.fits` says whether it has the form.
    """
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text).upper())


def holds_crn(text: str, number: PersonNumber) -> bool:
    """Whether something that reads as a CRN stands anywhere in a text."""
    return _in_text(number).search(_plain(text)) is not None


def crns_in(text: str, number: PersonNumber) -> list[tuple[int, int]]:
    """Where something that reads as a CRN stands in a text: its start and end."""
    plain: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        shown = _plain(letter)
        plain.append(shown)
        places += [place] * len(shown)
    return [
        (places[found.start()], places[found.end() - 1] + 1)
        for found in _in_text(number).finditer("".join(plain))
    ]


def holds_this_crn(text: str, crn: str, number: PersonNumber) -> bool:
    """Whether a normalised CRN stands anywhere in a text, however it is spaced."""
    spaced = rf"{_IN_A_TEXT}{{0,3}}".join(crn)
    pattern = f"{_before(number)}{spaced}{_after(number)}"
    return re.search(pattern, _plain(text)) is not None


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
