"""The records of an XLS workbook: what the parser does not tell of a sheet, read from them."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from typing import Any

from safer_streets_assets.intake.readers.reasons import UnreadableDrop

_SHEET, _END, _BEGIN, _CODE_PAGE, _PASSWORD = 0x85, 0x0A, 0x809, 0x42, 0x2F
_EXCEL_97, _UNICODE = 0x600, 1200


def workbook_stream(data: bytes) -> bytes:
    """The stream of records of an XLS workbook. Raises UnreadableDrop: F-BROKEN."""
    import olefile  # type: ignore[import-untyped]  # noqa: PLC0415 (only XLS pays for it)

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            stream: bytes = container.openstream(_name_in(container)).read()
    except MemoryError:
        raise
    except Exception:
        # olefile raises many kinds of errors on damaged input, with bytes of it in the message.
        raise UnreadableDrop("F-BROKEN") from None
    return stream


def in_unicode(data: bytes) -> bytes:
    """The workbook, with its code page put right where that denies that its text is Unicode.

    Text of Excel 97 and later is in Unicode always; some programs write another code page, and the
    parser believes it. Raises UnreadableDrop: F-BROKEN.
    """
    stream = workbook_stream(data)
    place = version = 0
    for kind, content in _records(stream, 0):
        if kind == _BEGIN and len(content) >= 2:
            version = struct.unpack_from("<H", content)[0]
        if kind == _CODE_PAGE and len(content) >= 2:
            if version != _EXCEL_97 or struct.unpack_from("<H", content)[0] == _UNICODE:
                return data
            start = place + 4
            return _with_stream(
                data, stream[:start] + struct.pack("<H", _UNICODE) + stream[start + 2 :]
            )
        place += 4 + len(content)
    return data


def has_password(stream: bytes) -> bool:
    """Whether the records of a workbook say that it is behind a password."""
    return any(kind == _PASSWORD for kind, _ in _records(stream, 0))


def _with_stream(data: bytes, stream: bytes) -> bytes:
    import olefile  # noqa: PLC0415

    whole = io.BytesIO(data)
    try:
        with olefile.OleFileIO(whole, write_mode=True) as container:
            container.write_stream(_name_in(container), stream)
            return whole.getvalue()
    except MemoryError:
        raise
    except Exception:
        raise UnreadableDrop("F-BROKEN") from None


def _name_in(container: Any) -> str:
    return "Workbook" if container.exists("Workbook") else "Book"


def sheet_records(
    stream: bytes, number: int, sign: re.Pattern[bytes]
) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record of the sheet of that number (from 0, of all sheets).

    None when `sign` is nowhere in the stream: a search is quick, and going through is not.
    Raises UnreadableDrop: F-BROKEN.
    """
    if not sign.search(stream):
        return
    try:
        starts = [
            struct.unpack_from("<I", content)[0]
            for kind, content in _records(stream, 0)
            if kind == _SHEET
        ]
        yield from _records(stream, starts[number])
    except (struct.error, IndexError):
        raise UnreadableDrop("F-BROKEN") from None


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """The records from `start` to the end of the part that begins there."""
    place = start
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        if kind == _END:
            return
        yield kind, stream[place + 4 : place + 4 + size]
        place += 4 + size
