"""Names and texts go into SQL as they are, whatever they hold."""

from __future__ import annotations

import duckdb
import pytest

from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

AWKWARD = ["plain", 'a "quoted" one', '"', "it's", "''", "a; DROP TABLE t", "-- no comment", "Zoë"]


@pytest.mark.parametrize("text", AWKWARD)
def test_a_quoted_text_is_that_text(memory: duckdb.DuckDBPyConnection, text: str) -> None:
    assert memory.execute(f"SELECT {quoted_text(text)}").fetchall() == [(text,)]


@pytest.mark.parametrize("name", AWKWARD)
def test_a_quoted_name_is_that_name(memory: duckdb.DuckDBPyConnection, name: str) -> None:
    described = memory.execute(f"DESCRIBE SELECT 1 AS {quoted_name(name)}").fetchall()
    assert [row[0] for row in described] == [name]
