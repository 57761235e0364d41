"""What every OpenDocument file of a release shares (OASIS OpenDocument 1.3), workbook or text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from xml.sax.saxutils import escape

from safer_streets_assets.release.workbook.parts import LANGUAGE, written

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
VERSION = "1.3"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_NAMES = {
    "office": f"{_OASIS}:office:1.0",
    "style": f"{_OASIS}:style:1.0",
    "text": f"{_OASIS}:text:1.0",
    "table": f"{_OASIS}:table:1.0",
    "number": f"{_OASIS}:datastyle:1.0",
    "draw": f"{_OASIS}:drawing:1.0",
    "fo": f"{_OASIS}:xsl-fo-compatible:1.0",
    "svg": f"{_OASIS}:svg-compatible:1.0",
    "meta": f"{_OASIS}:meta:1.0",
    "config": f"{_OASIS}:config:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xlink": "http://www.w3.org/1999/xlink",
    "ooo": "http://openoffice.org/2004/office",
}


def namespaces(*left_out: str) -> str:
    """The namespaces of OpenDocument as attributes, without those that a file has no use for."""
    kept = {prefix: name for prefix, name in _NAMES.items() if prefix not in left_out}
    return " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in kept.items())


def meta_xml(
    names: str, *, title: str, subject: str, creator: str, keywords: str, made_at: datetime
) -> str:
    """What a file says of itself, in `names` (its namespaces); an empty text is left out.

    `made_at` is in UTC without an offset: the time of the release, so that the same release makes
    the same bytes.
    """
    made = f"{made_at.isoformat()}Z"
    said = {
        "dc:title": title,
        "dc:subject": subject,
        "meta:initial-creator": creator,
        "dc:creator": creator,
        "meta:keyword": keywords,
        "dc:language": LANGUAGE,
        "meta:creation-date": made,
        "dc:date": made,
    }
    elements = "".join(
        f"<{name}>{escape(written(text))}</{name}>" for name, text in said.items() if text
    )
    return (
        f'<office:document-meta {names} office:version="{VERSION}">'
        f"<office:meta>{elements}</office:meta></office:document-meta>"
    )


def manifest_xml(media_type: str, members: Mapping[str, str]) -> str:
    """The list of a file's members, each with its media type."""
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>'
        for name, kind in members.items()
    )
    return (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
        f'manifest:version="{VERSION}"><manifest:file-entry manifest:full-path="/" '
        f'manifest:version="{VERSION}" manifest:media-type="{media_type}"/>{entries}'
        "</manifest:manifest>"
    )
