"""An ODS workbook as a reader sees it, from its XML alone."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from safer_streets_assets_tests.release.workbook.opened import (
    AUTOMATIC,
    Opened,
    SeenCell,
    SeenSheet,
    SeenTable,
)

NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "number": "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "meta": "urn:oasis:names:tc:opendocument:xmlns:meta:1.0",
    "config": "urn:oasis:names:tc:opendocument:xmlns:config:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xlink": "http://www.w3.org/1999/xlink",
}
ADDRESS = re.compile(r"'(.+)'\.([A-Z]+)(\d+):'.+'\.([A-Z]+)(\d+)")
PROPERTIES = {
    "title": "dc:title",
    "creator": "dc:creator",
    "subject": "dc:subject",
    "keywords": "meta:keyword",
    "language": "dc:language",
}


def long(name: str) -> str:
    """A name with its prefix as ElementTree spells it."""
    prefix, own = name.split(":")
    return f"{{{NAMES[prefix]}}}{own}"


def open_ods(content: bytes) -> Opened:
    """An ODS workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.namelist()
        trees = {
            name: ElementTree.fromstring(archive.read(f"{name}.xml"))
            for name in ("content", "styles", "meta", "settings")
        }
    looks = _Looks(trees["styles"], trees["content"])
    tables = list(trees["content"].iter(long("table:table")))
    sheets = [_sheet(element, looks) for element in tables]
    for area in trees["content"].iter(long("table:database-range")):
        found = ADDRESS.fullmatch(area.get(long("table:target-range-address"), ""))
        assert found is not None
        place, left, top, right, bottom = found.groups()
        next(sheet for sheet in sheets if sheet.name == place).tables.append(
            SeenTable(
                area.get(long("table:name"), ""),
                int(top),
                number_of(left),
                int(bottom),
                number_of(right),
                area.get(long("table:contains-header")) == "true",
                area.get(long("table:display-filter-buttons")) != "false",
            )
        )
    furniture = bool(
        _furniture(trees["styles"]) or list(trees["content"].iter(long("table:shapes")))
    )
    for sheet in sheets:
        sheet.frozen = _frozen(trees["settings"], sheet.name)
        sheet.furniture = furniture
    meta = trees["meta"]
    properties = {
        name: getattr(meta.find(f".//{element}", NAMES), "text", "") or ""
        for name, element in PROPERTIES.items()
    }
    return Opened("ods", sheets, properties, parts)


def number_of(letters: str) -> int:
    """The number of a column, from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _furniture(styles: Element) -> list[Element]:
    """Headers and footers that are shown."""
    found = [*styles.iter(long("style:header")), *styles.iter(long("style:footer"))]
    return [one for one in found if one.get(long("style:display")) != "false"]


def _frozen(settings: Element, sheet: str) -> tuple[int, int]:
    for entry in settings.iter(long("config:config-item-map-entry")):
        if entry.get(long("config:name")) == sheet:
            items = {item.get(long("config:name")): item.text for item in entry}
            rows, columns = (
                int(items.get(f"{way}SplitPosition") or 0)
                if items.get(f"{way}SplitMode") == "2"
                else 0
                for way in ("Vertical", "Horizontal")
            )
            return rows, columns
    return 0, 0


def _sheet(element: Element, looks: _Looks) -> SeenSheet:
    sheet = SeenSheet(element.get(long("table:name"), ""))
    rows = list(element.iter(long("table:table-row")))
    for row, cells in enumerate(rows, start=1):
        assert cells.get(long("table:number-rows-repeated")) is None
        for column, cell in enumerate(cells, start=1):
            sheet.merged |= cell.tag != long("table:table-cell") or any(
                cell.get(long(f"table:number-{way}-spanned")) for way in ("rows", "columns")
            )
            seen = _cell(cell, looks)
            if seen.value != "":
                sheet.cells[row, column] = seen
    lines = [*rows, *element.iter(long("table:table-column"))]
    sheet.hidden = any(line.get(long("table:visibility"), "visible") != "visible" for line in lines)
    return sheet


def _cell(cell: Element, looks: _Looks) -> SeenCell:
    kind = cell.get(long("office:value-type"))
    for line_break in cell.iter(long("text:line-break")):
        line_break.text = "\n"
    text = "\n".join("".join(p.itertext()) for p in cell.iter(long("text:p")))
    name = cell.get(long("table:style-name"), "Default")
    link = next(cell.iter(long("text:a")), None)
    value: str | float = text
    if kind == "float":
        value = float(cell.get(long("office:value"), ""))
        assert float(text.replace(",", "")) == value, "what is shown is another number"
    look = looks.of(name)
    return SeenCell(
        value=value,
        formula=cell.get(long("table:formula")) is not None,
        style=look.get("style:display-name", name),
        font=look["fo:font-family"],
        size=float(look["fo:font-size"].removesuffix("pt")),
        bold=look.get("fo:font-weight") == "bold",
        italic=look.get("fo:font-style", "normal") != "normal",
        underlined=link is not None or "style:text-underline-style" in look,
        colour=look.get("fo:color", AUTOMATIC),
        plain=not {"fo:background-color", "fo:border", "style:rotation-angle"} & set(look),
        side={"start": "left", "end": "right"}.get(look.get("fo:text-align", ""), ""),
        wraps=look.get("fo:wrap-option") == "wrap",
        number_format=looks.number_format(look.get("style:data-style-name")),
        link=None if link is None else link.get(long("xlink:href")),
    )


class _Looks:
    """The styles of cells, with what they take over from others."""

    def __init__(self, styles: Element, content: Element) -> None:
        self.named: dict[str, Element] = {}
        self.numbers: dict[str, Element] = {}
        for tree in (styles, content):
            for style in tree.iter(long("style:style")):
                self.named[style.get(long("style:name"), "")] = style
            for style in tree.iter(long("number:number-style")):
                self.numbers[style.get(long("style:name"), "")] = style
        (self.default,) = styles.iter(long("style:default-style"))

    def of(self, name: str) -> dict[str, str]:
        """What a style says, by names with prefixes."""
        style = self.named[name]
        parent = style.get(long("style:parent-style-name"))
        found = self.of(parent) if parent else dict(_said(self.default))
        return found | dict(_said(style))

    def number_format(self, name: str | None) -> str:
        """How numbers are shown, as a spreadsheet program spells it."""
        if name is None:
            return "General"
        (number,) = self.numbers[name].iter(long("number:number"))
        grouped = "#,##0" if number.get(long("number:grouping")) == "true" else "0"
        places = int(number.get(long("number:decimal-places"), "0"))
        return grouped + ("." + "0" * places if places else "")


def _said(style: Element) -> Iterator[tuple[str, str]]:
    short = {long_name: prefix for prefix, long_name in NAMES.items()}
    for element in (style, *style):
        for name, value in element.attrib.items():
            namespace, own = name[1:].split("}")
            yield f"{short.get(namespace, '')}:{own}", value
