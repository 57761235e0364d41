"""Rebuilds a store: its live rows in a fresh file under a new key, and the old file erased.

`DELETE` leaves the bytes of a row in the file, so rows are erased by deleting them and rebuilding.
A rebuild can be killed at any point: until the new file is whole it is rolled back, afterwards it
is finished. In between the store does not open, so nobody takes an empty store for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from safer_streets_assets.stores.database import (
    ENCRYPTED,
    StoreError,
    StoreName,
    connect_with_encryption,
)
from safer_streets_assets.stores.files import (
    log_of,
    overwrite_and_unlink,
    private_files,
    put_in_place,
)
from safer_streets_assets.stores.folder import DataFolder
from safer_streets_assets.stores.instances import memory_limit
from safer_streets_assets.stores.keys import Keys
from safer_streets_assets.stores.queries import all_tables_in, one_number, one_row, transaction
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

RowQueries = Callable[[duckdb.DuckDBPyConnection, str], Mapping[str, str]]
"""Given a connection and the name under which the old store is attached: for each table that does
not stay as it is (`"schema"."table"`), the query that gives its rows, in the order of its columns;
a column that a query leaves out is left out of the table."""
Stays = RowQueries | Literal["all", "nothing"]
"""What stays of a store; nothing, not even tables, of one that is made anew from another one."""


@dataclass(frozen=True)
class _Places:
    """The files of a rebuild: the store, the whole new file, the new file in the making."""

    store: Path

    @property
    def log(self) -> Path:
        return log_of(self.store)

    @property
    def whole(self) -> Path:
        return self.store.with_name(f"{self.store.stem}.next.duckdb")

    @property
    def making(self) -> Path:
        return self.store.with_name(f"{self.store.stem}.making.duckdb")

    @property
    def old(self) -> Path:
        return self.store.with_name(f"{self.store.stem}.old.duckdb")


def next_key(name: str) -> str:
    """The key that is to take the place of a key, while what is under it is made anew."""
    return f"{name}.next"


def rebuild_store(folder: DataFolder, store: StoreName, stays: Stays = "all") -> None:
    """Copies the live rows of a store into a fresh file under a new key and erases the old one.

    Where not everything `stays`, tables are copied as queries say. The old store is only read, so
    that a program that has it open for reading does not stand in the way.

    The old key is destroyed first; then the old file and its write-ahead log are overwritten and
    unlinked. The caller holds the run's lock and has no connection to the store. A store that
    does not exist stays so.

    Raises:
        KeyMissingError: the store's key is missing or damaged.
        StoreError: the store does not open, or the copy is not whole; nothing has changed then.
    """
    finish_rebuild(folder, store)
    places = _Places(folder.database(store))
    if not places.store.exists():
        return
    keys = Keys(folder.keys)
    encrypted = store in ENCRYPTED
    old_key = [keys.read(store)] if encrypted else []
    new_key = [keys.create(next_key(store))] if encrypted else []
    with private_files():
        _copy(folder, places, old_key, new_key, stays)
    put_in_place(places.making, places.whole)
    finish_rebuild(folder, store)


def is_being_rebuilt(folder: DataFolder, store: StoreName) -> bool:
    """Whether a whole new file of a store waits to take its place: until then the store may be half
    overwritten.
    """
    return _Places(folder.database(store)).whole.exists()


def finish_rebuild(folder: DataFolder, store: StoreName) -> bool:
    """Finishes or rolls back a rebuild that was interrupted; returns whether there was one.

    The caller holds the run's lock. To be called before a run opens the store.
    """
    places, keys = _Places(folder.database(store)), Keys(folder.keys)
    if places.whole.exists():
        _go_forward(places, keys, store)
        return True
    leftover = [
        path for path in (places.making, log_of(places.making), places.old) if path.exists()
    ]
    for path in leftover:
        overwrite_and_unlink(path)
    had_key = keys.exists(next_key(store))
    keys.destroy(next_key(store))
    return bool(leftover) or had_key


def _go_forward(places: _Places, keys: Keys, store: StoreName) -> None:
    """From the whole new file to the store in place. While the next key is there, the store's own
    key is the old one.
    """
    if keys.exists(next_key(store)):
        keys.destroy(store)
        put_in_place(keys.path(next_key(store)), keys.path(store))
    overwrite_and_unlink(places.log)
    overwrite_and_unlink(places.old)
    if places.store.exists():
        # Overwritten through a second name: the store's own name is never free in between, or
        # another process would make an empty store there.
        os.link(places.store, places.old)
        overwrite_and_unlink(places.old)
    put_in_place(places.whole, places.store)


def _copy(
    folder: DataFolder,
    places: _Places,
    old_key: list[str],
    new_key: list[str],
    stays: Stays,
) -> None:
    connection = connect_with_encryption()
    try:
        connection.execute("SET temp_file_encryption = true")
        connection.execute("SET memory_limit = ?", [memory_limit()])
        connection.execute(f"SET temp_directory = {quoted_text(str(folder.restricted / 'spill'))}")
        _attach(connection, places.store, "was", old_key, read_only=True)
        _attach(connection, places.making, "becomes", new_key)
        if stays == "all":
            connection.execute("COPY FROM DATABASE was TO becomes")
            whole = _row_counts(connection, "was") == _row_counts(connection, "becomes")
        else:
            whole = stays == "nothing" or _copy_rows(connection, stays)
        connection.execute("CHECKPOINT becomes")
        connection.execute("DETACH becomes")
    except duckdb.Error:
        raise StoreError(
            f"The {places.store.stem} store cannot be rebuilt; end the program that has it open, "
            "check that its key is the right one and that the disk has room, and run again."
        ) from None
    finally:
        connection.close()
    if not whole or log_of(places.making).exists():
        raise StoreError(
            f"The copy of the {places.store.stem} store is not whole; run again, and report it if "
            "this happens twice."
        )


def _copy_rows(connection: duckdb.DuckDBPyConnection, rows: RowQueries) -> bool:
    """Copies tables as the queries say; returns whether every row of them arrived."""
    queries = rows(connection, "was")
    tables = _tables(connection, "was")
    connection.execute("COPY FROM DATABASE was TO becomes (SCHEMA)")
    # One transaction: one write of the log for all tables instead of one for each.
    with transaction(connection):
        for table in tables:
            query = queries.get(table, f"FROM was.{table}")
            if table in queries:
                _leave_out_columns(connection, table, query)
            connection.execute(f"INSERT INTO becomes.{table} {query}")
    for table in tables:
        query = queries.get(table, f"FROM was.{table}")
        (wanted,) = one_row(connection, f"SELECT count(*) FROM ({query})")
        (there,) = one_row(connection, f"SELECT count(*) FROM becomes.{table}")
        if wanted != there:
            return False
    return True


def _leave_out_columns(connection: duckdb.DuckDBPyConnection, table: str, query: str) -> None:
    """Takes the columns that a query does not give out of the new table, which is empty.

    A query that gives as many as there are gives all of them, whatever it calls them.
    """
    given, there = _columns(connection, query), _columns(connection, f"FROM becomes.{table}")
    for column in there if len(given) < len(there) else ():
        if column not in given:
            connection.execute(f"ALTER TABLE becomes.{table} DROP COLUMN {quoted_name(column)}")


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [row[0] for row in connection.execute(f"DESCRIBE {query}").fetchall()]


def _attach(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    name: str,
    key: list[str],
    *,
    read_only: bool = False,
) -> None:
    options = ["ENCRYPTION_KEY ?"] * len(key) + ["READ_ONLY"] * read_only
    clause = f" ({', '.join(options)})" if options else ""
    connection.execute(f"ATTACH {quoted_text(str(path))} AS {name}{clause}", key)


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    return [".".join(map(quoted_name, names)) for names in all_tables_in(connection, database)]


def _row_counts(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, int]:
    return {
        table: one_number(connection, f"SELECT count(*) FROM {database}.{table}")
        for table in _tables(connection, database)
    }
