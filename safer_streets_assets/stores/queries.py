"""Small questions to a store, and writes that are whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from safer_streets_assets.stores.files import sync_folder

Parameters = Sequence[Any] | Mapping[str, Any] | None


def one_row(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Parameters = None
) -> tuple[Any, ...]:
    """The only row of a query that always has one (an aggregate without groups).

    Raises:
        duckdb.Error: the query has no row, or failed.
    """
    row = connection.execute(query, parameters).fetchone()
    if row is None:
        raise duckdb.InvalidInputException("a query that always has a row had none")
    return row


def one_number(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Parameters = None
) -> int:
    """The only value of a query that always has one row, as a whole number."""
    return int(one_row(connection, query, parameters)[0])


def tables_in(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    """The tables of a store's main schema, sorted; none when it is not attached."""
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'main' "
        "ORDER BY 1",
        [database],
    ).fetchall()
    return [table for (table,) in rows]


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """What is written in the block is written whole, or not at all."""
    connection.execute("BEGIN TRANSACTION")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def sync_store_folders(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes it durable that the files of the attached stores are in their folders.

    DuckDB syncs its files and their logs at each commit, but not the folders that name them.
    """
    rows = connection.execute(
        "SELECT path FROM duckdb_databases() WHERE NOT internal AND path IS NOT NULL ORDER BY path"
    ).fetchall()
    for (path,) in rows:
        sync_folder(Path(path).parent)
