"""Typed model of the number by which sources mean one person, in `dpia.yaml`."""

from __future__ import annotations

import re
from itertools import groupby

from pydantic import Field

from safer_streets_assets.policy.base import PolicyModel

LETTER, DIGIT = "A", "0"
_CLASSES = {LETTER: "[A-Z]", DIGIT: "[0-9]"}
_KINDS = {LETTER: ("letter", "letters"), DIGIT: ("digit", "digits")}
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class PersonNumber(PolicyModel):
    """The number that links the sources: what it is called, in short and at length, and its form.

    In `form` an A is any letter and a 0 any digit, so that A000000 is a letter and six digits. It
    has at least five characters: a shorter one would be found in any text.
    """

    called: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9 ]{0,30}$")
    at_length: str = Field(min_length=1)
    form: str = Field(pattern=rf"^[{LETTER}{DIGIT}]{{5,20}}$")

    @property
    def classes(self) -> list[str]:
        """Each of its characters, normalised, as a class of a pattern."""
        return [_CLASSES[one] for one in self.form]

    @property
    def pattern(self) -> str:
        """The pattern of a whole number, normalised; for Python and for DuckDB."""
        return f"^{''.join(f'{_CLASSES[one]}{{{n}}}' for one, n in self._runs)}$"

    @property
    def in_words(self) -> str:
        """Its form in words: one letter and six digits."""
        said = [
            f"{_COUNTS[n] if n < len(_COUNTS) else n} {_KINDS[one][n > 1]}" for one, n in self._runs
        ]
        return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)

    @property
    def _runs(self) -> list[tuple[str, int]]:
        return [(one, len(list(run))) for one, run in groupby(self.form)]

    def fits(self, normalised: str) -> bool:
        """Whether a normalised text is such a number."""
        return re.fullmatch(self.pattern, normalised) is not None
