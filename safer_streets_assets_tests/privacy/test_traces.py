"""The search itself: it finds a canary in everything that the product writes."""

from __future__ import annotations

import base64
import io
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from safer_streets_assets_tests.privacy.traces import canary_crn, found_in, traces, word

TEXT = f"a {word('needle')} and {canary_crn(7)}."
CANARIES = {"needle", "x731007"}


def _zip(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("member", content)
    return out.getvalue()


def _sqlite(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (body BLOB)")
    connection.execute("INSERT INTO t VALUES (?)", [zlib.compress(TEXT.encode())])
    connection.commit()
    connection.close()


def _event(path: Path) -> None:
    """A picture in Markdown in metadata, in JSON, in a database: as Dagster keeps it."""
    picture = base64.b64encode(f"<svg>{TEXT}</svg>".encode()).decode()
    event = json.dumps({"charts": f"![A chart](data:image/svg+xml;base64,{picture})"})
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE event_logs (event TEXT)")
    connection.execute("INSERT INTO event_logs VALUES (?)", [event])
    connection.commit()
    connection.close()


def _duckdb(path: Path) -> None:
    # Many like values: DuckDB compresses them, and their bytes cannot be found in the file.
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT ? || n AS text FROM range(5000) r(n)", [TEXT])


def _parquet(path: Path) -> None:
    duckdb.sql(f"COPY (SELECT '{TEXT}' AS text FROM range(5000)) TO '{path}' (COMPRESSION zstd)")


WAYS: dict[str, Callable[[Path], object]] = {
    "utf-8": lambda path: path.write_bytes(TEXT.encode()),
    "upper case": lambda path: path.write_bytes(TEXT.upper().encode()),
    "utf-16-le": lambda path: path.write_bytes(TEXT.encode("utf-16-le")),
    "utf-16-be": lambda path: path.write_bytes(TEXT.encode("utf-16-be")),
    "zip": lambda path: path.write_bytes(_zip(TEXT.encode())),
    "zip in zip, utf-16": lambda path: path.write_bytes(_zip(_zip(TEXT.encode("utf-16")))),
    "deflated": lambda path: path.write_bytes(zlib.compress(TEXT.encode())),
    "sqlite": _sqlite,
    "picture in an event": _event,
    "duckdb": _duckdb,
    "parquet": _parquet,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_canary_is_found_however_it_is_written(way: str, tmp_path: Path) -> None:
    WAYS[way](tmp_path / "kept")
    assert traces(tmp_path) == {str(tmp_path / "kept"): CANARIES}


def test_a_canary_is_found_in_the_name_of_a_file_and_of_a_folder(tmp_path: Path) -> None:
    place = tmp_path / f"{word('folder')}-1" / f"{canary_crn(8)}.txt"
    place.parent.mkdir()
    place.touch()
    assert traces(tmp_path)[str(place)] == {"folder", "x731008"}


def test_what_is_no_canary_is_not_found() -> None:
    assert found_in(b"zephyr quill, x731, X73100, A731001") == set()
