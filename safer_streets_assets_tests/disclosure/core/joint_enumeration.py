"""All populations that could be behind printed tables, each as its finest table: no solver, no
library code. Tables tied in a cycle hold jointly only where some population has them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from safer_streets_assets.disclosure.core import PrintedTable, PublishedRelease, TableSpec

STAGES = ("s0", "s1")
Name = frozenset[tuple[str, str]]


@cache
def populations(people: int, cells: int) -> np.ndarray:
    """Every way to put so many people in so many cells, one a row."""
    if cells == 1:
        return np.array([[people]], dtype=np.int16)
    blocks = []
    for first in range(people + 1):
        rest = populations(people - first, cells - 1)
        blocks.append(np.hstack([np.full((len(rest), 1), first, np.int16), rest]))
    return np.vstack(blocks)


@dataclass(frozen=True)
class Design:
    """Dimensions with so many categories each, and the tables of them that are printed. `s` is a
    nested stage, the last dimension, with one more place for those who reached none; a table
    `ab@s1` is of those who reached s1, and `Ab` has the categories of `a` two by two."""

    sizes: Mapping[str, int]
    tables: tuple[str, ...]
    dims: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dims", tuple(self.sizes))

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(n + (d == "s") for d, n in self.sizes.items())

    def cells(self, table: str, joint: np.ndarray) -> Iterator[tuple[dict[str, str], np.ndarray]]:
        """Each cell of a table: its categories, and its count in each population of `joint`."""
        table, _, part = table.partition("@")
        if part:
            joint = joint.take(range(STAGES.index(part), self.sizes["s"]), axis=joint.ndim - 1)
        drop = tuple(i + 1 for i, d in enumerate(self.dims) if d not in table.lower())
        counts = joint.sum(axis=drop)
        kept = [d for d in self.dims if d in table.lower()]
        for axis, d in enumerate(kept, start=1):
            if d.upper() in table:
                counts = np.add.reduceat(counts, range(0, self.sizes[d], 2), axis=axis)
            if d == "s":
                reached = counts.take(range(self.sizes[d]), axis=axis)
                counts = np.flip(np.flip(reached, axis).cumsum(axis=axis), axis)
            else:
                counts = np.concatenate([counts, counts.sum(axis=axis, keepdims=True)], axis=axis)
        for at in np.ndindex(counts.shape[1:]):
            said = zip(kept, at, counts.shape[1:], strict=True)
            names = {d: self.category(d, i, n, d.upper() in table) for d, i, n in said}
            yield names, counts[:, *at]

    def category(self, d: str, i: int, rows: int, coarse: bool) -> str:
        if d == "s":
            return STAGES[i]
        return "Total" if i == rows - 1 else f"{d.upper() if coarse else d}{i}"

    def spec(self, table: str) -> TableSpec:
        dims, _, part = table.partition("@")
        kept = tuple(d for d in self.dims if d in dims.lower())
        above = {
            d: {f"{d}{i}": f"{d.upper()}{i // 2}" for i in range(self.sizes[d])}
            for d in kept
            if d in dims and any(d.upper() in other for other in self.tables)
        }
        if part:
            return TableSpec(table, kept, "people", fixed={"s": part}, hierarchies=above)
        if "s" in dims:
            order = STAGES[: self.sizes["s"]]
            return TableSpec(
                table, kept, "people", nested="s", nested_order=order, hierarchies=above
            )
        return TableSpec(table, kept, "people", hierarchies=above)


def name_of(table: str, coords: Mapping[str, str]) -> Name:
    part = table.partition("@")[2]
    said = frozenset((d, c) for d, c in coords.items() if c != "Total")
    return said | {("s", part)} if part else said


@dataclass(frozen=True)
class Printed:
    """A release, and the counts of its cells in every population that could be behind it."""

    release: PublishedRelease
    hidden: dict[Name, bool]
    counts: dict[Name, np.ndarray]


def printed(
    design: Design, truth: np.ndarray, rng: np.random.Generator, label: str, share: float
) -> Printed:
    """The tables of a true population with some cells hidden, the same in every table."""
    people = int(truth.sum())
    joint = populations(people, truth.size).reshape(-1, *design.shape)
    agrees = np.ones(len(joint), dtype=bool)
    hidden: dict[Name, bool] = {}
    tables, counts = [], {}
    for table in design.tables:
        true = [(c, int(n[0])) for c, n in design.cells(table, truth[None])]
        rows = []
        for (coords, value), (_, n) in zip(true, design.cells(table, joint), strict=True):
            name = name_of(table, coords)
            often = share if "Total" not in coords.values() else share / 3
            gone = len(name) > ("@" in table) and value > 0 and bool(rng.random() < often)
            gone = hidden.setdefault(name, gone)
            agrees &= n >= 1 if gone else n == value
            counts[name] = n
            rows.append({**coords, "n": pd.NA if gone else value})
        frame = pd.DataFrame(rows).astype({"n": "Int64"})
        tables.append(PrintedTable(design.spec(table), frame))
    counts = {name: n[agrees].astype(int) for name, n in counts.items()}
    return Printed(PublishedRelease(label, tables), hidden, counts)


def later_pairs(old: Printed, new: Printed) -> tuple[np.ndarray, np.ndarray]:
    """Which populations of two releases go together: no count fell, unless in print."""
    first = len(next(iter(old.counts.values())))
    second = len(next(iter(new.counts.values())))
    fits = np.ones((first, second), dtype=bool)
    for name, n in old.counts.items():
        after = new.counts[name]
        seen = not old.hidden[name] and not new.hidden[name]
        if not (seen and n[0] > after[0]):
            fits &= n[:, None] <= after[None, :]
    return np.nonzero(fits)


def many(values: Sequence[int] | np.ndarray) -> tuple[int, int]:
    return int(np.min(values)), int(np.max(values))
