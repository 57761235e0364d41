"""The change tables brought up to date, and nothing of them left when their gate closes again.

Replacing a table leaves the blocks of the old one in the file of the store. So when the gate closes
over change that was there, every row of it is deleted, counted tables included, and the store
is rebuilt under a new key.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from safer_streets_assets.attitudes.tables import (
    CHANGE_TABLES,
    change_may_begin,
    write_change,
)
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.queries import all_tables_in, one_number, tables_in
from safer_streets_assets.stores.rebuild import rebuild_store
from safer_streets_assets.stores.sql_files import quoted_name

DUE = "change_rebuild_due"
"""A table without rows: it is there from before the first row goes until the store is rebuilt, so
that a run that was killed in between is finished by the next."""


def update_change(folder: DataFolder, policy: Policy) -> tuple[bool, int]:
    """Rebuilds the change tables behind their gate; returns whether it is open, and the rows.

    When it is closed and there was change before, no row of it stays in the research store nor a
    block of it in the file. The caller holds the run's lock and has no connection to the store.

    Raises:
        StoreError, KeyMissingError: the store does not open, or cannot be rebuilt; run again.
    """
    with open_stores(folder, write=["research"]) as connection:
        is_open = change_may_begin(connection, policy)
        due = not is_open and bool(with_rows(connection) or _marked(connection))
        if due:
            connection.execute(f"CREATE TABLE IF NOT EXISTS research.{DUE} (reason VARCHAR)")
            for table in with_rows(connection):
                connection.execute(f"DELETE FROM {table}")
        write_change(connection, policy)
        rows = one_number(connection, "SELECT count(*) FROM research.attitude_change")
    if due:
        rebuild_store(folder, "research")
    if due or is_open:
        with open_stores(folder, write=["research"]) as connection:
            connection.execute(f"DROP TABLE IF EXISTS research.{DUE}")
    return is_open, rows


def with_rows(
    connection: duckdb.DuckDBPyConnection, tables: Collection[str] = CHANGE_TABLES
) -> list[str]:
    """Which tables of those names, in any schema of the research store and at any level that they
    are counted at ("table (dimension by level)"), have a row: SQL names."""
    names = [
        f"research.{quoted_name(schema)}.{quoted_name(table)}"
        for schema, table in all_tables_in(connection, "research")
        if table.partition(" (")[0] in tables
    ]
    return [name for name in names if one_number(connection, f"SELECT count(*) FROM {name}")]


def _marked(connection: duckdb.DuckDBPyConnection) -> bool:
    return DUE in tables_in(connection, "research")
