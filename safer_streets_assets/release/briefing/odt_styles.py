"""How the briefing looks as ODT: page, text, headings, list and table."""

from __future__ import annotations

from safer_streets_assets.release.briefing.looks import (
    FONT,
    INK,
    MARGIN,
    PAGE,
    QUIET,
    ROOM,
    RULE,
    SIZES,
    TextLook,
    column_widths,
)
from safer_streets_assets.release.open_document import namespaces
from safer_streets_assets.release.report.blocks import DataTable
from safer_streets_assets.release.workbook.parts import LANGUAGE

NAMESPACES = namespaces("number", "config", "ooo")


def automatic_styles(figures: DataTable | None) -> str:
    """The styles of the table and of pictures."""
    widths = [] if figures is None else column_widths(figures)
    columns = "".join(
        f'<style:style style:name="column{at}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width:.2f}cm"/></style:style>'
        for at, width in enumerate(widths)
    )
    line = f"0.5pt solid #{RULE}"
    return (
        f"<office:automatic-styles>{columns}"
        '<style:style style:name="figures" style:family="table"><style:table-properties '
        f'style:width="{ROOM:.2f}cm" table:align="left"/></style:style>'
        '<style:style style:name="row" style:family="table-row">'
        '<style:table-row-properties fo:keep-together="always"/></style:style>'
        '<style:style style:name="cell" style:family="table-cell"><style:table-cell-properties '
        f'fo:border-top="{line}" fo:border-bottom="{line}" fo:padding="0.1cm"/></style:style>'
        '<style:style style:name="frame" style:family="graphic"><style:graphic-properties '
        'style:vertical-pos="top" style:vertical-rel="baseline"/></style:style>'
        "</office:automatic-styles>"
    )


def styles_xml() -> str:
    """The styles of paragraphs, the list and the page."""
    texts = {
        "text": ("Standard", SIZES["text"], ""),
        "strong": ("Standard", SIZES["text"], 'fo:font-weight="bold"'),
        "title": ("Heading_20_1", SIZES["title"], ""),
        "heading": ("Heading_20_2", SIZES["heading"], ""),
        "point": ("Standard", SIZES["point"], ""),
        "caption": ("Standard", SIZES["caption"], f'fo:color="#{QUIET}"'),
        "picture": ("Standard", TextLook(SIZES["text"].size), ""),
        "name": ("Standard", SIZES["cell"], ""),
        "figure": ("Standard", SIZES["cell"], ""),
        "name_heading": ("Standard", SIZES["cell"], 'fo:font-weight="bold"'),
        "figure_heading": ("Standard", SIZES["cell"], 'fo:font-weight="bold"'),
    }
    styles = "".join(_text(name, *said) for name, said in texts.items())
    return (
        f'<office:document-styles {NAMESPACES} office:version="1.3">'
        f'<office:font-face-decls><style:font-face style:name="{FONT}" svg:font-family="{FONT}" '
        'style:font-family-generic="swiss"/></office:font-face-decls>'
        f"<office:styles>{_default()}{_headings()}{styles}{_new_page()}{_points()}</office:styles>"
        f"{_page()}</office:document-styles>"
    )


def _default() -> str:
    language, country = LANGUAGE.split("-")
    return (
        '<style:default-style style:family="paragraph"><style:text-properties '
        f'style:font-name="{FONT}" fo:color="#{INK}" fo:language="{language}" '
        f'fo:country="{country}"/></style:default-style>'
        '<style:style style:name="Standard" style:family="paragraph"/>'
    )


def _headings() -> str:
    """The styles by which programs know headings, without a look."""
    return "".join(
        f'<style:style style:name="Heading_20_{level}" style:display-name="Heading {level}" '
        f'style:family="paragraph" style:default-outline-level="{level}"/>'
        for level in (1, 2)
    )


def _text(name: str, parent: str, look: TextLook, more: str) -> str:
    keep = ' fo:keep-with-next="always"' if look.bold or name == "picture" else ""
    side = ' fo:text-align="end"' if name.startswith("figure") else ""
    weight = 'fo:font-weight="bold" ' if look.bold else ""
    return (
        f'<style:style style:name="{name}" style:family="paragraph" '
        f'style:parent-style-name="{parent}"><style:paragraph-properties '
        f'fo:margin-top="{look.before}pt" fo:margin-bottom="{look.after}pt"{keep}{side}/>'
        f'<style:text-properties {weight}fo:font-size="{look.size}pt" {more}/></style:style>'
    )


def _new_page() -> str:
    return (
        '<style:style style:name="heading_on_a_new_page" style:family="paragraph" '
        'style:parent-style-name="heading"><style:paragraph-properties '
        'fo:break-before="page"/></style:style>'
    )


def _points() -> str:
    return (
        '<text:list-style style:name="points"><text:list-level-style-bullet text:level="1" '
        'text:bullet-char="\N{BULLET}"><style:list-level-properties '
        'text:list-level-position-and-space-mode="label-alignment">'
        '<style:list-level-label-alignment text:label-followed-by="listtab" '
        'text:list-tab-stop-position="0.6cm" fo:text-indent="-0.6cm" fo:margin-left="0.6cm"/>'
        "</style:list-level-properties></text:list-level-style-bullet></text:list-style>"
    )


def _page() -> str:
    width, height = PAGE
    return (
        '<office:automatic-styles><style:page-layout style:name="paper">'
        f'<style:page-layout-properties fo:page-width="{width}cm" fo:page-height="{height}cm" '
        f'style:print-orientation="portrait" fo:margin="{MARGIN}cm"/></style:page-layout>'
        "</office:automatic-styles><office:master-styles>"
        '<style:master-page style:name="Standard" style:page-layout-name="paper"/>'
        "</office:master-styles>"
    )
