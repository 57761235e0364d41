"""The policy's links between published tables, in the terms of the disclosure core."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, product
from typing import Any

import pandas as pd

from safer_streets_assets.disclosure.core import TOTAL, CellRef, Hierarchy, Levels, Link
from safer_streets_assets.disclosure.core_tables import TablePart
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy import Policy, PolicyLink
from safer_streets_assets.policy.links import LinkCell


class TablesDisagreeError(SaferStreetsError):
    """Counts that should be equal by their meaning are not."""


def holds_always(link: PolicyLink) -> bool:
    """Whether a link holds whatever the counts are, so that stating it tells nothing of them."""
    return not link.where_equal and link.where_zero is None


def core_links(
    policy: Policy,
    parts: Mapping[str, list[TablePart]],
    frames: Mapping[str, pd.DataFrame],
    wanted: Callable[[PolicyLink], bool] = lambda link: True,
    *,
    may_differ: bool = False,
) -> list[Link]:
    """The policy's links between tables that are there, as far as they are `wanted`, and counts
    that fall along a dimension.

    With `may_differ` the counts need not agree with them yet.

    Raises:
        TablesDisagreeError: the counts contradict a link.
    """
    trees = _trees(policy, frames)
    cells = {n: _Cells(policy, n, found, frames[n], trees) for n, found in parts.items()}
    links = [
        Link(terms=tuple(terms), is_count=link.is_count)
        for link in policy.tables.links
        if wanted(link)
        for terms in _link_terms(policy, link, cells, may_differ)
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


def link_to_json(link: Link) -> dict[str, Any]:
    """A link of the core as it is written into files and stores."""
    terms = [[times, ref.table, dict(ref.coords), ref.measure] for times, ref in link.terms]
    return {"is_count": link.is_count, "terms": terms}


def link_from_json(entry: Mapping[str, Any]) -> Link:
    """The link that was written so.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    terms = tuple(
        (int(times), CellRef(table, coords, measure))
        for times, table, coords, measure in entry["terms"]
    )
    return Link(terms=terms, is_count=bool(entry["is_count"]))


def _trees(policy: Policy, frames: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, str]]:
    """By what has a hierarchy (see `_kinds`), that of the categories that any of the tables has."""
    trees: dict[str, dict[str, str]] = {}
    for name, frame in frames.items():
        for kind, column, facet, rows in _kinds(policy, name, frame):
            categories = [c for c in rows[column].astype(str).unique() if c != TOTAL]
            parents = policy.tables.parents(name, column, categories, facet)
            if parents:
                trees.setdefault(kind, {}).update(parents)
    return trees


def _kinds(
    policy: Policy, name: str, frame: pd.DataFrame
) -> Iterator[tuple[str, str, str | None, pd.DataFrame]]:
    """What the categories of a table may have a hierarchy by: each column, and each facet of one
    (which facet, and its rows). The same facet is the same whatever its column is called."""
    for column, dimension in policy.tables.columns(name).items():
        if dimension.facet_of is not None:
            for facet in dimension.facets:
                own = frame[frame[column].astype(str) == facet]
                yield f"facet {facet}", dimension.facet_of, facet, own
        else:
            yield column, column, None, frame


class _Cells:
    """The cells of a published table by the categories of its row."""

    def __init__(
        self,
        policy: Policy,
        name: str,
        parts: list[TablePart],
        frame: pd.DataFrame,
        trees: Mapping[str, Hierarchy],
    ) -> None:
        self.columns = list(policy.tables.columns(name))
        self.frame = frame
        self.counts = {count: frame[count].to_dict() for count in policy.tables.tables[name].counts}
        self.places: dict[tuple[str, ...], tuple[Any, str, dict[str, str]]] = {}
        keys = frame[self.columns].astype(str)
        self.facet_of = {
            d.facet_of: c for c, d in policy.tables.columns(name).items() if d.facet_of is not None
        }
        self.levels = {
            (column, facet): Levels(rows[column].astype(str).unique(), trees[kind])
            for kind, column, facet, rows in _kinds(policy, name, frame)
            if kind in trees
        }
        key_of = dict(zip(keys.index, keys.itertuples(index=False, name=None), strict=True))
        for part in parts:
            for row, coords in part.coords(frame).items():
                self.places.setdefault(key_of[row], (row, part.spec.name, dict(coords)))

    def find(self, where: Mapping[str, str], count: str) -> list[tuple[CellRef, int]] | None:
        """The core's cells that add up to a count, and their true counts: one row, or those of a
        finer level; none when the table has no such row. None when it stands at a coarser level.
        """
        axes = []
        for column in self.columns:
            category, facet = where.get(column, ""), where.get(self.facet_of.get(column, ""))
            levels = self.levels.get((column, facet))
            own = levels.cover(category, levels.hierarchy) if levels and category else (category,)
            if own is None:
                return None
            axes.append(own)
        found = []
        for key in product(*axes):
            if key in self.places:
                row, table, coords = self.places[key]
                found.append((CellRef(table, coords, count), int(self.counts[count][row])))
        return found


def _link_terms(
    policy: Policy, link: PolicyLink, cells: Mapping[str, _Cells], may_differ: bool
) -> Iterator[list[tuple[int, CellRef]]]:
    """The core terms of a link, for each value it runs over.

    A row that a table does not have is a group nobody of the table is in: the link then holds
    without it, or is not about that table.
    """
    if not all(term.table in cells and cells[term.table].places for term in link.terms):
        return
    for each in _runs(policy, link, cells):
        if link.where_zero is not None:
            zero = cells[link.where_zero.table].find(
                _where(link.where_zero, each), link.where_zero.count
            )
            if not zero or any(count for _, count in zero):
                continue
        refs = [
            (term, cells[term.table].find(_where(term, each), term.count)) for term in link.terms
        ]
        if any(found is None for _, found in refs):
            continue  # a table stands at a coarser level: the link is about that one
        there = [(term.times, *cell) for term, found in refs for cell in found or []]
        terms = [(times, ref) for times, ref, _ in there]
        total = sum(times * count for times, _, count in there)
        if link.is_count and sum(bool(found) for _, found in refs) == 1:
            continue  # a count alone: that it is people says nothing new
        holds = total >= 0 if link.is_count else total == 0
        holds = holds or (may_differ and not link.where_equal and len(terms) == len(refs))
        if holds and terms:
            yield terms
        elif not link.where_equal and all(found for _, found in refs):
            raise TablesDisagreeError(
                f"The tables do not agree on this: {link.why}; correct the query of one of them, "
                "or the link in tables.yaml."
            )


def _runs(
    policy: Policy, link: PolicyLink, cells: Mapping[str, _Cells]
) -> Iterator[dict[str, str]]:
    """Each combination of values that a link runs over; of two names over the same list each pair
    of its values once."""
    lists = {name: list(policy.labels_of(of)) for name, of in link.over.items()}
    axes = [*(_values(link, dimension, cells) for dimension in link.each), *lists.values()]
    alike = [pair for pair in combinations(link.over, 2) if len({link.over[n] for n in pair}) == 1]
    for values in product(*axes):
        each = dict(zip([*link.each, *link.over], values, strict=True))
        if all(lists[a].index(each[a]) < lists[b].index(each[b]) for a, b in alike):
            yield each


def _values(link: PolicyLink, dimension: str, cells: Mapping[str, _Cells]) -> list[str]:
    found: dict[str, None] = {}
    for term in link.terms:
        frame = cells[term.table].frame
        column = term.columns.get(dimension, dimension)
        if column in frame.columns and column not in term.where:
            found.update(dict.fromkeys(frame[column].astype(str)))
    return list(found)


def _where(term: LinkCell, each: Mapping[str, str]) -> dict[str, str]:
    """The value of each column of a term's table, for one value of what the link runs over."""
    where = {term.columns.get(dimension, dimension): value for dimension, value in each.items()}
    for column, text in term.where.items():
        where[column] = text
        for dimension, value in each.items():
            where[column] = where[column].replace(f"{{{dimension}}}", value)
    return where


def _apart_from(column: str, parts: list[TablePart]) -> list[list[TablePart]]:
    """The parts of a table in groups that differ in this column alone."""
    groups: dict[frozenset[tuple[str, str]], list[TablePart]] = {}
    for part in parts:
        others = frozenset((c, v) for c, v in part.spec.fixed.items() if c != column)
        groups.setdefault(others, []).append(part)
    return list(groups.values())


def _falling_links(
    count: str, column: str, order: list[str], parts: list[TablePart], frame: pd.DataFrame
) -> Iterator[Link]:
    by_value = {part.spec.fixed[column]: part for part in parts}
    for wide, narrow in combinations(order, 2):
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
