"""Anybody's table: a tidy frame of true counts and a spec in, what may be printed out, proven.

It knows nothing of Dagster, DuckDB or the policy: what holds for the table is in its spec.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from math import prod

import pandas as pd

from safer_streets_assets.disclosure.core import (
    TOTAL,
    CellRef,
    CountTable,
    Link,
    Protection,
    TableError,
    TableSpec,
    protect,
    round_tables,
    suppress,
    suppress_best,
)
from safer_streets_assets.disclosure.own_listed import listed_facts
from safer_streets_assets.disclosure.own_spec import OwnSpec

PROVEN, SUPPRESSED = "proven", "[c]"
GROUP = " (groups)"
MARKER = "_marker"
LARGEST_TABLE = 1_000_000


@dataclass(frozen=True)
class ProtectedOwnTable:
    """`table`: dimensions, and each count (Int64, missing where hidden) with its `_marker` column,
    `[c]` where it is hidden (rounded counts are not); every combination, margin and group has a
    row. `primary` counts are hidden because they, or a difference, are small, `secondary` ones to
    protect others. `verdict` is `proven`, or why the table is withheld: then `table` is None.
    """

    table: pd.DataFrame | None
    cells: int
    primary: int
    secondary: int
    verdict: str

    @property
    def proven(self) -> bool:
        """Whether the table may be printed."""
        return self.table is not None


def protect_own_table(
    frame: pd.DataFrame, spec: OwnSpec, *, time_limit: float | None = None
) -> ProtectedOwnTable:
    """Protects a table of true counts, and proves what it gives back.

    `frame` has the columns of the spec and no other. A combination of categories without a row
    counts 0. Margins and groups are made; those in the frame must be the sums of their parts.
    `time_limit` (seconds) stands before that of the spec.

    Raises:
        TableError: the frame is not what the spec says, or contradicts itself; no count is named.
    """
    counts = _read(frame, spec)
    variants = _variants(spec, counts)
    links = list(_links(spec, variants))
    tables = [CountTable(_core_spec(spec, coarse), cells) for coarse, cells in variants.items()]
    seconds = spec.seconds if time_limit is None else time_limit
    if spec.rounding_base is None:
        made = protect(
            tables,
            threshold=spec.threshold,
            links=links,
            time_limit=seconds,
            suppressor=suppress_best if spec.thorough else suppress,
        )
    else:
        made = round_tables(
            tables,
            base=spec.rounding_base,
            threshold=spec.threshold,
            links=links,
            facts=list(listed_facts(spec, _name(spec, frozenset()), variants[frozenset()])),
            time_limit=seconds,
        )
    return _result(spec, counts, made)


Variants = dict[frozenset[str], pd.DataFrame]


def _read(frame: pd.DataFrame, spec: OwnSpec) -> pd.DataFrame:
    """Every combination with margins and groups, true counts as Int64, the categories as text."""
    dimensions, counts = list(spec.dimensions), list(spec.counts)
    given = _columns(frame, spec)
    inner = given
    for name in dimensions:
        totals = {TOTAL, spec.dimensions[name].total, *spec.dimensions[name].hierarchy}
        inner = inner[~inner[name].isin(totals)]
    if inner.empty:
        raise TableError("Give the table rows that are no total and no group; it has none.")
    wanted = {name: _categories(spec, name, inner[name]) for name in dimensions}
    rows = {name: [*wanted[name], *_margins(spec, name)] for name in dimensions}
    if prod(len(labels) for labels in rows.values()) > LARGEST_TABLE:
        raise TableError("Give the table fewer or coarser dimensions; it has too many cells.")
    cells = _in_rows(inner[[*dimensions, *counts]], wanted)
    for name in dimensions:
        cells = _with_margins(cells, spec, name, wanted[name])
    cells = _in_rows(cells, rows)
    _compare(given, cells, spec)
    return cells


def _in_rows(cells: pd.DataFrame, labels: Mapping[str, list[str]]) -> pd.DataFrame:
    """One row for every combination of labels, in their order; 0 where there was none."""
    index = pd.MultiIndex.from_product(list(labels.values()), names=list(labels))
    counts = cells.drop(columns=list(labels))
    # An index of one dimension has to be a MultiIndex too, or nothing in it is found.
    counts.index = pd.MultiIndex.from_frame(cells[list(labels)])
    return counts.reindex(index, fill_value=0).reset_index()


def _margins(spec: OwnSpec, name: str) -> list[str]:
    """The groups and the total of a dimension; a nested one has neither."""
    dimension = spec.dimensions[name]
    return [] if dimension.nested else [*dimension.hierarchy, TOTAL]


def _columns(frame: pd.DataFrame, spec: OwnSpec) -> pd.DataFrame:
    dimensions, counts = list(spec.dimensions), list(spec.counts)
    missing = [name for name in (*dimensions, *counts) if name not in frame.columns]
    if missing:
        raise TableError(f"Add the columns {', '.join(missing)} to the table, or correct the spec.")
    if not frame.columns.is_unique or len(frame.columns) > len(dimensions) + len(counts):
        raise TableError(
            "Name every column of the table once, under dimensions or counts of the spec, or take "
            "it out of the table."
        )
    given = frame[[*dimensions, *counts]].reset_index(drop=True)
    for name in dimensions:
        if given[name].isna().any() or (given[name].astype("string").str.strip() == "").any():
            raise TableError(f"Fill the empty categories of {name}.")
        given[name] = given[name].astype("string").str.strip().astype("object")
        # The core knows margins by one name: the file's own name for them becomes that.
        given[name] = given[name].replace(spec.dimensions[name].total, TOTAL)
    for name in counts:
        given[name] = _whole(given[name], name)
    if given.duplicated(dimensions).any():
        raise TableError("Give every combination of categories one row; one is there twice.")
    return given


def _whole(column: pd.Series, name: str) -> pd.Series:
    fault = TableError(f"Make every count in {name} a whole number of zero or more.")
    try:
        numbers = pd.to_numeric(column)
    except (TypeError, ValueError):
        raise fault from None
    numbers = pd.Series(numbers, dtype="Float64")
    if numbers.isna().any() or (numbers < 0).any() or (numbers != numbers.round()).any():
        raise fault
    if (numbers > 2**40).any():
        raise fault
    return numbers.astype("Int64")


def _categories(spec: OwnSpec, name: str, found: pd.Series) -> list[str]:
    """The categories of a dimension: those of its order or groups, else as they first appear."""
    dimension = spec.dimensions[name]
    listed = list(dimension.nested) or [c for group in dimension.hierarchy.values() for c in group]
    there = [str(category) for category in found.unique()]
    if listed and set(there) - set(listed):
        kind = "its nested order" if dimension.nested else "a group"
        raise TableError(f"Put every category of {name} into {kind}; one is in none.")
    return listed or there


def _with_margins(
    cells: pd.DataFrame, spec: OwnSpec, name: str, categories: list[str]
) -> pd.DataFrame:
    """The cells with the groups and the total of one dimension, in that order, after its parts."""
    if spec.dimensions[name].nested:
        return cells
    rest = [d for d in spec.dimensions if d != name]
    parts = [cells]
    for label, members in {**spec.dimensions[name].hierarchy, TOTAL: categories}.items():
        inside = cells[cells[name].isin(members)]
        if rest:
            total = inside.groupby(rest, sort=False, as_index=False)[list(spec.counts)].sum()
        else:
            total = inside[list(spec.counts)].sum().to_frame().T.astype("Int64")
        parts.append(total.assign(**{name: label}))
    return pd.concat(parts, ignore_index=True)[[*spec.dimensions, *spec.counts]]


def _compare(given: pd.DataFrame, cells: pd.DataFrame, spec: OwnSpec) -> None:
    """Refuses a file whose own margins are not the sums of their parts."""
    dimensions = list(spec.dimensions)
    both = given.merge(cells, on=dimensions, how="left", suffixes=("", " made"))
    for name in spec.counts:
        wrong = both[both[name].ne(both[f"{name} made"]).fillna(True)]
        if len(wrong):
            margins = [
                d for d in dimensions if wrong[d].isin([TOTAL, *spec.dimensions[d].hierarchy]).any()
            ]
            raise TableError(
                f"Correct {name}: a total over {' and '.join(margins)} is not the sum of its parts."
            )


def _variants(spec: OwnSpec, cells: pd.DataFrame) -> Variants:
    """The tables of the core: one for each choice of dimensions that are taken in groups."""
    grouped = [name for name, dimension in spec.dimensions.items() if dimension.hierarchy]
    found: Variants = {}
    for size in range(len(grouped) + 1):
        for coarse in combinations(grouped, size):
            part = cells
            for name in grouped:
                groups = part[name].isin(list(spec.dimensions[name].hierarchy))
                keep = groups if name in coarse else ~groups
                part = part[keep | (part[name] == TOTAL)]
            renamed = {name: f"{name}{GROUP}" for name in coarse}
            found[frozenset(coarse)] = part.rename(columns=renamed).reset_index(drop=True)
    return found


def _core_spec(spec: OwnSpec, coarse: frozenset[str]) -> TableSpec:
    nested = next((name for name, d in spec.dimensions.items() if d.nested), None)
    return TableSpec(
        name=_name(spec, coarse),
        dimensions=tuple(_dimension(name, coarse) for name in spec.dimensions),
        population=spec.name,
        nested=nested,
        nested_order=tuple(spec.dimensions[nested].nested) if nested else (),
        measures=tuple(spec.counts),
        nested_measures=tuple(spec.nested_counts),
    )


def _links(spec: OwnSpec, variants: Variants) -> Iterator[Link]:
    """That a group is the sum of its members, in every table that has groups."""
    for coarse, cells in variants.items():
        for name in sorted(coarse):
            finer = coarse - {name}
            others = [d for d in spec.dimensions if d != name]
            kept = cells[cells[_dimension(name, coarse)] != TOTAL]
            columns = [_dimension(d, coarse) for d in others]
            rows = kept[[_dimension(name, coarse), *columns]].to_numpy(dtype=object)
            for (group, *rest), measure in product(rows, spec.counts):
                coords = dict(zip(columns, map(str, rest), strict=True))
                whole = CellRef(
                    _name(spec, coarse), {**coords, _dimension(name, coarse): group}, measure
                )
                members = spec.dimensions[name].hierarchy[str(group)]
                parts = [
                    (-1, CellRef(_name(spec, finer), {**coords, name: member}, measure))
                    for member in members
                ]
                yield Link(((1, whole), *parts))


def _result(spec: OwnSpec, cells: pd.DataFrame, made: Protection) -> ProtectedOwnTable:
    dimensions, counts = list(spec.dimensions), list(spec.counts)
    total = len(cells) * len(counts)
    if made.withheld:
        return ProtectedOwnTable(None, total, 0, 0, next(iter(made.withheld.values())))
    shown, kinds = [], []
    for table in made.tables.values():
        back = {f"{name}{GROUP}": name for name in dimensions}
        shown.append(table.cells.rename(columns=back))
        kinds.append(table.kinds.rename(columns=back))
    # Margins stand in several tables of the core, as one and the same cell.
    printed = cells[dimensions].merge(_once(shown, dimensions), on=dimensions, how="left")
    kind = cells[dimensions].merge(_once(kinds, dimensions), on=dimensions, how="left")[counts]
    result = _own_names(printed[dimensions], {d: spec.dimensions[d].total for d in dimensions})
    for name in counts:
        result[name] = printed[name].astype("Int64")
        marker = pd.Series(pd.NA, index=result.index, dtype="string")
        result[f"{name}{MARKER}"] = marker.mask(result[name].isna(), SUPPRESSED)
    return ProtectedOwnTable(
        table=result,
        cells=total,
        primary=int((kind == "primary").to_numpy().sum()),
        secondary=int((kind == "secondary").to_numpy().sum()),
        verdict=PROVEN,
    )


def _once(parts: list[pd.DataFrame], dimensions: list[str]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True).drop_duplicates(dimensions)


def _own_names(cells: pd.DataFrame, totals: Mapping[str, str]) -> pd.DataFrame:
    """The margins under the names that the spec gives them."""
    return cells.assign(
        **{name: cells[name].replace(TOTAL, total) for name, total in totals.items()}
    )


def _dimension(name: str, coarse: frozenset[str]) -> str:
    return f"{name}{GROUP}" if name in coarse else name


def _name(spec: OwnSpec, coarse: frozenset[str]) -> str:
    return f"{spec.name} by {', '.join(sorted(coarse))}{GROUP}" if coarse else spec.name
