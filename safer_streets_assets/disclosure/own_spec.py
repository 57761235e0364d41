"""The spec of anybody's table, as YAML: its dimensions, its counts, and the threshold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from safer_streets_assets.disclosure.core import TOTAL, TableError

Label = Annotated[str, Field(min_length=1)]


class _OwnSpecLoader(yaml.SafeLoader):
    """YAML in which the same key twice is a mistake and not a silent overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len({str(key) for key in keys}) != len(keys):
            raise yaml.constructor.ConstructorError(None, None, "a key twice", node.start_mark)
        return super().construct_mapping(node, deep)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OwnDimension(_Model):
    """A dimension: what its margin is called, and its groups or its nested order, if it has any.

    `hierarchy`: group to the categories it is the sum of; every category is in one.
    `nested`: the categories, widest first, each of which holds the next; it has no margin.
    """

    total: Label = TOTAL
    hierarchy: dict[Label, list[Label]] = {}
    nested: list[Label] = []

    @model_validator(mode="after")
    def _hangs_together(self) -> OwnDimension:
        members = [category for group in self.hierarchy.values() for category in group]
        listed = members or self.nested
        if self.hierarchy and self.nested:
            raise ValueError("a dimension has a hierarchy or a nested order, not both")
        if len(set(listed)) != len(listed):
            raise ValueError("a category stands here twice")
        if any(not group for group in self.hierarchy.values()):
            raise ValueError("a group of the hierarchy is empty")
        if set(listed) & {*self.hierarchy, self.total, TOTAL} or self.total in self.hierarchy:
            raise ValueError("a category, a group and the total need names of their own")
        return self


class OwnSpec(_Model):
    """What a table is: `nested_counts` are those of the counts that each hold the next one.

    `seconds` is how long protecting and proving may take; what it does not reach is withheld. By
    the `method` rounding counts are not hidden but printed as multiples of `rounding_base`.
    `thorough` looks longer for a pattern that hides less.
    """

    name: Label = "the table"
    threshold: int = Field(ge=2)
    dimensions: dict[Label, OwnDimension] = Field(min_length=1)
    counts: list[Label] = Field(min_length=1)
    nested_counts: list[Label] = []
    seconds: float = Field(default=120.0, gt=0)
    method: Literal["suppression", "rounding"] = "suppression"
    rounding_base: int | None = Field(default=None, ge=2)
    thorough: bool = False

    @model_validator(mode="before")
    @classmethod
    def _empty_dimensions(cls, raw: Any) -> Any:
        """`borough:` with nothing after it is a dimension without particulars."""
        if isinstance(raw, dict) and isinstance(raw.get("dimensions"), dict):
            named = {k: {} if v is None else v for k, v in raw["dimensions"].items()}
            return {**raw, "dimensions": named}
        return raw

    @model_validator(mode="after")
    def _hangs_together(self) -> OwnSpec:
        columns = [*self.dimensions, *self.counts, *(f"{name}_marker" for name in self.counts)]
        if len(set(columns)) != len(columns):
            raise ValueError("every dimension, count and marker of a count needs a name of its own")
        if sum(bool(dimension.nested) for dimension in self.dimensions.values()) > 1:
            raise ValueError("only one dimension can be nested")
        nested = self.nested_counts
        if not set(nested) <= set(self.counts) or len(set(nested)) != len(nested):
            raise ValueError("nested_counts names each of some counts once")
        if (self.method == "rounding") != (self.rounding_base is not None):
            raise ValueError("give rounding_base with method: rounding, and not otherwise")
        if self.rounding_base is not None and self.rounding_base < self.threshold:
            raise ValueError("rounding_base must be at least the threshold")
        return self


class OwnSpecError(TableError):
    """A mistake in the spec: the message names the file, the place and the remedy."""


def load_own_spec(path: Path) -> OwnSpec:
    """Reads a spec from a YAML file.

    Raises:
        OwnSpecError: one sentence that names the file, the place in it and the remedy.
    """
    try:
        raw = _parsed(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise OwnSpecError(
            f"{path.name}, whole file: it cannot be read; see where it is."
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}" if mark else "whole file"
        raise OwnSpecError(
            f"{path.name}, {place}: this is not YAML in which each key stands once; correct it."
        ) from None
    except (yaml.YAMLError, ValueError):
        raise OwnSpecError(f"{path.name}, whole file: this is not YAML; correct it.") from None
    try:
        return OwnSpec.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "whole file"
        message = first["msg"].removeprefix("Value error, ")
        raise OwnSpecError(f"{path.name}, {place}: {message}; correct it there.") from None


def _parsed(text: str) -> Any:
    return yaml.load(text, Loader=_OwnSpecLoader)  # noqa: S506 - a SafeLoader
