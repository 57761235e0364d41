"""Documents and slides as a reader sees them, from their XML alone.

Nothing here knows how the files are written.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_OFFICE = "http://schemas.openxmlformats.org"
NAMES = {
    "w": f"{_OFFICE}/wordprocessingml/2006/main",
    "wp": f"{_OFFICE}/drawingml/2006/wordprocessingDrawing",
    "a": f"{_OFFICE}/drawingml/2006/main",
    "p": f"{_OFFICE}/presentationml/2006/main",
    "r": f"{_OFFICE}/officeDocument/2006/relationships",
    "cp": f"{_OFFICE}/package/2006/metadata/core-properties",
    "dc": "http://purl.org/dc/elements/1.1/",
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
}
HEADINGS = {"Heading1": 1, "Heading2": 2}


@dataclass(frozen=True)
class SeenText:
    """A paragraph: its words, its level as a heading (0: none), whether it is a point of a list,
    and whether a page begins with it."""

    words: str
    level: int = 0
    point: bool = False
    new_page: bool = False


@dataclass(frozen=True)
class SeenPicture:
    """A picture: what is said in its place, and how wide and high it is, in centimetres."""

    alt: str
    width: float
    height: float


@dataclass(frozen=True)
class SeenTable:
    """A table: its title, the rows that are marked as headings, and the others."""

    title: str
    headings: list[list[str]]
    rows: list[list[str]]


@dataclass
class SeenDocument:
    """A document: its parts in reading order, its properties and the languages that it names."""

    items: list[SeenText | SeenPicture | SeenTable]
    title: str
    language: str
    languages: set[str]
    paper: tuple[float, float]

    @property
    def texts(self) -> list[SeenText]:
        """Its paragraphs, those of tables left out."""
        return [one for one in self.items if isinstance(one, SeenText)]

    @property
    def pictures(self) -> list[SeenPicture]:
        """Its pictures."""
        return [one for one in self.items if isinstance(one, SeenPicture)]

    @property
    def tables(self) -> list[SeenTable]:
        """Its tables."""
        return [one for one in self.items if isinstance(one, SeenTable)]

    def words(self) -> Iterator[str]:
        """Everything that can be read in it."""
        yield self.title
        for one in self.items:
            if isinstance(one, SeenText):
                yield one.words
            elif isinstance(one, SeenPicture):
                yield one.alt
            else:
                yield one.title
                yield from (cell for row in (*one.headings, *one.rows) for cell in row)


@dataclass
class SeenShape:
    """A shape of a slide: what kind it is, its words, its place in centimetres."""

    kind: str
    words: list[str]
    alt: str
    box: tuple[float, float, float, float]
    sizes: list[float]


@dataclass
class SeenSlides:
    """Slides, each as its shapes in reading order, and the properties of the file."""

    slides: list[list[SeenShape]]
    title: str
    language: str
    languages: set[str]
    size: tuple[float, float]
    unnamed: list[str] = field(default_factory=list)
    """Words of which no language is named."""

    def words(self) -> Iterator[str]:
        """Everything that can be read in them."""
        yield self.title
        for slide in self.slides:
            for shape in slide:
                yield from (*shape.words, shape.alt)


def long(name: str) -> str:
    """A name with its prefix as ElementTree spells it."""
    prefix, own = name.split(":")
    return f"{{{NAMES[prefix]}}}{own}"


def parts(content: bytes) -> dict[str, bytes]:
    """The members of an archive by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def open_docx(content: bytes) -> SeenDocument:
    """A DOCX document."""
    found = parts(content)
    body = ElementTree.fromstring(found["word/document.xml"]).find(long("w:body"))
    styles = ElementTree.fromstring(found["word/styles.xml"])
    core = ElementTree.fromstring(found["docProps/core.xml"])
    assert body is not None
    size = next(body.iter(long("w:pgSz")))
    return SeenDocument(
        items=[item for one in body for item in _docx_items(one)],
        title=core.findtext(long("dc:title")) or "",
        language=core.findtext(long("dc:language")) or "",
        languages={one.get(long("w:val"), "") for one in styles.iter(long("w:lang"))},
        paper=(_twips(size.get(long("w:w"))), _twips(size.get(long("w:h")))),
    )


def _docx_items(one: Element) -> Iterator[SeenText | SeenPicture | SeenTable]:
    if one.tag == long("w:tbl"):
        lines = [
            (
                row.find(f"{long('w:trPr')}/{long('w:tblHeader')}") is not None,
                [_docx_words(cell) for cell in row.iter(long("w:tc"))],
            )
            for row in one.iter(long("w:tr"))
        ]
        title = next(one.iter(long("w:tblCaption"))).get(long("w:val"), "")
        yield SeenTable(title, [r for head, r in lines if head], [r for h, r in lines if not h])
    elif one.tag == long("w:p"):
        for place in one.iter(long("wp:inline")):
            extent, said = place.find(long("wp:extent")), place.find(long("wp:docPr"))
            assert extent is not None
            assert said is not None
            yield SeenPicture(said.get("descr", ""), _emu(extent.get("cx")), _emu(extent.get("cy")))
        style = one.find(f"{long('w:pPr')}/{long('w:pStyle')}")
        name = style.get(long("w:val"), "") if style is not None else ""
        breaks = one.find(f"{long('w:pPr')}/{long('w:pageBreakBefore')}") is not None
        if words := _docx_words(one):
            yield SeenText(words, HEADINGS.get(name, 0), name == "ListBullet", breaks)


def _docx_words(one: Element) -> str:
    return "".join(text.text or "" for text in one.iter(long("w:t")))


def open_odt(content: bytes) -> SeenDocument:
    """An ODT document."""
    found = parts(content)
    trees = {
        name: ElementTree.fromstring(found[f"{name}.xml"]) for name in ("content", "styles", "meta")
    }
    body = next(trees["content"].iter(long("office:text")))
    breaking = {
        style.get(long("style:name"), "")
        for style in trees["styles"].iter(long("style:style"))
        for look in style.iter(long("style:paragraph-properties"))
        if look.get(long("fo:break-before")) == "page"
    }
    page = next(trees["styles"].iter(long("style:page-layout-properties")))
    return SeenDocument(
        items=[item for one in body for item in _odt_items(one, breaking)],
        title=next(trees["meta"].iter(long("dc:title"))).text or "",
        language=next(trees["meta"].iter(long("dc:language"))).text or "",
        languages={
            f"{one.get(long('fo:language'))}-{one.get(long('fo:country'))}"
            for tree in trees.values()
            for one in tree.iter(long("style:text-properties"))
            if one.get(long("fo:language"))
        },
        paper=(_centimetres(page, "fo:page-width"), _centimetres(page, "fo:page-height")),
    )


def _odt_items(
    one: Element, breaking: set[str], *, point: bool = False
) -> Iterator[SeenText | SeenPicture | SeenTable]:
    if one.tag == long("table:table"):
        head = one.find(long("table:table-header-rows"))
        headings = list(head) if head is not None else []
        rows = one.findall(long("table:table-row"))
        title = one.findtext(long("table:title")) or ""
        yield SeenTable(title, list(map(_odt_row, headings)), list(map(_odt_row, rows)))
    elif one.tag in (long("text:p"), long("text:h")):
        frames = list(one.iter(long("draw:frame")))
        for frame in frames:
            yield SeenPicture(
                frame.findtext(long("svg:desc")) or "",
                _centimetres(frame, "svg:width"),
                _centimetres(frame, "svg:height"),
            )
        if not frames:
            level = int(one.get(long("text:outline-level"), "0"))
            new_page = one.get(long("text:style-name"), "") in breaking
            yield SeenText("".join(one.itertext()), level, point, new_page)
    else:
        for inner in one:
            yield from _odt_items(inner, breaking, point=one.tag == long("text:list-item"))


def _odt_row(row: Element) -> list[str]:
    return ["".join(cell.itertext()) for cell in row.iter(long("table:table-cell"))]


def open_slides(content: bytes) -> SeenSlides:
    """PPTX slides, in the order in which they are shown."""
    found = parts(content)
    core = ElementTree.fromstring(found["docProps/core.xml"])
    deck = ElementTree.fromstring(found["ppt/presentation.xml"])
    named = {
        one.get("Id"): one.get("Target", "")
        for one in ElementTree.fromstring(found["ppt/_rels/presentation.xml.rels"])
    }
    order = [named[one.get(long("r:id"))] for one in deck.iter(long("p:sldId"))]
    trees = [ElementTree.fromstring(found[f"ppt/{name}"]) for name in order]
    size = next(deck.iter(long("p:sldSz")))
    runs = [run for tree in trees for run in tree.iter(long("a:r"))]
    properties = [(run, run.find(long("a:rPr"))) for run in runs]
    return SeenSlides(
        slides=[[_shape(one) for one in _shapes(tree)] for tree in trees],
        title=core.findtext(long("dc:title")) or "",
        language=core.findtext(long("dc:language")) or "",
        languages={
            one.get("lang", "")
            for name, part in found.items()
            if name.startswith("ppt/") and name.endswith(".xml")
            for one in ElementTree.fromstring(part).iter()
            if one.get("lang")
        },
        size=(_emu(size.get("cx")), _emu(size.get("cy"))),
        unnamed=[
            "".join(run.itertext())
            for run, look in properties
            if look is None or not look.get("lang")
        ],
    )


def _shapes(tree: Element) -> Iterator[Element]:
    for one in next(tree.iter(long("p:spTree"))):
        if one.tag in (long("p:sp"), long("p:pic")):
            yield one


def _shape(one: Element) -> SeenShape:
    place = next(one.iter(long("p:ph")), None)
    kind = "picture" if one.tag == long("p:pic") else "text"
    if place is not None:
        kind = place.get("type", "body")
    offset, extent = next(one.iter(long("a:off"))), next(one.iter(long("a:ext")))
    box = [offset.get("x"), offset.get("y"), extent.get("cx"), extent.get("cy")]
    left, top, width, height = map(_emu, box)
    return SeenShape(
        kind=kind,
        words=[words for p in one.iter(long("a:p")) if (words := "".join(p.itertext()).strip())],
        alt=next(one.iter(long("p:cNvPr"))).get("descr", ""),
        box=(left, top, left + width, top + height),
        sizes=[int(look.get("sz", "0")) / 100 for look in one.iter(long("a:rPr"))],
    )


def _emu(text: str | None) -> float:
    return int(text or 0) / 360_000


def _twips(text: str | None) -> float:
    return int(text or 0) / 567


def _centimetres(one: Element, name: str) -> float:
    return float(one.get(long(name), "0cm").removesuffix("cm"))


Opener = Callable[[bytes], SeenDocument]
