"""Who an operator is, so that two of them can be told apart: never by the environment."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

_LOGIN = Path("/proc/self/loginuid")
_NOBODY_LOGGED_IN = 2**32 - 1


@dataclass(frozen=True)
class Operator:
    """A user of the system by number, and what the system calls them."""

    number: int
    name: str


def this_operator() -> Operator:
    """Who runs this: the user who logged in, whoever they became since (sudo), where the system
    keeps that; else the user of the process."""
    number = _logged_in()
    if number is None:
        number = os.getuid()
    try:
        return Operator(number, pwd.getpwuid(number).pw_name)
    except KeyError:
        return Operator(number, f"user {number}")


def _logged_in() -> int | None:
    """The number that the kernel keeps of a session since its login; None where it keeps none."""
    try:
        number = int(_LOGIN.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if number == _NOBODY_LOGGED_IN else number
