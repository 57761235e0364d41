"""Words that are one typing slip away from a name: a letter that is another, missing or too many,
or two neighbours swapped."""

from __future__ import annotations

from collections.abc import Iterable

from safer_streets_assets.intake.crn import is_one_slip_away

LEAST_SLIP = 5
"""Words of fewer letters are one slip away from too many others."""


def without_each_letter(word: str) -> set[str]:
    """A word, and what is left of it without each of its letters: two words that are one slip
    apart have one of these in common."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


class Slips:
    """Names of one word, to be found where they are written with one slip."""

    def __init__(self, names: Iterable[str]) -> None:
        """Takes names in lower case, without accents; short ones are left out."""
        self._by_rest: dict[str, list[str]] = {}
        self._asked: dict[str, tuple[str, ...]] = {}
        for name in sorted(set(names)):
            if len(name) >= LEAST_SLIP:
                for rest in without_each_letter(name):
                    self._by_rest.setdefault(rest, []).append(name)

    def near(self, word: str) -> tuple[str, ...]:
        """The names that a word, in lower case, is one slip away from; not the word itself."""
        if len(word) < LEAST_SLIP:
            return ()
        if word not in self._asked:
            near = {
                name
                for rest in without_each_letter(word)
                for name in self._by_rest.get(rest, ())
                if is_one_slip_away(word, name)
            }
            self._asked[word] = tuple(sorted(near))
        return self._asked[word]
