"""How an ODS workbook looks: fonts, headings, numbers, widths, and what stays in sight.

Colours are left to the reader's settings, so that high contrast and dark screens work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import quoteattr

from safer_streets_assets.release.open_document import namespaces
from safer_streets_assets.release.workbook.parts import (
    FONT,
    HEADING_SIZES,
    LANGUAGE,
    SIZE,
    Worksheet,
    WorksheetColumn,
)

NAMESPACES = namespaces("draw")
HEADING_NAMES = {1: "Heading_20_1", 2: "Heading_20_2"}
CENTIMETRES = 0.24
"""The width of a digit in the font of the cells."""
FROZEN = 2
"""How the format calls a split that does not move."""


def style_of_line(level: int, wraps: bool) -> str:
    """The style of a line above a table, or of a cover, where it wraps."""
    return HEADING_NAMES.get(level) or ("prose" if wraps else "line")


def style_of_heading(column: WorksheetColumn) -> str:
    """The style of the heading of a column."""
    return "number_heading" if column.numbers else "heading"


def style_of_cell(column: WorksheetColumn) -> str:
    """The style of a cell below it."""
    if not column.numbers:
        return "text"
    return "number" if column.decimals is None else f"number{column.decimals}"


def style_of_column(width: int) -> str:
    """The style of a column so many characters wide."""
    return f"width{width}"


def automatic_styles(sheets: Iterable[Worksheet]) -> str:
    """The styles of columns, rows and worksheets."""
    widths = sorted({width for sheet in sheets for width in sheet.widths})
    columns = "".join(
        f'<style:style style:name="{style_of_column(width)}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width * CENTIMETRES:.2f}cm"/>'
        "</style:style>"
        for width in widths
    )
    return (
        f"<office:automatic-styles>{columns}"
        '<style:style style:name="row" style:family="table-row">'
        '<style:table-row-properties style:use-optimal-row-height="true"/></style:style>'
        '<style:style style:name="sheet" style:family="table" style:master-page-name="Default">'
        '<style:table-properties table:display="true"/></style:style>'
        "</office:automatic-styles>"
    )


def styles_xml(sheets: Iterable[Worksheet]) -> str:
    """The named styles of cells, and the page that is printed."""
    decimals = sorted(
        {c.decimals for sheet in sheets for c in sheet.columns if c.decimals is not None}
    )
    language, country = LANGUAGE.split("-")
    default = (
        '<style:default-style style:family="table-cell"><style:text-properties '
        f'style:font-name="{FONT}" fo:font-family="{FONT}" fo:font-size="{SIZE}pt" '
        f'fo:language="{language}" fo:country="{country}"/></style:default-style>'
        '<style:style style:name="Default" style:family="table-cell"/>'
    )
    cells = [
        _style("prose", wraps=True),
        _style("line"),
        _style("text", wraps=True),
        _style("number", right=True, wraps=True),
        _style("heading", bold=True, wraps=True),
        _style("number_heading", bold=True, right=True, wraps=True),
        *(
            _style(name, display=f"Heading {level}", bold=True, size=HEADING_SIZES[level])
            for level, name in HEADING_NAMES.items()
        ),
        *(_number_style(places) for places in decimals),
    ]
    return (
        f'<office:document-styles {NAMESPACES} office:version="1.3">'
        f'<office:font-face-decls><style:font-face style:name="{FONT}" svg:font-family="{FONT}" '
        'style:font-family-generic="swiss"/></office:font-face-decls>'
        f"<office:styles>{default}{''.join(cells)}</office:styles>"
        '<office:automatic-styles><style:page-layout style:name="page">'
        '<style:page-layout-properties fo:page-width="29.7cm" fo:page-height="21cm" '
        'style:print-orientation="landscape" style:scale-to-X="1" style:scale-to-Y="0"/>'
        "</style:page-layout></office:automatic-styles><office:master-styles>"
        '<style:master-page style:name="Default" style:page-layout-name="page">'
        '<style:header style:display="false"/><style:footer style:display="false"/>'
        "</style:master-page></office:master-styles></office:document-styles>"
    )


def _style(
    name: str,
    *,
    display: str | None = None,
    bold: bool = False,
    right: bool = False,
    wraps: bool = False,
    size: int = SIZE,
    data_style: str | None = None,
) -> str:
    shown = f" style:display-name={quoteattr(display)}" if display else ""
    numbers = f' style:data-style-name="{data_style}"' if data_style else ""
    weight = ' fo:font-weight="bold"' if bold else ""
    wrapping = ' fo:wrap-option="wrap"' if wraps else ""
    # A little space to the right of numbers, so that a heading does not run into the next one.
    padding = ' fo:padding-right="0.35cm" fo:padding-left="0.05cm"' if right else ""
    return (
        f'<style:style style:name="{name}"{shown} style:family="table-cell" '
        f'style:parent-style-name="Default"{numbers}>'
        f'<style:table-cell-properties style:vertical-align="top"{wrapping}{padding} '
        'style:text-align-source="fix"/>'
        f'<style:paragraph-properties fo:text-align="{"end" if right else "start"}"/>'
        f'<style:text-properties fo:font-size="{size}pt"{weight}/></style:style>'
    )


def _number_style(decimals: int) -> str:
    name = f"number{decimals}"
    return (
        f'<number:number-style style:name="{name}_data"><number:number '
        f'number:decimal-places="{decimals}" number:min-decimal-places="{decimals}" '
        'number:min-integer-digits="1" number:grouping="true"/></number:number-style>'
        + _style(name, right=True, wraps=True, data_style=f"{name}_data")
    )


def settings_xml(sheets: Sequence[Worksheet]) -> str:
    """What of each worksheet stays in sight; the first one is shown."""
    views = "".join(
        f"<config:config-item-map-entry config:name={quoteattr(sheet.name)}>"
        f"{''.join(_view(sheet))}</config:config-item-map-entry>"
        for sheet in sheets
    )
    first = quoteattr(sheets[0].name)[1:-1]
    return (
        f'<office:document-settings {NAMESPACES} office:version="1.3"><office:settings>'
        '<config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
        '<config:config-item config:name="ViewId" config:type="string">view1</config:config-item>'
        f'<config:config-item-map-named config:name="Tables">{views}</config:config-item-map-named>'
        '<config:config-item config:name="ActiveTable" config:type="string">'
        f"{first}</config:config-item>"
        "</config:config-item-map-entry></config:config-item-map-indexed>"
        "</config:config-item-set></office:settings></office:document-settings>"
    )


def _view(sheet: Worksheet) -> list[str]:
    if not sheet.columns:
        return []
    across, down = sheet.frozen_columns, sheet.heading_row
    numbers = {
        "HorizontalSplitMode": ("short", FROZEN if across else 0),
        "VerticalSplitMode": ("short", FROZEN),
        "HorizontalSplitPosition": ("int", across),
        "VerticalSplitPosition": ("int", down),
        "ActiveSplitRange": ("short", 3 if across else 2),
        "PositionLeft": ("int", 0),
        "PositionRight": ("int", across),
        "PositionTop": ("int", 0),
        "PositionBottom": ("int", down),
    }
    return [
        f'<config:config-item config:name="{name}" config:type="{kind}">{number}'
        "</config:config-item>"
        for name, (kind, number) in numbers.items()
    ]
