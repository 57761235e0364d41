"""Groups of people, and classes of change, at every level of `tables.yaml` that a table may be
printed at. What is said of a group of a coarser level is computed of its people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from safer_streets_assets.attitudes.grouping import TOTAL, Grouping
from safer_streets_assets.attitudes.reliable import CLASSES
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.dimensions import ANY_LEVEL, at_level
from safer_streets_assets.policy.hierarchies import HierarchySpec, LevelSpec

CLASS = "class"
LEVEL_COLUMNS = ["scale", CLASS, "n", "level"]
"""The columns of `classes_at_levels`."""


def people_at_levels(people: pd.DataFrame, policy: Policy, coarsen: Sequence[str]) -> pd.DataFrame:
    """The people with a column for each level of each column that is coarsened: the group of that
    level that they are in."""
    added = {
        at_level(column, level.name): _groups(hierarchy, level.name, people[column])
        for column, hierarchy, level in _levels(policy, coarsen)
        if column in people
    }
    return people.assign(**added)


def groupings_of(
    people: pd.DataFrame, policy: Policy, columns: Sequence[str], coarsen: Sequence[str] = ()
) -> list[Grouping]:
    """The groups of some columns: the policy's categories, then those found; each that is coarsened
    at its other levels, too. `people` are those of `people_at_levels`."""
    dimensions = policy.tables.dimensions
    listed = {name: policy.values_of(dimensions[name].values) or [] for name in columns}
    groupings = []
    for column, categories in listed.items():
        name = column.replace("_", " ")
        at = {column: categories}
        at |= {
            at_level(column, level.name): level.values or []
            for _, _, level in _levels(policy, [c for c in coarsen if c == column])
        }
        for own, known in at.items():
            found = sorted(set(people[own].dropna()) - set(known))
            said = own if column in coarsen else ANY_LEVEL
            groupings.append(Grouping(name, own, (*known, *found), level=said))
    return groupings


def classes_at_levels(counts: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Reliable change counts (scale, class, n) at each level that they may be printed at, each with
    a Total row a scale: scale, class, n, level. A count that is missing is missing in any sum."""
    published = policy.tables.tables.get("reliable_change")
    coarsen = published.coarsen if published is not None else []
    own: dict[str, dict[str, tuple[str, ...]]] = {CLASS: {name: (name,) for name in CLASSES}}
    for _, hierarchy, level in _levels(policy, coarsen):
        own[at_level(CLASS, level.name)] = {
            group: tuple(name for name in CLASSES if hierarchy.at(level.name, name) == group)
            for group in level.values or []
        }
    rows: list[dict[str, Any]] = []
    for scale, of_scale in counts.groupby("scale", sort=False):
        by_class = of_scale.set_index("class")["n"]
        for said, groups in own.items():
            for group, classes in {**groups, TOTAL: CLASSES}.items():
                n = by_class.loc[list(classes)].sum(skipna=False)
                rows.append({"scale": scale, "class": group, "n": n, "level": said})
    frame = pd.DataFrame(rows, columns=LEVEL_COLUMNS)
    return frame.astype({"n": "Int64", "level": "string"})


def _levels(
    policy: Policy, coarsen: Sequence[str]
) -> Iterator[tuple[str, HierarchySpec, LevelSpec]]:
    for dimension in coarsen:
        hierarchy = policy.tables.hierarchies[dimension]
        for level in hierarchy.levels:
            yield dimension, hierarchy, level


def _groups(hierarchy: HierarchySpec, level: str, categories: pd.Series) -> pd.Series:
    """The group of a level that each is in; that of the rest where the category is missing."""
    known = categories.astype("string").fillna("")
    return known.map({c: hierarchy.at(level, c) for c in known.unique()}).astype("string")
