"""Numbers, lists and changes in words."""

from __future__ import annotations

from collections.abc import Sequence

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


def moved(before: str, now: str) -> str:
    """How a printed figure changed: rose from 180 to 205."""
    how = "rose" if float(now) > float(before) else "fell"
    return f"{how} from {_number(before)} to {_number(now)}"


def _number(text: str) -> str:
    return text.removesuffix(".0")
