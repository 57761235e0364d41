"""Where nothing new is proven safe, the newest release stays the published one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from safer_streets_assets.disclosure.stored_tables import StoredProtection
from safer_streets_assets.release.assets import stays_published
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.registers import ensure_registers
from safer_streets_assets_tests.release.builders import NOW


@pytest.fixture
def registers() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("ATTACH ':memory:' AS registers")
        ensure_registers(connection)
        yield connection


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(root=tmp_path, keys=tmp_path / "keys")


def made(registers: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Puts releases on the register, as before approvals were kept."""
    for number, name in enumerate(names, start=1):
        registers.execute(
            "INSERT INTO registers.releases VALUES (?, ?, ?, 'x', 'x', 'x')", [name, number, NOW]
        )


def stored(*withheld: bool) -> StoredProtection:
    return StoredProtection({}, pd.DataFrame(), {"tables": [{"withheld": w} for w in withheld]}, 2)


def test_the_newest_release_stays_when_every_table_is_withheld(
    folder: DataFolder, registers: duckdb.DuckDBPyConnection
) -> None:
    made(registers, "r1", "r2")
    assert stays_published(folder, registers, stored(True, True)) == "r2"


@pytest.mark.parametrize("withheld", [(True, False), (False,), ()])
def test_a_release_in_which_anything_is_proven_is_made(
    folder: DataFolder, registers: duckdb.DuckDBPyConnection, withheld: tuple[bool, ...]
) -> None:
    made(registers, "r1")
    assert stays_published(folder, registers, stored(*withheld)) is None


def test_a_first_release_is_made_whatever_is_withheld(
    folder: DataFolder, registers: duckdb.DuckDBPyConnection
) -> None:
    assert stays_published(folder, registers, stored(True)) is None
