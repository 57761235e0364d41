"""The same tables of many data sets side by side: each count with its value in each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from safer_streets_assets.disclosure.aggregate import with_empty_combinations
from safer_streets_assets.disclosure.core import TOTAL, Cell, CellRef, cell_of
from safer_streets_assets.disclosure.core.system.builder import build_system
from safer_streets_assets.disclosure.core.system.reading import ReleaseGrids
from safer_streets_assets.disclosure.core.system.system import System
from safer_streets_assets.disclosure.core_tables import TablePart, core_table, count_tables
from safer_streets_assets.disclosure.links import core_links
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy import Policy

Frames = Mapping[str, pd.DataFrame]
Numbers = npt.NDArray[np.int64]


class TooFewSamplesError(SaferStreetsError):
    """There is nothing to compare."""


@dataclass(frozen=True)
class ManyCounts:
    """`system` is that of all data sets taken together, with the policy's links; `values` has a
    row for each of its cells and a column for each data set; `labels` are the cells in words, by
    number, where a cell stands in a table."""

    system: System
    values: Numbers
    labels: Mapping[int, str]

    @property
    def never(self) -> Numbers:
        """The cells of tables that nobody is in, in any of the data sets."""
        return np.array([i for i in self.labels if not self.values[i].any()], dtype=np.int64)

    def varied(self, fewest: int) -> list[int]:
        """The cells of tables that take so many values at least."""
        return [i for i in self.labels if len(np.unique(self.values[i])) >= fewest]

    def fineness(self, cell: int) -> int:
        """By how many categories a cell is told."""
        return len(self.system.cells[cell].coords)

    def label(self, cell: int) -> str:
        """A cell in words: its table, its categories in the order of the columns, its count."""
        return self.labels[cell]

    def named(self, terms: Sequence[tuple[int, int]]) -> tuple[tuple[int, CellRef], ...]:
        """A sum of cells (cell, times) in the terms of the core's tables."""
        places = [(times, self.system.places[cell][0]) for cell, times in terms]
        return tuple((t, CellRef(p.table, dict(p.coords), p.measure)) for t, p in places)


def read_many(policy: Policy, samples: Sequence[Frames]) -> ManyCounts:
    """The counts of all tables that have rows in each sample, from aggregates by name.

    A category that a sample does not have has nobody in it. Samples in which a count could not be
    made are left out.

    Raises:
        TooFewSamplesError: in no sample could all counts be made, or no table is in all of them.
        TablesDisagreeError: a link of the policy does not hold.
    """
    tables = policy.tables.tables
    names = [n for n in tables if all(len(sample.get(n, ())) for sample in samples)]
    whole = [
        {name: sample[name] for name in names}
        for sample in samples
        if not any(sample[n][list(tables[n].counts)].isna().any(axis=None) for n in names)
    ]
    if not whole or not names:
        raise TooFewSamplesError(
            "Give aggregates of more people: in none of them could all counts be made."
        )
    aligned = {name: _aligned(policy, name, [s[name] for s in whole]) for name in names}
    frames = {name: frame for name, (frame, _) in aligned.items()}
    parts = count_tables(policy, frames)
    grids = tuple(core_table(p, frames[n]).grid for n, own in parts.items() for p in own)
    system = build_system([ReleaseGrids("all", grids, 1)], core_links(policy, parts, frames))
    number = {cell: i for i, cell in enumerate(system.cells)}
    values = np.zeros((len(system.cells), len(whole)), dtype=np.int64)
    labels: dict[int, str] = {}
    for name, (frame, counted) in aligned.items():
        for cell, row, k, said in _cells(policy, name, parts[name], frame, number):
            values[cell] = counted[:, row, k]
            labels[cell] = min(labels.get(cell, said), said, key=_simple)
    return ManyCounts(system, values, labels)


def _cells(
    policy: Policy,
    name: str,
    parts: Sequence[TablePart],
    frame: pd.DataFrame,
    number: Mapping[Cell, int],
) -> Iterator[tuple[int, int, int, str]]:
    """Each count of a table: its cell, its row and count by position, and what it is in words."""
    keys = frame[list(policy.tables.columns(name))].to_numpy(dtype=str)
    at = {row: position for position, row in enumerate(frame.index)}
    for part in parts:
        for row, coords in part.coords(frame).items():
            for k, count in enumerate(part.spec.measures):
                said = f"{name}[{', '.join(keys[at[row]])}]" + (f".{count}" if count != "n" else "")
                yield number[cell_of(part.spec, count, dict(coords), 0)], at[row], k, said


def _simple(label: str) -> tuple[int, int]:
    return label.count(","), -label.count(TOTAL)


def _aligned(
    policy: Policy, name: str, samples: Sequence[pd.DataFrame]
) -> tuple[pd.DataFrame, Numbers]:
    """The table of all samples added up, and its counts in each (sample, row, count)."""
    spec = policy.tables.tables[name]
    columns, counts = list(policy.tables.columns(name)), list(spec.counts)
    own = [frame[[*columns, *counts]].astype(dict.fromkeys(columns, str)) for frame in samples]
    summed = pd.concat(own).groupby(columns, sort=False, as_index=False)[counts].sum()
    if spec.source is not None:
        summed = with_empty_combinations(summed, policy, name, spec)[[*columns, *counts]]
    keys = summed[columns].astype(str)
    found = [keys.merge(frame, on=columns, how="left")[counts].fillna(0) for frame in own]
    return summed, np.stack([frame.to_numpy(dtype=np.int64) for frame in found])
