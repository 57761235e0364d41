"""Small questions to a store, and writes that are whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

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
