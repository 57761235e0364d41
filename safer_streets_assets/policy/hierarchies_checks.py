"""Whether the hierarchies of `tables.yaml` hold every category, and tables are taken up them."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.hierarchies import HierarchySpec, LevelSpec
from safer_streets_assets.policy.tables import PublishedSpec
from safer_streets_assets.policy.tables_rows import FILE
from safer_streets_assets.policy.whole import Policy


def hierarchies_mistakes(policy: Policy) -> Iterator[Mistake]:
    """What is wrong with hierarchies, and with what tables say of them."""
    for name, hierarchy in policy.tables.hierarchies.items():
        yield from _hierarchy(policy, name, hierarchy)
    for name, table in policy.tables.tables.items():
        yield from _coarsened(policy, name, table)


def _hierarchy(policy: Policy, name: str, hierarchy: HierarchySpec) -> Iterator[Mistake]:
    spec = policy.tables.dimensions.get(name)
    if spec is None or not spec.total or spec.nested or spec.facet_of is not None:
        yield _at(
            f"hierarchies.{name}",
            f"it is of {name}, which is not a dimension that adds up to a total; correct it",
        )
        return
    categories, known = policy.values_of(spec.values), _known(policy, name)
    for level in hierarchy.levels:
        place = f"hierarchies.{name}.levels.{level.name}"
        if level.name == name:
            yield _at(place, "a level has the name of its dimension; name it otherwise")
        yield from _level(place, level, name, categories)
        listed = {f"groups.{group}": members for group, members in level.groups.items()}
        for group, members in {**listed, "in_rest": level.in_rest}.items():
            for member in members:
                if known and member not in known:
                    yield _at(
                        f"{place}.{group}",
                        f"a group holds {member}, which is not a category of {name}; use those it "
                        "has",
                    )
        if categories is None and level.groups:
            for category in _expected(policy, name) if level is hierarchy.levels[0] else known:
                if level.group_of(category) == level.rest and category not in level.in_rest:
                    yield _at(place, f"{category} is in no group; put it into one")
        categories = level.values
        known = list(level.values or [])


def _level(
    place: str, level: LevelSpec, name: str, categories: list[str] | None
) -> Iterator[Mistake]:
    """Every category is in a group; where they come from the data there has to be a rest for those
    that nobody thought of."""
    if categories is None and level.rest is None:
        yield _at(
            place,
            "the categories come from the data, so any may come; name a rest for those in no group",
        )
    for category in categories or []:
        if level.group_of(category) is None:
            yield _at(place, f"{category} is in no group; put it into one")
    if categories is not None and (level.rule or level.rest):
        yield _at(
            place,
            f"the categories of {name} are fixed, so there is no rest and no rule; take it out",
        )


def _known(policy: Policy, name: str) -> list[str]:
    """The categories of a dimension, as far as the policy lists them or labels them."""
    spec = policy.tables.dimensions[name]
    listed = policy.values_of(spec.values) or [*spec.also]
    listed = [*listed, *(word for of in spec.words for word in policy.labels_of(of))]
    return [*listed, *(policy.labels_of(spec.labels) if spec.labels else [])]


def _expected(policy: Policy, name: str) -> list[str]:
    """Those of them that have a group: all but the word for what is on no list."""
    others = {one.other for one in policy.word_lists.values()}
    return [category for category in _known(policy, name) if category not in others]


def _coarsened(policy: Policy, name: str, table: PublishedSpec) -> Iterator[Mistake]:
    place, tables = f"tables.{name}", policy.tables
    facets = tables.facet_dimensions(name)
    for dimension in table.coarsen:
        if dimension not in (*table.dimensions, *facets):
            yield _at(
                f"{place}.coarsen",
                f"it coarsens {dimension}, which is neither a dimension of it nor one that its "
                "facets are of; correct it",
            )
            return
        if dimension not in tables.hierarchies:
            yield _at(
                f"{place}.coarsen",
                f"{dimension} is not under hierarchies; add or correct it",
            )
            return
        known = [dimension, *(one.name for one in tables.hierarchies[dimension].levels)]
        if table.level.get(dimension, dimension) not in known:
            yield _at(
                f"{place}.level.{dimension}",
                f"table {name} is to stand at a level that {dimension} does not have; use one of "
                f"{', '.join(known)}",
            )
        by = tables.called(dimension)
        if dimension in table.dimensions and table.title.count(by) != 1:
            yield _at(
                f"{place}.title",
                f"table {name} can be printed by something else than {by}, so its title has to say "
                "that once; correct the title or the dimension's by",
            )


def _at(place: str, what: str) -> Mistake:
    return Mistake(FILE, place, what)
