"""The demo's chance: one reproducible stream of random numbers for each subject."""

from __future__ import annotations

import random


def dice(seed: int, subject: str) -> random.Random:
    """A generator that gives the same numbers for the same seed and subject, on any machine."""
    # Nothing here is secret: the people are invented, and the same seed must give them again.
    return random.Random(f"{seed}/{subject}")  # noqa: S311
