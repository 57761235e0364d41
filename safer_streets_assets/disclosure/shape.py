"""The shape of the published tables in the terms of the disclosure core.

A published table becomes one core table for every combination of the dimensions whose categories do
not add up (question, scale, session ...) and every facet (gender, age band ... of the same people).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import pandas as pd

from safer_streets_assets.disclosure.core import CellRef, CountTable, Link, TableSpec
from safer_streets_assets.disclosure.core.grid import TOTAL
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy import Link as PolicyLink
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy import TableSpec as PublishedSpec
from safer_streets_assets.policy.tables import LinkTerm


class TablesDisagreeError(SaferStreetsError):
    """Counts that should be equal by their meaning are not."""


@dataclass(frozen=True)
class Part:
    """A core table of a published table: its spec, and which rows of the published one it holds.

    `renamed` maps the core's dimension names to the published columns where they differ.
    """

    table: str
    spec: TableSpec
    rows: pd.Index
    renamed: Mapping[str, str]

    def cells(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of a published frame as the core takes them."""
        columns = {published: core for core, published in self.renamed.items()}
        part = frame.loc[self.rows].rename(columns=columns)
        return part[[*self.spec.dimensions, *self.spec.measures]].reset_index(drop=True)

    def coords(self, frame: pd.DataFrame) -> dict[Any, tuple[tuple[str, str], ...]]:
        """Row label to the coordinates of that row's cells in the core, Totals left out."""
        names = {d: self.renamed.get(d, d) for d in self.spec.dimensions}
        return {
            row: tuple(
                (dimension, str(frame.at[row, column]))
                for dimension, column in names.items()
                if str(frame.at[row, column]) != TOTAL
            )
            for row in self.rows
        }


def parts_of(policy: Policy, name: str, frame: pd.DataFrame) -> list[Part]:
    """The core tables of a published table, in the order of its rows."""
    spec = policy.tables.tables[name]
    columns = policy.tables.columns(name)
    facets = {c: d.facet_of for c, d in columns.items() if d.facet_of is not None}
    apart = [c for c, d in columns.items() if not d.total and not d.nested] + list(facets)
    if not apart:
        return [_part(policy, name, spec, {}, frame.index)]
    groups = frame.groupby(apart, sort=False, observed=True).groups
    by_key = {_as_tuple(key): index for key, index in groups.items()}
    return [
        _part(policy, name, spec, dict(zip(apart, key, strict=True)), rows)
        for key, rows in _with_everybody(by_key, apart, facets, frame).items()
    ]


def count_tables(policy: Policy, frames: Mapping[str, pd.DataFrame]) -> dict[str, list[Part]]:
    """The parts of every table, by published table.

    A row whose counts could not be made is in no part, and a table without rows has none.
    """
    parts = {}
    for name, frame in frames.items():
        counted = frame.dropna(subset=list(policy.tables.tables[name].counts))
        parts[name] = parts_of(policy, name, counted) if len(counted) else []
    return parts


def core_table(part: Part, frame: pd.DataFrame) -> CountTable:
    """A part with its true counts."""
    return CountTable(part.spec, part.cells(frame))


def core_links(
    policy: Policy, parts: Mapping[str, list[Part]], frames: Mapping[str, pd.DataFrame]
) -> list[Link]:
    """The policy's links between tables that are there, and counts that fall along a dimension."""
    links = [
        Link(terms=tuple(terms), is_count=link.is_count)
        for link in policy.tables.links
        for terms in _link_terms(policy, link, parts, frames)
    ]
    for name in frames:
        spec = policy.tables.tables[name]
        moving = [(count, column, False) for count, column in spec.falling.items()]
        moving += [(count, column, True) for count, column in spec.rising.items()]
        for count, column, rises in moving:
            order = policy.values_of(policy.tables.columns(name)[column].values) or []
            for own in _apart_from(column, parts[name]):
                values = order[::-1] if rises else order
                links += _falling_links(count, column, values, own, frames[name])
    return links


def _part(
    policy: Policy, name: str, spec: PublishedSpec, apart: dict[str, str], rows: pd.Index
) -> Part:
    columns = policy.tables.columns(name)
    fixed = dict(spec.within)
    renamed: dict[str, str] = {}
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
                    fixed[facet] = apart[facet]
                continue
            renamed[apart[facet]] = column
            dimensions.append(apart[facet])
        else:
            dimensions.append(column)
    nested = next((c for c, d in columns.items() if d.nested), None)
    label = ", ".join(apart.values())
    core = TableSpec(
        name=f"{name} ({label})" if label else name,
        dimensions=tuple(dimensions),
        population=spec.margins_of,
        fixed=fixed,
        nested=nested,
        nested_order=tuple(policy.values_of(columns[nested].values) or ()) if nested else (),
        measures=tuple(spec.counts),
        nested_measures=tuple(spec.nested_counts),
    )
    return Part(name, core, rows, renamed)


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


def _as_tuple(key: object) -> tuple[str, ...]:
    return tuple(str(k) for k in key) if isinstance(key, tuple) else (str(key),)


def _link_terms(
    policy: Policy,
    link: PolicyLink,
    parts: Mapping[str, list[Part]],
    frames: Mapping[str, pd.DataFrame],
) -> Iterator[list[tuple[int, CellRef]]]:
    """The core terms of a link, for each value it runs over.

    A row that a table does not have is a group nobody of the table is in: the link then holds
    without it, or is not about that table.
    """
    if not all(parts.get(term.table) for term in link.terms):
        return
    axes = [_values(link, dimension, frames) for dimension in link.each]
    for values in product(*axes):
        each = dict(zip(link.each, values, strict=True))
        if link.where_zero is not None:
            zero = _cell(policy, link.where_zero, {**each, **link.where_zero.where}, parts, frames)
            if zero is None or zero[1] != 0:
                continue
        refs = [
            (term, _cell(policy, term, {**each, **term.where}, parts, frames))
            for term in link.terms
        ]
        terms = [(term.times, ref[0]) for term, ref in refs if ref is not None]
        total = sum(term.times * ref[1] for term, ref in refs if ref is not None)
        holds = total >= 0 if link.is_count else total == 0
        if holds and terms:
            yield terms
        elif not link.where_equal and len(terms) == len(refs):
            raise TablesDisagreeError(
                f"The tables do not agree on this: {link.why}; correct the query of one of them, "
                "or the link in tables.yaml."
            )


def _values(link: PolicyLink, dimension: str, frames: Mapping[str, pd.DataFrame]) -> list[str]:
    found: dict[str, None] = {}
    for term in link.terms:
        frame = frames[term.table]
        if dimension in frame.columns and dimension not in term.where:
            found.update(dict.fromkeys(frame[dimension].astype(str)))
    return list(found)


def _cell(
    policy: Policy,
    term: LinkTerm,
    where: Mapping[str, str],
    parts: Mapping[str, list[Part]],
    frames: Mapping[str, pd.DataFrame],
) -> tuple[CellRef, int] | None:
    """The core cell of a term and its true count; None when the table has no such row."""
    frame = frames[term.table]
    columns = list(policy.tables.columns(term.table))
    wanted = {column: where[column] for column in columns if column in where}
    match = frame
    for column, value in wanted.items():
        match = match[match[column].astype(str) == value]
    if len(match) != 1:
        return None
    row = match.index[0]
    part = next(part for part in parts[term.table] if row in part.rows)
    coords = dict(part.coords(frame)[row])
    return CellRef(part.spec.name, coords, term.count), int(match.iloc[0][term.count])


def _apart_from(column: str, parts: list[Part]) -> list[list[Part]]:
    """The parts of a table in groups that differ in this column alone."""
    groups: dict[frozenset[tuple[str, str]], list[Part]] = {}
    for part in parts:
        others = frozenset((c, v) for c, v in part.spec.fixed.items() if c != column)
        groups.setdefault(others, []).append(part)
    return list(groups.values())


def _falling_links(
    count: str, column: str, order: list[str], parts: list[Part], frame: pd.DataFrame
) -> Iterator[Link]:
    by_value = {part.spec.fixed[column]: part for part in parts}
    for wide, narrow in pairwise(order):
        if wide not in by_value or narrow not in by_value:
            continue
        outer, inner = by_value[wide], by_value[narrow]
        shared = set(inner.coords(frame).values())
        for coords in dict.fromkeys(outer.coords(frame).values()):
            if coords in shared:
                terms = (
                    (1, CellRef(outer.spec.name, dict(coords), count)),
                    (-1, CellRef(inner.spec.name, dict(coords), count)),
                )
                yield Link(terms=terms, is_count=True)
