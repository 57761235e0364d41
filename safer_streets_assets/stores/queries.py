"""Small questions to a store, and writes that are whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from safer_streets_assets.stores.files import sync_folder
from safer_streets_assets.stores.sql_files import quoted_name

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


class StoredColumn(NamedTuple):
    """A column of a table that is there, with its DuckDB type."""

    schema: str
    table: str
    name: str
    type: str

    def place(self, database: str) -> str:
        """The table of the column, as an SQL name."""
        return f"{database}.{quoted_name(self.schema)}.{quoted_name(self.table)}"


def tables_in(
    connection: duckdb.DuckDBPyConnection, database: str, schema: str = "main"
) -> list[str]:
    """The tables of a schema of a store, sorted; none when it is not attached."""
    return [table for own, table in all_tables_in(connection, database) if own == schema]


def all_tables_in(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    """Schema and name of each table of a store, sorted; none when it is not attached."""
    return connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY ALL",
        [database],
    ).fetchall()


def is_there(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> bool:
    """Whether a database has a table of that name in its main schema; False when it is not
    attached. Without a look at all other tables, which takes longer."""
    try:
        connection.execute(f"SELECT 1 FROM {database}.main.{quoted_name(table)} LIMIT 0")
    except (duckdb.CatalogException, duckdb.BinderException):
        return False
    return True


def columns_in(connection: duckdb.DuckDBPyConnection, database: str) -> list[StoredColumn]:
    """The columns of the tables of a store, by schema and table, in their order in each."""
    rows = connection.execute(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
        "JOIN duckdb_tables() USING (database_name, schema_name, table_name) "
        "WHERE database_name = ? ORDER BY schema_name, table_name, column_index",
        [database],
    ).fetchall()
    return [StoredColumn(*row) for row in rows]


def text_columns_in(
    connection: duckdb.DuckDBPyConnection, database: str
) -> list[tuple[str, str, str]]:
    """Schema, table and name of each column that can hold a text, of views as well, sorted."""
    return connection.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() "
        "WHERE database_name = ? AND NOT internal AND (data_type LIKE '%VARCHAR%' "
        "OR data_type LIKE '%JSON%' OR data_type LIKE '%BLOB%' OR data_type LIKE '%ENUM%') "
        "ORDER BY ALL",
        [database],
    ).fetchall()


def attached_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Attached database to its tables, sorted; one of another schema than `main` as
    `schema.table`."""
    attached = connection.execute("SELECT database_name FROM duckdb_databases()").fetchall()
    tables: dict[str, list[str]] = {database: [] for (database,) in attached}
    there = connection.execute(
        "SELECT database_name, schema_name, table_name FROM duckdb_tables()"
    ).fetchall()
    for database, schema, name in there:
        tables[database].append(name if schema == "main" else f"{schema}.{name}")
    return {database: sorted(names) for database, names in tables.items()}


def rows_in(
    connection: duckdb.DuckDBPyConnection, database: str, tables: Sequence[str]
) -> dict[str, int]:
    """Table to its rows, of tables of an attached database as `attached_tables` names them."""
    if not tables:
        return {}
    counts = (
        f"SELECT {number}, count(*) FROM {database}."
        + ".".join(quoted_name(part) for part in table.split(".", maxsplit=1))
        for number, table in enumerate(tables)
    )
    found = dict(connection.execute(" UNION ALL ".join(counts)).fetchall())
    return {table: int(found[number]) for number, table in enumerate(tables)}


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


def read_every_row(connection: duckdb.DuckDBPyConnection, database: str) -> None:
    """Reads every cell of every table of an attached database: damage shows as DuckDB's error."""
    for schema, table in all_tables_in(connection, database):
        name = f"{database}.{quoted_name(schema)}.{quoted_name(table)}"
        connection.execute(f"SELECT bit_xor(hash(rows)) FROM {name} AS rows").fetchall()


def sync_store_folders(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes it durable that the files of the attached stores are in their folders.

    DuckDB syncs its files and their logs at each commit, but not the folders that name them.
    """
    rows = connection.execute(
        "SELECT path FROM duckdb_databases() WHERE NOT internal AND path IS NOT NULL ORDER BY path"
    ).fetchall()
    for (path,) in rows:
        sync_folder(Path(path).parent)
