"""People who were erased at their request: they do not come back with the next drop.

Of an erased person the restricted store keeps one mark for each CRN: a hash of it under a key of
its own. It tells whether a CRN that arrives is one of them, and nothing else; without the key it
tells nothing. The marks and their key are erased with all other personal data. A row of an erased
person is set aside without a value of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import duckdb

from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.keys import keyed_digest
from safer_streets_assets.stores.sql_files import quoted_text, read_sql

ERASED_KEY = "erased"
ERASED_PERSON = "R-ERASED"
"""The reason of a row about a person who was erased."""


@dataclass(frozen=True)
class ErasedPeople:
    """The marks of erased people, and the key under which they were made."""

    marks: frozenset[str]
    key: str | None

    def among(self, crns: Iterable[str]) -> list[str]:
        """Which of some normalised CRNs are those of erased people."""
        if self.key is None:
            return []
        return [crn for crn in crns if _mark(self.key, crn) in self.marks]


NOBODY = ErasedPeople(frozenset(), None)


def erased_people(connection: duckdb.DuckDBPyConnection, folder: DataFolder) -> ErasedPeople:
    """The marks in the restricted store, which is attached.

    Raises:
        KeyMissingError: there are marks and their key is not there: nobody may be let in unseen.
    """
    rows = connection.execute("SELECT mark FROM restricted.erased_people").fetchall()
    if not rows:
        return NOBODY
    marks = frozenset(mark for (mark,) in rows)
    return ErasedPeople(marks, Keys(folder.keys).read(ERASED_KEY))


def marks_sql(folder: DataFolder, crns: Collection[str], was: str, at: datetime) -> str:
    """The query of the marks there are, in the database `was`, and of those of some CRNs."""
    key = Keys(folder.keys).read_or_create(ERASED_KEY)
    made = " UNION ALL ".join(
        f"SELECT {quoted_text(_mark(key, crn))} AS mark, TIMESTAMP {quoted_text(str(at))} AS since"
        for crn in crns
    )
    return (
        f"SELECT mark, min(since) FROM (SELECT mark, erased_at AS since FROM {was}.erased_people "
        f"UNION ALL {made}) GROUP BY mark ORDER BY mark"
    )


def ensure_marks(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the table of the marks; the restricted store is attached for writing."""
    connection.execute(read_sql("intake", "erased_people"))


def _mark(key: str, crn: str) -> str:
    return keyed_digest(key, f"erased {crn}")
