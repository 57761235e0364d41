"""Everything that a data folder holds, as values that compare byte for byte.

Three things differ between two runs that do the same, and are compared by what they say: sealed
files (a nonce is random, so the bytes inside are compared), keys that the run itself makes
(random, so it is compared that they are there and can be used), and the time that openpyxl puts
into a workbook that is returned.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb

from safer_streets_assets.intake.quarantine import key_name
from safer_streets_assets.intake.returns import RETURNS_KEY
from safer_streets_assets.stores import DataFolder, Keys, open_stores
from safer_streets_assets.stores.sealed import unseal
from safer_streets_assets_tests.builders import fetch

STORES = ("restricted", "research", "registers")
_WHEN_MADE = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
_DATABASES = {f"{store}/{store}.duckdb" for store in STORES}


def everything(folder: DataFolder, keys_before: Collection[str]) -> dict[str, bytes]:
    """Name to bytes: every table in the order in which its rows lie, every file, every mode.

    `keys_before` are the names of the key files that no run made.
    """
    return {**tables(folder), **files(folder, keys_before)}


def tables(folder: DataFolder) -> dict[str, bytes]:
    """Every table and view of the stores: how it is defined, and its rows in physical order."""
    held = {}
    there = [store for store in STORES if folder.database(store).exists()]
    with open_stores(folder, read=there) as connection:  # type: ignore[arg-type]
        names = fetch(
            connection,
            "SELECT database_name, schema_name, table_name, sql FROM duckdb_tables() "
            "WHERE list_contains($1, database_name) ORDER BY ALL",
            there,
        )
        for store, schema, table, sql in names:
            rows = fetch(connection, f'SELECT * FROM {store}.{schema}."{table}" ORDER BY rowid')
            lines = [sql, *(repr(row) for row in rows)]
            held[f"{store}.{schema}.{table}"] = "\n".join(lines).encode()
        views = fetch(
            connection,
            "SELECT database_name, view_name, sql FROM duckdb_views() "
            "WHERE list_contains($1, database_name) AND NOT internal ORDER BY ALL",
            there,
        )
        for store, view, sql in views:
            rows = fetch(connection, f'SELECT * FROM {store}."{view}" ORDER BY ALL')
            held[f"{store}.{view}"] = "\n".join([sql, *(repr(row) for row in rows)]).encode()
    return held


def files(folder: DataFolder, keys_before: Collection[str]) -> dict[str, bytes]:
    """Every path below the data folder with its mode and, but for the stores, its bytes."""
    held = {}
    for path in sorted(folder.root.rglob("*")):
        name = str(path.relative_to(folder.root))
        mode = f"{stat.filemode(path.lstat().st_mode)}\n".encode()
        held[name] = mode + (_content(folder, path, name, keys_before) if path.is_file() else b"")
    return held


def _content(folder: DataFolder, path: Path, name: str, keys_before: Collection[str]) -> bytes:
    keys = Keys(folder.keys)
    if name in _DATABASES:
        return b"compared by its tables"
    if path.suffix == ".key" and path.name not in keys_before:
        keys.read(path.stem)
        return b"a key"
    if path.parent == folder.quarantine and path.suffix == ".sealed":
        return unseal(path, keys.read(key_name(path.stem)))
    if path.parent == folder.returns and path.suffix == ".sealed":
        return _workbook(unseal(path, keys.read(RETURNS_KEY)))
    return path.read_bytes()


def _workbook(content: bytes) -> bytes:
    """The members of a workbook with their names, without when it was made."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    return b"\n".join(name.encode() + b"\n" + _WHEN_MADE.sub(b"", data) for name, data in members)


def rows_of_drop(connection: duckdb.DuckDBPyConnection, drop_id: str) -> dict[str, Any]:
    """What the restricted store holds of a drop beside where it lies in the landing."""
    names = fetch(
        connection,
        "SELECT table_name FROM duckdb_columns() WHERE database_name = 'restricted' "
        "AND column_name = 'drop_id' AND table_name NOT IN ('arrivals', 'drop_order') "
        "AND table_name IN (SELECT table_name FROM duckdb_tables()) ORDER BY ALL",
    )
    return {
        name: fetch(
            connection,
            f'SELECT * FROM restricted."{name}" WHERE drop_id = $1 ORDER BY rowid',
            drop_id,
        )
        for (name,) in names
    }
