"""Conformed tables that no rows are made into: there, as later stages read them, and empty."""

from __future__ import annotations

import duckdb

from safer_streets_assets.cohort.catalogue import conformed_columns, followed_in
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.sql_files import quoted_name


def make_empty(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Makes the conformed table of each source that is not agreed, and of one that has none yet;
    the research store is attached for writing. Re-offending tells itself whether its source is
    agreed, and reads no empty table.
    """
    for name, source in policy.dpia.sources.items():
        if name == followed_in(policy):
            continue
        agreed = name in policy.sources
        columns = conformed_columns(policy if agreed else policy.with_agreement(name), name)
        listed = ", ".join(f"{quoted_name(column)} {doc.type}" for column, doc in columns.items())
        table = f"research.{source.conformed.table}"
        making = f"TABLE IF NOT EXISTS {table}" if agreed else f"OR REPLACE TABLE {table}"
        connection.execute(f"CREATE {making} ({listed})")


def asset_that_makes(policy: Policy, source_name: str) -> str:
    """The asset after which the conformed table of a source is there."""
    agreed = policy.sources.get(source_name)
    return "linked_cohort" if agreed is None else agreed.conformed.table
