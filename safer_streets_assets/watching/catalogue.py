"""The register of alerts: no row is about a person."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.stored_table import StoredTable
from safer_streets_assets.stores.table_files import declared_tables


def stored_tables(policy: Policy) -> Iterator[StoredTable]:
    """The table of the `.sql` file."""
    yield from declared_tables("watching", "registers")
