"""Which words may be printed as categories: those of the policy, and no text as it arrived."""

from __future__ import annotations

import re
from dataclasses import dataclass

from safer_streets_assets.policy.hierarchies import TOTAL
from safer_streets_assets.policy.whole import Policy


@dataclass(frozen=True)
class Words:
    """The categories that a dimension may print: listed ones, and those of a shape."""

    listed: frozenset[str]
    shapes: tuple[re.Pattern[str], ...] = ()

    def hold(self, category: str) -> bool:
        """Whether a category may be printed."""
        return category in self.listed or any(shape.fullmatch(category) for shape in self.shapes)

    def __or__(self, other: Words) -> Words:
        """What either may print."""
        return Words(self.listed | other.listed, self.shapes + other.shapes)


def words_of(policy: Policy, dimension: str) -> Words:
    """The words of a dimension under its name in `policy.tables.dimensions`.

    `Total` is always one. Where the categories come from the data, a hierarchy lists those of its
    first level, with the group of all others.
    """
    spec, tables = policy.tables.dimensions[dimension], policy.tables
    words = Words(frozenset([TOTAL, *spec.also]))
    for reference in (spec.values, *spec.words):
        words |= Words(frozenset(policy.values_of(reference) or ()))
    if spec.shape is not None:
        words |= Words(frozenset(), (re.compile(spec.shape),))
    for other in spec.like:
        levels = tables.hierarchies[other].levels if other in tables.hierarchies else []
        groups = [group for level in levels for group in (*level.groups, level.rest) if group]
        words |= words_of(policy, other) | Words(frozenset(groups))
    coarse = spec.coarsened
    if coarse is not None:
        levels = tables.hierarchies[coarse.of].levels
        level = next(one for one in levels if one.name == coarse.level)
        shapes = (level.shape,) if level.shape is not None else ()
        return words | Words(frozenset(filter(None, [level.rest])), shapes)
    hierarchy = tables.hierarchies.get(dimension)
    if hierarchy is not None and spec.values == "data":
        first = hierarchy.levels[0]
        members = [category for own in first.groups.values() for category in own]
        words |= Words(frozenset([*members, *filter(None, [first.rest])]))
    return words
