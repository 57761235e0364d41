"""Delimited text: which encoding, which delimiter, which row is the header, and the columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

from safer_streets_assets.intake.readers.headers import HEADER_ROWS, Header, find_header
from safer_streets_assets.intake.readers.model import ReadRequest
from safer_streets_assets.intake.readers.reasons import UnreadableDrop
from safer_streets_assets.intake.readers.table import Table, take_rows

_DELIMITERS = (",", ";", "\t", "|")
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SAMPLE = 4096


def read_text(data: bytes, request: ReadRequest) -> Table:
    """The wanted columns of a delimited text.

    Raises UnreadableDrop: F-FOREIGN, F-ENCODING, F-QUOTES, F-LONG-CELL, F-TOO-LARGE and what
    `take_rows` raises.
    """
    limits = request.limits
    encoding, data = _decodable(data)
    csv.field_size_limit(limits.max_cell_chars)
    delimiter, header = choose_delimiter(data, encoding, request)
    most = header.row + 1 + limits.max_rows
    try:
        rows = list(islice(records(data, encoding, delimiter), most + 1))
    except csv.Error as error:
        raise UnreadableDrop(_code_of(error)) from None
    if len(rows) > most or max(map(len, rows)) > limits.max_columns:
        raise UnreadableDrop("F-TOO-LARGE")
    return take_rows(rows, header, request.columns, ragged=True)


def _decodable(data: bytes) -> tuple[str, bytes]:
    """An encoding that decodes all of the data, and the data without its byte order mark."""
    encoding, body = _marked(data) or (_unmarked(data), data)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8" or body is not data:
            raise UnreadableDrop("F-ENCODING") from None
        try:
            encoding, text = "cp1252", body.decode("cp1252")
        except UnicodeDecodeError:
            raise UnreadableDrop("F-ENCODING") from None
    if "\0" in text:
        raise UnreadableDrop("F-FOREIGN")
    return encoding, body


def _marked(data: bytes) -> tuple[str, bytes] | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, data[len(mark) :]
    return None


def _unmarked(data: bytes) -> str:
    """UTF-16 shows itself by a NUL in nearly every other byte of English text."""
    sample = data[:_SAMPLE]
    half = len(sample) / 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > half * 0.6 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.1:
        return "utf-16-be"
    return "utf-8"


def records(data: bytes, encoding: str, delimiter: str) -> Iterator[list[str]]:
    """The records of a delimited text, by the csv module's rules. Raises csv.Error."""
    lines = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
    # Strict: an unclosed quotation mark would otherwise swallow the rest of the file in silence.
    return csv.reader(lines, delimiter=delimiter, strict=True)


def choose_delimiter(data: bytes, encoding: str, request: ReadRequest) -> tuple[str, Header]:
    """The delimiter under which most wanted headers are found (the first, where they tie)."""
    best, found = _DELIMITERS[0], Header(0, {})
    broken: str | None = None
    for delimiter in _DELIMITERS:
        top: list[list[str]] = []
        try:
            top.extend(islice(records(data, encoding, delimiter), HEADER_ROWS))
        except csv.Error as error:
            broken = broken or _code_of(error)
        header = find_header(top, request.columns)
        if len(header.places) > len(found.places):
            best, found = delimiter, header
    if broken and not found.places:
        raise UnreadableDrop(broken)
    return best, found


def _code_of(error: csv.Error) -> str:
    return "F-LONG-CELL" if str(error).startswith("field larger") else "F-QUOTES"
