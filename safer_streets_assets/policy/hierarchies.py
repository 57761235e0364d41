"""Typed hierarchies of `tables.yaml`: the levels above the categories of a dimension."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel, SnakeName

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
QUARTER = re.compile(r"\d{4}-Q[1-4]")
TOTAL = "Total"


class LevelSpec(PolicyModel):
    """A level: its groups of categories of the level below, or the rule that makes them.

    `title` is what stands over the column at this level, `by` what a reader is told ("by area").
    `rest` is the group of whatever is in none; `in_rest` are categories that are meant to be there.
    Spelling counts but for case and spaces.
    """

    name: SnakeName
    title: str
    by: str
    groups: dict[str, list[str]] = {}
    rule: Literal["quarter"] | None = None
    rest: str | None = None
    in_rest: list[str] = []

    @model_validator(mode="after")
    def _hangs_together(self) -> LevelSpec:
        if bool(self.groups) == (self.rule is not None):
            raise ValueError("a level has either groups or a rule; give one of them")
        if self.in_rest and not self.groups:
            raise ValueError("in_rest stands beside no groups; take it out")
        for group, own in self.groups.items():
            if not own:
                raise ValueError(f"group {group} has no category; put one in, or take it out")
        members = [_plain(c) for own in (*self.groups.values(), self.in_rest) for c in own]
        if len(set(members)) != len(members):
            raise ValueError("a category stands in a group twice, or in two groups; keep one")
        names = [*self.groups, *([self.rest] if self.rest else [])]
        if len({*names, TOTAL}) != len(names) + 1:
            raise ValueError(f"every group and the rest need a name of their own, and not {TOTAL}")
        if set(map(_plain, names)) & set(members):
            raise ValueError("a group has the name of a category; name it otherwise")
        return self

    @cached_property
    def _group_of(self) -> dict[str, str]:
        return {_plain(c): group for group, own in self.groups.items() for c in own}

    def group_of(self, category: str) -> str | None:
        """The group that a category of the level below is in: the rest when it is in none, None
        when there is no rest."""
        if self.rule == "quarter":
            month = MONTH.fullmatch(category)
            return f"{month[1]}-Q{(int(month[2]) + 2) // 3}" if month else self.rest
        return self._group_of.get(_plain(category), self.rest)

    @property
    def shape(self) -> re.Pattern[str] | None:
        """What every group looks like that a rule makes; None where groups are listed."""
        return None if self.rule is None else QUARTER

    @property
    def values(self) -> list[str] | None:
        """All groups in order; None where a rule makes them from the data."""
        if self.rule is not None:
            return None
        return [*self.groups, *([self.rest] if self.rest else [])]


class HierarchySpec(PolicyModel):
    """The levels above the categories of a dimension, the finest first."""

    levels: list[LevelSpec] = Field(min_length=1)

    @model_validator(mode="after")
    def _levels_follow(self) -> HierarchySpec:
        names = [level.name for level in self.levels]
        if len(set(names)) != len(names):
            raise ValueError("two levels have the same name; rename one")
        groups = [value for level in self.levels for value in level.values or []]
        if len(set(groups)) != len(groups):
            raise ValueError("two levels have a group of the same name; rename one")
        return self

    def above(self, level: str | None) -> list[LevelSpec]:
        """The levels above one of them, or above the dimension itself (None)."""
        names = [one.name for one in self.levels]
        return self.levels[names.index(level) + 1 if level else 0 :]

    def parents(self, categories: Iterable[str], level: str | None = None) -> dict[str, str]:
        """Category to parent, up to the top, of categories at a level."""
        parents: dict[str, str] = {}
        current = list(dict.fromkeys(categories))
        for above in self.above(level):
            found = {c: group for c in current if (group := above.group_of(c)) is not None}
            parents |= found
            current = list(dict.fromkeys(found.values()))
        return parents

    def at(self, level: str, category: str) -> str | None:
        """The group of a level that a category of the dimension is in."""
        group: str | None = category
        for one in self.levels:
            group = one.group_of(group) if group is not None else None
            if one.name == level:
                break
        return group


class Coarsening(PolicyModel):
    """When a table is too fine: more than this share of its counts above zero would be hidden."""

    mostly_hidden: float = Field(gt=0, lt=1)


def _plain(category: str) -> str:
    return " ".join(category.casefold().split())
