"""The briefing as DOCX, on two pages of A4.

It is imported late: the library would slow down everything that writes none.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Cm, Pt, RGBColor

from safer_streets_assets.release.briefing.archives import without_times
from safer_streets_assets.release.briefing.contents import (
    CAVEATS,
    FOUND,
    BriefingContent,
    BriefingPicture,
    describe,
)
from safer_streets_assets.release.briefing.looks import (
    FONT,
    INK,
    MARGIN,
    PAGE,
    QUIET,
    RULE,
    SIZES,
    column_widths,
    picture_size,
)
from safer_streets_assets.release.report.blocks import DataTable
from safer_streets_assets.release.workbook.parts import LANGUAGE

THUMBNAIL = "/metadata/thumbnail"
STYLES = {
    "title": "Heading 1",
    "heading": "Heading 2",
    "text": "Normal",
    "point": "List Bullet",
    "caption": "Caption",
}


def docx_bytes(content: BriefingContent) -> bytes:
    """The briefing as DOCX. The same content makes the same bytes."""
    document = docx.Document()
    _describe(document, content)
    _set_looks(document)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(PAGE[0]), Cm(PAGE[1])
    section.left_margin = section.right_margin = Cm(MARGIN)
    section.top_margin = section.bottom_margin = Cm(MARGIN)
    section.header_distance = section.footer_distance = Cm(MARGIN / 2)
    _write(document, "title", content.title)
    _write(document, "text", f"{content.release}. {content.creator}.")
    if content.invented:
        _write(document, "text", content.invented, bold=True)
    _write(document, "heading", FOUND)
    _list(document, (*content.found, *content.missing))
    if content.figures is not None:
        _add_table(document, content.figures)
    for number, picture in enumerate(content.pictures[:1]):
        _add_picture(document, picture, number)
    if content.words:
        _write(document, "text", content.words)
    for number, picture in enumerate(content.pictures[1:], 1):
        _add_picture(document, picture, number)
    heading = _write(document, "heading", CAVEATS)
    if len(content.pictures) < 2:
        heading.paragraph_format.page_break_before = True
    _list(document, content.caveats)
    _write(document, "text", content.more)
    out = io.BytesIO()
    document.save(out)
    return without_times(out.getvalue())


def _describe(document: Any, content: BriefingContent) -> None:
    describe(document.core_properties, content)
    package = document.part.package
    for name, one in list(package.rels.items()):
        if one.reltype.endswith(THUMBNAIL):
            del package.rels[name]


def _set_looks(document: Any) -> None:
    for element in document.styles.element.iter(qn("w:lang")):
        element.set(qn("w:val"), LANGUAGE)
    for element in document.styles.element.iter(qn("w:rFonts")):
        element.attrib.clear()
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            element.set(qn(script), FONT)
    for kind, name in STYLES.items():
        style = document.styles[name]
        if style.type != WD_STYLE_TYPE.PARAGRAPH:
            continue
        look = SIZES[kind]
        style.font.name, style.font.size = FONT, Pt(look.size)
        style.font.bold = look.bold
        style.font.color.rgb = RGBColor.from_string(QUIET if kind == "caption" else INK)
        style.paragraph_format.space_before = Pt(look.before)
        style.paragraph_format.space_after = Pt(look.after)
        style.paragraph_format.line_spacing = 1.0
        style.paragraph_format.keep_with_next = look.bold


def _write(document: Any, kind: str, words: str, *, bold: bool = False) -> Any:
    paragraph = document.add_paragraph(style=STYLES[kind])
    paragraph.add_run(words).bold = True if bold else None
    return paragraph


def _list(document: Any, sentences: Sequence[str]) -> None:
    for sentence in sentences:
        _write(document, "point", sentence)


def _add_table(document: Any, figures: DataTable) -> None:
    _write(document, "heading", figures.caption)
    lines = [figures.header, *(line.cells for line in figures.lines)]
    table = document.add_table(len(lines), len(figures.header))
    table.autofit = False
    _rule(table)
    said = OxmlElement("w:tblCaption")
    said.set(qn("w:val"), figures.caption)
    table._tbl.tblPr.append(said)
    for column, width in zip(table.columns, column_widths(figures), strict=True):
        column.width = Cm(width)
    for number, (row, cells) in enumerate(zip(table.rows, lines, strict=True)):
        for mark in ("w:cantSplit", *(["w:tblHeader"] if number == 0 else [])):
            row._tr.get_or_add_trPr().append(OxmlElement(mark))
        for at, (cell, words) in enumerate(zip(row.cells, cells, strict=True)):
            cell.width = table.columns[at].width
            _fill(cell, words, is_heading=number == 0, is_figure=at >= figures.names)


def _fill(cell: Any, words: str, *, is_heading: bool, is_figure: bool) -> None:
    (paragraph,) = cell.paragraphs
    run, look = paragraph.add_run(words), SIZES["cell"]
    run.bold, run.font.size = True if is_heading else None, Pt(look.size)
    paragraph.paragraph_format.space_before = Pt(look.before)
    paragraph.paragraph_format.space_after = Pt(look.after)
    if is_figure:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _rule(table: Any) -> None:
    """Draws a line above and below each row."""
    borders = OxmlElement("w:tblBorders")
    for name in ("w:top", "w:bottom", "w:insideH"):
        line = OxmlElement(name)
        for key, value in (("w:val", "single"), ("w:sz", "4"), ("w:color", RULE)):
            line.set(qn(key), value)
        borders.append(line)
    table._tbl.tblPr.find(qn("w:tblLayout")).addprevious(borders)


def _add_picture(document: Any, picture: BriefingPicture, number: int) -> None:
    heading = _write(document, "heading", picture.title)
    if number == 1:
        heading.paragraph_format.page_break_before = True
    width, height = picture_size(picture, number)
    place = document.add_paragraph(style=STYLES["text"])
    place.paragraph_format.keep_with_next = True
    shape = place.add_run().add_picture(io.BytesIO(picture.png), Cm(width), Cm(height))
    for side in ("distT", "distB", "distL", "distR"):
        shape._inline.set(side, "0")
    properties = shape._inline.docPr
    properties.set("name", f"Picture of {picture.name}")
    properties.set("descr", picture.alt)
    _write(document, "caption", picture.caption)
