"""Keeps people out of the registers: text that holds a CRN or a known name is refused."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from safer_streets_assets.accountability.errors import RegisterError
from safer_streets_assets.intake.anonymity import KnownNames, known_names
from safer_streets_assets.intake.crn import holds_crn
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy

MOST_CHARACTERS = 2000


def refuse_identifying(
    connection: duckdb.DuckDBPyConnection, policy: Policy, texts: Iterable[str | None]
) -> None:
    """Checks texts that are to be kept in a register, which has no personal data on offenders.

    Names are compared as the rows of anonymous material are: a text that holds all words of a
    name of the raw tables, in any order, holds the name. Where the restricted store is not
    attached no name is held any more, and CRNs alone are looked for.

    Raises:
        RegisterError: a text is empty or too long, or holds a CRN or a known name.
    """
    given = [text for text in texts if text is not None]
    if any(not text.strip() or len(text) > MOST_CHARACTERS for text in given):
        raise RegisterError(
            f"A text of the entry is empty or longer than {MOST_CHARACTERS} characters; give it in "
            "a few words."
        )
    known = KnownNames(known_names(connection, policy) if _has_rows(connection, policy) else ())
    for text in given:
        if holds_crn(text) or known.any_in(text):
            raise RegisterError(
                "A text of the entry holds a CRN or the name of somebody in the data; say it in "
                "general words, without names and numbers of people."
            )


def _has_rows(connection: duckdb.DuckDBPyConnection, policy: Policy) -> bool:
    """Whether the raw tables are attached: there are none before the first drop and at the end."""
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'restricted'"
    ).fetchall()
    return {raw_table(name) for name in policy.sources} <= {name for (name,) in rows}
