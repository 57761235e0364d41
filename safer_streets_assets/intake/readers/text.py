"""Delimited text: which encoding, which delimiter, which row is the header, and the columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import median_low

from safer_streets_assets.intake.readers.headers import (
    HEADER_ROWS,
    Header,
    find_header,
    missing_columns,
    settle_places,
)
from safer_streets_assets.intake.readers.model import ReadRequest
from safer_streets_assets.intake.readers.no_table import (
    begins_as_message,
    is_json,
    is_mostly_table,
    is_prose,
    reaches,
    text_around_header,
)
from safer_streets_assets.intake.readers.reasons import UnreadableDrop
from safer_streets_assets.intake.readers.table import Table, take_rows

_DELIMITERS = (",", ";", "\t", "|")
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_LINE_ENDS = {
    # The last is the end of a file in DOS.
    encoding: tuple(end.encode(encoding) for end in "\r\n\x1a")
    for encoding in ("utf-8", "cp1252", "utf-16-le", "utf-16-be")
}
_UTF8_LETTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}"
)
_LEAST_PADDING = 8
_SAMPLE = 4096


def read_text(data: bytes, request: ReadRequest) -> Table:
    """The wanted columns of a delimited text.

    Raises UnreadableDrop: F-FOREIGN, F-ENCODING, F-QUOTES, F-LONG-CELL, F-TOO-LARGE, F-BROKEN (cut
    short) and what `take_rows` raises.
    """
    encoding, data = _decodable(data)
    csv.field_size_limit(request.limits.max_cell_chars)
    start = data[:_SAMPLE].decode(encoding, errors="ignore")
    if is_json(start.lstrip()):
        raise UnreadableDrop("F-FOREIGN", ["JSON"])
    try:
        header, rows = _rows_of(data, encoding, request)
    except UnreadableDrop:
        if begins_as_message(start, surely=True):
            raise UnreadableDrop("F-FOREIGN", ["an e-mail"]) from None
        raise
    above, below = rows[: header.row], rows[header.row + 1 :]
    surely = not missing_columns(header, request.columns)
    if begins_as_message(start, surely=surely) and not is_mostly_table(rows[header.row], below):
        raise UnreadableDrop("F-FOREIGN", ["an e-mail"])
    is_doubtful = len(header.places) <= 1 < len(request.columns)
    if is_doubtful and _is_prose(data, encoding):
        if header.places:
            settle_places(header, request.columns)
        raise UnreadableDrop("F-FOREIGN", ["prose"])
    furthest = max((found[0] for found in header.places.values()), default=0)
    if furthest and not reaches(below, furthest):
        raise UnreadableDrop("F-FOREIGN", ["prose"])
    what = header.places and text_around_header(above, rows[header.row], below)
    if what:
        raise UnreadableDrop("F-FOREIGN", [what])
    if not data.endswith(_LINE_ENDS[encoding]) and _ends_short(rows[header.row :]):
        raise UnreadableDrop("F-BROKEN", ["its last row is short and has no line end"])
    return take_rows(rows, header, request, ragged=True)


def _rows_of(data: bytes, encoding: str, request: ReadRequest) -> tuple[Header, list[list[str]]]:
    """The header of a text and all of its rows, under the delimiter that finds most of it.

    Raises UnreadableDrop: F-QUOTES, F-LONG-CELL, F-TOO-LARGE.
    """
    limits = request.limits
    delimiter, header = choose_delimiter(data, encoding, request)
    most = header.row + 1 + limits.max_rows
    try:
        rows = list(islice(records(data, encoding, delimiter), most + 1))
    except csv.Error as error:
        raise UnreadableDrop(_code_of(error)) from None
    if len(rows) > most or max(map(len, rows)) > limits.max_columns:
        raise UnreadableDrop("F-TOO-LARGE")
    return header, rows


def _is_prose(data: bytes, encoding: str) -> bool:
    """Whether the first rows look like those of no table. Every delimiter reads them, or
    `choose_delimiter` would have said so."""
    tops = [islice(records(data, encoding, one), HEADER_ROWS) for one in _DELIMITERS]
    return is_prose([list(top) for top in tops])


def _decodable(data: bytes) -> tuple[str, bytes]:
    """An encoding that decodes all of the data, and the data without its byte order mark."""
    encoding, body = _marked(data) or (_unmarked(data), data)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        # Letters of UTF-8 beside bytes that are none: the file was put together of two.
        if encoding != "utf-8" or body is not data or _UTF8_LETTER.search(body):
            raise UnreadableDrop("F-ENCODING") from None
        try:
            encoding, text = "cp1252", body.decode("cp1252")
        except UnicodeDecodeError:
            raise UnreadableDrop("F-ENCODING") from None
    if "\0" in text:
        raise _with_nul(text)
    return encoding, body


def _with_nul(text: str) -> UnreadableDrop:
    """Why a text with a NUL is refused: a disk fills up with them what it could not copy."""
    kept = text.rstrip("\0")
    if "\0" not in kept and len(text) - len(kept) >= _LEAST_PADDING:
        return UnreadableDrop("F-BROKEN", ["it ends in zeros, as after a copy that failed"])
    row = len(text[: text.index("\0")].splitlines() or [""])
    return UnreadableDrop("F-FOREIGN", [f"text with a NUL byte in row {row}"])


def _ends_short(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the last row has fewer cells than most of the others, the header (the first) among
    them."""
    *others, last = (row for row in rows if row)
    return bool(others) and len(last) < median_low(map(len, others))


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
