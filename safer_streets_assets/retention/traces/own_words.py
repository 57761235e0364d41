"""The words of this product and of Dagster: found in their own texts, they say nothing of anybody.

A comment of one common word ("Sessions") stands in this product's policy, labels, column docs and
sentences anyway, so that finding it proves nothing. The generator of invented drops is left out:
its names and comments are what people would write, and nothing else of the product says them. So
are a Python module's first text and its lines of comment: nothing writes them anywhere. Comments of
YAML stay, of which a copy stands in a data folder, and texts of functions, which Dagster records.
"""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import safer_streets_assets
from safer_streets_assets.retention.traces.fingerprints import ValueFound, compared_words

_GENERATOR = "demo"
_SUFFIXES = (".py", ".sql", ".yaml")
_BETWEEN_CELLS = re.compile(r"[^\w '\u2019/\-]+")
"""What parts cells, and clauses: line ends, tabs, quotes, commas and other marks."""
_TEXT_OR_COMMENT = re.compile(r'"{3}[\s\S]*?"{3}|^[ \t]*#.*$', re.MULTILINE)
"""A text in three quotes, or a line of comment outside of one."""


class OwnWords:
    """Texts as one row of words, to look for words that stand in them one after the other."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Take the words of the texts, as erasing compares them."""
        self._row = f" {' '.join(word for text in texts for word in compared_words(text))} "

    def hold(self, words: str) -> bool:
        """Whether words, parted by one blank each, stand in one of the texts."""
        return f" {words} " in self._row

    def account_for(self, words: str, text: str) -> bool:
        """Whether words that are in a text stand there in cells and clauses of these texts alone:
        a cell with one word more, such as the rest of a name, is none of them.
        """
        if not self.hold(words):
            return False
        everywhere = _times(words, compared_words(text))
        own = 0
        for part in _BETWEEN_CELLS.split(text):
            inside = compared_words(part)
            found = _times(words, inside)
            if found and self.hold(" ".join(inside)):
                own += found
        return own == everywhere


@functools.cache
def product_words() -> OwnWords:
    """What stands in the files of this package."""
    return OwnWords(_texts(Path(safer_streets_assets.__file__).parent, {_GENERATOR}))


@functools.cache
def dagster_words() -> OwnWords:
    """What stands in the files of Dagster, whose history has its own words: takes seconds."""
    found = importlib.util.find_spec("dagster")
    places = list(found.submodule_search_locations or ()) if found else []
    return OwnWords(text for place in places for text in _texts(Path(place), set()))


def is_own(found: ValueFound, text: str, *, of_dagster: bool = False) -> bool:
    """Whether a value that stands in a text is the product's own there, or in Dagster's history
    Dagster's. A CRN never is.
    """
    if found.kind == "crn":
        return False
    if product_words().account_for(found.words, text):
        return True
    if not of_dagster:
        return False
    if found.kind == "free text":
        return dagster_words().hold(found.words)
    return dagster_words().account_for(found.words, text)


def written_by(source: str) -> str:
    """A Python module without its first text and its lines of comment, which it never writes."""

    def kept(found: re.Match[str]) -> str:
        is_text = found.group().startswith('"')
        return found.group() if is_text and found.start() > 0 else ""

    return _TEXT_OR_COMMENT.sub(kept, source)


def _texts(folder: Path, without: set[str]) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.suffix in _SUFFIXES and path.is_file() and not without & set(parts):
            text = path.read_text(encoding="utf-8", errors="replace")
            yield written_by(text) if path.suffix == ".py" else text


def _times(words: str, inside: list[str]) -> int:
    return f" {'  '.join(inside)} ".count(f" {words.replace(' ', '  ')} ")
