"""Real files for the reader tests, built in memory: nothing here is a stub."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pytest
from msoffcrypto.method.rc4 import DocumentRC4

from safer_streets_assets.intake.readers import (
    DropReader,
    ReadDrop,
    ReadLimits,
    ReadRequest,
    UnreadableDrop,
    WantedColumn,
)

SALT = bytes(range(100, 116))
FORMATS = ("csv", "xlsx", "xls", "ods", "sav")
LIMITS = ReadLimits(
    max_bytes=5_000_000,
    max_unpacked_bytes=20_000_000,
    max_members=200,
    max_rows=20_000,
    max_columns=300,
    max_cell_chars=1_000,
    seconds=20.0,
    memory_bytes=1_500_000_000,
)
COLUMNS = (
    WantedColumn("crn", ("CRN",), True),
    WantedColumn("borough", ("Borough", "Borough of residence"), True),
    WantedColumn("session", ("Session 1-12", "Session"), False),
)
HEADER = ("CRN", "Borough", "Session")
HEADING_WORDS = ("address", "home", "serial", "team")
ANONYMOUS = (WantedColumn("form", ("Form",), True), WantedColumn("role", ("Role",), False))
ROW = ("A000001", "Brent", "3")


def request_for(path: Path, **changes: Any) -> ReadRequest:
    """A request for COLUMNS under LIMITS; `limits` may be a mapping of the limits that differ."""
    limits = LIMITS.__class__(**{**vars(LIMITS), **changes.pop("limits", {})})
    asked: dict[str, Any] = {
        "columns": COLUMNS,
        "sheet": None,
        "formats": FORMATS,
        "heading_words": HEADING_WORDS,
    } | changes
    return ReadRequest(path=path, limits=limits, **asked)


def shown(drop: ReadDrop) -> tuple[str, ...]:
    """What is told of the columns that were not asked for."""
    return tuple(column.shown for column in drop.dropped)


def sentence(reader: DropReader, path: Path, data: bytes, **changes: object) -> str:
    """The sentence with which these bytes are refused."""
    path.write_bytes(data)
    with pytest.raises(UnreadableDrop) as refusal:
        reader.read(request_for(path, **changes))
    return str(refusal.value)


def csv_bytes(*rows: Sequence[str], delimiter: str = ",", end: str = "\r\n") -> bytes:
    """Unquoted delimited text in UTF-8."""
    return "".join(delimiter.join(row) + end for row in rows).encode()


def xlsx_bytes(sheets: Mapping[str, Iterable[Sequence[Any]]], hidden: Iterable[str] = ()) -> bytes:
    """A workbook as openpyxl writes it."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if name in hidden:
            sheet.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repack(
    workbook: bytes,
    change: Callable[[str, bytes], bytes] = lambda name, content: content,
    extra: Mapping[str, bytes] | None = None,
) -> bytes:
    """The same archive with its members changed and others added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def add_to_sheet(workbook: bytes, xml: bytes) -> bytes:
    """The workbook with raw XML put at the end of the rows of its first sheet."""

    def change(name: str, content: bytes) -> bytes:
        if name == "xl/worksheets/sheet1.xml":
            return content.replace(b"</sheetData>", xml + b"</sheetData>")
        return content

    return repack(workbook, change)


def ods_cell(text: str, attributes: str = "") -> str:
    """A filled text cell of an ODS sheet."""
    return (
        f'<table:table-cell office:value-type="string" {attributes}>'
        f"<text:p>{escape(text)}</text:p></table:table-cell>"
    )


def ods_bytes(rows: Sequence[Sequence[str]], tail: str = "", encrypted: bool = False) -> bytes:
    """A one-sheet ODS workbook; `tail` is raw XML after the rows."""
    body = "".join(
        f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows
    )
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{space}:office:1.0" '
        f'xmlns:table="{space}:table:1.0" xmlns:text="{space}:text:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="Data">{body}{tail}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{space}:manifest:1.0">'
        f"{'<manifest:encryption-data/>' if encrypted else ''}</manifest:manifest>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def xls_bytes(
    cells: Mapping[tuple[int, int], str | float],
    extra: Iterable[str] = (),
    records: bytes = b"",
    state: int = 0,
) -> bytes:
    """A BIFF8 workbook with one sheet; `extra` names further streams of the container.

    `records` stand before the cells; `state` is 1 for a hidden sheet, 2 for a very hidden one.
    """
    book = _book(cells, records=records, state=state)
    return _container({"Workbook": book} | dict.fromkeys(extra, b"x"))


def xls_book(
    cells: Mapping[tuple[int, int], str], *, code_page: int = 1200, excel_95: bool = False
) -> bytes:
    """A workbook that states its code page, of Excel 97 or of Excel 95 (BIFF5)."""
    page = _record(0x42, struct.pack("<H", code_page))
    if not excel_95:
        return _container({"Workbook": _book(cells, lock=page)})
    sheet = _record(0x809, struct.pack("<HHHH", 0x500, 0x10, 0, 0))
    for (row, column), text in sorted(cells.items()):
        body = struct.pack("<HHHH", row, column, 0, len(text)) + text.encode("cp1252")
        sheet += _record(0x204, body)
    sheet += _record(0x0A, b"")
    start = _record(0x809, struct.pack("<HHHH", 0x500, 0x05, 0, 0))
    start += _record(0x42, struct.pack("<H", 1252))
    name = b"\x04Data"
    bound = struct.pack("<IBB", len(start) + 4 + 6 + len(name) + 4, 0, 0) + name
    return _container({"Book": start + _record(0x85, bound) + _record(0x0A, b"") + sheet})


def xls_row(number: int, *, hidden: bool) -> bytes:
    """The record that describes a row of a sheet (from 0)."""
    return _record(0x208, struct.pack("<6HI", number, 0, 20, 255, 0, 0, 0x120 if hidden else 0x100))


def xls_columns(first: int, last: int, *, hidden: bool, width: int = 2048) -> bytes:
    """The record that describes columns of a sheet (from 0)."""
    return _record(0x7D, struct.pack("<6H", first, last, width, 15, int(hidden), 0))


def xls_error(row: int, column: int) -> bytes:
    """A cell that holds #N/A."""
    return _record(0x205, struct.pack("<HHHBB", row, column, 0, 0x2A, 1))


def protected_xls(cells: Mapping[tuple[int, int], str], password: str) -> bytes:
    """The same kind of workbook behind a password (RC4, as Excel 97 to 2003 did it)."""
    plain = _book(cells, lock=_file_pass(password))
    mask = _keystream(password, len(plain))
    out = bytearray(plain)
    position = 0
    while position < len(plain):
        kind, size = struct.unpack_from("<HH", plain, position)
        # Record headers, the first record, the lock and the place of the sheet stay in the open.
        in_the_open = 4 + {0x809: size, 0x2F: size, 0x85: 4}.get(kind, 0)
        for place in range(position + in_the_open, position + 4 + size):
            out[place] ^= mask[place]
        position += 4 + size
    return _container({"Workbook": bytes(out)})


def _file_pass(password: str) -> bytes:
    verifier = bytes(range(16))
    check = verifier + hashlib.md5(verifier).digest()
    hidden = bytes(a ^ b for a, b in zip(check, _keystream(password, 32), strict=True))
    return _record(0x2F, struct.pack("<HHH", 1, 1, 1) + SALT + hidden)


def _keystream(password: str, length: int) -> bytes:
    # RC4 is symmetric: what it makes of zeros is its stream.
    stream: bytes = DocumentRC4.decrypt(password, SALT, io.BytesIO(bytes(length)), 1024).read()
    return stream


def _book(
    cells: Mapping[tuple[int, int], str | float],
    lock: bytes = b"",
    records: bytes = b"",
    state: int = 0,
) -> bytes:
    sheet = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) + records
    for (row, column), value in sorted(cells.items()):
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(value, str):
            text = value.encode("utf-16-le")
            sheet += _record(0x204, place + struct.pack("<HB", len(value), 1) + text)
        else:
            sheet += _record(0x203, place + struct.pack("<d", value))
    sheet += _record(0x0A, b"")
    start = _record(0x809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0)) + lock
    name = b"\x04\x00Data"
    offset = len(start) + 4 + 6 + len(name) + 4
    book = start + _record(0x85, struct.pack("<IBB", offset, state, 0) + name) + _record(0x0A, b"")
    return book + sheet


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _container(streams: Mapping[str, bytes]) -> bytes:
    """An OLE2 container: sector 0 is the allocation table, sector 1 the directory."""
    end, nothing, table_mark = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    # Streams below 4,096 bytes would live in a second, smaller store: padding avoids it.
    padded = {name: body.ljust(4096, b"\0") for name, body in streams.items()}
    allocation, entries, data = [table_mark, end], [], b""
    for number, (name, stream) in enumerate(padded.items(), 1):
        body = stream + b"\0" * (-len(stream) % 512)
        first, count = len(allocation), len(body) // 512
        allocation += [*range(first + 1, first + count), end]
        following = number + 1 if number < len(padded) else nothing
        entries.append(_entry(name, 2, (following, nothing), first, len(body)))
        data += body
    entries.insert(0, _entry("Root Entry", 5, (nothing, 1), end, 0))
    allocation += [nothing] * (128 - len(allocation))
    assert len(allocation) == 128, "one allocation sector is all that this builder writes"
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", nothing) * 108
    directory = b"".join(entries).ljust(512, b"\0")
    return header + struct.pack("<128I", *allocation) + directory + data


def _entry(name: str, kind: int, links: tuple[int, int], first: int, size: int) -> bytes:
    """A directory entry; `links` are its right sibling and its first child."""
    text = name.encode("utf-16-le") + b"\0\0"
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, *links)
        + bytes(36)
        + struct.pack("<IQ", first, size)
    )
