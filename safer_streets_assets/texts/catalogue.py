"""The tables that redacting makes: what their columns mean, and whose rows they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from safer_streets_assets.intake.catalogue import OF_ITS_SOURCE
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.stored_table import StoredTable
from safer_streets_assets.stores.table_files import declared_tables

REDACTED, COUNTS = "redacted_texts", "redaction_counts"


def stored_tables(policy: Policy) -> Iterator[StoredTable]:
    """Words that were masked in the restricted store; texts and counts in the research store."""
    for table in declared_tables("texts", "masked_words"):
        yield replace(table, crn_columns=("crn_key",), source_column="source", line=OF_ITS_SOURCE)
    sources = tuple(name for name, source in policy.sources.items() if source.free_texts)
    for table in declared_tables("texts", "redacted_texts"):
        if table.name == REDACTED:
            yield replace(table, pseudonym="person_id", source_column="source", sources=sources)
        else:
            yield replace(table, made_from=(REDACTED,))
