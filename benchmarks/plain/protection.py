"""A table of the plain stack counted and protected by itself; nothing is proven.

No table knows of another, and no earlier release is looked at.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass
from importlib import import_module

import duckdb
import pandas as pd

from benchmarks.plain.tables import TOTAL, WITHOUT_TOTAL, Table

SAFETY_RANGE = 10
"""In per cent: so wide tau-ARGUS leaves what is hidden."""

Protect = Callable[[pd.DataFrame, list[str], int], pd.Series]
"""From the cells of a table, its dimensions and the threshold to which of the cells are hidden."""


@dataclass(frozen=True)
class Thresholds:
    """The least count that is printed, and the least count that a figure stands beside."""

    count: int
    base: int


def counted(connection: duckdb.DuckDBPyConnection, table: Table) -> pd.DataFrame:
    """The cells of a table with all totals; a combination that nobody has is no row."""
    named = ", ".join(f"coalesce({d}::VARCHAR, 'Not recorded') AS {d}" for d in table.dimensions)
    shown = ", ".join(f"if(grouping(g.{d}) = 1, '{TOTAL}', g.{d}) AS {d}" for d in table.dimensions)
    grouped = ", ".join(f"g.{d}" for d in table.dimensions)
    counts = [f"count(*) FILTER ({held})::BIGINT AS {name}" for name, held in table.counts.items()]
    figures = [f"{made} AS {name}" for name, made in table.figures.items()]
    cells = (
        f"SELECT {shown}, {', '.join([*counts, *figures])} "
        f"FROM (SELECT * REPLACE ({named}) FROM ({table.rows})) g GROUP BY CUBE ({grouped})"
    )
    joined = (
        f"LEFT JOIN {table.beside} USING ({', '.join(table.dimensions)})" if table.beside else ""
    )
    return connection.execute(f"SELECT * FROM ({cells}) {joined} ORDER BY ALL").df()


def printed(
    connection: duckdb.DuckDBPyConnection, table: Table, protect: Protect, rules: Thresholds
) -> pd.DataFrame:
    """The table as it is printed."""
    return protected(table, counted(connection, table), protect, rules)


def protected(
    table: Table, cells: pd.DataFrame, protect: Protect, rules: Thresholds
) -> pd.DataFrame:
    """The table as it is printed: hidden counts are missing and marked `[c]`."""
    dimensions = list(table.dimensions)
    printed, enough = cells.copy(), pd.Series(True, index=cells.index)
    for name in table.counts:
        hidden = protect(cells[dimensions].assign(n=cells[name]), dimensions, rules.count)
        printed[name] = cells[name].astype("Int64").mask(hidden)
        printed[f"{name}_marker"] = hidden.map({True: "[c]", False: None})
        enough &= ~hidden & (cells[name] >= rules.base)
    for name in cells.columns.difference([*dimensions, *table.counts]):
        printed[name] = cells[name].where(enough)
    sums = [d for d in dimensions if d in WITHOUT_TOTAL]
    return printed[~(printed[sums] == TOTAL).any(axis=1)]


def by_tau_argus(cells: pd.DataFrame, dimensions: list[str], threshold: int) -> pd.Series:
    """Hides cells below the threshold, and others by tau-ARGUS's optimal suppression."""
    protect = import_module("pytauargus").protect  # In no lock file.

    inner = cells[(cells[dimensions] != TOTAL).all(axis=1)]
    names = [f"dimension_{place}" for place in range(len(dimensions))]
    people = inner.loc[inner.index.repeat(inner["n"]), dimensions].set_axis(names, axis=1)
    if people.empty:
        return pd.Series(False, index=cells.index)
    with tempfile.TemporaryDirectory() as place, chdir(place):  # It leaves logs where it works.
        result = protect(
            people.assign(n=1),
            names,
            "n",
            safety_rules=f"FREQ({threshold},{SAFETY_RANGE})",
            suppress="OPT(1)",
            workdir=place,
        )
    hidden = {
        tuple(cell[name].strip() for name in names)
        for cell in result.tables[0].rows
        if cell["status"] in ("U", "M")
    }
    places = cells[dimensions].itertuples(index=False, name=None)
    return pd.Series([place in hidden for place in places], index=cells.index)


def by_next_smallest(cells: pd.DataFrame, dimensions: list[str], threshold: int) -> pd.Series:
    """Hides cells below the threshold, and the next smallest of a line with one hidden cell."""
    counts = cells["n"]
    hidden = counts.between(1, threshold - 1)
    by_size = cells.assign(is_total=(cells[dimensions] == TOTAL).any(axis=1))
    by_size = by_size[counts > 0].sort_values(["is_total", "n"])
    lines = [
        line.index
        for along in dimensions
        for _, line in by_size.groupby([d for d in dimensions if d != along] or (lambda _: 0))
    ]
    alone = True
    while alone:
        alone = False
        for line in lines:
            if hidden[line].sum() == 1 and len(line) > 1:
                hidden[next(place for place in line if not hidden[place])] = True
                alone = True
    return hidden


SECONDARY: dict[str, Protect] = {
    "tau-argus": by_tau_argus,
    "next-smallest": by_next_smallest,
}
"""What hides cells beside small ones."""
