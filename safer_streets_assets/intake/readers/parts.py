"""Which member of a workbook's archive is which part, whatever program packed it.

The parser looks for the names that Excel gives. Others write them in other case, with backslashes,
or elsewhere, and leave it to the relationships to say where; what is packed so is packed anew.
"""

from __future__ import annotations

import io
import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Mapping, Sequence
from html import escape

from safer_streets_assets.intake.readers.reasons import UnreadableDrop

WORKBOOK = "xl/workbook.xml"
LINKS = "xl/_rels/workbook.xml.rels"
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_LINKS_SPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TO_WORKBOOK = {
    "Id": "rId1",
    "Type": "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument",
    "Target": WORKBOOK,
}
_MANIFEST = (
    b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    b'<manifest:file-entry manifest:full-path="/" manifest:media-type="' + ODS + b'"/>'
    b"</manifest:manifest>"
)
_COMMENT_OR_CDATA = re.compile(rb"<!--.*?-->|<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_SPACE = re.compile(rb"\bxmlns(?::([^\s=]+))?\s*=\s*[\"']([^\"']*)[\"']")
_OF_ODS = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_ODS_SPACES = {name: _OF_ODS.format(name) for name in ("office", "table", "text", "style")} | {
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
}
"""The prefixes that the parser and this program look for, and what they stand for."""
_DECLARED = re.compile(rb"\s*<\?xml[^>]*\bencoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_XML_STARTS = {
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"<\x00?\x00": "utf-16-le",
    b"\x00<\x00?": "utf-16-be",
}
_FIXED = {"sharedStrings": "xl/sharedStrings.xml", "styles": "xl/styles.xml"}
_MACROS = ("vbaProject", "xlMacrosheet", "xlIntlMacrosheet")
Read = Callable[[str], bytes]


def plain_name(name: str) -> str:
    """The name of a member with slashes."""
    return name.replace("\\", "/")


def workbook_part(names: Mapping[str, str], read: Read) -> str | None:
    """The member that is the workbook of an XLSX archive; None when there is none.

    `names` are the members by their plain names in lower case. Raises UnreadableDrop: F-BROKEN.
    """
    if WORKBOOK in names:
        return names[WORKBOOK]
    if "_rels/.rels" not in names:
        return None
    for kind, target in _links(read(names["_rels/.rels"])):
        found = names.get(_resolved("", target))
        if kind == "officeDocument" and found is not None:
            content = read(found)[:4096]
            return found if b"workbook" in content and b"spreadsheetml" in content else None
    return None


def packed_as_excel_does(workbook: str, names: Mapping[str, str], read: Read) -> bytes | None:
    """The parts of an XLSX workbook packed anew under Excel's names; None when they have them.

    Raises UnreadableDrop: F-BROKEN, F-MACRO.
    """
    folder, name = posixpath.split(plain_name(workbook))
    links_at = names.get(posixpath.join(folder, "_rels", f"{name}.rels").casefold())
    if links_at is None:
        raise UnreadableDrop("F-BROKEN")
    links = _parsed(read(links_at))
    moved = {workbook: WORKBOOK}
    written = []
    is_usual = (workbook, links_at) == (WORKBOOK, LINKS)
    for number, link in enumerate(links):
        kind = link.get("Type", "").rpartition("/")[2]
        if kind in _MACROS:
            raise UnreadableDrop("F-MACRO")
        target = link.get("Target", "")
        member = names.get(_resolved(folder, target))
        if member is None or link.get("TargetMode") == "External":
            continue
        usual = target in (f"/{member}", member.removeprefix("xl/")) and member.startswith("xl/")
        place = member if usual else f"xl/part{number}.xml"
        moved[member] = place = _FIXED.get(kind, place)
        written.append({**link.attrib, "Target": f"/{place}"})
        is_usual = is_usual and usual and member == place
    if is_usual:
        return None
    content = {place: read(member) for member, place in moved.items()}
    if types := names.get("[content_types].xml"):
        content["[Content_Types].xml"] = read(types)
    content[LINKS] = _links_xml(written)
    content["_rels/.rels"] = _links_xml([_TO_WORKBOOK])
    return packed(content)


def with_content(names: Mapping[str, str], read: Read) -> bytes | None:
    """An ODS workbook under its usual names, with the manifest that it may lack; None when its
    content is no workbook.

    Raises UnreadableDrop: F-BROKEN, F-LOCKED.
    """
    manifest = names.get("meta-inf/manifest.xml")
    if manifest is not None and b"encryption-data" in read(manifest):
        raise UnreadableDrop("F-LOCKED")
    if "content.xml" not in names:
        return None
    if b"<office:spreadsheet" not in with_usual_prefixes(read(names["content.xml"])):
        return None
    content = {"mimetype": ODS, "META-INF/manifest.xml": _MANIFEST}
    content |= {name: read(member) for name, member in names.items() if name.endswith(".xml")}
    return packed(content)


def with_usual_prefixes(xml: bytes) -> bytes:
    """The content of an ODS workbook with the prefixes that the parser looks for, whatever names
    its program has for them; the same object when it has these.

    Raises UnreadableDrop: F-BROKEN.
    """
    usual = {prefix.encode(): space.encode() for prefix, space in _ODS_SPACES.items()}
    spaces = set(usual.values())
    if all(
        usual.get(prefix) == space if prefix in usual or space in spaces else b"&" not in space
        for prefix, space in _SPACE.findall(xml)
    ):
        return xml
    for prefix, space in _ODS_SPACES.items():
        ET.register_namespace(prefix, space)
    written: bytes = ET.tostring(_parsed(xml), encoding="utf-8", xml_declaration=True)
    return written


def plain_xml(xml: bytes) -> bytes:
    """XML without comments and with its CDATA as text; the same object when it has neither."""
    # Most sheets have no "!" at all, and a search for one byte is quick.
    if b"!" not in xml or (b"<!--" not in xml and b"<![CDATA[" not in xml):
        return xml
    return _COMMENT_OR_CDATA.sub(lambda found: _escaped(found[1] or b""), xml)


def other_encoding(start: bytes) -> str | None:
    """The encoding of XML that begins so; None for UTF-8, which alone the parser knows."""
    for mark, encoding in _XML_STARTS.items():
        if start.startswith(mark):
            return encoding
    stated = _DECLARED.match(start)
    encoding = stated[1].decode().casefold() if stated else "utf-8"
    return None if encoding in ("utf-8", "utf8", "us-ascii", "ascii") else encoding


def in_utf8(xml: bytes) -> bytes:
    """XML in the encoding that the parser knows. Raises UnreadableDrop: F-ENCODING."""
    encoding = other_encoding(xml)
    if encoding is None:
        return xml
    try:
        text = xml.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise UnreadableDrop("F-ENCODING") from None
    return re.sub(r"^\ufeff?<\?xml[^>]*\?>", "", text).encode()


def _escaped(text: bytes) -> bytes:
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def sheet_members(read: Read) -> dict[str, str]:
    """Sheet name to the archive member that holds its cells, for an XLSX workbook.

    Raises UnreadableDrop: F-BROKEN.
    """
    book = _parsed(read(WORKBOOK))
    links = _parsed(read(LINKS))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    members: dict[str, str] = {}
    for sheet in book.iter():
        if sheet.tag.rpartition("}")[2] == "sheet":
            link = next((v for key, v in sheet.attrib.items() if key.endswith("}id")), None)
            target = targets.get(link, "")
            members[sheet.get("name", "")] = (
                target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            )
    return members


def _links_xml(links: Sequence[Mapping[str, str]]) -> bytes:
    """The relationships of a workbook; the parser knows no prefixes of namespaces in them."""
    listed = "".join(
        "<Relationship " + " ".join(f'{k}="{escape(v)}"' for k, v in link.items()) + "/>"
        for link in links
    )
    return f'<Relationships xmlns="{_LINKS_SPACE}">{listed}</Relationships>'.encode()


def _links(xml: bytes) -> list[tuple[str, str]]:
    return [
        (link.get("Type", "").rpartition("/")[2], link.get("Target", "")) for link in _parsed(xml)
    ]


def _parsed(xml: bytes) -> ET.Element:
    try:
        # Declarations of types and entities, where XML attacks live, were refused when it was read.
        return ET.fromstring(xml)  # noqa: S314
    except ET.ParseError:
        raise UnreadableDrop("F-BROKEN") from None


def _resolved(folder: str, target: str) -> str:
    """Where a relationship of a part in a folder points, as `names` has it."""
    path = posixpath.normpath(posixpath.join("/", folder, plain_name(target)))
    return path.removeprefix("/").casefold()


def packed(content: Mapping[str, bytes]) -> bytes:
    """An archive of these members, not compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return out.getvalue()
