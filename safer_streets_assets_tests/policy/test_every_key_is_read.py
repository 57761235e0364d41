"""Every key of the policy is read by the code, outside of what only checks it while it is parsed.

The quick test asks for the name of each key, the thorough one for reads of that very model, as mypy
knows the types. A value that only a check after parsing reads (the modules `..._checks`) counts: a
wrong one is refused. The invented drops do not count.
"""

from __future__ import annotations

import ast
import functools
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from mypy.build import BuildSource, build
from mypy.nodes import MemberExpr
from mypy.options import Options
from mypy.types import Instance, Type, UnionType, get_proper_type

import safer_streets_assets
from safer_streets_assets import policy
from safer_streets_assets.intake.readers import ReadLimits
from safer_streets_assets.policy.base import PolicyModel
from safer_streets_assets.policy.questionnaire import (
    ItemSpec,
    NormSpec,
    Questionnaire,
    ScaleSpec,
)
from safer_streets_assets.policy.taking_in import ReadingLimits

PACKAGE = Path(safer_streets_assets.__file__).parent
BY_KEY = (Questionnaire, ScaleSpec, ItemSpec, NormSpec)
"""The models that the attitudes read as plain data, by key."""
READS_BY_KEY = "attitudes/instrument.py"


@dataclass(frozen=True)
class Read:
    """An attribute that is read: where, and what it is called."""

    line: int
    column: int
    name: str


@functools.cache
def reads() -> list[Read]:
    """The attributes that the package reads, but for those that validators of the models read."""
    waiting: list[ast.AST] = [
        ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] != "demo"
    ]
    found = []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Attribute):
            found.append(Read(node.lineno, node.col_offset, node.attr))
        if not (isinstance(node, ast.FunctionDef) and _is_validator(node)):
            waiting += ast.iter_child_nodes(node)
    return found


def _is_validator(node: ast.FunctionDef) -> bool:
    called = [one.func for one in node.decorator_list if isinstance(one, ast.Call)]
    return any(isinstance(one, ast.Name) and one.id.endswith("_validator") for one in called)


def keys() -> list[tuple[type[PolicyModel], str]]:
    """Each key that a file of the policy may have, with the model that it is of."""
    for found in pkgutil.iter_modules(policy.__path__):
        importlib.import_module(f"{policy.__name__}.{found.name}")
    waiting, models = [PolicyModel], []
    while waiting:
        models += (own := waiting.pop().__subclasses__())
        waiting += own
    return [(m, name) for m in models for name in m.__annotations__ if name in m.model_fields]


def by_key() -> set[str]:
    """The keys by which the questionnaire is read as plain data."""
    tree = ast.parse((PACKAGE / READS_BY_KEY).read_text(encoding="utf-8"))
    asked = [n.slice for n in ast.walk(tree) if isinstance(n, ast.Subscript)]
    asked += [a for n in ast.walk(tree) if isinstance(n, ast.Call) for a in n.args[:1]]
    return {n.value for n in asked if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_a_key_by_the_name_of_every_key_is_read() -> None:
    names = {read.name for read in reads()}
    unread = [
        f"{model.__name__}.{key}"
        for model, key in keys()
        if key not in names and not (model in BY_KEY and key in by_key())
    ]
    assert unread == []


def typed_reads() -> set[tuple[str, str]]:
    """Model and key of what the package reads of the policy, by the types that mypy gives."""
    options = Options()
    options.python_version = (3, 11)
    options.follow_imports = "skip"
    options.incremental = False
    options.export_types = True
    options.preserve_asts = True
    sources = [
        BuildSource(
            str(path),
            ".".join(
                ("safer_streets_assets", *path.relative_to(PACKAGE).with_suffix("").parts)
            ).removesuffix(".__init__"),
        )
        for path in sorted(PACKAGE.rglob("*.py"))
    ]
    types = build(sources, options).types
    there = {
        Read(expression.line, expression.column, expression.name): names
        for expression in types
        if isinstance(expression, MemberExpr)
        and expression.expr in types
        and (names := set(_models(types[expression.expr], expression.name)))
    }
    return {(model, read.name) for read in reads() for model in there.get(read, ())}


def _models(found: Type, name: str) -> Iterator[str]:
    """The models of the policy of which a type is, that have a key themselves."""
    proper = get_proper_type(found)
    for one in proper.items if isinstance(proper, UnionType) else [proper]:
        if isinstance(one, Instance) and one.type.has_base(f"{PolicyModel.__module__}.PolicyModel"):
            yield from (base.name for base in one.type.mro if name in base.names)


@pytest.mark.thorough
def test_every_key_is_read_of_its_own_model() -> None:
    read = typed_reads()
    assert len(read) > 200
    unread = [
        f"{model.__name__}.{key}"
        for model, key in keys()
        if (model.__name__, key) not in read
        and not (model in BY_KEY and key in by_key())
        and not (model is ReadingLimits and key in ReadLimits.__dataclass_fields__)
    ]
    assert unread == []
