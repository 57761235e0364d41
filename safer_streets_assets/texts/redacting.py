"""Masks identifiers in a text, and counts them by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date

from safer_streets_assets.intake.mentions import mentions_in
from safer_streets_assets.intake.name_context import Language
from safer_streets_assets.intake.name_forms import tokens_of
from safer_streets_assets.intake.people_held import PeopleHeld
from safer_streets_assets.policy import Policy
from safer_streets_assets.texts.identifiers import KINDS, NAME, MaskedPlace, formed_identifiers


@dataclass(frozen=True)
class Redacted:
    """A text with its identifiers masked: how many there were of each kind, how many of these are
    in doubt, and the words that were masked as names."""

    text: str = field(repr=False)
    counts: Counter[str]
    in_doubt: int
    names: frozenset[int] = field(repr=False)


class Redactor:
    """Masks who is held in texts: people by their names, and dates on which somebody was born."""

    def __init__(self, people: PeopleHeld, births: Collection[date], policy: Policy) -> None:
        """Takes the people, the dates of birth, and the policy for its language and numbers."""
        self._people, self._births = people, frozenset(births)
        self._language, self._number = Language.of(policy), policy.dpia.person_number

    def is_ordinary(self, word: str) -> bool:
        """Whether a word, in lower case, is a word of the language as well as perhaps a name."""
        return word in self._language.ordinary

    def redact(
        self,
        text: str,
        was_masked: Callable[[int, str], bool] = lambda at, word: False,
        is_no_name: Callable[[frozenset[str]], bool] = lambda words: False,
    ) -> Redacted:
        """A text with `[KIND]` in place of each identifier.

        `was_masked` says of a word, the so-manieth of the text, that an earlier run masked it as a
        name; `is_no_name` of words in doubt that a person decided that they are none.
        """
        places = self.places(text, was_masked, is_no_name)
        parts: list[str] = []
        at = 0
        for place in places:
            parts += [text[at : place.start], f"[{place.kind}]"]
            at = place.end
        return Redacted(
            "".join([*parts, text[at:]]),
            Counter(place.kind for place in places),
            sum(not place.is_sure for place in places),
            frozenset(
                at
                for at, token in enumerate(tokens_of(text))
                for place in places
                if token.word in place.words and place.start <= token.start < place.end
            ),
        )

    def places(
        self,
        text: str,
        was_masked: Callable[[int, str], bool] = lambda at, word: False,
        is_no_name: Callable[[frozenset[str]], bool] = lambda words: False,
    ) -> list[MaskedPlace]:
        """The places of a text that are masked, in their order; none overlaps another."""
        found = list(formed_identifiers(text, self._births, self._number))
        for one in mentions_in(text, self._people, self._language):
            if one.is_sure or not is_no_name(one.words):
                found.append(MaskedPlace(one.start, one.end, NAME, one.is_sure, one.words))
        found += [
            MaskedPlace(token.start, token.end, NAME, is_sure=False, words=frozenset([token.word]))
            for at, token in enumerate(tokens_of(text))
            if was_masked(at, token.word) and not is_no_name(frozenset([token.word]))
        ]
        return _apart(found)


def _apart(found: list[MaskedPlace]) -> list[MaskedPlace]:
    """Places that overlap as one, of the first of their kinds."""
    apart: list[MaskedPlace] = []
    for place in sorted(found, key=lambda one: (one.start, -one.end)):
        last = apart[-1] if apart else None
        if last is None or place.start >= last.end:
            apart.append(place)
            continue
        kinds = sorted((last.kind, place.kind), key=KINDS.index)
        apart[-1] = MaskedPlace(
            last.start,
            max(last.end, place.end),
            kinds[0],
            last.is_sure or place.is_sure,
            last.words | place.words,
        )
    return apart
