"""A workbook as ODS (OpenDocument 1.3), in plain XML. The same content makes the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from safer_streets_assets.release.open_document import HEAD, manifest_xml, meta_xml
from safer_streets_assets.release.workbook.names import ODS_TYPE
from safer_streets_assets.release.workbook.ods_styles import (
    NAMESPACES,
    automatic_styles,
    settings_xml,
    style_of_cell,
    style_of_column,
    style_of_heading,
    style_of_line,
    styles_xml,
)
from safer_streets_assets.release.workbook.parts import (
    CellContent,
    WorkbookContent,
    Worksheet,
    WorksheetColumn,
    letters_of,
    shown,
    written,
)

LINE_END = re.compile("\r\n|\r|\n")
PARTS = ("content.xml", "styles.xml", "meta.xml", "settings.xml")


def ods_bytes(content: WorkbookContent) -> bytes:
    """The workbook as ODS."""
    parts = {
        "content.xml": _content_xml(content),
        "styles.xml": styles_xml(content.sheets),
        "meta.xml": meta_xml(
            NAMESPACES,
            title=content.title,
            subject=content.subject,
            creator=content.creator,
            keywords=content.keywords,
            made_at=content.made_at,
        ),
        "settings.xml": settings_xml(content.sheets),
        "META-INF/manifest.xml": manifest_xml(ODS_TYPE, dict.fromkeys(PARTS, "text/xml")),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        # The type of the file stands first and is not packed, so that it can be told by its bytes.
        archive.writestr(_member("mimetype", zipfile.ZIP_STORED), ODS_TYPE)
        for name, xml in parts.items():
            archive.writestr(_member(name, zipfile.ZIP_DEFLATED), (HEAD + xml).encode())
    return out.getvalue()


def _member(name: str, packing: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)  # with the first time that the format knows
    member.compress_type = packing
    member.create_system = 0  # so that every system writes the same
    return member


def _content_xml(content: WorkbookContent) -> str:
    tables = "".join(map(_table, content.sheets))
    named = "".join(map(_named_table, content.sheets))
    return (
        f'<office:document-content {NAMESPACES} office:version="1.3">'
        f"{automatic_styles(content.sheets)}<office:body><office:spreadsheet>{tables}"
        f"<table:database-ranges>{named}</table:database-ranges>"
        "</office:spreadsheet></office:body></office:document-content>"
    )


def _table(sheet: Worksheet) -> str:
    columns = "".join(
        f'<table:table-column table:style-name="{style_of_column(width)}"/>'
        for width in sheet.widths
    )
    return (
        f'<table:table table:name={quoteattr(sheet.name)} table:style-name="sheet">'
        f"{columns}{''.join(_rows(sheet))}</table:table>"
    )


def _rows(sheet: Worksheet) -> Iterator[str]:
    for line in sheet.lines:
        style = style_of_line(line.level, wraps=not sheet.columns)
        yield _row(_text_cell(line.text, style, line.to))
    if not sheet.columns:
        return
    headings = "".join(
        _text_cell(column.heading, style_of_heading(column)) for column in sheet.columns
    )
    yield f"<table:table-header-rows>{_row(headings)}</table:table-header-rows>"
    for row in sheet.rows:
        cells = zip(sheet.columns, row, strict=True)
        yield _row(
            "".join(
                _cell(column, value, linked=sheet.linked and at == 0)
                for at, (column, value) in enumerate(cells)
            )
        )


def _row(cells: str) -> str:
    return f'<table:table-row table:style-name="row">{cells}</table:table-row>'


def _cell(column: WorksheetColumn, value: CellContent, linked: bool) -> str:
    style = style_of_cell(column)
    if isinstance(value, str):
        return _text_cell(value, style, value if linked else None)
    return (
        f'<table:table-cell table:style-name="{style}" office:value-type="float" '
        f'office:value="{value!r}"><text:p>{shown(value, column)}</text:p></table:table-cell>'
    )


def _text_cell(text: str, style: str, to: str | None = None) -> str:
    """A cell of text, whatever it begins with: only an attribute makes a formula."""
    said = "<text:line-break/>".join(escape(part) for part in LINE_END.split(written(text)))
    if to is not None:
        address = to if "://" in to else f"#{_quoted(to)}.A1"
        said = f'<text:a xlink:type="simple" xlink:href={quoteattr(address)}>{said}</text:a>'
    return (
        f'<table:table-cell table:style-name="{style}" office:value-type="string">'
        f"<text:p>{said}</text:p></table:table-cell>"
    )


def _named_table(sheet: Worksheet) -> str:
    if not sheet.columns:
        return ""
    place, last = _quoted(sheet.name), letters_of(len(sheet.columns))
    area = f"{place}.A{sheet.heading_row}:{place}.{last}{sheet.last_row}"
    return (
        f"<table:database-range table:name={quoteattr(sheet.table)} "
        f'table:target-range-address={quoteattr(area)} table:contains-header="true" '
        'table:display-filter-buttons="false"/>'
    )


def _quoted(name: str) -> str:
    """The name of a worksheet as it stands in an address."""
    return "'" + name.replace("'", "''") + "'"
