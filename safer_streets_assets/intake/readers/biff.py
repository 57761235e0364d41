"""The records of an XLS workbook: what the parser does not tell of a sheet, read from them."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator

from safer_streets_assets.intake.readers.reasons import UnreadableDrop

_SHEET, _END = 0x85, 0x0A


def workbook_stream(data: bytes) -> bytes:
    """The stream of records of an XLS workbook. Raises UnreadableDrop: F-BROKEN."""
    import olefile  # type: ignore[import-untyped]  # noqa: PLC0415 (only XLS pays for it)

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            name = "Workbook" if container.exists("Workbook") else "Book"
            stream: bytes = container.openstream(name).read()
    except MemoryError:
        raise
    except Exception:
        # olefile raises many kinds of errors on damaged input, with bytes of it in the message.
        raise UnreadableDrop("F-BROKEN") from None
    return stream


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
