"""Texts that are on their list under no spelling: counted for all, shown to the unit alone."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from safer_streets_assets.cohort.winning_rows import make_latest
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text, read_sql


@dataclass(frozen=True)
class UnknownWord:
    """A text as it arrived, the list that it is not on, and in how many rows it stands.

    Of each row the latest version counts. The repr holds nothing of the text.
    """

    source: str
    field: str
    words: str
    text: str
    rows: int

    def __repr__(self) -> str:
        return "UnknownWord()"


def unknown_words(connection: duckdb.DuckDBPyConnection, policy: Policy) -> list[UnknownWord]:
    """All unknown words of all sources; the restricted store is attached (reading will do)."""
    found: list[UnknownWord] = []
    for name, source in policy.sources.items():
        if any(field.words is not None for field in source.fields):
            make_latest(connection, policy, name)
            found += words_of_latest(connection, policy, name)
    return found


def words_of_latest(
    connection: duckdb.DuckDBPyConnection, policy: Policy, source_name: str
) -> list[UnknownWord]:
    """The unknown words of a source whose `latest` rows were just made."""
    query = read_sql("cohort", "unknown_words")
    found: list[UnknownWord] = []
    for field in policy.sources[source_name].fields:
        if field.words is None:
            continue
        rows = connection.execute(
            query.format(
                raw_table=raw_table(source_name),
                column=quoted_name(field.name),
                words=quoted_text(field.words),
            )
        ).fetchall()
        found += [UnknownWord(source_name, field.name, field.words, *row) for row in rows]
    return found
