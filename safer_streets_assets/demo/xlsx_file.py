"""Writing workbooks as a stream, and so that the same rows always give the same bytes.

Hand-made SpreadsheetML (ECMA-376 part 1, 18.2 to 18.8), because a library stamps the day's date
into the file and keeps a cell object for each value.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

SheetValue = str | int | date | None
SheetRows = Iterable[Sequence[SheetValue]]

_EPOCH = date(1899, 12, 30).toordinal()
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CHUNK = 500
# Cell format 1 is the built-in short date (number format 14).
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


def write_xlsx(path: Path, sheets: dict[str, SheetRows]) -> None:
    """Write one workbook: sheet name to rows of cells. `None` leaves a cell out."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        _part(package, "[Content_Types].xml", _content_types(len(sheets)))
        _part(package, "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        _part(package, "xl/workbook.xml", _workbook(list(sheets)))
        targets = [("worksheet", f"worksheets/sheet{i + 1}.xml") for i in range(len(sheets))]
        _part(
            package, "xl/_rels/workbook.xml.rels", _relations([*targets, ("styles", "styles.xml")])
        )
        _part(package, "xl/styles.xml", _STYLES)
        for number, rows in enumerate(sheets.values(), start=1):
            _sheet(package, f"xl/worksheets/sheet{number}.xml", rows)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _ZIP_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    # The field says which system wrote the file: fixed, so that Windows and Unix agree.
    entry.create_system = 0
    return entry


def _part(package: zipfile.ZipFile, name: str, xml: str) -> None:
    package.writestr(_entry(name), (_HEAD + xml).encode())


def _content_types(sheets: int) -> str:
    parts = [("xl/workbook.xml", "sheet.main"), ("xl/styles.xml", "styles")]
    parts += [(f"xl/worksheets/sheet{i + 1}.xml", "worksheet") for i in range(sheets)]
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{_KIND}.{kind}+xml"/>' for name, kind in parts
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(targets: list[tuple[str, str]]) -> str:
    body = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{body}</Relationships>'


def _workbook(names: list[str]) -> str:
    body = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="rId{i}"/>'
        for i, name in enumerate(names, start=1)
    )
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{body}</sheets></workbook>'


def _sheet(package: zipfile.ZipFile, name: str, rows: SheetRows) -> None:
    with package.open(_entry(name), "w", force_zip64=True) as part:
        part.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        waiting: list[str] = []
        for number, row in enumerate(rows, start=1):
            waiting.append(_row(number, row))
            if len(waiting) == _CHUNK:
                part.write("".join(waiting).encode())
                waiting.clear()
        part.write("".join(waiting).encode())
        part.write(b"</sheetData></worksheet>")


def _row(number: int, row: Sequence[SheetValue]) -> str:
    cells = "".join(
        _cell(f"{_column(i)}{number}", value) for i, value in enumerate(row) if value is not None
    )
    return f'<row r="{number}">{cells}</row>'


def _column(position: int) -> str:
    if position < len(_LETTERS):
        return _LETTERS[position]
    return _LETTERS[position // len(_LETTERS) - 1] + _LETTERS[position % len(_LETTERS)]


def _cell(reference: str, value: str | int | date) -> str:
    if isinstance(value, str):
        return (
            f'<c r="{reference}" t="inlineStr"><is>'
            f'<t xml:space="preserve">{escape(value)}</t></is></c>'
        )
    if isinstance(value, date):
        return f'<c r="{reference}" s="1"><v>{value.toordinal() - _EPOCH}</v></c>'
    return f'<c r="{reference}"><v>{value}</v></c>'
