"""What stands in the text chunks of a PNG, read by the specification alone."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def texts_of(png: bytes) -> dict[str, str]:
    """The texts of a PNG by keyword; they are in UTF-8 and not packed."""
    found = {}
    for kind, content in chunks(png):
        if kind == b"iTXt":
            keyword, rest = content.split(b"\0", 1)
            assert rest[:2] == b"\0\0", "it is packed"
            language, _, text = rest[2:].split(b"\0", 2)
            assert language == b"en-GB"
            found[keyword.decode("latin-1")] = text.decode()
    return found


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each chunk, whose checksum has to be right."""
    assert png.startswith(SIGNATURE)
    at = len(SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        content = png[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert checksum == zlib.crc32(kind + content), kind
        yield kind, content
        at += length + 12
