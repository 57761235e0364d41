"""Reads everything back after an erasure and looks for the fingerprints of what was erased.

Read are the text of every table of every store with its statistics, releases with the members of
zip files, Dagster's history in files or in PostgreSQL, sealed bundles opened, and the bytes of
every file. Not read is the landing folder: a file that waits there may name whoever was erased, and
their rows are refused when it is taken in.
"""

from __future__ import annotations

import os
import sqlite3
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.holdings.bundles import opened_bundles
from safer_streets_assets.retention.holdings.intent import Intent
from safer_streets_assets.retention.holdings.inventory import (
    THE_FOLDER_ITSELF,
    files_below,
    top_folder,
)
from safer_streets_assets.retention.records.open_erasures import COPY_OF_A_KEY
from safer_streets_assets.retention.traces.fingerprints import (
    Fingerprints,
    Searcher,
    texts_of_bytes,
    texts_of_file,
)
from safer_streets_assets.retention.traces.in_postgres import POSTGRES, texts_of_history
from safer_streets_assets.retention.traces.own_words import is_own
from safer_streets_assets.stores import STORE_NAMES, DataFolder, Keys, StoreError, open_stores
from safer_streets_assets.stores.history import HistoryError
from safer_streets_assets.stores.keys import KeyMissingError
from safer_streets_assets.stores.queries import text_columns_in
from safer_streets_assets.stores.sealed import SealError
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

_BLOCK = 1 << 22
_OVERLAP = 1 << 12
_SQLITE = b"SQLite format 3\0"
_DUCKDB = ".duckdb"
_DAGSTER = ("the folder dagster", POSTGRES)
UNREADABLE = "which cannot be read back"


@dataclass(frozen=True)
class ReadBack:
    """Where something of what was erased may stand, in words that name a store, table and column,
    or a folder; and how many values were found in texts of this product or of Dagster alone.
    """

    places: tuple[str, ...]
    own_words: int


@dataclass(frozen=True)
class _Text:
    """A text and where it stands. Names of files are told by the folder alone."""

    place: str
    text: str


def read_back(folder: DataFolder, searcher: Searcher) -> ReadBack:
    """Reads every store and file back, to the end, whatever is found; what cannot be read is a
    place as well.
    """
    places: dict[str, None] = {}
    own: set[str] = set()
    for told in _everything(folder, places):
        for found in set(searcher.found(told.text)):
            if is_own(found, told.text, of_dagster=told.place.startswith(_DAGSTER)):
                own.add(found.words)
            else:
                places[told.place] = None
    return ReadBack(tuple(places), len(own))


def standing_elsewhere(
    folder: DataFolder, searcher: Searcher, tables: Collection[str]
) -> frozenset[str]:
    """The fingerprints of what stands outside the stores of personal data, or in the restricted
    store outside some `tables`: such a value proves nothing of these."""
    found: set[str] = set()
    with open_stores(folder, read=["restricted", "registers"]) as connection:
        for store in ("restricted", "registers"):
            for told in _texts_of_database(connection, store, store, tables):
                found |= searcher.marks_in(told.text)
    for told in _texts_outside(folder, {}):
        found |= searcher.marks_in(told.text)
    return frozenset(found)


def _everything(folder: DataFolder, unread: dict[str, None]) -> Iterator[_Text]:
    for store in STORE_NAMES:
        try:
            with open_stores(folder, read=[store]) as connection:
                yield from _texts_of_database(connection, store, f"the {store} store")
        except (StoreError, KeyMissingError):
            unread[f"the {store} store, {UNREADABLE}"] = None
    try:
        for content in opened_bundles(folder):
            for text in texts_of_file(content):
                yield _Text("an answer to a subject access request", text)
    except (SealError, KeyMissingError):
        unread[f"an answer to a subject access request, {UNREADABLE}"] = None
    yield from _texts_outside(folder, unread)


def _texts_outside(folder: DataFolder, unread: dict[str, None]) -> Iterator[_Text]:
    """What stands outside the stores: in files, and in Dagster's history where that is none."""
    yield from _texts_of_files(folder, unread)
    try:
        for table, column, text in texts_of_history(folder):
            yield _Text(f"{POSTGRES}, table {table}, column {column}", text)
    except HistoryError:
        unread[f"{POSTGRES}, {UNREADABLE}"] = None


def _texts_of_files(folder: DataFolder, unread: dict[str, None]) -> Iterator[_Text]:
    for path in files_below(folder.root):
        if folder.landing in path.parents or path.is_symlink() or not path.is_file():
            continue
        top = top_folder(folder, path)
        place = top if top == THE_FOLDER_ITSELF else f"the folder {top}"
        try:
            yield from _texts_of_file(path, place)
        except (duckdb.Error, sqlite3.Error, OSError, zipfile.BadZipFile):
            unread[f"a file in {place}, {UNREADABLE}"] = None


def _texts_of_database(
    connection: duckdb.DuckDBPyConnection,
    database: str,
    place: str,
    without: Collection[str] = (),
) -> Iterator[_Text]:
    """Each distinct text of each column that can hold one, and what DuckDB noted about columns."""
    for schema, table, column in text_columns_in(connection, database):
        if table in without:
            continue
        source = f"{database}.{quoted_name(schema)}.{quoted_name(table)}"
        shown = table if schema == "main" else f"{schema}.{table}"
        where = f"{place}, table {shown}, column {column}"
        name = quoted_name(column)
        cells = connection.execute(f"SELECT DISTINCT {name}::VARCHAR FROM {source}")
        while rows := cells.fetchmany(10_000):
            yield from (_Text(where, cell) for (cell,) in rows if cell is not None)
        query = f"SELECT stats({name})::VARCHAR FROM {source} LIMIT 1"
        noted = connection.execute(query).fetchall()
        yield from (_Text(where, text) for (text,) in noted if text is not None)


def _texts_of_file(path: Path, place: str) -> Iterator[_Text]:
    name = os.fsencode(path.name).decode("utf-8", errors="replace")
    yield _Text(f"{place}, the name of a file", name)
    with path.open("rb") as stream:
        start = stream.read(len(_SQLITE))
        stream.seek(0)
        before = b""
        while block := stream.read(_BLOCK):
            yield from (_Text(place, text) for text in texts_of_bytes(before + block))
            before = block[-_OVERLAP:]
    if start == _SQLITE:
        yield from _texts_of_sqlite(path, place)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                content = member.filename.encode() + b"\n" + archive.read(member)
                yield from (_Text(place, text) for text in texts_of_bytes(content))
    elif path.suffix == _DUCKDB and "published" in path.parts:
        yield from _texts_of_published(path, place)


def _texts_of_published(path: Path, place: str) -> Iterator[_Text]:
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"ATTACH {quoted_text(str(path))} AS published (READ_ONLY)")
        yield from _texts_of_database(connection, "published", place)
    finally:
        connection.close()


def _texts_of_sqlite(path: Path, place: str) -> Iterator[_Text]:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    connection.text_factory = bytes
    try:
        named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for table in (name.decode() for (name,) in named):
            rows = connection.execute(f"SELECT * FROM {quoted_name(table)}")
            columns = [column[0] for column in rows.description]
            for row in rows:
                for column, cell in zip(columns, row, strict=True):
                    if isinstance(cell, bytes):
                        where = f"{place}, table {table}, column {column}"
                        yield from (_Text(where, text) for text in texts_of_bytes(cell))
    finally:
        connection.close()


def searcher_of(intent: Intent, policy: Policy) -> Searcher:
    """Looks for what an intent says is erased."""
    prints = Fingerprints(intent.first_words, intent.fingerprints, intent.texts)
    return Searcher(intent.fingerprint_key, prints, policy.dpia.person_number)


def look_for(folder: DataFolder, intent: Intent, policy: Policy) -> ReadBack:
    """Where something of what was erased may stand: copies of old keys among it."""
    found = read_back(folder, searcher_of(intent, policy))
    copies = Keys(folder.keys).has_any_of(intent.old_keys.values())
    places = (*([COPY_OF_A_KEY] if copies else []), *found.places)
    return ReadBack(places, found.own_words)
