"""Typed models of `tables.yaml`: the published tables, their dimensions and their links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel, SnakeName
from safer_streets_assets.policy.dimensions import CoarseDimension, DimensionSpec, at_level
from safer_streets_assets.policy.figures import (
    CountSpec,
    ScoredSpec,
    ShareSpec,
    StatisticSpec,
    share_columns,
)
from safer_streets_assets.policy.hierarchies import Coarsening, HierarchySpec, LevelSpec
from safer_streets_assets.policy.importance import Importance
from safer_streets_assets.policy.links import Overlap, PolicyLink
from safer_streets_assets.policy.populations import PopulationSpec
from safer_streets_assets.policy.report import Report


class PublishedSpec(PolicyModel):
    """A published table.

    `population` is the name of one of `populations`; `counted` says who of them, or what one count
    is, where that is not each person of it once; `unit` is what its counts are of, where that is
    not what those of the population are.
    `within` restricts the population; tables with the same `margins_of` share their margins.
    `nested_counts` each hold the next one. `falling` names, for a count, the dimension along which
    each value holds the next one (people expected at a session hold those expected at the next);
    `rising` the same in the other direction.
    With `minimum_base: gate` no statistic stands on fewer than the table's gate needs.
    `coarsen` names the dimensions that are taken up their hierarchy, the first one first, when most
    of the table would be hidden, and dimensions that its facets are of, each when most of its facet
    would be; `mostly_hidden` is what is too much of this table, where it is not what it is of all;
    `level` says once and for all at which level one of them stands (its own name: as it is).
    A computed table that is coarsened has the rows of every level, and in the column `level` the
    name that the dimension has at that level (see `Tables.at_levels`), or ANY_LEVEL.
    `scored` says which of its statistics are means of scores.
    `across` is the column whose categories are columns where people read the table.
    `shares` are computed from the printed counts, when a release is made of the table.
    `stage` is the gate of the stage whose data it counts, where it does not wait for the gate: when
    that stage is given up, it is not made any more.
    """

    title: str
    population: SnakeName
    counted: str = ""
    unit: str | None = Field(default=None, min_length=1)
    margins_of: str
    dimensions: list[str] = Field(min_length=1)
    across: str | None = None
    source: str | None = None
    computed: str | None = None
    within: dict[str, str] = {}
    counts: dict[SnakeName, CountSpec] = Field({"n": CountSpec(title="People")}, min_length=1)
    nested_counts: list[str] = []
    falling: dict[str, str] = {}
    rising: dict[str, str] = {}
    statistics: dict[SnakeName, StatisticSpec] = {}
    shares: dict[SnakeName, ShareSpec] = {}
    scored: list[ScoredSpec] = []
    constants: dict[SnakeName, str] = {}
    gate: str | None = None
    stage: str | None = None
    minimum_base: Literal["gate"] | None = None
    coarsen: list[str] = []
    mostly_hidden: float | None = Field(default=None, ge=0, lt=1)
    level: dict[str, str] = {}
    notes: str = ""

    @model_validator(mode="after")
    def _one_origin_and_known_figures(self) -> PublishedSpec:
        if (self.source is None) == (self.computed is None):
            raise ValueError("a table has either a source or a computed table; name one of them")
        for name, statistic in self.statistics.items():
            for count in statistic.stands_on:
                if count not in self.counts:
                    raise ValueError(
                        f"statistic {name} stands with {count}, which is not a count of the "
                        "table; name one of its counts"
                    )
            if statistic.along is not None and statistic.along not in self.dimensions:
                raise ValueError(
                    f"statistic {name} builds up along {statistic.along}, which is not a dimension "
                    "of the table; name one of its dimensions"
                )
        if self.mostly_hidden is not None and not self.coarsen:
            raise ValueError("mostly_hidden says when to coarsen, but the table does not; name it")
        if self.minimum_base is not None and self.gate is None:
            raise ValueError("minimum_base is that of the gate, but the table has none; name it")
        if self.minimum_base is not None and not self.statistics:
            raise ValueError("minimum_base is of statistics, but the table has none; take it out")
        if set(self.level) - set(self.coarsen):
            raise ValueError("level names a dimension that the table does not coarsen; correct it")
        return self

    @model_validator(mode="after")
    def _counts_hold_each_other(self) -> PublishedSpec:
        if set(self.nested_counts) - set(self.counts):
            raise ValueError("nested_counts names a count the table does not have; correct it")
        if len(self.nested_counts) == 1:
            raise ValueError("nested_counts is of one count, which holds no other; take it out")
        for count in self.falling:
            if self.rising.get(count) == self.falling[count]:
                raise ValueError(f"{count} is falling and rising alike; leave it in one")
        for moving in (self.falling, self.rising):
            if set(moving) - set(self.counts) or set(moving.values()) - set(self.dimensions):
                raise ValueError(
                    "falling or rising names a count or a dimension the table does not have; "
                    "correct it"
                )
        return self

    @model_validator(mode="after")
    def _statistics_have_a_base(self) -> PublishedSpec:
        for name, statistic in self.statistics.items():
            if statistic.expression is not None and statistic.base is None:
                raise ValueError(
                    f"statistic {name} has an expression and no base; give the SQL that counts "
                    "those it stands on"
                )
            if statistic.expression is None and statistic.base not in (None, *self.counts):
                raise ValueError(
                    f"statistic {name} has no expression, and its base is not a count of the "
                    "table; name one of its counts"
                )
        return self

    @model_validator(mode="after")
    def _shares_are_of_counts(self) -> PublishedSpec:
        for name, share in self.shares.items():
            if {share.count, share.of or share.count} - set(self.counts):
                raise ValueError(
                    f"share {name} is of something that is not a count of the table; name its "
                    "counts"
                )
        columns = [column for name in self.shares for column in share_columns(name)]
        if set(columns) & {*self.counts, *self.statistics, *self.constants, *self.dimensions}:
            raise ValueError("a share has the name of another column; give it one of its own")
        return self

    @model_validator(mode="after")
    def _origin_reads_what_is_said(self) -> PublishedSpec:
        """What only a query is made of is not said of a computed table, and the other way round."""
        expressions = [c.expression for c in self.counts.values()]
        expressions += [s.expression for s in self.statistics.values()]
        if self.computed is not None and (self.within or any(expressions)):
            raise ValueError("a computed table has neither within nor expressions; take them out")
        if self.source is not None and self.constants:
            raise ValueError("only a computed table has constants; take them out")
        if self.gate is not None and self.gate == self.stage:
            raise ValueError("stage is for a table that does not wait for the gate; take one out")
        return self

    @model_validator(mode="after")
    def _scored_are_statistics(self) -> PublishedSpec:
        for name in (name for s in self.scored for name in (s.mean, s.sd) if name):
            if name not in self.statistics:
                raise ValueError(
                    "scored names a statistic that the table does not have; correct it"
                )
            if self.statistics[name].kind != "mean":
                raise ValueError(
                    f"scored names {name}, which is of kind {self.statistics[name].kind} and no "
                    "mean or standard deviation of scores; name another"
                )
        return self


class Tables(PolicyModel):
    """The whole of `tables.yaml`."""

    dimensions: dict[SnakeName, DimensionSpec]
    populations: dict[SnakeName, PopulationSpec]
    tables: dict[SnakeName, PublishedSpec]
    links: list[PolicyLink]
    overlaps: list[Overlap]
    hierarchies: dict[SnakeName, HierarchySpec]
    coarsening: Coarsening
    importance: Importance
    report: Report

    def columns(self, table: str) -> dict[str, DimensionSpec]:
        """Column name of each dimension of a table, in order, with its specification."""
        names = self.tables[table].dimensions
        return {self.dimensions[n].column or n: self.dimensions[n] for n in names}

    def population_of(self, table: str) -> PopulationSpec:
        """Whom a table counts."""
        return self.populations[self.tables[table].population]

    def population_words(self, table: str) -> str:
        """What is shown of whom a table counts."""
        said = (self.population_of(table).words, self.tables[table].counted)
        return "; ".join(text for text in said if text)

    def unit_of(self, table: str) -> str:
        """What one of the counts of a table is of: people, rows, responses, forms ..."""
        return self.tables[table].unit or self.population_of(table).unit

    def facet_dimensions(self, table: str) -> dict[str, str]:
        """Dimension to the facet of a table that it is of, as `facets` of its dimensions say."""
        columns = self.columns(table).values()
        return {of: facet for spec in columns for facet, of in spec.facets.items()}

    def dimension_of(self, table: str, column: str, facet: str | None = None) -> str | None:
        """The name of the dimension that a column of a table has the categories of, as it stands;
        of a column of facets, that of one of them (None: of no dimension)."""
        for name in self.tables[table].dimensions:
            found = self.dimensions[name]
            if facet is None and (found.column or name) == column:
                return name
            if facet is not None and found.facet_of == column:
                return found.facets.get(facet)
        return None

    def parents(
        self, table: str, column: str, categories: Iterable[str], facet: str | None = None
    ) -> dict[str, str]:
        """Category to parent, up to the top, of a column of a table, or of one of its facets
        (empty: no hierarchy)."""
        name = self.dimension_of(table, column, facet)
        if name is None:
            return {}
        coarse = self.dimensions[name].coarsened
        hierarchy = self.hierarchies.get(coarse.of if coarse else name)
        if hierarchy is None:
            return {}
        return hierarchy.parents(categories, coarse.level if coarse else None)

    def at_levels(self, levels: Mapping[str, Mapping[str, str]]) -> Tables:
        """The same tables, with dimensions at the levels that they are given by table.

        A dimension keeps its column; one that is given no level, or its own name, stays as it is.
        """
        dimensions, tables = dict(self.dimensions), dict(self.tables)
        for name, own in levels.items():
            changed = {d: level for d, level in own.items() if level != d}
            for dimension, level in changed.items():
                dimensions[at_level(dimension, level)] = self._coarse(dimension, level)
            called, title = [], tables[name].title
            for dimension in tables[name].dimensions:
                facets = self.dimensions[dimension].facets
                if dimension in changed:
                    called.append(at_level(dimension, changed[dimension]))
                    level_by = self._level(dimension, changed[dimension]).by
                    title = title.replace(self.called(dimension), level_by)
                elif set(facets.values()) & set(changed):
                    called.append(f"{dimension} of {name}")
                    dimensions[called[-1]] = self._with_facets(dimension, changed)
                else:
                    called.append(dimension)
            update = {"dimensions": called, "title": title}
            tables[name] = tables[name].model_copy(update=update)
        return self.model_copy(update={"dimensions": dimensions, "tables": tables})

    def _with_facets(self, dimension: str, changed: Mapping[str, str]) -> DimensionSpec:
        """A dimension of facets, of which some stand at other levels."""
        base = self.dimensions[dimension]
        facets = {f: at_level(d, changed.get(d, d)) for f, d in base.facets.items()}
        return base.model_copy(update={"facets": facets, "column": base.column or dimension})

    def called(self, dimension: str) -> str:
        """What a title calls a dimension at its finest level."""
        return self.dimensions[dimension].by or dimension.replace("_", " ")

    def _level(self, dimension: str, level: str) -> LevelSpec:
        return next(one for one in self.hierarchies[dimension].levels if one.name == level)

    def _coarse(self, dimension: str, level: str) -> CoarseDimension:
        base, spec = self.dimensions[dimension], self._level(dimension, level)
        return CoarseDimension(
            title=spec.title,
            values=spec.values or "data",
            column=base.column or dimension,
            by=spec.by,
            of=dimension,
            level=level,
        )
