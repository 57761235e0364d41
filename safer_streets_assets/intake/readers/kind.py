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
# A header of text may begin with ID;P too, but not its second line like this.
_SYLK = re.compile(rb"ID;P[^\r\n]*[\r\n]+[A-Z]{1,2};")
_WEB = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<div", b"<meta")
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
    foreign = next((kind for start, kind in _FOREIGN.items() if data.startswith(start)), None)
    if foreign or _SYLK.match(data):
        raise UnreadableDrop("F-FOREIGN", [foreign or "a SYLK file"])
    start = data[:4096].lstrip(_BLANK).lower()
    if start.startswith(b"<"):
        is_page = any(tag in start for tag in _WEB)
        raise UnreadableDrop("F-FOREIGN", ["a web page" if is_page else "an XML file"])
    return "text"
