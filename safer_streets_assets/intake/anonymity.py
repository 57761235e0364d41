"""Names that E&I holds, and texts that hold all words of one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

import duckdb

from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.sql_files import quoted_name

_WORD = re.compile(r"[^\W\d_]+")
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th"}
    | {"\u0131": "i"}
)
"""Letters with a stroke and the like, which Unicode does not take apart."""
_UNSEEN = frozenset({"Mn", "Mc", "Me", "Cf"})
"""Accents on their own; soft hyphens and joiners."""


def known_names(connection: duckdb.DuckDBPyConnection, policy: Policy) -> set[frozenset[str]]:
    """The names of people in the raw tables, each as the set of its words, in lower case.

    A placeholder, or a word of the policy such as a borough, is no name.
    """
    names: set[frozenset[str]] = set()
    for source_name, source in policy.sources.items():
        for field in source.fields:
            if field.field_class == "direct identifier" and field.kind == "text":
                rows = connection.execute(
                    f"SELECT DISTINCT {quoted_name(field.name)} "
                    f"FROM restricted.{raw_table(source_name)}"
                ).fetchall()
                names |= {
                    frozenset(plain_words(text))
                    for (text,) in rows
                    if text
                    and not policy.vocabulary.is_missing(text)
                    and text.strip().casefold() not in policy.own_words
                }
    return {name for name in names if len(name) >= 2}


class KnownNames:
    """Names as sets of words, to be found in texts: a text that holds all words of one holds it."""

    def __init__(self, names: Iterable[frozenset[str]]) -> None:
        """Sort the names by their first word, so that a text is held against few of them."""
        self._by_word: dict[str, list[frozenset[str]]] = {}
        for name in names:
            self._by_word.setdefault(min(name), []).append(name)

    def any_in(self, text: str) -> bool:
        """Whether a text holds any of the names."""
        return next(self.all_in(text), None) is not None

    def all_in(self, text: str) -> Iterator[frozenset[str]]:
        """The names that a text holds."""
        words = set(plain_words(text))
        return (name for word in words for name in self._by_word.get(word, ()) if name <= words)


def plain_words(text: str) -> list[str]:
    """The words of a text in lower case, without accents and what is not seen in it."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN)
    plain = "".join(letter for letter in plain if unicodedata.category(letter) not in _UNSEEN)
    return _WORD.findall(plain)
