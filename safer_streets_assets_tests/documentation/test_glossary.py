"""The glossary: each term once, in order, in one sentence, and names of the code that exist; and
in the code each name of a class or of a type means one thing, and each package says what is in it.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
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


def types_of(module: Path) -> Iterator[tuple[str, str]]:
    """Each class or type that a module defines, and what it is: a class is itself and no other.

    A type that is given another name is what stands on the right; the option of a command is its
    type, whatever its help says.
    """
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        match node:
            case ast.ClassDef(name=name):
                yield name, f"class of {module.relative_to(PACKAGE)}"
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if re.match(
                r"_?[A-Z]\w*[a-z]", name
            ):
                match value:
                    case ast.Subscript(
                        value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[kind, *_])
                    ):
                        yield name, ast.unparse(kind)
                    case _:
                        yield name, ast.unparse(value).replace("npt.", "")


def test_each_name_of_a_class_or_of_a_type_means_one_thing() -> None:
    meanings: dict[str, set[str]] = defaultdict(set)
    for module in PACKAGE.rglob("*.py"):
        for name, meaning in types_of(module):
            meanings[name].add(meaning)
    assert len(meanings) > 400
    assert not {name: sorted(found) for name, found in meanings.items() if len(found) > 1}


def test_each_package_says_what_belongs_in_it_and_what_does_not() -> None:
    for module in PACKAGE.rglob("__init__.py"):
        said = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
        assert len(re.findall(r"[.:](?=\s|$)", said)) > 1, module.parent.name
        assert re.search(r"(?i)\b(not?|nothing|neither|never|cannot|only)\b", said), (
            module.parent.name
        )
