"""A large delimited text straight into a database, when there is only one way to read it.

The csv module says what a file means. DuckDB reads the same several times faster and in memory that
does not grow with the file, and here it reads those files about which the two cannot differ: UTF-8,
one kind of line end, no blank lines, every record on a line of its own and as long as the header.
Every other file, and every file on which anything fails, is left to the csv module.
"""

from __future__ import annotations

import codecs
import csv
import os
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import islice

import duckdb

from safer_streets_assets.intake.readers.headers import (
    HEADER_ROWS,
    normalise,
    settle_places,
)
from safer_streets_assets.intake.readers.kind import kind_of_bytes
from safer_streets_assets.intake.readers.model import (
    BULK_GROUP_ROWS,
    BULK_TABLE,
    BulkStore,
    DroppedColumn,
    ReadRequest,
)
from safer_streets_assets.intake.readers.position import position_date
from safer_streets_assets.intake.readers.reasons import UnreadableDrop
from safer_streets_assets.intake.readers.table import BLANKS, dropped_columns
from safer_streets_assets.intake.readers.text import choose_delimiter, records
from safer_streets_assets.stores.database import extension_file
from safer_streets_assets.stores.sql_files import quoted_name, quoted_text

_CHUNK = 1 << 20
_MARK = b"\xef\xbb\xbf"
# An empty line; the same, or a line feed alone. What a pattern begins with is found fastest.
_BLANK = re.compile(rb"\n[\n\r]")
_BLANK_OR_FEED = re.compile(rb"\n(?:[\n\r]|(?<=[^\r]\n))")
_MEMORY = "256MB"


class NotPlainError(Exception):
    """The file is one that the csv module has to read."""


@dataclass(frozen=True)
class BulkTable:
    """What was read into the store: how many rows, the first one's number, and what was seen."""

    rows: int
    first_row: int
    names: tuple[str, ...]
    position: date | None
    dropped: list[DroppedColumn]


@dataclass(frozen=True)
class _Layout:
    """How the file is written, and where its columns are."""

    delimiter: str
    width: int
    skip: int
    places: dict[str, int]
    above: list[list[str]]
    dropped: list[DroppedColumn]


def read_in_bulk(descriptor: int, request: ReadRequest, store: BulkStore) -> BulkTable:
    """Reads the wanted columns of a plain text into `BULK_TABLE` of the store, in the file's order.

    Cells are as `as_text` has them, and NULL where they are missing. Raises NotPlainError.
    """
    try:
        layout = _layout(descriptor, request)
        with ThreadPoolExecutor(max_workers=1) as beside:
            # Meanwhile DuckDB checks the signature of its encryption module.
            counting = beside.submit(_lines, descriptor, layout.delimiter)
            with closing(_connected()) as connection:
                lines = counting.result()
                rows = _load(connection, descriptor, request, store, layout)
    except (duckdb.Error, UnreadableDrop, csv.Error, UnicodeError):
        raise NotPlainError from None
    # As many rows as lines: no record has a line end in it, and none was passed over.
    if not 0 < rows == lines - layout.skip or rows > request.limits.max_rows:
        raise NotPlainError
    return BulkTable(
        rows,
        layout.skip + 1,
        tuple(layout.places),
        position_date(layout.above),
        layout.dropped,
    )


def _layout(descriptor: int, request: ReadRequest) -> _Layout:
    head = os.pread(descriptor, _CHUNK, 0)
    head = head[: head.rindex(b"\n") + 1].removeprefix(_MARK) if b"\n" in head else b""
    if not head or kind_of_bytes(head) != "text":
        raise NotPlainError
    csv.field_size_limit(request.limits.max_cell_chars)
    delimiter, header = choose_delimiter(head, "utf-8", request)
    places = settle_places(header, request.columns)
    top = list(islice(records(head, "utf-8", delimiter), HEADER_ROWS))[: header.row + 1]
    names = top[-1]
    if (
        not 2 <= len(names) <= request.limits.max_columns
        or not all(name.strip(BLANKS) for name in names)
        # DuckDB skips lines and not records.
        or any("\n" in cell or "\r" in cell for row in top for cell in row)
        # It may be one of data.
        or any(sum(map(bool, row)) > 1 for row in top[:-1])
    ):
        raise NotPlainError
    dropped = dropped_columns(names, [], set(places.values()), request, ragged=True)
    return _Layout(delimiter, len(names), header.row + 1, places, top[:-1], dropped)


def _lines(descriptor: int, delimiter: str) -> int:
    """How many lines, in UTF-8 and with one kind of end. Raises NotPlainError, UnicodeError."""
    # DuckDB takes a blank before a quotation mark away.
    blanks = "".join(mark for mark in BLANKS if mark not in f"{delimiter}\r\n").encode("latin-1")
    quote_after_blank = re.compile(rb'"(?<=[%s]")' % re.escape(blanks))
    decoder = codecs.getincrementaldecoder("utf-8")()
    letters = b"\n" + os.pread(descriptor, _CHUNK, 0)
    first_end = letters.find(b"\n", 1)
    in_pairs = letters[first_end - 1 : first_end] == b"\r"
    blank_or_other_end = _BLANK_OR_FEED if in_pairs else _BLANK
    ends = returns = offset = 0
    last = b""
    while len(letters) > 1:
        offset += len(letters) - 1
        if not letters.isascii() or decoder.getstate()[0]:
            decoder.decode(letters[1:])
        if (
            b"\0" in letters
            or blank_or_other_end.search(letters)
            or quote_after_blank.search(letters)
        ):
            raise NotPlainError
        ends += letters.count(b"\n", 1)
        returns += letters.count(b"\r", 1)
        last = letters[-1:]
        # It begins with the last byte of the one before, to see what stands on both sides.
        letters = os.pread(descriptor, _CHUNK, offset - 1)
    decoder.decode(b"", final=True)
    if ends == 0 or returns != (ends if in_pairs else 0):
        raise NotPlainError
    return ends + (last != b"\n")


def _connected() -> duckdb.DuckDBPyConnection:
    """A connection that can open a store; it spills nothing."""
    connection = duckdb.connect(":memory:", config={"threads": 2, "memory_limit": _MEMORY})
    try:
        connection.execute(f"LOAD {quoted_text(str(extension_file()))}")
        connection.execute("SET temp_directory = ''")
    except BaseException:
        connection.close()
        raise
    return connection


def _load(
    connection: duckdb.DuckDBPyConnection,
    descriptor: int,
    request: ReadRequest,
    store: BulkStore,
    layout: _Layout,
) -> int:
    """How many rows were read into the store. Raises NotPlainError."""
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(layout.width))
    chosen = {name: _trimmed(f"c{place}") for name, place in layout.places.items()}
    listed = ", ".join(f"{text} AS {quoted_name(name)}" for name, text in chosen.items())
    blank = " AND ".join(f"{quoted_name(name)} IS NULL" for name in chosen)
    required = [quoted_name(c.name) for c in request.columns if c.required]
    # Another header further down has a name, or nothing, where every other row has its values.
    words = " UNION ALL ".join(
        f"SELECT {name} AS word FROM store.{BULK_TABLE} WHERE NOT regexp_matches({name}, '[0-9]')"
        for name in required
    )
    attach = (
        f"ATTACH {quoted_text(str(store.path))} AS store "
        f"(ENCRYPTION_KEY {quoted_text(store.key)}, ROW_GROUP_SIZE {BULK_GROUP_ROWS})"
    )
    connection.execute(attach)
    connection.execute(
        f"CREATE TABLE store.{BULK_TABLE} AS SELECT {listed} FROM "
        f"read_csv('/proc/self/fd/{descriptor}', auto_detect = false, header = false, "
        f"skip = {layout.skip}, delim = {quoted_text(layout.delimiter)}, quote = '\"', "
        f"escape = '\"', strict_mode = true, "
        f"null_padding = false, max_line_size = {request.limits.max_cell_chars}, "
        f"columns = {{{columns}}})"
    )
    # Opened anew it is read as it lies there, each distinct text of a column once.
    connection.execute("DETACH store")
    connection.execute(attach)
    found = connection.execute(
        f"SELECT count(*), count(*) FILTER ({blank}), "
        f"{f'(SELECT list(DISTINCT word) FROM ({words}))' if words else '[]'} "
        f"FROM store.{BULK_TABLE}"
    ).fetchone()
    connection.execute("DETACH store")
    rows, blank_rows, texts = found or (0, 0, [])
    if blank_rows or _holds_heading(texts or [], request):
        raise NotPlainError
    return int(rows)


def _holds_heading(texts: Iterable[str], request: ReadRequest) -> bool:
    """Whether an agreed heading, however it is spelt, is among some texts."""
    headings = {normalise(h) for column in request.columns for h in column.headers}
    return any(normalise(text) in headings for text in texts)


def _trimmed(column: str) -> str:
    """A cell as `as_text` and the protocol have it; most cells have nothing to trim."""
    blanks, no_break = quoted_text(BLANKS), quoted_text("\xa0")
    return (
        f"CASE WHEN {column} < '!' OR {column}[-1] <= ' ' OR starts_with({column}, {no_break}) "
        f"OR suffix({column}, {no_break}) THEN nullif(trim({column}, {blanks}), '') "
        f"ELSE {column} END"
    )
