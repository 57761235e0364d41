"""Hierarchies of categories: who is above whom, what adds up in a table, and what a table says of a
category that is not its own. A hierarchy maps a category to its parent; parents may have parents.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from safer_streets_assets.disclosure.core.tables.names import TOTAL
from safer_streets_assets.disclosure.core.tables.problems import TableError

Hierarchy = Mapping[str, str]


def check_hierarchies(
    name: str, hierarchies: Mapping[str, Hierarchy], dimensions: Collection[str]
) -> None:
    """Raises TableError when a hierarchy of a table is of no dimension, has a circle, or holds the
    Total; it names the table and the dimension."""
    for dimension, hierarchy in hierarchies.items():
        if dimension not in dimensions:
            raise TableError(f"Table {name} has a hierarchy of {dimension}, but no such dimension.")
        if TOTAL in {*hierarchy, *hierarchy.values()}:
            raise TableError(
                f"Take {TOTAL} out of the hierarchy of {dimension} in table {name}: it is above all"
                " categories anyway."
            )
        for category in hierarchy:
            if category in ancestors(hierarchy, category):
                raise TableError(
                    f"Correct the hierarchy of {dimension} in table {name}: a category is above"
                    " itself."
                )


def ancestors(hierarchy: Hierarchy, category: str) -> list[str]:
    """All that is above a category, nearest first; a circle is walked once."""
    found: list[str] = []
    above = hierarchy.get(category)
    while above is not None and above not in found:
        found.append(above)
        above = hierarchy.get(above)
    return found


def contradict(one: Hierarchy, other: Hierarchy) -> bool:
    """Whether a group of the same name holds a category in one hierarchy and not in the other, of
    the categories and groups that both know."""
    groups = set(one.values()) & set(other.values())
    return any(
        groups.intersection(ancestors(one, category))
        != groups.intersection(ancestors(other, category))
        for category in set(one) & set(other)
    )


class Levels:
    """The categories of one dimension of a table (without Total), and the hierarchy above them.

    Categories without a category of the table above them add up to the Total, and those next below
    a category of the table add up to it. So who is in no row of a table is nobody in it.
    """

    def __init__(self, categories: Iterable[str], hierarchy: Hierarchy) -> None:
        self.categories = tuple(c for c in categories if c != TOTAL)
        self.hierarchy = hierarchy
        here = set(self.categories)
        self.parent = {
            c: next((a for a in ancestors(hierarchy, c) if a in here), None)
            for c in self.categories
        }

    def parts(self, category: str) -> tuple[str, ...]:
        """The categories of the table that add up to this one of it, or to the Total; none when
        it is a category of its own."""
        wanted = None if category == TOTAL else category
        return tuple(c for c in self.categories if self.parent[c] == wanted)

    def cover(self, category: str, hierarchy: Hierarchy) -> tuple[str, ...] | None:
        """The categories of the table that add up to any category, also one of another level.

        `hierarchy` is the one that knows it. Empty: the table says that nobody is in it. None: the
        table does not tell, since it has only a wider category.
        """
        if category == TOTAL or category in self.parent:
            return (category,)
        below = [c for c in self.categories if category in ancestors(hierarchy, c)]
        inner = {c for c in below if any(a in below for a in ancestors(hierarchy, c))}
        if below:
            return tuple(c for c in below if c not in inner)
        above = next((a for a in ancestors(hierarchy, category) if a in self.parent), None)
        return None if above is not None and not self.parts(above) else ()


def sums_of(levels: Levels) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each sum in a dimension of a table: the whole (Total first), and its parts. The Total of a
    table without categories has no parts; a category without any is no sum."""
    yield TOTAL, levels.parts(TOTAL)
    for category in levels.categories:
        parts = levels.parts(category)
        if parts:
            yield category, parts
