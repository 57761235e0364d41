"""CRNs of invented people: like real ones to every reader, and yet known as invented.

The code of the letter times a million, plus the six digits, is a multiple of 97. Of real CRNs one
in 97 is, by chance; several in one drop, and few others, are not.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

MODULUS: Final = 97
NUMBERS: Final = 10**6
FEWEST: Final = 5
SHARE: Final = 0.75
"""So many different marked CRNs, and this share of all, make a drop an invented one; the others are
slips and strangers. Of six real ones that many are marked once in a thousand million drops."""


def marked(crn: str, taken: Collection[str]) -> str:
    """The marked CRN next to a CRN, of the same letter, that is not taken.

    Raises:
        ValueError: every marked CRN of the letter is taken.
    """
    letter, number = crn[0], int(crn[1:])
    number -= (ord(letter) * NUMBERS + number) % MODULUS
    first = number % MODULUS
    for _ in range(NUMBERS // MODULUS):
        if 0 <= number < NUMBERS and (found := f"{letter}{number:06}") not in taken:
            return found
        number = number + MODULUS if number + MODULUS < NUMBERS else first
    raise ValueError("every marked CRN of the letter is taken")
