"""Runs one `.sql` file of the product on a few rows written by hand, and compares what it gives.

Tables are blocks of text: a line of column names, then a line a row, with bars between. A blank
cell or NULL is none, and '' an empty text. A column has the type that the catalogue declares for
it, or the one after a colon (`opens:DATE`), or is text; declared columns that a block does not name
are NULL.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb

from safer_streets_assets.cohort.conformed import conforming_sql
from safer_streets_assets.cohort.winning_rows import make_empty_latest
from safer_streets_assets.intake.fields import define_macros
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.database import STORE_NAMES
from safer_streets_assets.stores.sql_files import quoted_name, read_sql
from safer_streets_assets_tests.builders import MPS, shipped_policy

Rows = list[tuple[str | None, ...]]


def check_sql(
    file: str,
    given: Mapping[str, str],
    gives: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    fill: Mapping[str, Any] | None = None,
    then: str | None = None,
    in_order: bool = False,
) -> None:
    """Asserts what `<package>/<name>` gives of tables: their names to their blocks.

    `parameters` are those of the query and `fill` what stands in its braces. What a file writes is
    read by the query `then`.
    """
    package, name = file.split("/", 1)
    sql = read_sql(package, name)
    with _stores() as connection:
        for table, block in given.items():
            _write(connection, table, block)
        filled = sql if fill is None else sql.format(**fill)
        found = _rows_of(connection, filled, gives, parameters, then)
    expected = _expected(gives)
    assert found == expected if in_order else sorted(found, key=repr) == sorted(expected, key=repr)


def check_conforming(file: str, latest: str, gives: str) -> None:
    """Asserts what `policy/<conformed table>` gives of the winning rows of its source, in order.

    The rows are those of `latest`, and those of `minimal` where the block has `identity_number`.
    """
    policy = _policy()
    table = file.split("/")[1]
    source = next(n for n, one in policy.dpia.sources.items() if one.conformed.table == table)
    with _stores() as connection:
        make_empty_latest(connection, policy.sources[source])
        for name in ("latest", "minimal"):
            own = connection.execute(f"DESCRIBE {name}").fetchall()
            types = {column: kind for column, kind, *_ in own}
            header, rows = _read(latest)
            kept = [i for i, column in enumerate(header) if column in types]
            _insert(
                connection,
                name,
                [header[i] for i in kept],
                types,
                [[r[i] for i in kept] for r in rows],
            )
        found = _rows_of(connection, conforming_sql(policy, source), gives)
    assert found == _expected(gives)


def files_checked_in(source: str) -> set[str]:
    """The `.sql` files that the tests of a module check, by `<package>/<name>`."""
    return {
        call.args[0].value
        for test in ast.walk(ast.parse(source))
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_")
        for call in ast.walk(test)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in (check_sql.__name__, check_conforming.__name__)
        and isinstance(call.args[0], ast.Constant)
    }


@functools.cache
def _policy() -> Policy:
    """The shipped policy with every source agreed."""
    return shipped_policy().with_agreement(MPS)


@functools.cache
def _declared() -> dict[str, dict[str, str]]:
    """Table (with its store) to the declared types of its columns."""
    catalogue = Catalogue(_policy())
    return {
        f"{store}.{table.name}": {column: doc.type for column, doc in table.columns.items()}
        for store in STORE_NAMES
        for table in catalogue.of_store(store).values()
    }


@contextmanager
def _stores() -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(duckdb.connect(":memory:", config={"threads": 1})) as connection:
        for store in STORE_NAMES:
            connection.execute(f"ATTACH ':memory:' AS {store}")
        define_macros(connection)
        yield connection


def _read(block: str) -> tuple[list[str], list[list[str | None]]]:
    """The cells of a block: its first line, and the others."""
    lines = [[cell.strip() for cell in line.split("|")] for line in block.strip().splitlines()]
    header, *rows = lines
    assert all(len(row) == len(header) for row in rows), (
        "a row has more or fewer cells than the header"
    )
    return header, [[_value(cell) for cell in row] for row in rows]


def _value(cell: str) -> str | None:
    return None if cell in ("", "NULL") else "" if cell == "''" else cell


def _write(connection: duckdb.DuckDBPyConnection, table: str, block: str) -> None:
    header, rows = _read(block)
    named = [cell.partition(":") for cell in header]
    types = dict(_declared().get(table, {}))
    for name, _, kind in named:
        if kind or name not in types:
            types[name] = kind or "VARCHAR"
    listed = ", ".join(f"{quoted_name(name)} {kind}" for name, kind in types.items())
    connection.execute(f"CREATE TABLE {table} ({listed})")
    _insert(connection, table, [name for name, *_ in named], types, rows)


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: list[str],
    types: Mapping[str, str],
    rows: list[list[str | None]],
) -> None:
    named = ", ".join(map(quoted_name, columns))
    values = ", ".join(f"CAST(?::VARCHAR AS {types[column]})" for column in columns)
    for row in rows:
        connection.execute(f"INSERT INTO {table} ({named}) VALUES ({values})", row)


def _rows_of(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    gives: str,
    parameters: Mapping[str, Any] | None = None,
    then: str | None = None,
) -> Rows:
    """The rows that the last statement gives, or the query `then` after it: the columns of a block,
    as text."""
    *before, last = (one.query for one in connection.extract_statements(sql))
    for statement in [*before, *([last] if then else [])]:
        connection.execute(statement)
    query = then or last.strip().removesuffix(";")
    connection.execute(f"CREATE TEMP TABLE found_rows AS {query}", parameters)
    columns, _ = _read(gives)
    texts = ", ".join(f"{quoted_name(column)}::VARCHAR" for column in columns)
    return connection.execute(f"SELECT {texts} FROM found_rows ORDER BY rowid").fetchall()


def _expected(gives: str) -> Rows:
    return [tuple(row) for row in _read(gives)[1]]


def modules_of_tests() -> Iterator[Path]:
    """Every module of tests."""
    yield from sorted(Path(__file__).parent.rglob("test_*.py"))
