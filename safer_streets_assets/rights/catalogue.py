"""The table of objections, beside the CRN of who objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.stored_table import StoredTable
from safer_streets_assets.stores.table_files import declared_tables


def stored_tables(policy: Policy) -> Iterator[StoredTable]:
    """The tables of the `.sql` file."""
    for table in declared_tables("rights", "objections"):
        yield replace(table, crn_columns=("crn_key",), of_people_alone=True)
