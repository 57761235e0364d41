"""A chart as PNG, at twice its size, with its title and its words in the file.

resvg (through resvg-py 0.5, MIT, a wheel of 1.4 MB for every Python from 3.10, released in 2026)
draws SVG without a browser, a network or fonts of the machine. It brings no font: ours are
Liberation Sans 2.1.5 (SIL Open Font License 1.1), which is as wide as Arial. vl-convert 1.9 brings
fonts, and a JavaScript engine with them: 30 MB. CairoSVG needs a Cairo and fonts of the machine.

resvg is imported late: it would slow down everything that draws nothing.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
FAMILY = "Liberation Sans"
ZOOM = 2
SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_END = len(SIGNATURE) + 8 + 13 + 4
"""Where the first chunk, which says how large the picture is, ends."""


def png_bytes(svg: str, title: str, words: str) -> bytes:
    """An SVG picture of ours as PNG. The same picture makes the same bytes."""
    from resvg_py import svg_to_bytes

    drawn = bytes(
        svg_to_bytes(
            svg_string=svg,
            skip_system_fonts=True,
            font_files=[str(path) for path in sorted(FONTS.glob("*.ttf"))],
            font_family=FAMILY,
            sans_serif_family=FAMILY,
            zoom=ZOOM,
        )
    )
    said = _text_chunk("Title", title) + _text_chunk("Description", words)
    return drawn[:HEADER_END] + said + drawn[HEADER_END:]


def size_of(png: bytes) -> tuple[int, int]:
    """How many pixels a PNG is wide and high."""
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def _text_chunk(keyword: str, text: str) -> bytes:
    """A chunk of text in UTF-8, not packed (PNG specification, 11.3.3.4)."""
    content = keyword.encode("latin-1") + b"\0\0\0en-GB\0\0" + text.encode()
    body = b"iTXt" + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
