"""What a file is, from its first bytes: its extension is never believed."""

from __future__ import annotations

import re

from safer_streets_assets.intake.readers.reasons import UnreadableDrop

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
_SAV = (b"$FL2", b"$FL3")
_ENCRYPTED_SAV = b"ENCRYPTEDSAV"
_FOREIGN = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"II*\x00": "a picture",
    b"MM\x00*": "a picture",
    b"{\\rtf": "a letter or another text in Rich Text Format",
    b"\x1f\x8b": "an archive",
    b"7z\xbc\xaf": "an archive",
    b"Rar!": "an archive",
    b"BZh": "an archive",
    b"\xfd7zXZ": "an archive",
    b"(\xb5/\xfd": "an archive",
    b"PK\x05\x06": "an archive",
    b"PK\x07\x08": "an archive",
    b"\x7fELF": "a program",
    b"MZ\x90\x00": "a program",
    b"SQLite format 3": "a database",
    b"\x00\x01\x00\x00Standard ": "a database",
    b"MIME-Version:": "an e-mail",
    b"Return-Path:": "an e-mail",
    b"Received: from": "an e-mail",
    b"PAR1\x15": "a Parquet file",
    b"ARROW1\x00": "an Arrow file",
    b"TABLE\r\n0,1": "a DIF file",
    b"TABLE\n0,1": "a DIF file",
    b"HEADER RECORD*******": "a SAS file",
    b"\x00" * 12 + b"\xc2\xea\x81\x60": "a SAS file",
    b"<stata_dta>": "a Stata file",
    b"RDX2\n": "an R file",
    b"RDX3\n": "an R file",
    b"ASCII SPSS PORT FILE": "an SPSS portable file",
    b"\x09\x00\x04\x00": "an Excel workbook of before 1995",
    b"\x09\x02\x06\x00": "an Excel workbook of before 1995",
    b"\x09\x04\x06\x00": "an Excel workbook of before 1995",
}
# These may begin a text as well, so there has to be a byte that no text has.
_BINARY = {
    b"BM": "a picture",
    b"RIFF": "a picture, a sound or a film",
    b"ID3": "a picture, a sound or a film",
    b"OggS": "a picture, a sound or a film",
    b"\x1f\x9d": "an archive",
    b"\x1f\xa0": "an archive",
    b"MSCF": "an archive",
    b"\x04\x22\x4d\x18": "an archive",
    b"]\x00\x00": "an archive",
    b"\x78\x01": "an archive",
    b"\x78\x9c": "an archive",
    b"\x78\xda": "an archive",
    b"FEA1": "an Arrow file",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file",
    b"\x93NUMPY": "the data of a program",
    b"\x80\x02": "the data of a program",
    b"\x80\x03": "the data of a program",
    b"\x80\x04": "the data of a program",
    b"\x80\x05": "the data of a program",
    b"L\x00\x00\x00\x01\x14\x02\x00": "a link to a file",
}
_PGP = re.compile(rb"\x84.\x03|\x85..\x03|\xc1[\xc0-\xdf].\x03", re.DOTALL)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_STARTS = {
    b"%pdf-": "a PDF",
    b"{\\rtf": "a letter or another text in Rich Text Format",
    b"%!ps-adobe": "a PostScript file",
    b"-----begin pgp": "an encrypted message",
    b"-----begin pkcs7": "an encrypted message",
    b"begin:vcalendar": "a calendar",
    b"begin:vcard": "an address card",
    b"[internetshortcut]": "a link to a file",
    b"version https://git-lfs": "a link to a file",
    b"delivered-to:": "an e-mail",
    b"x-mozilla-status:": "an e-mail",
    b"arc-seal:": "an e-mail",
    b"dkim-signature:": "an e-mail",
}
"""How a text of another kind begins, in lower case, after blanks and a byte order mark."""
_MAILBOX = re.compile(rb"From \S+ .*\d{4}\r?\n[A-Z][A-Za-z-]+: ")
_FAR_PDF = 1024
_UTF_32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
# A header of text may begin with ID;P too, but not its second line like this.
_SYLK = re.compile(rb"ID;P[^\r\n]*[\r\n]+[A-Z]{1,2};")
_WEB = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<div", b"<meta")
_BLANK = b" \t\r\n\x0b\x0c\x00\xef\xbb\xbf\xfe\xff"


def _binary_kind(data: bytes) -> str | None:
    """What a file is that no text can be, by its first bytes; None when they do not tell."""
    head = data[:512]
    if b"SPSS PORT FILE" in head:
        return "an SPSS portable file"
    if not _NO_TEXT.search(head):
        return "a PDF" if b"%PDF-" in data[:_FAR_PDF] and b"endobj" in data else None
    if head[257:262] == b"ustar":
        return "an archive"
    if head[4:8] == b"ftyp":
        return "a picture, a sound or a film"
    if head[4:19] in (b"Standard Jet DB", b"Standard ACE DB"):
        return "a database"
    if head[0] in b"qrs" and head[1:2] in (b"\x01", b"\x02") and head[2:4] == b"\x01\x00":
        return "a Stata file"
    if _PGP.match(head):
        return "an encrypted message"
    if _is_dbase(head):
        return "a dBASE file"
    if b"%PDF-" in data[:_FAR_PDF]:
        return "a PDF"
    return next((kind for start, kind in _BINARY.items() if head.startswith(start)), None)


def _is_dbase(head: bytes) -> bool:
    """Whether a file begins with a version, a date and the lengths of a dBASE header."""
    if len(head) < 32 or head[0] not in (0x02, 0x03, 0x30, 0x31, 0x43, 0x83, 0x8B, 0xF5):
        return False
    month, day, length = head[2], head[3], int.from_bytes(head[8:10], "little")
    return 1 <= month <= 12 and 1 <= day <= 31 and length >= 33 and length % 32 in (0, 1, 8, 9)


def kind_of_bytes(data: bytes) -> str:
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
    foreign = next((kind for start, kind in _FOREIGN.items() if data.startswith(start)), None)
    if foreign or _SYLK.match(data):
        raise UnreadableDrop("F-FOREIGN", [foreign or "a SYLK file"])
    if data.startswith(_UTF_32):
        raise UnreadableDrop("F-ENCODING")
    if binary := _binary_kind(data):
        raise UnreadableDrop("F-FOREIGN", [binary])
    start = data[:4096].lstrip(_BLANK).lower()
    text = next((kind for begin, kind in _STARTS.items() if start.startswith(begin)), None)
    if text or _MAILBOX.match(data):
        raise UnreadableDrop("F-FOREIGN", [text or "an e-mail"])
    if start.startswith(b"<"):
        is_page = any(tag in start for tag in _WEB)
        raise UnreadableDrop("F-FOREIGN", ["a web page" if is_page else "an XML file"])
    return "text"
