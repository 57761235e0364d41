"""Boroughs and courts that are on no list of places: how many, of which field, and in which rows.

Their rows stand, with the list's `other` in place of the text. What a text says is shown to the
unit alone (`unknown_words`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from safer_streets_assets.cohort.winning_rows import make_latest
from safer_streets_assets.intake.failed_rows import FailedDrop, failed_drops
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import AgreedField, Policy
from safer_streets_assets.stores.registers import evaluation_closed
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text, read_sql

REMEDY = "safer-streets words --out FILE; add each to its place in policy/places.yaml"
"""What an operator does about them."""


@dataclass(frozen=True)
class UnknownPlaces:
    """Of a field of a source: how many different texts are on its list of places under no spelling,
    in how many rows (the latest version of each), and the word that stands for them."""

    field: str
    texts: int
    rows: int
    printed_as: str

    @property
    def sentence(self) -> str:
        """The same in words."""
        return (
            f"{self.field}: {_counted(self.texts, 'spelling')} in {_counted(self.rows, 'row')}, "
            f"printed as {self.printed_as}"
        )


def place_fields(policy: Policy, source_name: str) -> list[AgreedField]:
    """The fields of a source that hold a place."""
    return [f for f in policy.sources[source_name].fields if f.words in policy.places.lists]


def unknown_places(
    connection: duckdb.DuckDBPyConnection, policy: Policy, source_name: str
) -> list[UnknownPlaces]:
    """What was counted when the conformed table of a source was made; none once everything personal
    is erased. The registers are attached."""
    if evaluation_closed(connection):
        return []
    lists = {f.name: policy.places.lists[f.words or ""] for f in place_fields(policy, source_name)}
    rows = connection.execute(
        "SELECT field, texts, rows FROM registers.unknown_words WHERE source = ? ORDER BY field",
        [source_name],
    ).fetchall()
    return [
        UnknownPlaces(field, int(texts), int(in_rows), lists[field].other)
        for field, texts, in_rows in rows
        if field in lists
    ]


def count_unknown_places(connection: duckdb.DuckDBPyConnection, policy: Policy) -> int:
    """The different texts of all sources together, counted for each field."""
    found = [unknown_places(connection, policy, name) for name in policy.sources]
    return sum(one.texts for own in found for one in own)


def drops_of_unknown_places(
    connection: duckdb.DuckDBPyConnection, policy: Policy, source_name: str
) -> tuple[FailedDrop, ...]:
    """The drops and rows of a source in which they stand; the restricted store is attached."""
    make_latest(connection, policy, source_name)
    query = read_sql("cohort", "unknown_places")
    return failed_drops(
        connection,
        " UNION ".join(
            query.format(
                source=quoted_text(source_name),
                raw_table=raw_table(source_name),
                column=quoted_name(field.name),
                words=quoted_text(field.words or ""),
            )
            for field in place_fields(policy, source_name)
        ),
    )


def sentence_of(found: Sequence[UnknownPlaces]) -> str:
    """What an operator is told of them."""
    return f"{'; '.join(one.sentence for one in found)}. What to do: {REMEDY}."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
