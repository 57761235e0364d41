"""Data frames as tables of a store, or as something that one query reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb
import pandas as pd

from safer_streets_assets.stores.sql_files import quoted_name

_ROWS = "rows_of_the_frame"


@contextmanager
def registered(
    connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame
) -> Iterator[None]:
    """Queries of the block read the frame as a table of that name."""
    connection.register(name, frame)
    try:
        yield
    finally:
        connection.unregister(name)


def write_frame(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    frame: pd.DataFrame,
    types: Mapping[str, str] | None = None,
    *,
    temporary: bool = False,
) -> None:
    """Makes a table (its SQL name) of a frame, in place of one that was there.

    With `types` it has those columns alone, of those DuckDB types; else all, as pandas has them.
    """
    listed = (
        "*"
        if types is None
        else ", ".join(f"{quoted_name(c)}::{kind} AS {quoted_name(c)}" for c, kind in types.items())
    )
    kind = "TEMP TABLE" if temporary else "TABLE"
    with registered(connection, _ROWS, frame):
        connection.execute(f"CREATE OR REPLACE {kind} {table} AS SELECT {listed} FROM {_ROWS}")
