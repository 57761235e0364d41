"""Typed models of `tables.yaml`: the published tables, their dimensions and their links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field, model_validator

from safer_streets_assets.policy.base import PolicyModel, SnakeName
from safer_streets_assets.policy.dimensions import CoarseDimension, DimensionSpec, at_level
from safer_streets_assets.policy.figures import CountSpec, ScoredSpec, StatisticSpec
from safer_streets_assets.policy.hierarchies import Coarsening, HierarchySpec, LevelSpec
from safer_streets_assets.policy.importance import Importance
from safer_streets_assets.policy.links import Link, Overlap


class TableSpec(PolicyModel):
    """A published table.

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
    `stage` is the gate of the stage whose data it counts, where it does not wait for the gate: when
    that stage is given up, it is not made any more.
    """

    title: str
    population: str
    margins_of: str
    dimensions: list[str] = Field(min_length=1)
    source: str | None = None
    computed: str | None = None
    within: dict[str, str] = {}
    counts: dict[SnakeName, CountSpec] = {"n": CountSpec(title="People")}
    nested_counts: list[str] = []
    falling: dict[str, str] = {}
    rising: dict[str, str] = {}
    statistics: dict[SnakeName, StatisticSpec] = {}
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
    def _one_origin_and_known_counts(self) -> TableSpec:
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
        if self.minimum_base is not None and self.gate is None:
            raise ValueError("minimum_base is that of the gate, but the table has none; name it")
        if set(self.level) - set(self.coarsen):
            raise ValueError("level names a dimension that the table does not coarsen; correct it")
        if set(self.nested_counts) - set(self.counts):
            raise ValueError("nested_counts names a count the table does not have")
        for moving in (self.falling, self.rising):
            if set(moving) - set(self.counts) or set(moving.values()) - set(self.dimensions):
                raise ValueError(
                    "falling or rising names a count or a dimension the table does not have; "
                    "correct it"
                )
        return self

    @model_validator(mode="after")
    def _scored_are_statistics(self) -> TableSpec:
        if {name for s in self.scored for name in (s.mean, s.sd) if name} - set(self.statistics):
            raise ValueError("scored names a statistic that the table does not have; correct it")
        return self


class Tables(PolicyModel):
    """The whole of `tables.yaml`."""

    version: str
    dimensions: dict[SnakeName, DimensionSpec]
    tables: dict[SnakeName, TableSpec]
    links: list[Link]
    overlaps: list[Overlap] = []
    hierarchies: dict[SnakeName, HierarchySpec] = {}
    coarsening: Coarsening = Coarsening(mostly_hidden=0.5)
    importance: Importance = Importance()

    @model_validator(mode="after")
    def _references_hold(self) -> Tables:
        for name, table in self.tables.items():
            for dimension in table.dimensions:
                if dimension not in self.dimensions:
                    raise ValueError(
                        f"table {name} has dimension {dimension}, which is not under dimensions; "
                        "add or correct it"
                    )
        for name, spec in self.dimensions.items():
            if spec.facets and spec.facet_of is None:
                raise ValueError(f"dimension {name} has facets, but says not of what; add facet_of")
            if set(spec.facets.values()) - set(self.dimensions):
                raise ValueError(
                    f"dimension {name} has facets that are of no dimension; add or correct it"
                )
        for link in self.links:
            for term in (*link.terms, *([link.where_zero] if link.where_zero else [])):
                if term.table not in self.tables:
                    raise ValueError(f"a link names table {term.table}, which is not under tables")
                if term.count not in self.tables[term.table].counts:
                    raise ValueError(f"a link names a count that {term.table} does not have")
                told = {term.columns.get(name, name) for name in (*link.each, *link.over)}
                if set(self.columns(term.table)) - told - set(term.where):
                    raise ValueError(
                        f"a link leaves a column of {term.table} open; say its value in where"
                    )
        return self

    @model_validator(mode="after")
    def _headlines_are_rows(self) -> Tables:
        for rows in self.importance.headline:
            if rows.table not in self.tables:
                raise ValueError(
                    f"importance names table {rows.table}, which is not under tables; correct it"
                )
            if {*rows.where, *rows.over} - set(self.columns(rows.table)):
                raise ValueError(
                    f"importance names a column that table {rows.table} does not have; correct it"
                )
        return self

    @model_validator(mode="after")
    def _overlaps_hold(self) -> Tables:
        for overlap in self.overlaps:
            for cell in (*overlap.whole, overlap.part, *(overlap.where_equal or ())):
                spec = self.tables.get(cell.table)
                if spec is None or cell.count not in spec.counts:
                    raise ValueError("overlaps names a table or a count that is not there")
                if set(self.columns(cell.table)) - set(overlap.each) - set(cell.where):
                    raise ValueError(f"an overlap leaves a column of {cell.table} open; fill where")
        return self

    @model_validator(mode="after")
    def _hierarchies_hold(self) -> Tables:
        for name, table in self.tables.items():
            facets = self.facet_dimensions(name)
            for dimension in table.coarsen:
                if dimension not in (*table.dimensions, *facets):
                    raise ValueError(
                        f"table {name} coarsens {dimension}, which is neither a dimension of it "
                        "nor one that its facets are of; correct it"
                    )
                if dimension in facets and table.computed is None:
                    raise ValueError(
                        f"table {name} coarsens {dimension}, which is a facet, but has a source; "
                        "only a computed table can"
                    )
                if dimension not in self.hierarchies:
                    raise ValueError(
                        f"table {name} coarsens {dimension}, which is not under hierarchies; add "
                        "or correct it"
                    )
                known = [dimension, *(one.name for one in self.hierarchies[dimension].levels)]
                if table.level.get(dimension, dimension) not in known:
                    raise ValueError(
                        f"table {name} is to stand at a level that {dimension} does not have; use "
                        f"one of {', '.join(known)}"
                    )
        for dimension in self.hierarchies:
            found = self.dimensions.get(dimension)
            if found is None or not found.total or found.nested or found.facet_of is not None:
                raise ValueError(
                    f"hierarchies names {dimension}, which is not a dimension that adds up to a "
                    "total; correct it"
                )
        return self

    @model_validator(mode="after")
    def _titles_say_what_is_coarsened(self) -> Tables:
        for name, table in self.tables.items():
            for dimension in set(table.coarsen) & set(table.dimensions):
                by = self._called(dimension)
                if table.title.count(by) != 1:
                    raise ValueError(
                        f"table {name} can be printed by something else than {by}, so its title "
                        "has to say that once; correct the title or the dimension's by"
                    )
        return self

    @model_validator(mode="after")
    def _words_are_known(self) -> Tables:
        for name, dimension in self.dimensions.items():
            if set(dimension.like) - set(self.dimensions) or name in dimension.like:
                raise ValueError(
                    f"dimension {name} is like one that is not under dimensions; correct it"
                )
            said = (dimension.words, dimension.also, dimension.like, dimension.shape)
            hierarchy = self.hierarchies.get(name)
            listed = dimension.values != "data" or (hierarchy and hierarchy.levels[0].groups)
            if not listed and not any(said):
                raise ValueError(
                    f"dimension {name} takes its categories from the data and does not say which "
                    "may be printed; give it words, like, shape or also"
                )
        return self

    def columns(self, table: str) -> dict[str, DimensionSpec]:
        """Column name of each dimension of a table, in order, with its specification."""
        names = self.tables[table].dimensions
        return {self.dimensions[n].column or n: self.dimensions[n] for n in names}

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
                    title = title.replace(self._called(dimension), level_by)
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

    def _called(self, dimension: str) -> str:
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
