"""Binds a query of the policy in DuckDB, or tells in one sentence why that cannot be done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn

import duckdb

from safer_streets_assets.policy import PolicyError
from safer_streets_assets.policy.base import Mistake

WHOLE_FILE = "whole file"


def columns_of_query(
    connection: duckdb.DuckDBPyConnection,
    file: str,
    query: str,
    parameters: Mapping[str, object] | None = None,
) -> Mapping[str, str]:
    """The columns that the query of a file gives, with their types.

    Raises:
        PolicyError: DuckDB cannot run it.
    """
    try:
        # On one line with what stands around it, so that DuckDB counts the lines of the file.
        return described(connection, f"SELECT * FROM ({query})", parameters)
    except duckdb.Error as error:
        line = re.search(r"^LINE (\d+):", str(error), re.MULTILINE)
        refuse(file, f"line {line[1]}" if line else WHOLE_FILE, f"{said(error)}; correct it")


def refuse_other_columns(
    file: str, found: Mapping[str, str], wanted: Mapping[str, str], of: str, declared_under: str
) -> None:
    """Refuses a query whose columns are not those that are declared, of those types.

    Raises:
        PolicyError: one is missing, too many or of another type.
    """
    for name in sorted(wanted.keys() - found.keys()):
        refuse(file, WHOLE_FILE, f"it gives no column {name} of {of}; select it")
    for name in sorted(found.keys() - wanted.keys()):
        refuse(
            file,
            WHOLE_FILE,
            f"its column {name} is not declared; take it out, or put it under {declared_under}",
        )
    for name, kind in wanted.items():
        if found[name] != kind:
            refuse(file, WHOLE_FILE, f"its column {name} is {found[name]}; cast it to {kind}")


def described(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Mapping[str, object] | None = None,
) -> Mapping[str, str]:
    """The columns of a query, in their order, with their types; nothing is run."""
    rows = connection.execute(f"DESCRIBE {query}", parameters or {}).fetchall()
    return {name: kind for name, kind, *_ in rows}


def said(error: duckdb.Error) -> str:
    """What DuckDB says of a query, without what it adds: there was no row that it could quote."""
    first = str(error).splitlines()[0]
    return f"DuckDB cannot run it ({first.partition('Error: ')[2].rstrip('!. ') or first})"


def refuse(file: str, place: str, what: str) -> NoReturn:
    """Raises a mistake of the policy as one sentence."""
    raise PolicyError(Mistake(file, place, what).sentence) from None
