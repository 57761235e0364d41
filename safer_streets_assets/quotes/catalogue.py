"""The table of quotes in the restricted store: what its columns mean, and whose rows it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from safer_streets_assets.intake.catalogue import OF_ITS_SOURCE
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.stored_table import StoredTable
from safer_streets_assets.stores.table_files import declared_tables


def stored_tables(policy: Policy) -> Iterator[StoredTable]:
    """A quote goes with the person, with the drop, with the source and with the field of its
    text."""
    for table in declared_tables("quotes", "quotes"):
        yield replace(
            table,
            crn_columns=("crn_key",),
            drop_column="drop_id",
            source_column="source",
            field_column="field",
            line=OF_ITS_SOURCE,
        )
