"""Whether each table of `tables.yaml` has an origin, dimensions and gates that there are."""

from __future__ import annotations

from collections.abc import Iterator

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.built_on import (
    COMPUTED,
    COMPUTED_BEHIND_A_GATE,
    COMPUTED_TOGETHER,
    GATES,
    counted_without_agreement,
)
from safer_streets_assets.policy.dimensions import DimensionSpec
from safer_streets_assets.policy.tables import PublishedSpec
from safer_streets_assets.policy.tables_rows import FILE
from safer_streets_assets.policy.whole import Policy


def counted_by_mistakes(policy: Policy) -> Iterator[Mistake]:
    """What a table is counted by is there; everything else that is said of tables rests on that."""
    if GATES not in policy.tables.tables:
        yield _at(
            "tables",
            f"there is no {GATES}, which every release prints and every gate is read from; add it, "
            f"with computed: {GATES}",
        )
    for name, table in policy.tables.tables.items():
        for dimension in table.dimensions:
            if dimension not in policy.tables.dimensions:
                yield _at(
                    f"tables.{name}.dimensions",
                    f"table {name} has dimension {dimension}, which is not under dimensions; add "
                    "or correct it",
                )


def tables_mistakes(policy: Policy) -> Iterator[Mistake]:
    """What is wrong with where tables come from, and with what they wait for."""
    for name, table in policy.tables.tables.items():
        yield from _table(policy, name, table)
        yield from _origin(policy, f"tables.{name}", table)
        yield from _waiting(policy, f"tables.{name}", table)
    yield from _parts(policy)
    counted = {name: table.dimensions for name, table in policy.tables.tables.items()}
    if (wrong := counted_without_agreement(policy.dpia.sources, counted)) is not None:
        place, _, what = wrong.partition(": ")
        yield _at(place, what)


def _table(policy: Policy, name: str, table: PublishedSpec) -> Iterator[Mistake]:
    place = f"tables.{name}"
    columns = policy.tables.columns(name)
    if len(columns) < len(table.dimensions):
        yield _at(
            f"{place}.dimensions",
            "two of them have the same column; give one of these dimensions another column",
        )
    if table.across is not None and (table.across not in columns or len(columns) < 2):
        yield _at(
            f"{place}.across",
            f"{table.across} is not one of several columns of categories; name one, or take it out",
        )
    for dimension in table.dimensions:
        within = policy.tables.dimensions[dimension].labels_within
        if within not in (None, *columns):
            yield _at(
                f"dimensions.{dimension}.labels_within",
                f"table {name} has no column {within}, so that nothing is labelled; correct it",
            )
        of = policy.tables.dimensions[dimension].facet_of
        if of is not None and of not in columns:
            yield _at(
                f"dimensions.{dimension}.facet_of", f"table {name} has no column {of}; correct it"
            )
        elif of is not None:
            yield from _facets(policy, dimension, columns[of])


def _facets(policy: Policy, dimension: str, groups: DimensionSpec) -> Iterator[Mistake]:
    """The groups that a facet is divided into may be printed."""
    for facet, of in policy.tables.dimensions[dimension].facets.items():
        if of not in groups.like:
            yield _at(
                f"dimensions.{dimension}.facets.{facet}",
                f"its categories may not be printed beside it; name {of} under like of the "
                "dimension that it is a facet of",
            )


def _origin(policy: Policy, place: str, table: PublishedSpec) -> Iterator[Mistake]:
    if table.source is not None and table.source not in policy.sql:
        yield _at(
            f"{place}.source",
            f"there is no sql/{table.source}.sql; put it beside tables.yaml, or correct the name",
        )
    if table.computed is not None and table.computed not in COMPUTED:
        yield _at(
            f"{place}.computed",
            f"nothing computes {table.computed}; use one of {', '.join(sorted(COMPUTED))}",
        )


PARTS = {"time_to_stage": "monitoring", "reoffending": "reoffending"}
"""Tables that are computed only where `dpia.yaml` has a part of that name, and that it needs."""


def _parts(policy: Policy) -> Iterator[Mistake]:
    """What computes a table is there, and what is computed is published."""
    published = {table.computed for table in policy.tables.tables.values()}
    for computed, part in PARTS.items():
        there = getattr(policy.dpia, part) is not None
        if there and computed not in policy.tables.tables:
            yield Mistake(
                "dpia.yaml",
                part,
                f"tables.yaml has no table {computed}, which it computes; put it there, or take "
                f"{part} out",
            )
        elif computed in published and not there:
            yield _at(
                f"tables.{computed}.computed",
                f"dpia.yaml has no {part}, which computes it; put it there, or take the table out",
            )


def _waiting(policy: Policy, place: str, table: PublishedSpec) -> Iterator[Mistake]:
    """A table waits for a gate that there is, a computed one where the code makes it wait."""
    gates = {gate.name: gate for gate in policy.dpia.gates}
    for key, gate in (("gate", table.gate), ("stage", table.stage)):
        if gate is not None and gate not in gates:
            yield _at(f"{place}.{key}", f"{gate} is not a gate of dpia.yaml; use one of its names")
    behind = table.computed in COMPUTED_BEHIND_A_GATE
    if behind and table.gate is None:
        yield _at(f"{place}.gate", "it has no gate; name the gate that it waits for")
    if table.computed is not None and table.gate is not None and not behind:
        yield _at(f"{place}.gate", f"{table.computed} waits for no gate; take it out")
    others = policy.tables.tables.values()
    first = [other.gate for other in others if other.computed in COMPUTED_TOGETHER]
    if table.computed in COMPUTED_TOGETHER and table.gate != first[0]:
        yield _at(
            f"{place}.gate",
            f"it is computed together with a table that waits for {first[0]}; name the same gate",
        )


def _at(place: str, what: str) -> Mistake:
    return Mistake(FILE, place, what)
