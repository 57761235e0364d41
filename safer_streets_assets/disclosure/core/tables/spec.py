"""How callers say what a table is, and which cell of it they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from safer_streets_assets.disclosure.core.tables.hierarchies import check_hierarchies
from safer_streets_assets.disclosure.core.tables.problems import TableError


@dataclass(frozen=True)
class TableSpec:
    """The shape of one table.

    `population` says whom the counts are of: tables of one population share their margins, so the
    same margin is the same number. `fixed` restricts the population (dimension -> category).
    `nested` is the dimension whose categories each hold the next one (`nested_order`, widest
    first); it has no Total row. `measures` are the count columns; `nested_measures` are those of
    them that each hold the next one, widest first. `hierarchies` (dimension -> category ->
    parent, who may have one too) say what each category is a part of: rows may be of several
    levels, and tables of one population at different levels are tied. Whoever is in no row of the
    table is not in its population. Raises TableError when the parts contradict.
    """

    name: str
    dimensions: tuple[str, ...]
    population: str
    fixed: Mapping[str, str] = field(default_factory=dict)
    nested: str | None = None
    nested_order: tuple[str, ...] = ()
    measures: tuple[str, ...] = ("n",)
    nested_measures: tuple[str, ...] = ()
    sensitive: str | None = None
    hierarchies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("dimensions", "nested_order", "measures", "nested_measures"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        columns = self.dimensions + self.measures
        if len(set(columns)) != len(columns) or not self.measures:
            raise TableError(
                f"Give table {self.name} distinct dimensions and at least one measure."
            )
        if set(self.fixed) & set(self.dimensions):
            raise TableError(f"Table {self.name} cannot both fix a dimension and tabulate by it.")
        if self.nested is not None and self.nested not in self.dimensions:
            raise TableError(
                f"The nested dimension of table {self.name} is not one of its dimensions."
            )
        if (self.nested is None) != (not self.nested_order):
            raise TableError(f"Give table {self.name} a nested dimension together with its order.")
        if self.sensitive is not None and (
            self.sensitive not in self.dimensions or self.sensitive == self.nested
        ):
            raise TableError(
                f"The sensitive dimension of table {self.name} is not one of its dimensions that "
                "add up."
            )
        if not set(self.nested_measures) <= set(self.measures):
            raise TableError(
                f"The nested measures of table {self.name} must be among its measures."
            )
        kinds = {*self.dimensions, *self.fixed} - {self.nested}
        check_hierarchies(self.name, self.hierarchies, kinds)


@dataclass(frozen=True)
class CellRef:
    """One cell of a table: its category in each dimension (left out: Total) and its measure."""

    table: str
    coords: Mapping[str, str] = field(default_factory=dict)
    measure: str = "n"
