"""How much of what is planted is masked, by kind: recall and precision."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from safer_streets_assets.intake.naming import words_of_policy, words_without_slips
from safer_streets_assets.intake.people_held import PeopleHeld
from safer_streets_assets.policy import Policy
from safer_streets_assets.texts.redacting import Redactor
from safer_streets_assets_tests.texts.planted_texts import (
    Held,
    Planted,
    Sentence,
    people,
    planted_sentences,
)

SEED = 100
"""Not the seed of the sentences that were looked at while the rules were mended."""
HELD, NAMES, OTHERS, PLAIN = 800, 380, 60, 400
_TITLE = re.compile(r"(?:Mrs?|Ms|Miss)\.? ")


@dataclass
class Measured:
    """Counts by kind, and by way a name is written: planted, found, masked, rightly masked."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    rightly: Counter[str] = field(default_factory=Counter)

    def recall(self, kind: str) -> float:
        """Share of what is planted that is masked whole."""
        return self.found[kind] / self.planted[kind]

    def precision(self, kind: str) -> float:
        """Share of what is masked as a kind that holds something planted of that kind."""
        return self.rightly[kind] / self.masked[kind]


def redactor_of(policy: Policy, held: Sequence[Held]) -> Redactor:
    """Masks some people."""
    names = PeopleHeld(
        [one.listed for one in held],
        words_of_policy(policy),
        policy.vocabulary.names.forms,
        words_without_slips(policy),
    )
    return Redactor(names, {one.born for one in held}, policy)


def sentences(seed: int = SEED) -> tuple[list[Held], list[Sentence]]:
    """People who are held, and sentences that name some of them."""
    rng = random.Random(seed)
    held = people(rng, HELD)
    return held, planted_sentences(rng, held, NAMES, OTHERS, PLAIN)


def measured(redactor: Redactor, found: Iterable[Sentence]) -> Measured:
    """What of the sentences a redactor masks."""
    counts = Measured()
    for sentence in found:
        places = redactor.places(sentence.text)
        covered = {at for place in places for at in range(place.start, place.end)}
        for one in sentence.planted:
            is_found = all(at in covered for at in _telling(sentence.text, one))
            for kind in (one.kind, one.way) if one.way else (one.kind,):
                counts.planted[kind] += 1
                counts.found[kind] += is_found
        for place in places:
            counts.masked[place.kind] += 1
            counts.rightly[place.kind] += any(
                one.kind == place.kind and place.start < one.end and one.start < place.end
                for one in sentence.planted
            )
    return counts


def _telling(text: str, one: Planted) -> list[int]:
    """The places of the letters and figures that tell who it is: no title, no 's behind a name."""
    title = _TITLE.match(text, one.start, one.end)
    begin = title.end() if title else one.start
    end = one.end - 2 if text[one.start : one.end].endswith("'s") else one.end
    return [at for at in range(begin, end) if text[at].isalnum()]


def table(counts: Measured) -> list[str]:
    """The counts by kind, and by way, as lines of Markdown."""
    lines = ["| what | planted | recall | masked | precision |", "| --- | --- | --- | --- | --- |"]
    for kind in sorted(counts.masked):
        lines.append(
            f"| {kind} | {counts.planted[kind]} | {counts.recall(kind):.3f} "
            f"| {counts.masked[kind]} | {counts.precision(kind):.3f} |"
        )
    lines += ["", "| way a name is written | planted | recall |", "| --- | --- | --- |"]
    for way in sorted(counts.planted.keys() - counts.masked.keys()):
        lines.append(f"| {way} | {counts.planted[way]} | {counts.recall(way):.3f} |")
    return lines
