"""What protecting gives back: the tables as printed, what was hidden and why, and the witnesses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from safer_streets_assets.disclosure.core.attacks.evidence import Evidence, Moved
from safer_streets_assets.disclosure.core.suppression.problem import Pattern, Problem
from safer_streets_assets.disclosure.core.system.batch import Move
from safer_streets_assets.disclosure.core.system.reading import cell_of
from safer_streets_assets.disclosure.core.system.system import Cell, Lasting, System
from safer_streets_assets.disclosure.core.tables.arrays import BoolArray
from safer_streets_assets.disclosure.core.tables.facts import Fact
from safer_streets_assets.disclosure.core.tables.model import (
    CountTable,
    PrintedTable,
    PublishedRelease,
)

PRIMARY, SECONDARY = "primary", "secondary"


@dataclass(frozen=True)
class ProtectedTable:
    """`cells`: the caller's rows with hidden counts missing (Int64). `kinds`: the same rows, with
    "primary" or "secondary" where a count is hidden and "" where it is printed."""

    printed: PrintedTable = field(repr=False)
    kinds: pd.DataFrame = field(repr=False)

    @property
    def cells(self) -> pd.DataFrame:
        """The table as printed."""
        return self.printed.cells


@dataclass(frozen=True)
class Witness:
    """For one count (`cells` are those it is made of): two whole tables that agree with everything
    printed; `moved` tells in which cells, and by how much, the second differs from the truth."""

    cells: tuple[Cell, ...] = field(repr=False)
    moved: Moved = field(repr=False)


@dataclass(frozen=True)
class Rounding:
    """How counts are rounded: to multiples of `base` that are less than `steps` x base away."""

    base: int
    steps: int


@dataclass(frozen=True)
class Protection:
    """Protected tables by name; why tables are withheld; `summary` has one row a table: table,
    cells, primary, secondary, verdict. `counts` (whole counts of all cells of all
    releases), `witnesses`, `more` (what each further whole table changes, against insiders),
    `alone` (the cells that hold one person) and `not_monotone` are for the restricted store: they
    tell true counts. `rounding` says how counts were rounded (None: they are printed or hidden),
    and `facts` what else is told of them. `undecided` is whether headline counts are hidden for
    want of time, without a proof that no safe pattern prints them.
    """

    tables: Mapping[str, ProtectedTable]
    withheld: Mapping[str, str]
    summary: pd.DataFrame
    threshold: int
    witnesses: tuple[Witness, ...] = field(repr=False)
    not_monotone: frozenset[Lasting] = field(repr=False)
    blank: tuple[PrintedTable, ...] = field(repr=False)
    counts: tuple[tuple[Cell, int], ...] = field(default=(), repr=False)
    rounding: Rounding | None = None
    facts: tuple[Fact, ...] = ()
    alone: frozenset[Lasting] = field(default=frozenset(), repr=False)
    more: tuple[Moved, ...] = field(default=(), repr=False)
    undecided: bool = False

    def release(self, name: str) -> PublishedRelease:
        """What is printed, withheld tables as such, for later releases to be protected against."""
        tables = [t.printed for t in self.tables.values()] + list(self.blank)
        return PublishedRelease(
            name,
            tables,
            self.threshold,
            self.not_monotone,
            facts=self.facts,
            alone=self.alone,
        )

    @property
    def evidence(self) -> Evidence:
        """The whole table and the witnesses, to be tried by an attacker."""
        moves = dict.fromkeys([*(witness.moved for witness in self.witnesses), *self.more])
        return Evidence(dict(self.counts), list(moves))

    def with_changes(self, system: System, moves: Sequence[Move]) -> Protection:
        """The same with what further whole tables change, to be tried by an attacker."""
        more = dict.fromkeys([*self.more, *(_moved(system, move) for move in moves)])
        return replace(self, more=tuple(more))

    def with_verdicts(self, verdicts: Mapping[str, str]) -> Protection:
        """The same with what the proof said of each table."""
        said = self.summary["table"].map(lambda t: verdicts.get(t, self.withheld.get(t, "")))
        return replace(self, summary=self.summary.assign(verdict=said))


def print_tables(
    tables: Sequence[CountTable],
    problem: Problem | None,
    pattern: Pattern | None,
    withheld: Mapping[str, str],
    threshold: int,
    not_monotone: frozenset[Lasting] | tuple[()],
) -> Protection:
    """The tables with what the pattern hides taken out. Without a pattern, all are withheld."""
    kinds: dict[Cell, str] = {}
    witnesses: tuple[Witness, ...] = ()
    counts: tuple[tuple[Cell, int], ...] = ()
    more: tuple[Moved, ...] = ()
    if problem is not None and pattern is not None:
        primary = _primary(problem, pattern)
        newest = int(problem.system.released.max(initial=0))
        for i in np.flatnonzero(pattern.hidden):
            cell = problem.system.cells[i]
            if cell.release == newest:
                kinds[cell._replace(release=0)] = PRIMARY if primary[i] else SECONDARY
        witnesses = witnesses_of(problem, pattern)
        more = tuple(_moved(problem.system, move) for move in pattern.more)
        counted = zip(problem.system.cells, problem.counts, strict=True)
        counts = tuple((cell, int(count)) for cell, count in counted)
    protected, blank, rows = {}, [], []
    for table in tables:
        name = table.spec.name
        out = name in withheld
        shown = _print_table(table, kinds, blank=out)
        marks = shown.kinds[list(table.spec.measures)]
        if out:
            blank.append(replace(shown.printed, withheld=True))
        else:
            protected[name] = shown
        rows.append(
            {
                "table": name,
                "cells": marks.size,
                "primary": 0 if out else int((marks == PRIMARY).to_numpy().sum()),
                "secondary": 0 if out else int((marks == SECONDARY).to_numpy().sum()),
                "verdict": withheld.get(name, ""),
            }
        )
    summary = pd.DataFrame(rows, columns=["table", "cells", "primary", "secondary", "verdict"])
    keys = frozenset(not_monotone)
    reasons = dict(sorted(withheld.items()))
    return Protection(
        protected,
        reasons,
        summary,
        threshold,
        witnesses,
        keys,
        tuple(blank),
        counts,
        alone=_alone(tables),
        more=more,
        undecided=pattern is not None and pattern.undecided,
    )


def _alone(tables: Sequence[CountTable]) -> frozenset[Lasting]:
    """The cells that hold one person."""
    found: set[Lasting] = set()
    for table in tables:
        spec, grid = table.spec, table.grid
        for *at, k in np.argwhere(grid.values == 1):
            pairs = zip(spec.dimensions, grid.categories, at, strict=True)
            coords = {d: names[i] for d, names, i in pairs}
            found.add(cell_of(spec, spec.measures[k], coords, 0).lasting)
    return frozenset(found)


def _print_table(table: CountTable, kinds: Mapping[Cell, str], *, blank: bool) -> ProtectedTable:
    spec = table.spec
    frame = table.cells[[*spec.dimensions, *spec.measures]].reset_index(drop=True).copy()
    marks = frame[list(spec.dimensions)].copy()
    records = frame[list(spec.dimensions)].astype(str).to_dict("records")
    names = [{str(d): str(c) for d, c in record.items()} for record in records]
    if not spec.dimensions:
        names = [{} for _ in range(len(frame))]
    for measure in spec.measures:
        mark = [kinds.get(cell_of(spec, measure, coords, 0), "") for coords in names]
        counts = frame[measure].astype("Int64")
        gone = np.array([bool(m) or blank for m in mark], dtype=bool)
        frame[measure] = counts.mask(gone)
        marks[measure] = pd.array(mark, dtype="object")
    return ProtectedTable(PrintedTable(spec, frame), marks)


def _primary(problem: Problem, pattern: Pattern) -> BoolArray:
    """Cells hidden by rule: small ones, and one of each pair with a small difference."""
    system, counts = problem.system, problem.counts
    new = system.released == system.released.max(initial=0)
    primary = new & pattern.hidden & (counts > 0) & (counts < system.threshold)
    primary |= new & pattern.hidden & system.exposed & system.in_whole_row
    implied = system.implied @ counts
    for row in np.flatnonzero((implied != 0) & (abs(implied) < system.implied_threshold)):
        hidden = [i for i in system.parts_of(int(row)) if new[i] and pattern.hidden[i]]
        if hidden and not any(primary[i] for i in hidden):
            primary[min(hidden, key=lambda i: (problem.cost[i], i))] = True
    return np.asarray(primary, dtype=bool)


def witnesses_of(problem: Problem, pattern: Pattern) -> tuple[Witness, ...]:
    """The witnesses of a pattern, by the cells that they tell of."""
    system, n = problem.system, len(problem.counts)
    found = []
    moves = {id(move): move for move in pattern.witnesses.values()}
    moved = {key: _moved(system, move) for key, move in moves.items()}
    for count, move in sorted(pattern.witnesses.items(), key=lambda known: known[0]):
        if count < n and not system.placed[count]:
            continue
        if count < n:
            cells: tuple[Cell, ...] = (system.cells[count],)
        else:
            cells = tuple(system.cells[i] for i in system.parts_of(count - n))
        found.append(Witness(cells, moved[id(move)]))
    return tuple(found)


def _moved(system: System, move: Move) -> Moved:
    pairs = zip(move.cells, move.amounts, strict=True)
    return tuple((system.cells[i], int(k)) for i, k in pairs)
