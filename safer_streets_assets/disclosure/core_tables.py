"""The shape of the published tables in the terms of the disclosure core.

A published table becomes one core table for every combination of the dimensions whose categories do
not add up (question, scale, session ...) and every facet (gender, age band ... of the same people).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from safer_streets_assets.disclosure.core import TOTAL, CountTable, TableSpec
from safer_streets_assets.policy import Policy, PublishedSpec

HELD = "[h]"
"""The marker of a count that is printed as an earlier release did: it is the same today, or has
moved by less than the threshold. Only counts that moved would tell that they did."""
Level = Mapping[str, str]
"""Dimension to the level that it stands at; its own name is the finest."""
RecordedLevels = Mapping[str, Level]
"""Table to the level of each dimension that it may be coarsened along."""


@dataclass(frozen=True)
class TablePart:
    """A core table of a published table: its spec, and which rows of the published one it holds.

    `renamed` maps the core's dimension names to the published columns where they differ.
    """

    table: str
    spec: TableSpec
    rows: pd.Index
    renamed: Mapping[str, str]

    def cells(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of a published frame as the core takes them."""
        wanted = [*self.spec.dimensions, *self.spec.measures]
        part = frame.loc[self.rows, [self.renamed.get(column, column) for column in wanted]]
        return part.set_axis(wanted, axis="columns").reset_index(drop=True)

    def coords(self, frame: pd.DataFrame) -> dict[Any, tuple[tuple[str, str], ...]]:
        """Row label to the coordinates of that row's cells in the core, Totals left out."""
        # Column by column: looking up cell by cell took a sixth of the time of a protection.
        columns = {d: frame.loc[self.rows, self.renamed.get(d, d)] for d in self.spec.dimensions}
        said = [[(d, str(c)) for c in column.tolist()] for d, column in columns.items()]
        return {
            row: tuple(pair[at] for pair in said if pair[at][1] != TOTAL)
            for at, row in enumerate(self.rows)
        }


def as_of_column(count: str) -> str:
    """The column that says which release first printed a count as it stands."""
    return f"{count}_as_of"


def holds_back(policy: Policy) -> bool:
    """Whether a release may print a count as an earlier one did. Then each count says since when it
    is printed so; where none is held back, each is of its own release."""
    thresholds = policy.dpia.thresholds
    return thresholds.hold_back and thresholds.method == "suppression"


def columns_apart(policy: Policy, name: str) -> list[str]:
    """The columns of a table whose values part rows that do not add up to one total.

    They are the dimensions without a Total row, and the facets.
    """
    columns = policy.tables.columns(name)
    facets = [c for c, d in columns.items() if d.facet_of is not None]
    return [c for c, d in columns.items() if not d.total and not d.nested] + facets


def parts_of(policy: Policy, name: str, frame: pd.DataFrame) -> list[TablePart]:
    """The core tables of a published table, in the order of its rows."""
    spec = policy.tables.tables[name]
    columns = policy.tables.columns(name)
    facets = {c: d.facet_of for c, d in columns.items() if d.facet_of is not None}
    apart = columns_apart(policy, name)
    if not apart:
        return [_part(policy, name, spec, {}, frame, frame.index)]
    groups = frame.groupby(apart, sort=False, observed=True).groups
    by_key = {_as_tuple(key): index for key, index in groups.items()}
    return [
        _part(policy, name, spec, dict(zip(apart, key, strict=True)), frame, rows)
        for key, rows in _with_everybody(by_key, apart, facets, frame).items()
    ]


def count_tables(policy: Policy, frames: Mapping[str, pd.DataFrame]) -> dict[str, list[TablePart]]:
    """The parts of every table, by published table.

    A row whose counts could not be made is in no part, and a table without rows has none.
    """
    parts = {}
    for name, frame in frames.items():
        counted = frame.dropna(subset=list(policy.tables.tables[name].counts))
        parts[name] = parts_of(policy, name, counted) if len(counted) else []
    return parts


def core_table(part: TablePart, frame: pd.DataFrame) -> CountTable:
    """A part with its true counts."""
    return CountTable(part.spec, part.cells(frame))


def _part(
    policy: Policy,
    name: str,
    spec: PublishedSpec,
    apart: dict[str, str],
    frame: pd.DataFrame,
    rows: pd.Index,
) -> TablePart:
    columns = policy.tables.columns(name)
    hierarchies: dict[str, dict[str, str]] = {}
    fixed = dict(spec.within)
    renamed: dict[str, str] = {}
    # People of a facet of its own need not be among those whom the other facets divide.
    population = spec.margins_of
    dimensions = []
    for column, dimension in columns.items():
        if dimension.facet_of is not None:
            continue
        if column in apart:
            fixed[column] = apart[column]
            continue
        facet = next((c for c, d in columns.items() if d.facet_of == column), None)
        if facet is not None:
            if len(rows) == 1:  # no division: everybody, or people of a facet of its own
                if apart[facet] != TOTAL:
                    population = f"{spec.margins_of} ({apart[facet]})"
                continue
            renamed[apart[facet]] = column
            dimensions.append(apart[facet])
        else:
            dimensions.append(column)
        of = None if facet is None else apart[facet]
        parents = policy.tables.parents(name, column, _categories(frame.loc[rows, column]), of)
        if parents:
            hierarchies[dimensions[-1]] = parents
    nested = next((c for c, d in columns.items() if d.nested), None)
    label = ", ".join(apart.values())
    core = TableSpec(
        name=f"{name} ({label})" if label else name,
        dimensions=tuple(dimensions),
        population=population,
        fixed=fixed,
        nested=nested,
        nested_order=tuple(policy.values_of(columns[nested].values) or ()) if nested else (),
        measures=tuple(spec.counts),
        nested_measures=tuple(spec.nested_counts),
        sensitive=next((c for c in dimensions if c in columns and columns[c].sensitive), None),
        hierarchies=hierarchies,
    )
    return TablePart(name, core, rows, renamed)


def _with_everybody(
    groups: dict[tuple[str, ...], pd.Index],
    apart: list[str],
    facets: Mapping[str, str],
    frame: pd.DataFrame,
) -> dict[tuple[str, ...], pd.Index]:
    """Adds to each facet that has no Total row of its own the row of everybody (facet Total)."""
    result = {}
    for key, rows in groups.items():
        whole = tuple(TOTAL if c in facets else k for c, k in zip(apart, key, strict=True))
        lacking = [c for c in facets.values() if not frame.loc[rows, c].eq(TOTAL).any()]
        result[key] = rows.append(groups[whole]) if lacking and whole in groups else rows
    return result


def _categories(column: pd.Series) -> list[str]:
    return [str(category) for category in column.unique() if str(category) != TOTAL]


def _as_tuple(key: object) -> tuple[str, ...]:
    return tuple(str(k) for k in key) if isinstance(key, tuple) else (str(key),)
