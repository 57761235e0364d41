"""Stores that several tests begin with: made once in memory, kept as files, and copied for each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from safer_streets_assets.intake.take_in import prepare_intake
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import STORE_NAMES, DataFolder
from safer_streets_assets_tests.builders import shipped_policy


def keep_stores(connection: duckdb.DuckDBPyConnection, folder: DataFolder, place: Path) -> None:
    """Writes stores that are in memory, and the keys of their data folder, to an empty folder."""
    for store in STORE_NAMES:
        connection.execute(f"ATTACH '{place / store}' AS kept")
        connection.execute(f"COPY FROM DATABASE {store} TO kept")
        connection.execute("DETACH kept")
    shutil.copytree(folder.keys, place / "keys")


@contextmanager
def kept_stores(
    place: Path, folder: DataFolder, policy: Policy | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Stores in memory as `keep_stores` wrote them, free to change; the data folder has the keys
    afterwards."""
    shutil.copytree(place / "keys", folder.keys, dirs_exist_ok=True)
    connection = duckdb.connect(":memory:", config={"threads": 1})
    try:
        for store in STORE_NAMES:
            connection.execute(f"ATTACH ':memory:' AS {store}")
            connection.execute(f"ATTACH '{place / store}' AS kept (READ_ONLY)")
            connection.execute(f"COPY FROM DATABASE kept TO {store}")
            connection.execute("DETACH kept")
        prepare_intake(connection, policy or shipped_policy())
        yield connection
    finally:
        connection.close()
