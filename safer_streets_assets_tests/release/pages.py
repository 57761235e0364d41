"""Pages as a browser reads them: a tree of elements, made by the standard library's parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "input", "link", "col", "wbr"}
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w])|(?<=Q)\d\b")
"""A number that stands by itself: not part of a code, a name or a hash."""


@dataclass
class Element:
    """An element with its attributes and what is in it, texts among elements."""

    tag: str
    attributes: dict[str, str]
    inside: list[Element | str] = field(default_factory=list)

    def all(self, *tags: str) -> Iterator[Element]:
        """Every element below this one with one of these tags (none: all), in order."""
        for one in self.inside:
            if isinstance(one, Element):
                if not tags or one.tag in tags:
                    yield one
                yield from one.all(*tags)

    def get(self, name: str) -> str:
        """An attribute; empty when it has none."""
        return self.attributes.get(name, "")

    @property
    def children(self) -> list[Element]:
        """The elements directly in this one."""
        return [one for one in self.inside if isinstance(one, Element)]

    @property
    def text(self) -> str:
        """Everything that can be read in it, with blanks between elements."""
        parts = [one if isinstance(one, str) else one.text for one in self.inside]
        return re.sub(r"\s+", " ", " ".join(parts)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"{tag} has an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"{tag} closes {self.open[-1].tag}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read_page(content: bytes) -> Element:
    """A page as a tree; every element has to be closed where it was opened."""
    reader = _Reader()
    reader.feed(content.decode())
    reader.close()
    assert reader.open == [reader.root]
    return reader.root


def numbers(text: str) -> set[float]:
    """The numbers in a text, without their signs."""
    return {float(found.replace(",", "")) for found in NUMBER.findall(text)}
