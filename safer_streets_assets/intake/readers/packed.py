"""Workbooks as zip archives: what is inside, and whether it is safe to unpack."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from safer_streets_assets.intake.readers.model import ReadLimits
from safer_streets_assets.intake.readers.parts import (
    ODS,
    Read,
    packed_as_excel_does,
    plain_name,
    with_mimetype,
    workbook_part,
)
from safer_streets_assets.intake.readers.reasons import UnreadableDrop

_READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError)


@dataclass(frozen=True)
class Archive:
    """An open workbook archive that has passed the checks of `open_archive`, and its bytes."""

    kind: str
    members: zipfile.ZipFile
    data: bytes

    def read(self, name: str) -> bytes:
        """A member, unpacked. Raises UnreadableDrop (F-BROKEN) when it is missing or damaged."""
        return _member(self.members, name)


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
    return _usual(data, members, names)


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
    if is_ods and "content.xml" in names:
        _refuse_macros(names, read)
        return Archive("ods", members, data)
    anew = with_mimetype(names, read) if "mimetype" not in names else None
    if anew is not None:
        _refuse_macros(names, read)
        return _opened("ods", data, members, anew)
    of_office = "[content_types].xml" in names or "mimetype" in names
    what = "an Office file that is no workbook" if of_office else "an archive"
    raise UnreadableDrop("F-FOREIGN", [what])


def _opened(kind: str, data: bytes, members: zipfile.ZipFile, anew: bytes | None) -> Archive:
    if anew is None:
        return Archive(kind, members, data)
    return Archive(kind, zipfile.ZipFile(io.BytesIO(anew)), anew)


def _member(members: zipfile.ZipFile, name: str) -> bytes:
    try:
        data = members.read(name)
    except (KeyError, RuntimeError, *_READ_ERRORS):
        raise UnreadableDrop("F-BROKEN") from None
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
