"""Finds canaries: distinctive words and CRNs, in any encoding and inside any container.

A canary is the stem and the word that says where it was planted (`Zephyrquillheader`), or a CRN
of the block X731000 to X731999, which the invented people never have.
"""

from __future__ import annotations

import base64
import io
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

STEM = "Zephyrquill"
CRN_BLOCK = "X731"


def word(place: str) -> str:
    """The canary of a place."""
    return f"{STEM}{place}"


def canary_crn(number: int) -> str:
    """The canary CRN of a number below 1,000."""
    return f"{CRN_BLOCK}{number:03}"


def _pattern(gap: str) -> re.Pattern[bytes]:
    letters = gap.join(STEM) + gap
    crn = gap.join(CRN_BLOCK) + gap
    text = rf"{letters}((?:[a-z]{gap})*)|({crn}(?:[0-9]{gap}){{3}})"
    return re.compile(text.encode(), re.IGNORECASE)


_PICTURE = re.compile(rb"data:[a-z0-9/+.-]+;base64,([A-Za-z0-9+/]+=*)")
"""A picture inside a text, as metadata of Dagster has it."""

# UTF-16 in either byte order has a zero byte between the letters.
_PATTERNS = (_pattern(""), _pattern("\\x00"))
_STARTS = [
    start
    for text in (STEM.lower(), CRN_BLOCK.lower())
    for start in (text.encode(), text.encode("utf-16-le")[:-1])
]


def found_in(content: bytes) -> set[str]:
    """The canaries in some bytes: the word of each place in lower case, and CRNs."""
    lowered = content.lower()
    if not any(start in lowered for start in _STARTS):
        return set()
    return {
        (match[1] if match[1] is not None else match[2]).replace(b"\0", b"").decode().lower()
        for pattern in _PATTERNS
        for match in pattern.finditer(content)
    }


def traces(*places: Path) -> dict[str, set[str]]:
    """Path to the canaries found in it, of every file and folder below the places."""
    found: dict[str, set[str]] = {}
    for root in places:
        for path in sorted([root, *root.rglob("*")]):
            # The name of the path within the place counts, and not where the place lies.
            name = str(path.relative_to(root)).encode()
            canaries = found_in(name)
            if path.is_file() and not path.is_symlink():
                for layer in layers(path.read_bytes(), path):
                    canaries |= found_in(layer)
            if canaries:
                found[str(path)] = canaries
    return found


def canaries_of(found: dict[str, set[str]]) -> set[str]:
    """Every canary that was found anywhere."""
    return set().union(*found.values())


def layers(content: bytes, path: Path | None = None) -> Iterator[bytes]:
    """Some bytes, and what is packed inside them; a database is read through its own engine."""
    yield content
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from layers(archive.read(name))
    elif content[:1] == b"\x78":
        yield from _inflated(content)
    elif path is not None and content[:15] == b"SQLite format 3":
        yield from _sqlite(path)
    elif path is not None and content[8:12] == b"DUCK":
        yield from _duckdb(path)
    elif path is not None and content[:4] == b"PAR1":
        yield from _texts(duckdb.sql(f"SELECT * FROM read_parquet('{path}')").fetchall())
    elif b";base64," in content:
        for picture in _PICTURE.findall(content):
            yield from layers(base64.b64decode(picture))


def _inflated(content: bytes) -> Iterator[bytes]:
    try:
        inner = zlib.decompress(content)
    except zlib.error:
        return
    yield from layers(inner)


def _sqlite(path: Path) -> Iterator[bytes]:
    """Every cell of every table; Dagster keeps snapshots deflated."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for cell in row:
                    if isinstance(cell, bytes):
                        yield from layers(cell)
                    elif isinstance(cell, str):
                        yield from layers(cell.encode())
    finally:
        connection.close()


def _duckdb(path: Path) -> Iterator[bytes]:
    """Every cell and comment; an encrypted file has none to give without its key."""
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error:
        return
    try:
        yield from database_texts(connection, path.stem)
    finally:
        connection.close()


def database_texts(connection: duckdb.DuckDBPyConnection, database: str) -> Iterator[bytes]:
    """Every cell of every table of an attached database, and every name and comment, as text."""
    tables = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ?", [database]
    ).fetchall()
    columns = connection.execute(
        "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE database_name = ?",
        [database],
    ).fetchall()
    yield from _texts([*tables, *columns])
    for schema, table in tables:
        rows = connection.execute(f'SELECT * FROM "{database}"."{schema}"."{table}"').fetchall()
        yield from _texts(rows)


def _texts(rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    for row in rows:
        yield "\n".join(str(cell) for cell in row if cell is not None).encode()
