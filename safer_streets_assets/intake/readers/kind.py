"""What a file is, from its first bytes: its extension is never believed."""

from __future__ import annotations

from safer_streets_assets.intake.readers.reasons import UnreadableDrop

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
_SAV = (b"$FL2", b"$FL3")
_ENCRYPTED_SAV = b"ENCRYPTEDSAV"
_FOREIGN = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"II*\x00",
    b"MM\x00*",
    b"{\\rtf",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"BZh",
    b"\xfd7zXZ",
    b"(\xb5/\xfd",
    b"\x7fELF",
    b"SQLite format 3",
    b"PK\x05\x06",
    b"PK\x07\x08",
    b"MIME-Version:",
)
_BLANK = b" \t\r\n\x0b\x0c\x00\xef\xbb\xbf\xfe\xff"


def kind_of(data: bytes) -> str:
    """One of "zip", "ole", "sav" and "text".

    Raises UnreadableDrop: F-EMPTY, F-FOREIGN, F-LOCKED (an encrypted SPSS file).
    """
    if not data.strip(_BLANK):
        raise UnreadableDrop("F-EMPTY")
    if data.startswith(ZIP):
        return "zip"
    if data.startswith(OLE2):
        return "ole"
    if data.startswith(_SAV):
        return "sav"
    if _ENCRYPTED_SAV in data[:64]:
        raise UnreadableDrop("F-LOCKED")
    if data.startswith(_FOREIGN) or data[:4096].lstrip(_BLANK).startswith(b"<"):
        raise UnreadableDrop("F-FOREIGN")
    return "text"
