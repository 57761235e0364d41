"""The words that were masked as names in what people wrote, so that they stay masked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import duckdb
import pandas as pd

from safer_streets_assets.intake.name_forms import tokens_of
from safer_streets_assets.stores.frames import registered
from safer_streets_assets.stores.keys import keyed_digest
from safer_streets_assets.stores.queries import transaction
from safer_streets_assets.texts.written import WrittenText


class MaskedWords:
    """The words that were masked as names: in earlier runs, and in this one."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        key: str,
        is_ordinary: Callable[[str], bool],
    ) -> None:
        """Reads what earlier runs masked, under the key of its hashes; the restricted store is
        attached."""
        self._key, self._is_ordinary = key, is_ordinary
        self._digests: dict[str, str] = {}
        rows = connection.execute("SELECT source, crn_key, word_id FROM restricted.masked_words")
        self._before = set(rows.fetchall())
        self._now: set[tuple[str, str | None, str]] = set()
        self._places = {(source, crn) for source, crn, _ in self._before}

    def before(self, one: WrittenText) -> Callable[[int, str], bool]:
        """Whether an earlier run masked a word of a text, the so-manieth of its words."""
        if (one.source, one.crn_key) not in self._places:
            return lambda at, word: False
        ids = self._ids(one)

        def was_masked(at: int, word: str) -> bool:
            found = (one.source, one.crn_key, ids[at]) in self._before
            if found:
                self._now.add((one.source, one.crn_key, ids[at]))
            return found

        return was_masked

    def add(self, one: WrittenText, places: frozenset[int]) -> None:
        """Notes the words of a text that were masked, by their numbers."""
        if places:
            ids = self._ids(one)
            self._now |= {(one.source, one.crn_key, ids[at]) for at in places}

    def keep(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Keeps what is masked now; what stands in no text any more goes."""
        frame = pd.DataFrame(
            sorted(self._now, key=str), columns=["source", "crn_key", "word_id"], dtype=object
        )
        with registered(connection, "masked_now", frame), transaction(connection):
            connection.execute("DELETE FROM restricted.masked_words")
            connection.execute("INSERT INTO restricted.masked_words SELECT * FROM masked_now")

    def _ids(self, one: WrittenText) -> list[str]:
        """The opaque ids of the words of a text. An ordinary word is told apart by how often it
        stood in the text before: May is a month here and somebody there."""
        words = [token.word for token in tokens_of(one.text)]
        seen: Counter[str] = Counter()
        ids = []
        for word in words:
            seen[word] += 1
            place = f" {seen[word]} of {words.count(word)}" if self._is_ordinary(word) else ""
            message = f"masked {one.field} {word}{place}"
            if message not in self._digests:
                self._digests[message] = keyed_digest(self._key, message)
            ids.append(self._digests[message])
        return ids
