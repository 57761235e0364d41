"""Workbooks that are broken, locked or made to do harm, and files of other kinds."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

from safer_streets_assets_tests.intake.any_file.cases import Group
from safer_streets_assets_tests.intake.any_file.people import People
from safer_streets_assets_tests.intake.any_file.workbook_cases import in_sheet, xlsx
from safer_streets_assets_tests.intake.readers.builders import repack
from safer_streets_assets_tests.privacy.traces import word

GROUP = Group("xlsx")
_add = GROUP.add
_MACROS = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_NO_MACROS = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def _plain(who: People) -> bytes:
    return xlsx(who.lines())


def _members(who: People, **extra: bytes) -> bytes:
    return repack(_plain(who), extra=extra)


def _declared(who: People, declaration: bytes) -> bytes:
    return in_sheet(_plain(who), b"<worksheet", declaration + b"<worksheet")


def _rotten(seed: int, where: str | None) -> Callable[[People], bytes]:
    """Flips a bit in the packed bytes of a member, or anywhere in the file."""

    def make(who: People) -> bytes:
        data = bytearray(_plain(who))
        low, high = 0, len(data) - 1
        if where is not None:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                member = archive.getinfo(where)
            low = member.header_offset + 30 + len(where)
            high = low + member.compress_size - 1
        data[random.Random(seed).randint(low, high)] ^= 0x10
        return bytes(data)

    return make


def _other_office_file(who: People, member: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(member, f"{who.name(0)} {who.crn(0)}")
    return out.getvalue()


def _zipped_csv(who: People, locked: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"{word('member')}.csv", who.csv())
    data = bytearray(out.getvalue())
    if locked:
        data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _bomb(who: People) -> bytes:
    """A member of a megabyte that unpacks to more than a thousand of them."""
    packer = zlib.compressobj(wbits=-15)
    # What follows a full flush needs nothing of what came before, so it can be repeated.
    piece = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    body = piece * 1100 + b"\x03\x00"
    out = io.BytesIO(_plain(who))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("bomb", body)
        start = archive.getinfo("bomb").header_offset
    data = bytearray(out.getvalue())
    entry = data.rindex(b"PK\x01\x02")
    for method, size in ((start + 8, start + 22), (entry + 10, entry + 24)):
        data[method : method + 2] = struct.pack("<H", zipfile.ZIP_DEFLATED)
        data[size : size + 4] = struct.pack("<I", 1100 << 20)
    return bytes(data)


def _lying(who: People) -> bytes:
    """A member that says it is 10 bytes long and unpacks to 50 million."""
    data = bytearray(
        repack(_plain(who), lambda name, xml: xml + b" " * 50_000_000 if "sheet1" in name else xml)
    )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    told = size.to_bytes(4, "little")
    assert told in data
    return bytes(data.replace(told, (10).to_bytes(4, "little")))


_LAUGHS = (
    b"<!DOCTYPE x [<!ENTITY a0 'ha'>"
    + b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]>"
)
_EXTERNAL = b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"

_add(
    "macros",
    lambda p: _members(p, **{"xl/vbaProject.bin": b"x"}),
    "F-MACRO",
    file_name=f"{word('filename')}.xlsm".encode(),
)
_add(
    "macros under another name",
    lambda p: repack(_plain(p), lambda name, xml: xml.replace(_NO_MACROS, _MACROS)),
    "F-MACRO",
    file_name=f"{word('filename')}.xlsx".encode(),
)
_add("a macro sheet", lambda p: _members(p, **{"xl/macrosheets/sheet1.xml": b"x"}), "F-MACRO")
_add("a binary workbook", lambda p: _other_office_file(p, "xl/workbook.bin"), "F-FORMAT")
_add("a letter", lambda p: _other_office_file(p, "word/document.xml"), "F-FOREIGN")
_add("a zip archive with a table in it", _zipped_csv, "F-FOREIGN")
_add("a zip archive behind a password", lambda p: _zipped_csv(p, locked=True), "F-LOCKED")
_add("cut short", lambda p: _plain(p)[:-900], "F-BROKEN")
_add("cut to half", lambda p: _plain(p)[: len(_plain(p)) // 2], "F-BROKEN")
_add(
    "a sheet cut short",
    lambda p: repack(
        _plain(p), lambda name, xml: xml[: len(xml) // 2] if "sheet1" in name else xml
    ),
    "F-BROKEN",
)
for _seed in range(3):
    _add(
        f"a rotten bit in the sheet ({_seed})",
        _rotten(_seed, "xl/worksheets/sheet1.xml"),
        "F-BROKEN",
    )
for _seed in range(3, 7):
    _add(
        f"a rotten bit anywhere ({_seed})",
        _rotten(_seed, None),
        codes=(None, "F-BROKEN", "F-FOREIGN", "F-UNSAFE-ZIP", "F-LOCKED"),
    )
_add("a zip bomb", _bomb, "F-TOO-LARGE")
_add("a zip bomb that lies about its size", _lying, "F-BROKEN")
_add(
    "ten thousand members",
    lambda p: repack(_plain(p), extra={f"m{n}": b"" for n in range(10_000)}),
    "F-TOO-LARGE",
)
_add("a billion laughs", lambda p: _declared(p, _LAUGHS), "F-BROKEN")
_add("an external entity", lambda p: _declared(p, _EXTERNAL), "F-BROKEN")
_add(
    "one stray cell at the far corner",
    lambda p: in_sheet(
        _plain(p),
        b"</sheetData>",
        b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>',
    ),
    "F-TOO-LARGE",
)
_add(
    "a stray cell far to the right",
    lambda p: in_sheet(
        _plain(p), b"</sheetData>", b'<row r="9"><c r="XFD9" t="n"><v>1</v></c></row></sheetData>'
    ),
    "F-TOO-LARGE",
)
_add(
    "a path out of the archive",
    lambda p: _members(p, **{"../../etc/cron.d/x": b"x"}),
    "F-UNSAFE-ZIP",
)
_add("an absolute path", lambda p: _members(p, **{"/tmp/x": b"x"}), "F-UNSAFE-ZIP")
_add("a path of Windows", lambda p: _members(p, **{"C:\\x": b"x"}), "F-UNSAFE-ZIP")
_add(
    "two members of one name",
    lambda p: _members(p, **{"xl/WORKBOOK.xml": b"x"}),
    "F-UNSAFE-ZIP",
)
_add(
    "a web page named as a workbook",
    lambda p: (
        f"<html><table><tr><td>{p.name(0)}</td><td>{p.crn(0)}</td></tr></table></html>"
    ).encode(),
    "F-FOREIGN",
    file_name=f"{word('filename')}.xls".encode(),
)
_add(
    "an XML spreadsheet of 2003",
    lambda p: (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>'
        f"{p.crn(0)}</Workbook>"
    ).encode(),
    "F-FOREIGN",
    file_name=f"{word('filename')}.xml".encode(),
)
_add("a pdf", lambda p: b"%PDF-1.7\n" + p.csv(), "F-FOREIGN")
_add("a picture", lambda p: b"\x89PNG\r\n\x1a\n" + p.csv(), "F-FOREIGN")
_add("an e-mail", lambda p: b"MIME-Version: 1.0\r\n\r\n" + p.csv(), "F-FOREIGN")
_add("random bytes", lambda p: random.Random(1).randbytes(5000), codes=("F-ENCODING", "F-FOREIGN"))
