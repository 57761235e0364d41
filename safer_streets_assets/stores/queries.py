"""Small questions to a store: one row, one number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
