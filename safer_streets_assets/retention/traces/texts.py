"""What may be text in the bytes of a file: what erasing looks for identifiers in."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator

from safer_streets_assets.stores.files import CHUNK

_TEXT = re.compile(r"[^\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]{5,}")
_MOST_UNPACKED = CHUNK * 1024


def texts_of_file(content: bytes) -> Iterator[str]:
    """The bytes of a file, and of each member where it is a zip, as text in every likely coding."""
    yield from texts_of_bytes(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                if member.file_size <= _MOST_UNPACKED:
                    yield from texts_of_bytes(archive.read(member))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        return


def texts_of_bytes(content: bytes) -> Iterator[str]:
    """What may be text in some bytes: as UTF-8, and, without NUL bytes, what UTF-16 has of ASCII in
    either order. Runs of fewer characters than any value has are left out.
    """
    for coded in (content, content.replace(b"\0", b"")) if b"\0" in content else (content,):
        runs = _TEXT.findall(coded.decode("utf-8", errors="replace"))
        yield unicodedata.normalize("NFKC", "\n\n\n\n".join(runs))
