"""Numbers, lists, changes and what gates wait for, in words."""

from __future__ import annotations

from collections.abc import Sequence

from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.dpia import Gate

NUMERALS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number(count: int, what: str) -> str:
    """So many of something, in words up to ten."""
    said = NUMERALS[count] if count < len(NUMERALS) else f"{count:,}"
    return f"{said} {what if count == 1 else plural(what)}"


def begun(sentence: str) -> str:
    """A sentence with a capital at its beginning, and as it is from there on."""
    return f"{sentence[:1].upper()}{sentence[1:]}"


def plural(words: str) -> str:
    """The plural of words whose noun comes last, or before "of": months of disposal."""
    noun, of, rest = words.partition(" of ")
    if noun.endswith("y") and not noun.endswith(("ay", "ey", "oy")):
        noun = f"{noun[:-1]}ies"
    else:
        noun = f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"
    return f"{noun}{of}{rest}"


def enumerated(names: Sequence[str]) -> str:
    """Names in a row: A, B and C."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def not_agreed(policy: Policy, gate: Gate) -> str:
    """That the source which a gate waits for is not agreed; empty where it waits for none such.

    Such a gate is closed, however much was gathered.
    """
    if gate.requires_source is None or gate.requires_source in policy.sources:
        return ""
    source = policy.dpia.sources[gate.requires_source]
    return f"its source ({source.title}, {source.controller}) is not agreed"


def moved(before: str, now: str) -> str:
    """How a printed figure changed: rose from 180 to 205."""
    how = "rose" if float(now) > float(before) else "fell"
    return f"{how} from {_number(before)} to {_number(now)}"


def _number(text: str) -> str:
    return text.removesuffix(".0")
