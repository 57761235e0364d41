"""What people wrote in the free texts of the latest rows, and where each text stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from safer_streets_assets.cohort.conformed import make_conformed_rows
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy, Source
from safer_streets_assets.policy.sources import PERSON_ID
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text, read_sql


@dataclass(frozen=True)
class WrittenText:
    """A text as somebody wrote it, and where it stands. The repr holds nothing of it."""

    source: str
    field: str
    person_id: str | None
    crn_key: str | None = dataclasses.field(repr=False)
    reference: str = dataclasses.field(repr=False)
    drop_id: str
    text: str = dataclasses.field(repr=False)


def written_texts(
    connection: duckdb.DuckDBPyConnection, policy: Policy, name: str
) -> Iterator[WrittenText]:
    """The free texts of the latest rows of a source, in the order of its fields and their people.

    The restricted store is attached, and `person_pseudonyms` is made.

    Raises:
        PolicyError: the query of the conformed table is none.
    """
    source = policy.sources[name]
    if not source.free_texts or not _has_any(connection, name, source):
        return
    make_conformed_rows(connection, policy, name)
    conformed = source.conformed
    told_by = [f"conformed.{quoted_name(c)}" for c in conformed.reference or conformed.identity]
    crn = source.crn_field
    for agreed in source.free_texts:
        query = read_sql("texts", "written_texts").format(
            person="NULL::VARCHAR" if source.anonymous else f"conformed.{PERSON_ID}",
            crn="NULL::VARCHAR" if crn is None else f"latest.{quoted_name(crn.name)}",
            reference=", ".join(told_by) or "''",
            field=quoted_name(agreed.name),
            source=quoted_text(name),
        )
        for row in connection.execute(query).fetchall():
            yield WrittenText(name, agreed.name, *row)


def _has_any(connection: duckdb.DuckDBPyConnection, name: str, source: Source) -> bool:
    filled = " OR ".join(f"{quoted_name(one.name)} IS NOT NULL" for one in source.free_texts)
    query = f"SELECT 1 FROM restricted.{raw_table(name)} WHERE {filled} LIMIT 1"
    return connection.execute(query).fetchone() is not None
