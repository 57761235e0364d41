"""Untidiness of single values: how people type CRNs, genders and dates, and what they let slip."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from safer_streets_assets.demo import vocabulary as v

SCRUFFY_SHARE: Final = 0.03
SLIP_SHARE: Final = 0.35
SWAP_SHARE: Final = 0.3
UNKNOWN_GENDER: Final = "7"
_FIRST_ROWS: Final = 2

_FORMS: Final[tuple[Callable[[str], str], ...]] = (
    lambda crn: f"{crn[0]} {crn[1:]}",
    lambda crn: f"{crn}\u00a0",
    lambda crn: f"{crn[:4]}-{crn[4:]}",
    str.lower,
    lambda crn: f"{crn[:4]}.{crn[4:]}",
    lambda crn: f" {crn}",
    lambda crn: f"{crn} ",
)
_MALFORMED: Final = ("UNKNOWN", "TBC", "12345678", "not given", "A12345")
_MALE: Final = ("M", "Male", "male", "MALE", "m")
_FEMALE: Final = ("F", "Female", "female", "f")


@dataclass(frozen=True)
class Untidiness:
    """How much goes wrong in drops, as a factor of the usual: nothing at 0, twice as much at 2."""

    factor: float = 1

    def share(self, usual: float) -> float:
        """A share of rows in which something goes wrong."""
        return min(1.0, usual * self.factor)

    def times(self, usual: int) -> int:
        """How often something goes wrong that does so a fixed number of times."""
        return round(usual * self.factor)

    @property
    def surely(self) -> bool:
        """Whether what a small demo must show goes wrong in it, however small it is."""
        return self.factor > 0


USUAL: Final = Untidiness()


class CrnTyping:
    """Types CRNs: mostly as they are, now and then scruffily.

    The first rows go through every scruffy form in turn, so that a small demo has them all.
    """

    def __init__(self, rng: random.Random, untidiness: Untidiness = USUAL) -> None:
        """Start at the first row."""
        self._rng = rng
        self._untidiness = untidiness
        self._typed = 0

    def type(self, crn: str) -> str:
        """The CRN as typed. Normalising it gives `crn` back."""
        turn, due = divmod(self._typed, _FIRST_ROWS)
        self._typed += 1
        if self._untidiness.surely and turn < len(_FORMS):
            return _FORMS[turn](crn) if due else crn
        if self._rng.random() < self._untidiness.share(SCRUFFY_SHARE):
            return self._rng.choice(_FORMS)(crn)
        return crn


def mistyped(rng: random.Random, crn: str, known: Collection[str]) -> str:
    """A well-formed CRN one slip off `crn`, and one step away from no other known CRN.

    A slip is another digit, or two neighbouring digits swapped.
    """
    while True:
        at = rng.randint(1, 6)
        wrong = crn[:at] + rng.choice("0123456789".replace(crn[at], "")) + crn[at + 1 :]
        if rng.random() < SWAP_SHARE:
            at = rng.randint(1, 5)
            wrong = crn[:at] + crn[at + 1] + crn[at] + crn[at + 2 :]
        if wrong not in known and not any(near in known for near in _near(wrong) if near != crn):
            return wrong


def _near(crn: str) -> list[str]:
    """CRNs one substitution, or one swap of neighbours, away."""
    digits = [crn[:i] + digit + crn[i + 1 :] for i in range(1, 7) for digit in "0123456789"]
    letters = [letter + crn[1:] for letter in v.CRN_LETTERS]
    swaps = [crn[:i] + crn[i + 1] + crn[i] + crn[i + 2 :] for i in range(1, 6)]
    return [near for near in (*digits, *letters, *swaps) if near != crn]


def malformed(number: int) -> str:
    """Something in the CRN's place that is none."""
    return _MALFORMED[number % len(_MALFORMED)]


def typed_gender(rng: random.Random, male: bool) -> str:
    """Gender in one of the spellings that arrive."""
    return rng.choice(_MALE if male else _FEMALE)


def ghost_crn(rng: random.Random, known: Collection[str]) -> str:
    """A CRN that belongs to nobody in the demo, nor is one step away from anybody's."""
    while True:
        crn = f"{rng.choice(v.CRN_LETTERS)}{rng.randrange(10**6):06}"
        if crn not in known and not any(near in known for near in _near(crn)):
            return crn


def remark(rng: random.Random, number: int, *, manager: str, name: str, crn: str) -> str:
    """A free-text answer. The first few let slip a name, a phone number and a CRN."""
    slips = (
        f"My key worker {manager} was great",
        f"call me on 07700 9{rng.randrange(10**5):05}",
        f"I am {name}, {crn}",
    )
    if number < len(slips):
        return slips[number]
    return rng.choice(slips) if rng.random() < SLIP_SHARE else rng.choice(v.PLAIN_REMARKS)
