"""The glossary: each term once, in order, in one sentence, and names of the code that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import NamedTuple

GLOSSARY = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
PACKAGE = Path(str(resources.files("safer_streets_assets")))


class Entry(NamedTuple):
    """A line of the glossary."""

    term: str
    meaning: str
    name: str


def entries() -> list[Entry]:
    """The lines of the table, its heading left out."""
    lines = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    return [Entry(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines[2:]]


def sources() -> Iterator[str]:
    """The text of the code, the queries and the policy."""
    for ending in ("py", "sql", "yaml"):
        for path in PACKAGE.rglob(f"*.{ending}"):
            yield path.read_text(encoding="utf-8")


def test_each_term_stands_once_and_in_order() -> None:
    terms = [entry.term.casefold() for entry in entries()]
    assert len(terms) > 60
    assert terms == sorted(set(terms))


def test_each_meaning_is_one_sentence() -> None:
    for entry in entries():
        assert re.fullmatch(r"[^.]+\.", entry.meaning), entry.term


def test_each_name_of_the_code_stands_in_the_code() -> None:
    there = {word for text in sources() for word in re.findall(r"\w+", text)}
    for entry in entries():
        for name in re.findall(r"`([^`]+)`", entry.name):
            assert set(re.findall(r"\w+", name)) <= there, f"{entry.term}: {name}"
