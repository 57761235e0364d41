"""Reads everything back after an erasure and looks for the fingerprints of what was erased.

Read are the text of every table of every store with its statistics, releases with the members of
zip files, Dagster's SQLite files, sealed bundles opened, and the bytes of every file. Not read is
the landing folder: a file that waits there may name whoever was erased, and their rows are refused
when it is taken in.
"""

from __future__ import annotations

import os
import sqlite3
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path

import duckdb

from safer_streets_assets.retention.bundles import opened_bundles
from safer_streets_assets.retention.errors import ErasureNotVerifiedError
from safer_streets_assets.retention.fingerprints import Searcher
from safer_streets_assets.retention.inventory import files_below
from safer_streets_assets.retention.texts import texts_of_bytes, texts_of_file
from safer_streets_assets.stores import STORE_NAMES, DataFolder, open_stores
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

_BLOCK = 1 << 22
_OVERLAP = 1 << 12
_SQLITE = b"SQLite format 3\0"
_DUCKDB = ".duckdb"


def verify_nothing_left(folder: DataFolder, searcher: Searcher) -> None:
    """Reads every store and file back.

    Raises:
        ErasureNotVerifiedError: a fingerprint is found; the sentence names the folder it is in.
    """
    for place, text in _everything(folder):
        if searcher.holds(text):
            raise ErasureNotVerifiedError(
                f"Something of what was erased still stands in {place}; erase what somebody put "
                "there by hand and run safer-streets retention --enforce, and report it if there "
                "is nothing."
            )


def standing_elsewhere(
    folder: DataFolder, searcher: Searcher, tables: Collection[str]
) -> frozenset[str]:
    """The fingerprints of what stands outside the stores of personal data, or in the restricted
    store outside some `tables`: such a value proves nothing of these."""
    found: set[str] = set()
    with open_stores(folder, read=["restricted", "registers"]) as connection:
        for store in ("restricted", "registers"):
            for text in _texts_of_database(connection, store, tables):
                found |= searcher.found_in(text)
    for _, text in _texts_of_files(folder):
        found |= searcher.found_in(text)
    return frozenset(found)


def _everything(folder: DataFolder) -> Iterator[tuple[str, str]]:
    for store in STORE_NAMES:
        with open_stores(folder, read=[store]) as connection:
            for text in _texts_of_database(connection, store):
                yield f"the {store} store", text
    for content in opened_bundles(folder):
        for text in texts_of_file(content):
            yield "a bundle for subject access", text
    yield from _texts_of_files(folder)


def _texts_of_files(folder: DataFolder) -> Iterator[tuple[str, str]]:
    for path in files_below(folder.root):
        if folder.landing in path.parents or path.is_symlink() or not path.is_file():
            continue
        place = path.relative_to(folder.root).parts[0]
        for text in _texts_of_file(path):
            yield f"the folder {place}", text


def _texts_of_database(
    connection: duckdb.DuckDBPyConnection, database: str, without: Collection[str] = ()
) -> Iterator[str]:
    """Each distinct text of each column that can hold one, and what DuckDB noted about columns."""
    columns = connection.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() "
        "WHERE database_name = ? AND NOT internal AND (data_type LIKE '%VARCHAR%' "
        "OR data_type LIKE '%JSON%' OR data_type LIKE '%BLOB%' OR data_type LIKE '%ENUM%') "
        "ORDER BY ALL",
        [database],
    ).fetchall()
    for schema, table, column in columns:
        if table in without:
            continue
        place = f"{database}.{quoted_name(schema)}.{quoted_name(table)}"
        name = quoted_name(column)
        cells = connection.execute(f"SELECT DISTINCT {name}::VARCHAR FROM {place}")
        while rows := cells.fetchmany(10_000):
            yield from (cell for (cell,) in rows if cell is not None)
        noted = connection.execute(f"SELECT stats({name})::VARCHAR FROM {place} LIMIT 1").fetchall()
        yield from (text for (text,) in noted if text is not None)


def _texts_of_file(path: Path) -> Iterator[str]:
    yield os.fsencode(path.name).decode("utf-8", errors="replace")
    with path.open("rb") as stream:
        start = stream.read(len(_SQLITE))
        stream.seek(0)
        before = b""
        while block := stream.read(_BLOCK):
            yield from texts_of_bytes(before + block)
            before = block[-_OVERLAP:]
    if start == _SQLITE:
        yield from _texts_of_sqlite(path)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                yield from texts_of_bytes(member.filename.encode() + archive.read(member))
    elif path.suffix == _DUCKDB and "published" in path.parts:
        yield from _texts_of_published(path)


def _texts_of_published(path: Path) -> Iterator[str]:
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"ATTACH {quoted_text(str(path))} AS published (READ_ONLY)")
        yield from _texts_of_database(connection, "published")
    except duckdb.Error:
        raise ErasureNotVerifiedError(
            "A file of a release cannot be read back; restore it and run safer-streets retention "
            "--enforce."
        ) from None
    finally:
        connection.close()


def _texts_of_sqlite(path: Path) -> Iterator[str]:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    connection.text_factory = bytes
    try:
        named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in named:
            for row in connection.execute(f"SELECT * FROM {quoted_name(name.decode())}"):
                for cell in row:
                    if isinstance(cell, bytes):
                        yield from texts_of_bytes(cell)
    except sqlite3.Error:
        raise ErasureNotVerifiedError(
            "Dagster's history cannot be read back; end what has it open and run safer-streets "
            "retention --enforce."
        ) from None
    finally:
        connection.close()
