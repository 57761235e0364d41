"""Workbooks as zip archives: what is inside, and whether it is safe to unpack."""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from safer_streets_assets.intake.readers.model import ReadLimits
from safer_streets_assets.intake.readers.parts import (
    ODS,
    Read,
    in_utf8,
    other_encoding,
    packed,
    packed_as_excel_does,
    plain_name,
    with_content,
    workbook_part,
)
from safer_streets_assets.intake.readers.reasons import UnreadableDrop

_DECLARATION = 200
_READ_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
)


@dataclass(frozen=True)
class Archive:
    """An open workbook archive that has passed the checks of `open_archive`, and its bytes."""

    kind: str
    members: zipfile.ZipFile
    data: bytes

    def read(self, name: str) -> bytes:
        """A member, unpacked. Raises UnreadableDrop (F-BROKEN) when it is missing or damaged."""
        return _member(self.members, name)

    def with_member(self, name: str, content: bytes) -> Archive:
        """The same archive with other bytes in one of its members. Raises UnreadableDrop."""
        others = {one: _bytes_of(self.members, one) for one in self.members.namelist()}
        data = packed({**others, name: content})
        return Archive(self.kind, zipfile.ZipFile(io.BytesIO(data)), data)


def open_archive(data: bytes, limits: ReadLimits) -> Archive:
    """The archive of an XLSX or ODS workbook, with its parts under the names that Excel gives.

    One of a binary workbook (xlsb) is as it is: no source agrees to that.
    Raises UnreadableDrop: F-BROKEN, F-UNSAFE-ZIP, F-TOO-LARGE, F-LOCKED, F-MACRO, F-FOREIGN (an
    archive that is no workbook).
    """
    try:
        members = zipfile.ZipFile(io.BytesIO(data))
    except (ValueError, *_READ_ERRORS):
        raise UnreadableDrop("F-BROKEN") from None
    entries = members.infolist()
    if len(entries) > limits.max_members:
        raise UnreadableDrop("F-TOO-LARGE")
    if sum(entry.file_size for entry in entries) > limits.max_unpacked_bytes:
        raise UnreadableDrop("F-TOO-LARGE")
    names = {plain_name(entry.filename).casefold(): entry.filename for entry in entries}
    if len(names) != len(entries) or any(_unsafe(entry.filename) for entry in entries):
        raise UnreadableDrop("F-UNSAFE-ZIP")
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableDrop("F-LOCKED")
    anew = _readable(members)
    if anew is not None:
        data, members = anew, zipfile.ZipFile(io.BytesIO(anew))
    return _usual(data, members, names)


def _readable(members: zipfile.ZipFile) -> bytes | None:
    """The archive packed anew where the parser knows not how a member is compressed or encoded;
    None when it knows all."""
    known = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    is_packed_so = all(entry.compress_type in known for entry in members.infolist())
    texts = {name for name in members.namelist() if name.casefold().endswith((".xml", ".rels"))}
    try:
        starts = {}
        for name in texts:
            with members.open(name) as member:
                starts[name] = member.read(_DECLARATION)
        if is_packed_so and not any(map(other_encoding, starts.values())):
            return None
    except NotImplementedError:
        raise UnreadableDrop("F-UNSAFE-ZIP") from None
    except (KeyError, RuntimeError, *_READ_ERRORS):
        raise UnreadableDrop("F-BROKEN") from None
    content = {name: _bytes_of(members, name) for name in members.namelist()}
    return packed({name: in_utf8(c) if name in texts else c for name, c in content.items()})


def _usual(data: bytes, members: zipfile.ZipFile, names: dict[str, str]) -> Archive:
    """The archive as it is, or packed anew where its program names the parts in its own way."""

    def read(name: str) -> bytes:
        return _member(members, name)

    workbook = workbook_part(names, read)
    if workbook is not None:
        _refuse_macros(names, read)
        anew = packed_as_excel_does(workbook, names, read)
        return _opened("xlsx", data, members, anew)
    if "xl/workbook.bin" in names:
        return Archive("xlsb", members, data)
    if "mimetype" in names and "encrypted-package" in names:
        raise UnreadableDrop("F-LOCKED")
    is_ods = "mimetype" in names and read(names["mimetype"]).startswith(ODS)
    if is_ods and {"content.xml", "META-INF/manifest.xml"} <= set(members.namelist()):
        _refuse_macros(names, read)
        return Archive("ods", members, data)
    anew = with_content(names, read) if is_ods or "mimetype" not in names else None
    if anew is not None:
        _refuse_macros(names, read)
        return _opened("ods", data, members, anew)
    if any(name.endswith(".iwa") for name in names):
        raise UnreadableDrop("F-FOREIGN", ["a Numbers, Pages or Keynote file"])
    of_office = "[content_types].xml" in names or "mimetype" in names
    what = "an Office file that is no workbook" if of_office else "an archive"
    raise UnreadableDrop("F-FOREIGN", [what])


def _opened(kind: str, data: bytes, members: zipfile.ZipFile, anew: bytes | None) -> Archive:
    if anew is None:
        return Archive(kind, members, data)
    return Archive(kind, zipfile.ZipFile(io.BytesIO(anew)), anew)


def _bytes_of(members: zipfile.ZipFile, name: str) -> bytes:
    try:
        return members.read(name)
    except NotImplementedError:
        raise UnreadableDrop("F-UNSAFE-ZIP") from None
    except (KeyError, RuntimeError, *_READ_ERRORS):
        raise UnreadableDrop("F-BROKEN") from None


def _member(members: zipfile.ZipFile, name: str) -> bytes:
    data = _bytes_of(members, name)
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data or b"\0" in data[:4096]:
        raise UnreadableDrop("F-BROKEN")
    return data


def _unsafe(name: str) -> bool:
    return name.startswith(("/", "\\")) or ":" in name or ".." in re.split(r"[/\\]", name)


def _refuse_macros(names: Mapping[str, str], read: Read) -> None:
    parts = ("vbaproject", "xl/macrosheets/", "basic/", "scripts/")
    if any(part in name for name in names for part in parts):
        raise UnreadableDrop("F-MACRO")
    types = names.get("[content_types].xml")
    if types is not None and b"macroEnabled" in read(types):
        raise UnreadableDrop("F-MACRO")
