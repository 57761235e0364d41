"""The briefing as five slides (PPTX): the headline, three pictures, and the caveats.

It is imported late: the library would slow down everything that writes none.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pptx
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Cm, Pt

from safer_streets_assets.release.briefing.archives import without_times
from safer_streets_assets.release.briefing.contents import (
    CAVEATS,
    FOUND,
    PICTURES,
    BriefingContent,
    BriefingPicture,
    describe,
)
from safer_streets_assets.release.briefing.looks import FONT, INK, QUIET
from safer_streets_assets.release.workbook.parts import LANGUAGE

WIDTH, HEIGHT, MARGIN = 33.867, 19.05, 1.6
"""A slide of 16:9 and its margins, in centimetres."""
ROOM = WIDTH - 2 * MARGIN
TITLE_TOP, TITLE_HEIGHT, TOP, BOTTOM = 0.9, 2.0, 3.1, 1.5
"""Where titles are, where what is below them begins, and what is left free at the end."""
CAPTION_HEIGHT = 1.7
TITLE_SIZES, LONG_TITLE = (30, 24), 45
"""The size of titles, and of those of more characters."""
TEXT_SIZES, CAPTION_SIZE = (22, 20, 18, 16), 14
POINT, LETTER, LEADING, AFTER = 0.0353, 0.5, 1.2, 6
"""Centimetres in a point; widths of letters and heights of lines in sizes of text; the space after
a paragraph, in points."""
TITLE_AND_TEXT, TITLE_ONLY = 1, 5
"""The layouts of the template that are used."""
NO_OTHER = "This release prints nothing else of which the briefing shows a picture."
LEFT_OUT = ("/metadata/thumbnail", "/printerSettings")
"""What the template has of its maker's computer."""


def slides_bytes(content: BriefingContent) -> bytes:
    """The slides as PPTX. The same content makes the same bytes."""
    deck = pptx.Presentation()
    _describe(deck, content)
    _widen(deck)
    found = (*content.found, *content.missing)
    first = _text_slide(deck, content.title, (f"{FOUND}:", *found), headed=True)
    _add_words(first, f"{content.release}. {content.creator}.", content.invented)
    for picture in content.pictures:
        _picture_slide(deck, picture, content.invented)
    for number in range(len(content.pictures), PICTURES):
        title = f"Picture {number + 1} of {PICTURES}: none"
        slide = _text_slide(deck, title, (*content.missing, NO_OTHER))
        _add_words(slide, "", content.invented)
    last = _text_slide(deck, CAVEATS, (*content.caveats, *filter(None, [content.words])))
    _add_words(last, content.more, content.invented)
    _say_language(deck)
    out = io.BytesIO()
    deck.save(out)
    return without_times(out.getvalue())


def _describe(deck: Any, content: BriefingContent) -> None:
    describe(deck.core_properties, content)
    for part in (deck.part.package, deck.part):
        for name, one in list(part._rels.items()):
            if one.reltype.endswith(LEFT_OUT):
                part._rels.pop(name)


def _widen(deck: Any) -> None:
    """Makes slides of 4:3, as the template has them, into slides of 16:9, in our font."""
    ratio = Cm(WIDTH) / deck.slide_width
    deck.slide_width, deck.slide_height = Cm(WIDTH), Cm(HEIGHT)
    master = deck.slide_master
    for place in (master, *master.slide_layouts):
        for shape in place.shapes:
            if shape._element.spPr.find(f"{{{shape._element.nsmap['a']}}}xfrm") is not None:
                shape.left, shape.width = int(shape.left * ratio), int(shape.width * ratio)
    theme = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    theme._blob = theme.blob.replace(b'typeface="Calibri"', f'typeface="{FONT}"'.encode())


def _text_slide(deck: Any, title: str, sentences: Sequence[str], *, headed: bool = False) -> Any:
    """A slide of sentences; the first of them is no point of the list where it is `headed`."""
    slide = _slide(deck, TITLE_AND_TEXT, title)
    body = slide.placeholders[1]
    high = HEIGHT - TOP - BOTTOM - CAPTION_HEIGHT
    _lay(body, MARGIN, TOP, ROOM, high)
    size = next((s for s in TEXT_SIZES if _height(sentences, s) < high), TEXT_SIZES[-1])
    for number, sentence in enumerate(sentences):
        frame = body.text_frame
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        _say(paragraph, sentence, size, bold=headed and number == 0)
        paragraph.space_before, paragraph.space_after = Pt(0), Pt(AFTER)
        if headed and number == 0:
            _no_bullet(paragraph)
    return slide


def _height(sentences: Sequence[str], size: float) -> float:
    """How high sentences of this size are, in centimetres, rather more than less."""
    letters = int((ROOM - 2) / (LETTER * size * POINT))
    lines = sum(1 + len(sentence) // letters for sentence in sentences)
    return POINT * (lines * size * LEADING + len(sentences) * AFTER)


def _picture_slide(deck: Any, picture: BriefingPicture, invented: str) -> None:
    slide = _slide(deck, TITLE_ONLY, picture.title)
    high = HEIGHT - TOP - BOTTOM - CAPTION_HEIGHT
    height = min(ROOM * picture.shape, high)
    width = height / picture.shape
    shape = slide.shapes.add_picture(
        io.BytesIO(picture.png), Cm(MARGIN), Cm(TOP), Cm(width), Cm(height)
    )
    properties = shape._element.nvPicPr.cNvPr
    properties.set("name", f"Picture of {picture.name}")
    properties.set("descr", picture.alt)
    _add_words(slide, picture.caption, invented)


def _slide(deck: Any, layout: int, title: str) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[layout])
    place = slide.shapes.title
    _lay(place, MARGIN, TITLE_TOP, ROOM, TITLE_HEIGHT)
    place.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    size = TITLE_SIZES[len(title) > LONG_TITLE]
    _say(place.text_frame.paragraphs[0], title, size, bold=True)
    place.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    return slide


def _add_words(slide: Any, words: str, invented: str) -> None:
    """Adds the words at the foot of a slide, the last that is read on it."""
    if not words and not invented:
        return
    top = HEIGHT - BOTTOM - CAPTION_HEIGHT + 0.4
    box = slide.shapes.add_textbox(Cm(MARGIN), Cm(top), Cm(ROOM), Cm(CAPTION_HEIGHT))
    box.name = "Source and notes"
    box.text_frame.word_wrap = True
    said = [(text, text == invented) for text in (invented, words) if text]
    for number, (text, bold) in enumerate(said):
        frame = box.text_frame
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        _say(paragraph, text, CAPTION_SIZE, bold=bold, colour=QUIET)


def _lay(shape: Any, left: float, top: float, width: float, height: float) -> None:
    shape.left, shape.top, shape.width, shape.height = Cm(left), Cm(top), Cm(width), Cm(height)


def _say(paragraph: Any, words: str, size: float, *, bold: bool = False, colour: str = INK) -> None:
    run = paragraph.add_run()
    run.text = words
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
    rgb = RGBColor(*bytes.fromhex(colour))  # type: ignore[no-untyped-call]
    run.font.color.rgb = rgb


def _no_bullet(paragraph: Any) -> None:
    properties = paragraph._p.get_or_add_pPr()
    properties.set("marL", "0")
    properties.set("indent", "0")
    properties.append(OxmlElement("a:buNone"))


def _say_language(deck: Any) -> None:
    """Names the language of every text, also of the template's."""
    master = deck.slide_master
    places = (deck, master, *master.slide_layouts, *deck.slides)
    names = ("a:rPr", "a:endParaRPr", *(f"a:lvl{level}pPr" for level in range(1, 10)))
    for place in places:
        for element in place._element.iter(*map(qn, names), qn("a:defRPr")):
            if element.tag in (qn("a:rPr"), qn("a:endParaRPr")) or element.get("lang"):
                element.set("lang", LANGUAGE)
