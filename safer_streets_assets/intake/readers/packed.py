"""Workbooks as zip archives: what is inside, whether it is safe to unpack, and how large it is.

One stray cell at XFD1048576 makes the workbook parser ask for all the memory there is, so cell
references are looked at before it is let near a sheet.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from dataclasses import dataclass

from safer_streets_assets.intake.readers.errors import (
    Places,
    column_number,
    errors_in_ods,
    errors_in_xlsx,
)
from safer_streets_assets.intake.readers.headers import HEADER_ROWS
from safer_streets_assets.intake.readers.hidden import Hidden, hidden_in_ods, hidden_in_xlsx
from safer_streets_assets.intake.readers.model import ReadLimits
from safer_streets_assets.intake.readers.reasons import UnreadableDrop

_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
# Only cells have a reference as their r; one that is closed at once holds formatting alone.
_FILLED_CELL = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]+)(\d+)[\"'][^>]*+(?<!/)>")
_EMPTY_FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]+)(\d+)[\"']")
_TEXT_RESULT = re.compile(rb"\bt\s*=\s*[\"']str[\"']")
_ODS_ROW = re.compile(rb"<table:table-row\b([^>]*)(?<!/)>(.*?)</table:table-row>", re.DOTALL)
_ODS_EMPTY_ROW = re.compile(rb"<table:table-row\b[^>]*/>")
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)>")
_ODS_FILLED = (b"office:value-type", b"calcext:value-type", b"table:formula")
_READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError)


@dataclass(frozen=True)
class Archive:
    """An open workbook archive that has passed the checks of `open_archive`."""

    kind: str
    members: zipfile.ZipFile

    def read(self, name: str) -> bytes:
        """A member, unpacked. Raises UnreadableDrop (F-BROKEN) when it is missing or damaged."""
        try:
            data = self.members.read(name)
        except (KeyError, RuntimeError, *_READ_ERRORS):
            raise UnreadableDrop("F-BROKEN") from None
        if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data or b"\0" in data[:4096]:
            raise UnreadableDrop("F-BROKEN")
        return data


@dataclass(frozen=True)
class SheetNotes:
    """What the parser does not tell of a sheet; a place is a (row, column).

    empty_formulas: places of formulas without a result.
    errors: the errors in cells, by their place.
    hidden: what the sheet hides.
    """

    empty_formulas: set[tuple[int, int]]
    errors: Places
    hidden: Hidden


def open_archive(data: bytes, limits: ReadLimits) -> Archive:
    """The archive of an XLSX or ODS workbook.

    Raises UnreadableDrop: F-BROKEN, F-UNSAFE-ZIP, F-TOO-LARGE, F-LOCKED, F-MACRO, F-FORMAT
    (a binary workbook), F-FOREIGN (an archive that is no workbook).
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
    names = [entry.filename for entry in entries]
    if len({name.casefold() for name in names}) != len(names) or any(map(_unsafe, names)):
        raise UnreadableDrop("F-UNSAFE-ZIP")
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableDrop("F-LOCKED")
    archive = Archive(_archive_kind(members, names), members)
    _refuse_macros(archive, names)
    return archive


def sheet_members(archive: Archive) -> dict[str, str]:
    """Sheet name to the archive member that holds its cells, for an XLSX workbook."""
    try:
        # `read` refuses declarations of types and entities, which is where XML attacks live.
        book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
        links = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except ET.ParseError:
        raise UnreadableDrop("F-BROKEN") from None
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    members: dict[str, str] = {}
    for sheet in book.iter():
        if sheet.tag.rpartition("}")[2] == "sheet":
            link = next((v for key, v in sheet.attrib.items() if key.endswith("}id")), None)
            target = targets.get(link, "")
            members[sheet.get("name", "")] = (
                target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            )
    return members


def check_sheet(archive: Archive, member: str, limits: ReadLimits) -> SheetNotes:
    """Check the used range of an XLSX sheet; what there is to note of it.

    Places count from 0. The stated `<dimension>` is not used: the parser ignores it too, and
    writers get it wrong. Raises UnreadableDrop: F-BROKEN, F-TOO-LARGE.
    """
    xml = archive.read(member)
    filled = _FILLED_CELL.findall(xml)
    rows = {row for _, row in filled}
    columns = {letters for letters, _ in filled}
    if max(map(int, rows), default=0) > limits.max_rows + HEADER_ROWS:
        raise UnreadableDrop("F-TOO-LARGE")
    if max(map(column_number, columns), default=0) > limits.max_columns:
        raise UnreadableDrop("F-TOO-LARGE")
    return SheetNotes(_empty_formulas(xml), errors_in_xlsx(xml), hidden_in_xlsx(xml))


def check_ods(archive: Archive, limits: ReadLimits) -> list[SheetNotes]:
    """Check the used range of every sheet of an ODS workbook, and that formulas have results.

    Returns what there is to note of each sheet, in the order of the sheets.

    Raises UnreadableDrop: F-BROKEN, F-LOCKED, F-TOO-LARGE, F-FORMULA.
    """
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise UnreadableDrop("F-LOCKED")
    sheets = archive.read("content.xml").split(b"<table:table ")[1:]
    for sheet in sheets:
        used = passed = 0
        cursor = 0
        for row in _ODS_ROW.finditer(sheet):
            skipped = sheet[cursor : row.start()]
            passed += sum(_repeats(tag, b"rows") for tag in _ODS_EMPTY_ROW.findall(skipped))
            cursor = row.end()
            passed += _repeats(row[1], b"rows")
            width = _ods_width(row[2])
            if width > limits.max_columns:
                raise UnreadableDrop("F-TOO-LARGE")
            used = passed if width else used
        if used > limits.max_rows + HEADER_ROWS:
            raise UnreadableDrop("F-TOO-LARGE")
    return [SheetNotes(set(), errors_in_ods(sheet), hidden_in_ods(sheet)) for sheet in sheets]


def _ods_width(row: bytes) -> int:
    """How many columns the filled cells of a row reach."""
    used = passed = 0
    for attributes in _ODS_CELL.findall(row):
        passed += _repeats(attributes, b"columns")
        if any(mark in attributes for mark in _ODS_FILLED):
            used = passed
            if b"table:formula" in attributes and b"value-type" not in attributes:
                raise UnreadableDrop("F-FORMULA")
    return used


def _repeats(attributes: bytes, what: bytes) -> int:
    if b"repeated" not in attributes:
        return 1
    found = re.search(rb"number-" + what + rb"-repeated\s*=\s*[\"'](\d{1,9})", attributes)
    return int(found[1]) if found else 1


def _empty_formulas(xml: bytes) -> set[tuple[int, int]]:
    if b"<f" not in xml and b":f" not in xml:
        return set()
    places = set()
    for attributes in _EMPTY_FORMULA.findall(xml):
        reference = _REFERENCE.search(attributes)
        # A formula whose result is an empty text is stored as t="str" with an empty value.
        if reference and not _TEXT_RESULT.search(attributes):
            places.add((int(reference[2]) - 1, column_number(reference[1]) - 1))
    return places


def _unsafe(name: str) -> bool:
    return name.startswith(("/", "\\")) or ":" in name or ".." in re.split(r"[/\\]", name)


def _archive_kind(members: zipfile.ZipFile, names: list[str]) -> str:
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise UnreadableDrop("F-FORMAT")
    if "mimetype" in names and "encrypted-package" in names:
        raise UnreadableDrop("F-LOCKED")
    if "mimetype" in names and "content.xml" in names:
        with members.open("mimetype") as stream:
            if stream.read(200).startswith(_ODS):
                return "ods"
    raise UnreadableDrop("F-FOREIGN")


def _refuse_macros(archive: Archive, names: list[str]) -> None:
    low = [name.casefold() for name in names]
    parts = ("vbaproject", "xl/macrosheets/", "basic/", "scripts/")
    if any(part in name for name in low for part in parts):
        raise UnreadableDrop("F-MACRO")
    if archive.kind == "xlsx" and b"macroEnabled" in archive.read("[Content_Types].xml"):
        raise UnreadableDrop("F-MACRO")
