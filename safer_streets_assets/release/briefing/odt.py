"""The briefing as ODT (OpenDocument 1.3), on two pages of A4, in plain XML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from safer_streets_assets.release.briefing.archives import archive_bytes
from safer_streets_assets.release.briefing.contents import (
    CAVEATS,
    FOUND,
    BriefingContent,
    BriefingPicture,
)
from safer_streets_assets.release.briefing.looks import picture_size
from safer_streets_assets.release.briefing.names import ODT_TYPE
from safer_streets_assets.release.briefing.odt_styles import (
    NAMESPACES,
    automatic_styles,
    styles_xml,
)
from safer_streets_assets.release.open_document import HEAD, manifest_xml, meta_xml
from safer_streets_assets.release.report.blocks import DataTable
from safer_streets_assets.release.workbook.parts import written

LEVELS = {"title": 1, "heading": 2, "heading_on_a_new_page": 2}


def odt_bytes(content: BriefingContent) -> bytes:
    """The briefing as ODT. The same content makes the same bytes."""
    pictures = {_address(picture): picture.png for picture in content.pictures}
    parts = {
        "content.xml": _content_xml(content),
        "styles.xml": styles_xml(),
        "meta.xml": meta_xml(
            NAMESPACES,
            title=content.title,
            subject=content.subject,
            creator=content.creator,
            keywords=content.keywords,
            made_at=content.made_at,
        ),
    }
    types = dict.fromkeys(parts, "text/xml") | dict.fromkeys(pictures, "image/png")
    xml = {**parts, "META-INF/manifest.xml": manifest_xml(ODT_TYPE, types)}
    # The type of the file stands first and is not packed, so that it can be told by its bytes.
    members = {"mimetype": ODT_TYPE.encode(), **pictures}
    members |= {name: (HEAD + text).encode() for name, text in xml.items()}
    return archive_bytes(members, stored="mimetype")


def _content_xml(content: BriefingContent) -> str:
    return (
        f'<office:document-content {NAMESPACES} office:version="1.3">'
        f"{automatic_styles(content.figures)}<office:body><office:text>"
        f"{''.join(_body(content))}</office:text></office:body></office:document-content>"
    )


def _body(content: BriefingContent) -> Iterator[str]:
    yield _words("title", content.title)
    yield _words("text", f"{content.release}. {content.creator}.")
    if content.invented:
        yield _words("strong", content.invented)
    yield _words("heading", FOUND)
    yield _list((*content.found, *content.missing))
    if content.figures is not None:
        yield _words("heading", content.figures.caption)
        yield _table(content.figures)
    for number, picture in enumerate(content.pictures):
        if number == 1 and content.words:
            yield _words("text", content.words)
        yield _words("heading_on_a_new_page" if number == 1 else "heading", picture.title)
        yield _picture(picture, number)
        yield _words("caption", picture.caption)
    if len(content.pictures) < 2 and content.words:
        yield _words("text", content.words)
    yield _words("heading" if len(content.pictures) > 1 else "heading_on_a_new_page", CAVEATS)
    yield _list(content.caveats)
    yield _words("text", content.more)


def _words(style: str, words: str) -> str:
    said = escape(written(words))
    if style in LEVELS:
        level = LEVELS[style]
        return f'<text:h text:style-name="{style}" text:outline-level="{level}">{said}</text:h>'
    return f'<text:p text:style-name="{style}">{said}</text:p>'


def _list(sentences: Sequence[str]) -> str:
    points = "".join(
        f"<text:list-item>{_words('point', sentence)}</text:list-item>" for sentence in sentences
    )
    return f'<text:list text:style-name="points">{points}</text:list>'


def _table(figures: DataTable) -> str:
    columns = "".join(
        f'<table:table-column table:style-name="column{at}"/>' for at in range(len(figures.header))
    )
    header = _row(figures, figures.header, is_heading=True)
    rows = "".join(_row(figures, line.cells) for line in figures.lines)
    caption = escape(written(figures.caption))
    return (
        f'<table:table table:name={quoteattr(figures.table)} table:style-name="figures">'
        f"<table:title>{caption}</table:title>{columns}"
        f"<table:table-header-rows>{header}</table:table-header-rows>{rows}</table:table>"
    )


def _row(figures: DataTable, cells: Sequence[str], *, is_heading: bool = False) -> str:
    said = "".join(
        '<table:table-cell table:style-name="cell" office:value-type="string">'
        f"{_words(_style_of(figures, at, is_heading), words)}</table:table-cell>"
        for at, words in enumerate(cells)
    )
    return f'<table:table-row table:style-name="row">{said}</table:table-row>'


def _style_of(figures: DataTable, at: int, is_heading: bool) -> str:
    name = "figure" if at >= figures.names else "name"
    return f"{name}_heading" if is_heading else name


def _picture(picture: BriefingPicture, number: int) -> str:
    width, height = picture_size(picture, number)
    return (
        '<text:p text:style-name="picture">'
        f'<draw:frame draw:style-name="frame" draw:name={quoteattr(picture.name)} '
        f'text:anchor-type="as-char" svg:width="{width:.2f}cm" svg:height="{height:.2f}cm">'
        f'<draw:image xlink:href="{_address(picture)}" xlink:type="simple" xlink:show="embed" '
        'xlink:actuate="onLoad" draw:mime-type="image/png"/>'
        f"<svg:title>{escape(written(picture.title))}</svg:title>"
        f"<svg:desc>{escape(written(picture.alt))}</svg:desc></draw:frame></text:p>"
    )


def _address(picture: BriefingPicture) -> str:
    return f"Pictures/{picture.name}.png"
