"""Where nothing new is proven safe, the newest release stays the published one."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pandas as pd
import pytest

from safer_streets_assets.disclosure.stored_tables import StoredProtection
from safer_streets_assets.release.assets import stays_published


@pytest.fixture
def registers() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("ATTACH ':memory:' AS registers")
        connection.execute("CREATE TABLE registers.releases (release_id VARCHAR, number INTEGER)")
        yield connection


def stored(*withheld: bool) -> StoredProtection:
    return StoredProtection({}, pd.DataFrame(), {"tables": [{"withheld": w} for w in withheld]}, 2)


def test_the_newest_release_stays_when_every_table_is_withheld(
    registers: duckdb.DuckDBPyConnection,
) -> None:
    registers.execute("INSERT INTO registers.releases VALUES ('r1', 1), ('r2', 2)")
    assert stays_published(registers, stored(True, True)) == "r2"


@pytest.mark.parametrize("withheld", [(True, False), (False,), ()])
def test_a_release_in_which_anything_is_proven_is_made(
    registers: duckdb.DuckDBPyConnection, withheld: tuple[bool, ...]
) -> None:
    registers.execute("INSERT INTO registers.releases VALUES ('r1', 1)")
    assert stays_published(registers, stored(*withheld)) is None


def test_a_first_release_is_made_whatever_is_withheld(
    registers: duckdb.DuckDBPyConnection,
) -> None:
    assert stays_published(registers, stored(True)) is None
