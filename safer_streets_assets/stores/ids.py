"""Long opaque ids as people see and give them: by their first digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

SHOWN_DIGITS = 12
"""So many digits of an id are shown."""
FEWEST_DIGITS = 8
"""So many are enough to give it."""


def the_one(listed: Iterable[T], id_of: Callable[[T], str], given: str) -> T | None:
    """The one whose id begins with what was given; None when there is none, or more than one, or
    too few digits were given."""
    start = given.strip().lower()
    if len(start) < FEWEST_DIGITS:
        return None
    found = [one for one in listed if id_of(one).startswith(start)]
    return found[0] if len(found) == 1 else None
