"""A large plain text read in bulk is what the csv module says it is, or is left to it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from safer_streets_assets.intake.readers import (
    BULK_TABLE,
    BulkStore,
    DropReader,
    ReadDrop,
    ReadRequest,
    UnreadableDrop,
    bulk,
)
from safer_streets_assets.intake.readers.bulk import NotPlainError, read_in_bulk
from safer_streets_assets.intake.readers.text import read_text
from safer_streets_assets.stores.database import extension_file
from safer_streets_assets_tests.intake.readers.builders import (
    HEADER,
    ROW,
    csv_bytes,
    request_for,
    shown,
)

KEY = "0123456789abcdef"
WIDE = ("CRN", "Address", "Borough", "Session")
PLAIN = csv_bytes(WIDE, *[(f"A{n:06}", "somewhere", " Brent ", "") for n in range(50)])
NOT_PLAIN = {
    "a blank line": csv_bytes(HEADER, ROW, (), ROW),
    "a short record": csv_bytes(HEADER, ROW, ("A000002", "Brent")),
    "a long record": csv_bytes(HEADER, ROW, (*ROW, "x")),
    "mixed line ends": csv_bytes(HEADER, ROW) + csv_bytes(ROW, end="\n"),
    "bare returns": csv_bytes(HEADER, ROW, end="\r"),
    "Windows-1252": csv_bytes(HEADER, ROW) + "A000002,Café,1\r\n".encode("cp1252"),
    "UTF-16": csv_bytes(HEADER, ROW).decode().encode("utf-16"),
    "a NUL": csv_bytes(HEADER, ROW, ("A00000\0", "Brent", "1")),
    "an open quotation mark": csv_bytes(HEADER, ROW, ('"A000002', "Brent", "1")),
    "text after a quotation mark": csv_bytes(HEADER, ROW, ('"A"000002', "Brent", "1")),
    "a record of blanks": csv_bytes(HEADER, ROW, (" ", "", "\t")),
    "a second header, spelt otherwise": csv_bytes(
        HEADER, *[ROW] * 3, ("Session", " c r n", "borough "), ("3", "A000001", "Brent")
    ),
    "a header without a name": csv_bytes((*HEADER, ""), (*ROW, "x")),
    "a header on two lines": csv_bytes(("CRN", "Borough", '"Session\n1-12"'), ROW, end="\n"),
    "a missing column": csv_bytes(("CRN", "Session"), ("A000001", "1")),
    "no rows": csv_bytes(HEADER),
    "a workbook's first bytes": b"PK\x03\x04" + csv_bytes(HEADER, ROW),
    "a long cell": csv_bytes(HEADER, ("A" * 2_000, "Brent", "1")),
}
PLAIN_ON_BOTH_SIDES = {
    "the two letters of a line end": (b"A000001,Brent,1\r", b"\nA000002,Brent,1\r\n"),
    "the two bytes of a letter": (b"A000001,Br\xc3", b"\xa9nt,1\r\n"),
    "two lines": (b"A000001,Brent,1\r\n", b'"A000002",Brent,1\r\n'),
}
NOT_PLAIN_ON_BOTH_SIDES = {
    "a blank line": (b"A000001,Brent,1\r\n", b"\r\nA000002,Brent,1\r\n"),
    "two line feeds": (b"A000001,Brent,1\n", b"\nA000002,Brent,1\r\n"),
    "a line feed alone": (b"A000001,Brent,1", b"\nA000002,Brent,1\r\n"),
    "a return alone": (b"A000001,Brent,1\r", b"A000002,Brent,1\r\n"),
    "a blank before a quotation mark": (b"A000001,Brent, ", b'"1"\r\n'),
    "half a letter and another": (b"A000001,Br\xc3", b"nt,1\r\n"),
}


@pytest.fixture
def store(tmp_path: Path) -> BulkStore:
    return BulkStore(tmp_path / "rows.duckdb", KEY)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "drop"


def cells_of(store: BulkStore) -> dict[str, list[str | None]]:
    """The columns of a bulk store, in the order of its rows."""
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"LOAD '{extension_file()}'")
        connection.execute(f"ATTACH '{store.path}' AS kept (ENCRYPTION_KEY '{KEY}', READ_ONLY)")
        found = connection.execute(f"SELECT * FROM kept.{BULK_TABLE} ORDER BY rowid")
        names = [column[0] for column in found.description or ()]
        rows = found.fetchall()
        return {name: [row[k] for row in rows] for k, name in enumerate(names)}
    finally:
        connection.close()


@pytest.fixture(scope="module")
def in_bulk(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], object]:
    """What bulk reading makes of some bytes, in this process: columns and more, or None."""
    folder = tmp_path_factory.mktemp("bulk")

    def read(data: bytes, **changes: object) -> object:
        place, store = folder / "drop", BulkStore(folder / "rows.duckdb", KEY)
        place.write_bytes(data)
        store.path.unlink(missing_ok=True)
        descriptor = os.open(place, os.O_RDONLY)
        try:
            table = read_in_bulk(descriptor, request_for(place, **changes), store)
        except NotPlainError:
            return None
        finally:
            os.close(descriptor)
        numbers = list(range(table.first_row, table.first_row + table.rows))
        return cells_of(store), numbers, table.position, table.dropped

    return read


def by_csv(data: bytes, request: ReadRequest) -> object:
    """The same by the csv module; the code of the reason where it refuses."""
    try:
        table = read_text(data, request)
    except UnreadableDrop as refusal:
        return refusal.code
    columns = {k: [cell or None for cell in column] for k, column in table.columns.items()}
    assert table.ragged == []
    return columns, table.row_numbers, table.position, table.dropped


PIECES = ["a", "B", "7", " ", '"', '""', ",", ";", "\t", "\n", "\r\n", "'", "\\", "#", "NULL", "-"]
PIECES += ["\xa0", "é", "\x0b", "\x1c", "\u2028", "\x85", "\ufeff", "\x7f"]
CELLS = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6),
    quoted=st.sampled_from(["never", "always", "when needed"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
    title=st.booleans(),
)
@example([('"a"', "b", "")], "never", ",", "\n", True, False)
@example([('a"b', "b", "")], "never", ",", "\n", True, False)
@example([(' "a"', "b", "")], "never", ",", "\n", True, False)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.thorough
def test_what_is_read_in_bulk_is_what_the_csv_module_reads(
    in_bulk: Callable[[bytes], object],
    rows: list[tuple[str, ...]],
    quoted: str,
    delimiter: str,
    end: str,
    last: bool,
    title: bool,
) -> None:
    def written(cell: str) -> str:
        special = any(mark in cell for mark in (delimiter, '"', "\n", "\r"))
        if quoted == "always" or (quoted == "when needed" and special):
            return '"' + cell.replace('"', '""') + '"'
        return cell

    lines = [["Position at 3 May 2020", "", ""]] if title else []
    lines += [list(HEADER), *[list(row) for row in rows]]
    text = end.join(delimiter.join(map(written, line)) for line in lines) + (end if last else "")
    data = text.encode()
    found = in_bulk(data)
    assert found is None or found == by_csv(data, request_for(Path("drop")))


def test_a_plain_file_is_read_in_bulk(in_bulk: Callable[[bytes], object]) -> None:
    expected = by_csv(PLAIN, request_for(Path("drop")))
    assert in_bulk(PLAIN) == expected
    assert in_bulk(b"\xef\xbb\xbf" + PLAIN) == expected
    assert in_bulk(PLAIN.replace(b"\r\n", b"\n").replace(b"Brent", "Bré\xa0".encode())) is not None


@pytest.mark.parametrize("kind", NOT_PLAIN)
def test_every_other_file_is_left_to_the_csv_module(
    kind: str, in_bulk: Callable[[bytes], object]
) -> None:
    assert in_bulk(NOT_PLAIN[kind]) is None


@pytest.mark.parametrize("what", PLAIN_ON_BOTH_SIDES | NOT_PLAIN_ON_BOTH_SIDES)
def test_where_one_piece_of_a_file_ends_makes_no_difference(
    what: str, in_bulk: Callable[[bytes], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = (PLAIN_ON_BOTH_SIDES | NOT_PLAIN_ON_BOTH_SIDES)[what]
    start = csv_bytes(HEADER, ROW) + before
    monkeypatch.setattr(bulk, "_CHUNK", len(start))
    found = in_bulk(start + after)
    assert (found is None) == (what in NOT_PLAIN_ON_BOTH_SIDES)
    assert found is None or found == by_csv(start + after, request_for(Path("drop")))


def test_more_rows_than_the_limit_are_left_to_the_csv_module_to_refuse(
    reader: DropReader, place: Path, store: BulkStore
) -> None:
    place.write_bytes(PLAIN)
    with pytest.raises(UnreadableDrop) as refusal:
        reader.read(request_for(place, bulk=store, limits={"max_rows": 20}))
    assert refusal.value.code == "F-TOO-LARGE"
    assert not store.path.exists()


def test_the_rows_are_in_the_store_and_nowhere_else(
    reader: DropReader, place: Path, store: BulkStore
) -> None:
    place.write_bytes(PLAIN)
    drop = reader.read(request_for(place, bulk=store))
    assert drop.columns == {}
    assert list(drop.row_numbers) == list(range(2, 52))
    assert cells_of(store)["borough"] == ["Brent"] * 50
    assert shown(drop) == ("Address",)
    content = store.path.read_bytes()
    assert b"Brent" not in content
    assert b"A000001" not in content
    assert KEY not in repr(drop)
    assert str(store.path) not in repr(drop)


def test_a_column_that_was_not_asked_for_is_not_in_the_store(
    reader: DropReader, place: Path, store: BulkStore
) -> None:
    place.write_bytes(PLAIN)
    reader.read(request_for(place, bulk=store))
    assert set(cells_of(store)) == {"crn", "borough", "session"}


def test_a_file_that_is_not_plain_is_read_all_the_same(
    reader: DropReader, place: Path, store: BulkStore
) -> None:
    place.write_bytes(csv_bytes(HEADER, ROW, (), ROW))
    drop: ReadDrop = reader.read(request_for(place, bulk=store))
    assert drop.bulk is None
    assert drop.columns["crn"] == ["A000001", "A000001"]
    assert not store.path.exists()


@pytest.mark.parametrize("limits", [{"seconds": 0.001}, {"memory_bytes": 150_000_000}])
def test_bulk_reading_that_fails_leaves_no_store(
    limits: dict[str, float], reader: DropReader, place: Path, store: BulkStore
) -> None:
    place.write_bytes(PLAIN)
    with_less = request_for(place, bulk=store, limits=limits)
    with contextlib.suppress(UnreadableDrop):
        assert reader.read(with_less).bulk is None
    assert not store.path.exists()
