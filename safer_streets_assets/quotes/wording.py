"""Which words may be a quote, whoever wrote them: the form of a passage, and what tells of whom."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.vocabulary import FORMULA_STARTS
from safer_streets_assets.texts.identifiers import formed_identifiers

_NUMBER = re.compile(r"[0-9][\s.,/-]*[0-9]")
_MASK = re.compile(r"\[[A-Z -]+\]")
_SIGNS = frozenset(" .,;:!?'\"()[]-/%&\u00a3+\u2018\u2019\u201c\u201d\u2013\u2014")
"""What may stand in a quote beside letters and single figures. Of letters only plain Latin ones
may, with their accents: others look like them, and a name in them is found by a reader alone."""
_LATIN = re.compile(r"LATIN (?:SMALL|CAPITAL) LETTER [A-Z]+(?: WITH [A-Z ]+)?")
_SPELT = re.compile(r"(?<!\w)\w(?: \w){2,}(?!\w)")


def one_line(text: str) -> str:
    """A text with one blank wherever there is white space."""
    return " ".join(text.split())


def why_no_quote(policy: Policy, words: str) -> str | None:
    """Why some words cannot be printed as a quote, as what they would need; None when they can.

    Said of the words alone: that nobody who is held is named in them is for `texts` to say.
    """
    most = policy.dpia.quotes.most_characters
    if words != one_line(words) or not words.isprintable():
        return "to be one line of characters that can be seen"
    if len(words) > most:
        return f"to be {most} characters or fewer"
    if words.startswith(FORMULA_STARTS):
        return "to begin with no sign that a spreadsheet takes for a formula"
    if not re.search(r"[^\W\d_]", _MASK.sub(" ", words)):
        return "to have a word that is not masked"
    if _SPELT.search(words):
        return "to have no word that is spelt letter by letter"
    if _NUMBER.search(words):
        return "to have no number of two figures or more, which may be an age or a date"
    if _places(policy).search(_spoken(words)):
        return "to name no borough and no court"
    if next(iter(formed_identifiers(words, (), policy.dpia.person_number)), None) is not None:
        return (
            f"to have nothing that looks like a {policy.dpia.person_number.called}, a number to "
            "call or an address"
        )
    if not all(map(_is_plain, words)):
        return "to have Latin letters, single figures and the usual punctuation alone"
    return None


def _is_plain(character: str) -> bool:
    if character in _SIGNS or character in "0123456789":
        return True
    return bool(_LATIN.fullmatch(unicodedata.name(character, "")))


def _spoken(words: str) -> str:
    """The words with a blank for whatever is no letter: `Old-Town` is Old Town."""
    return " ".join(re.findall(r"[^\W\d_]+", words))


def is_passage(words: str, text: str) -> bool:
    """Whether words stand in a text one after the other, from the beginning of a word to the end of
    one, with no mask cut."""
    at = text.find(words)
    while at >= 0:
        end = at + len(words)
        inside = any(m.start() < cut < m.end() for m in _MASK.finditer(text) for cut in (at, end))
        if not (_cuts_a_word(text, at) or _cuts_a_word(text, end) or inside):
            return True
        at = text.find(words, at + 1)
    return False


def _cuts_a_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


@lru_cache(maxsize=4)
def _places_of(words: frozenset[str]) -> re.Pattern[str]:
    listed = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, listed))})(?!\w)", re.IGNORECASE)


def _places(policy: Policy) -> re.Pattern[str]:
    """The boroughs and courts of the policy, by every spelling of them."""
    words = {
        spelling
        for places in policy.places.lists.values()
        for word, spellings in places.words.items()
        for spelling in (word, *spellings)
    }
    return _places_of(frozenset(map(_spoken, words)) - {""})
