"""What the files of the briefing are called."""

from __future__ import annotations

ODT_TYPE = "application/vnd.oasis.opendocument.text"
DOCX = "briefing.docx"
ODT = "briefing.odt"
SLIDES = "slides.pptx"
_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    DOCX: f"{_OFFICE}.wordprocessingml.document",
    ODT: ODT_TYPE,
    SLIDES: f"{_OFFICE}.presentationml.presentation",
}
TITLES = {
    DOCX: "The briefing on two pages (DOCX)",
    ODT: "The briefing on two pages (ODT)",
    SLIDES: "The briefing as five slides (PPTX)",
}
