"""Keeps people out of the registers: text that holds a CRN or a known name is refused."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from safer_streets_assets.accountability.errors import RegisterError
from safer_streets_assets.accountability.typed_names import typed_names
from safer_streets_assets.intake.crn import holds_crn
from safer_streets_assets.intake.raw_tables import raw_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.registers import has_tables

MOST_CHARACTERS = 2000
NAMES_SOMEBODY = (
    "A text of the entry holds a CRN or the name of somebody in the data, of which the surname is "
    "enough: say it in general words, without names and numbers of people. Write a surname that is "
    "an ordinary word too in small letters where the word is meant, and give the address of an "
    "office instead of a person's."
)


def refuse_identifying(
    connection: duckdb.DuckDBPyConnection, policy: Policy, texts: Iterable[str | None]
) -> None:
    """Checks texts that are to be kept in a register, which has no personal data on offenders.

    What is a name is told by `typed_names`. Where the restricted store is not attached no name is
    held any more, and CRNs alone are looked for.

    Raises:
        RegisterError: a text is empty or too long, or holds a CRN or a known name.
    """
    given = [text for text in texts if text is not None]
    if any(not text.strip() or len(text) > MOST_CHARACTERS for text in given):
        raise RegisterError(
            f"A text of the entry is empty or longer than {MOST_CHARACTERS} characters; give it in "
            "a few words."
        )
    has_rows = _has_rows(connection, policy)
    names = typed_names(connection, policy, given) if given and has_rows else None
    for text in given:
        if holds_crn(text, policy.dpia.person_number) or (names is not None and names.any_in(text)):
            raise RegisterError(NAMES_SOMEBODY)


def _has_rows(connection: duckdb.DuckDBPyConnection, policy: Policy) -> bool:
    """Whether the raw tables are attached: there are none before the first drop and at the end."""
    return has_tables(connection, [raw_table(name) for name in policy.sources], "restricted")
