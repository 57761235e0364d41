"""Whether `tables.yaml` hangs together: its names, its lists, its levels and the rows it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from safer_streets_assets.policy.base import Mistake
from safer_streets_assets.policy.built_on import (
    COMPUTED,
    COMPUTED_BEHIND_A_GATE,
    COMPUTED_TOGETHER,
    counted_without_agreement,
)
from safer_streets_assets.policy.dimensions import DimensionSpec
from safer_streets_assets.policy.hierarchies import TOTAL, HierarchySpec, LevelSpec
from safer_streets_assets.policy.tables import PublishedSpec
from safer_streets_assets.policy.whole import Policy, PolicyError
from safer_streets_assets.policy.words import Words, words_of

FILE = "tables.yaml"


def tables_mistakes(policy: Policy) -> Iterator[Mistake]:
    """What is wrong with dimensions, hierarchies, tables and headline figures."""
    for name, table in policy.tables.tables.items():
        yield from _dimensions_of(policy, name, table)
    for name, dimension in policy.tables.dimensions.items():
        yield from _dimension(policy, name, dimension)
    for name, hierarchy in policy.tables.hierarchies.items():
        yield from _hierarchy(policy, name, hierarchy)
    for name, table in policy.tables.tables.items():
        yield from _table(policy, name, table)
    yield from _populations(policy)
    yield from _headlines(policy, Rows(policy))
    counted = {name: table.dimensions for name, table in policy.tables.tables.items()}
    if (wrong := counted_without_agreement(policy.dpia.sources, counted)) is not None:
        place, _, what = wrong.partition(": ")
        yield _at(place, what)


class Rows:
    """Which rows the tables of a policy may have."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._words: dict[str, Words] = {}

    def words(self, dimension: str) -> Words:
        """What a dimension may print."""
        if dimension not in self._words:
            self._words[dimension] = words_of(self.policy, dimension)
        return self._words[dimension]

    def has(self, dimension: str, category: str) -> bool:
        """Whether there may be a row of this category of a dimension, at any level of its
        hierarchy, Total included."""
        if category == TOTAL:
            return self.policy.tables.dimensions[dimension].total
        hierarchy = self.policy.tables.hierarchies.get(dimension)
        coarse = [level.values or [] for level in hierarchy.levels] if hierarchy else []
        return self.words(dimension).hold(category) or any(category in own for own in coarse)


def list_mistake(policy: Policy, reference: str, place: str) -> Iterator[Mistake]:
    """What is wrong where a named list of the policy is asked for."""
    try:
        policy.labels_of(reference)
    except PolicyError as error:
        yield _at(place, str(error).partition(": ")[2].removesuffix("."))


def _dimension(policy: Policy, name: str, spec: DimensionSpec) -> Iterator[Mistake]:
    place, dimensions = f"dimensions.{name}", policy.tables.dimensions
    if spec.labels_within is not None:
        try:
            policy.labels_within(spec.labels_within)
        except PolicyError as error:
            yield _at(f"{place}.labels_within", str(error).partition(": ")[2].removesuffix("."))
    for reference in (spec.values, spec.labels, *spec.words):
        if isinstance(reference, str) and (reference, spec.values) != ("data", "data"):
            yield from list_mistake(policy, reference, place)
    if spec.facets and spec.facet_of is None:
        yield _at(place, f"dimension {name} has facets, but says not of what; add facet_of")
    for facet, of in spec.facets.items():
        if of not in dimensions:
            yield _at(
                f"{place}.facets.{facet}",
                f"it has facets that are of no dimension: {of}; add or correct it",
            )
        if not words_of(policy, name).hold(facet):
            yield _at(f"{place}.facets.{facet}", f"{facet} is no category of {name}; correct it")
    for other in spec.like:
        if other not in dimensions or other == name:
            yield _at(f"{place}.like", f"{other} is not another dimension; add or correct it")
    if spec.other_label is not None and spec.labels is None:
        yield _at(f"{place}.other_label", "it stands beside no labels; add labels, or take it out")
    hierarchy = policy.tables.hierarchies.get(name)
    listed = spec.values != "data" or (hierarchy and hierarchy.levels[0].groups)
    if not listed and not any((spec.words, spec.also, spec.like, spec.shape)):
        yield _at(
            place,
            f"dimension {name} takes its categories from the data and does not say which may be "
            "printed; give it words, like, shape or also",
        )


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


def _dimensions_of(policy: Policy, name: str, table: PublishedSpec) -> Iterator[Mistake]:
    """What it is counted by is there; everything else that is said of tables rests on that."""
    for dimension in table.dimensions:
        if dimension not in policy.tables.dimensions:
            yield _at(
                f"tables.{name}.dimensions",
                f"table {name} has dimension {dimension}, which is not under dimensions; add or "
                "correct it",
            )


def _table(policy: Policy, name: str, table: PublishedSpec) -> Iterator[Mistake]:
    place = f"tables.{name}"
    gates = {gate.name: gate for gate in policy.dpia.gates}
    for key, gate in (("gate", table.gate), ("stage", table.stage)):
        if gate is not None and gate not in gates:
            yield _at(f"{place}.{key}", f"{gate} is not a gate of dpia.yaml; use one of its names")
    columns = policy.tables.columns(name)
    if len(columns) < len(table.dimensions):
        yield _at(
            f"{place}.dimensions",
            "two of them have the same column; give one of these dimensions another column",
        )
    for statistic, details in table.statistics.items():
        if details.beside == name or details.beside not in (None, *policy.tables.tables):
            yield _at(
                f"{place}.statistics.{statistic}.beside",
                f"{details.beside} is not another table under tables; name one",
            )
    for number, scored in enumerate(table.scored):
        if scored.scale not in (None, *columns):
            yield _at(
                f"{place}.scored.{number}.scale",
                f"table {name} has no column {scored.scale}; use one of its columns",
            )
    for dimension in table.dimensions:
        of = policy.tables.dimensions[dimension].facet_of
        if of is not None and of not in columns:
            yield _at(
                f"dimensions.{dimension}.facet_of", f"table {name} has no column {of}; correct it"
            )
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
    yield from _waiting(policy, place, table)
    yield from _within(policy, place, table)
    yield from _coarsened(policy, name, table)
    yield from _shares(policy, place, table)


def _populations(policy: Policy) -> Iterator[Mistake]:
    """Populations are at stages that there are, and every table names one."""
    tables, stages = policy.tables, policy.dpia.cohort.stages
    for name, population in tables.populations.items():
        if population.stage not in (None, *stages):
            yield _at(
                f"populations.{name}.stage",
                f"{population.stage} is not a stage of the cohort; use one of {', '.join(stages)}",
            )
    for number, gate in enumerate(policy.dpia.gates):
        if gate.population not in tables.populations:
            yield Mistake(
                "dpia.yaml",
                f"gates.{number}.population",
                f"{gate.population} is not under populations of tables.yaml; add or correct it",
            )
    for name, table in tables.tables.items():
        if table.population not in tables.populations:
            yield _at(
                f"tables.{name}.population",
                f"{table.population} is not under populations; add or correct it",
            )
            continue
        stage = tables.population_of(name).stage
        if table.within.get("stage", stage) != stage:
            yield _at(
                f"tables.{name}.within.stage",
                f"its population {table.population} is not at that stage; name one that is",
            )
    counted = {gate.name: gate.population for gate in policy.dpia.gates}
    for name, table in tables.tables.items():
        wanted = counted.get(table.gate or "", table.population)
        if table.computed in COMPUTED_TOGETHER and table.population != wanted:
            yield _at(
                f"tables.{name}.population",
                f"it is computed of whom its gate counts; name {wanted}",
            )


def _waiting(policy: Policy, place: str, table: PublishedSpec) -> Iterator[Mistake]:
    """A computed table waits for a gate where the code makes it wait, and not otherwise."""
    behind = table.computed in COMPUTED_BEHIND_A_GATE
    if behind and table.gate is None:
        yield _at(f"{place}.gate", "it has no gate; name the gate that it waits for")
    if table.computed is not None and table.gate is not None and not behind:
        yield _at(f"{place}.gate", f"{table.computed} waits for no gate; take it out")
    others = policy.tables.tables.values()
    gates = [other.gate for other in others if other.computed in COMPUTED_TOGETHER]
    if table.computed in COMPUTED_TOGETHER and table.gate != gates[0]:
        yield _at(
            f"{place}.gate",
            f"it is computed together with a table that waits for {gates[0]}; name the same gate",
        )


def _within(policy: Policy, place: str, table: PublishedSpec) -> Iterator[Mistake]:
    """What a population is restricted to is a category, so that it does not restrict to nobody."""
    for column, value in table.within.items():
        named = [n for n, d in policy.tables.dimensions.items() if (d.column or n) == column]
        held = [n for n in named if value != TOTAL and words_of(policy, n).hold(value)]
        if not held:
            yield _at(
                f"{place}.within.{column}",
                f"{value} is no category of {column}, so that nobody would be counted; correct it",
            )


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


def _shares(policy: Policy, place: str, table: PublishedSpec) -> Iterator[Mistake]:
    """A share along a dimension that the table does not have, or that is not made for it."""
    for name, share in table.shares.items():
        along = share.total or share.before
        at = f"{place}.shares.{name}.{'before' if share.before else 'total'}"
        if along is None:
            continue
        if along not in table.dimensions:
            yield _at(at, f"{along} is not a dimension of the table; name one of its dimensions")
        elif share.total is not None and not policy.tables.dimensions[along].total:
            yield _at(at, f"{along} has no Total row; name another")
        elif share.before is not None and not policy.tables.dimensions[along].nested:
            yield _at(at, f"the categories of {along} do not hold each other; name a nested one")


def _headlines(policy: Policy, possible: Rows) -> Iterator[Mistake]:
    """Headline figures are rows that the tables may have."""
    for number, rows in enumerate(policy.tables.importance.headline):
        place = f"importance.headline.{number}"
        if rows.table not in policy.tables.tables:
            yield _at(
                f"{place}.table", f"table {rows.table} is not under tables; add or correct it"
            )
            continue
        for listed in rows.over.values():
            yield from list_mistake(policy, listed, f"{place}.over")
        over = {c: [*policy.labels_of(listed)] for c, listed in rows.over.items()}
        wanted: Mapping[str, list[str]] = over | {c: [value] for c, value in rows.where.items()}
        for column, values in wanted.items():
            dimension = policy.tables.dimension_of(rows.table, column)
            if dimension is None:
                yield _at(
                    place, f"table {rows.table} has no column {column}; use one of its columns"
                )
                continue
            for value in values:
                if not possible.has(dimension, value):
                    yield _at(
                        place,
                        f"table {rows.table} has no row with {value} in {column}; use one of its "
                        "categories",
                    )


def _at(place: str, what: str) -> Mistake:
    return Mistake(FILE, place, what)
