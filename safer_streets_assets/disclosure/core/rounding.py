"""Controlled rounding of linked tables, given back only with a proof.

Every count is replaced by a multiple of the base near it; sums, links and nested order hold among
the multiples. The attacker is told the base and how far a figure can be from its count, and must
not be able to tell of any count, difference or change that it is 1..threshold-1.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from safer_streets_assets.disclosure.core.attempts import NEW, Run, until_proven
from safer_streets_assets.disclosure.core.multiples import Multiples
from safer_streets_assets.disclosure.core.proof import PROVEN
from safer_streets_assets.disclosure.core.protection_result import (
    ProtectedTable,
    Protection,
    Rounding,
    print_tables,
    witnesses_of,
)
from safer_streets_assets.disclosure.core.ranges import reach, rounded
from safer_streets_assets.disclosure.core.suppression.problem import (
    Pattern,
    Problem,
    target_for_hidden,
    targets_for_implied,
)
from safer_streets_assets.disclosure.core.suppression.suppressor import suppress
from safer_streets_assets.disclosure.core.suppression.weights import costs, log_weight
from safer_streets_assets.disclosure.core.system.builder import build_system
from safer_streets_assets.disclosure.core.system.reading import ReleaseGrids, cell_of
from safer_streets_assets.disclosure.core.system.system import Cell, Lasting, System
from safer_streets_assets.disclosure.core.tables.arrays import IntArray
from safer_streets_assets.disclosure.core.tables.facts import Fact
from safer_streets_assets.disclosure.core.tables.model import (
    CountTable,
    Link,
    PrintedTable,
    PublishedRelease,
)
from safer_streets_assets.disclosure.core.tables.problems import TableError
from safer_streets_assets.disclosure.core.tables.spec import CellRef

STEPS = (1, 2, 3)
ROUNDS = 8
KEEP = 10.0
NO_ROUNDING = "no rounding was found that adds up and is safe"
TOO_FINE = "so many of its categories hold few people that no figures for them add up"
Figures = Mapping[Cell, int]


def round_tables(
    tables: Sequence[CountTable],
    *,
    base: int,
    threshold: int,
    links: Sequence[Link] = (),
    untold: Sequence[Link] = (),
    facts: Sequence[Fact] = (),
    previous: Sequence[PublishedRelease] = (),
    time_limit: float = 60.0,
    withheld: Mapping[str, str] = MappingProxyType({}),
) -> Protection:
    """Rounds all counts to multiples of `base`, over all tables jointly and with all earlier
    releases (oldest first), and proves it like `protect`; its `tables` print no marker, its
    `rounding` says how far figures can be from counts.

    Multiples stay as they are and other counts go to a neighbouring multiple, unless sums or safety
    need more (at most three bases). A figure of the last release is kept while the count is within
    reach of it. `untold` are links that hold by the truth of this release alone: figures keep to
    them too, but nobody is told. `facts` are what is told of counts besides. What cannot be proven
    is withheld, and so are the tables `withheld`. Nobody is modelled as alone in a cell.
    `time_limit` (seconds) is for everything.

    Raises:
        TableError: the tables or links contradict each other, or the base is below 2.
    """
    reach(base, "controlled")
    if threshold < 1:
        raise TableError("Give a threshold of at least one.")
    run = _Rounding(tables, threshold, links, previous, time_limit, log_weight, suppress, False)
    run.base, run.untold, run.facts = base, tuple(untold), tuple(facts)
    return until_proven(run, withheld)


class _Rounding(Run):
    base: int
    untold: tuple[Link, ...]
    facts: tuple[Fact, ...]
    broken: list[list[int]]

    def attempt(self, withheld: dict[str, str]) -> tuple[Protection, dict[str, str]]:
        """A rounding without the withheld tables, and the tables that it does not prove."""
        _, counts, fallen = self.settled(withheld)
        # Counts behind tables tied in a cycle stand nowhere, so they get no figure.
        truth = build_system(self._truth(), [*self.links, *self.untold], joint=False)
        out = frozenset(withheld)
        best: tuple[Protection, dict[str, str]] | None = None
        for steps in STEPS:
            for figures in self._choices(truth, steps, out):
                made = self._printed(truth, figures, withheld, fallen[self.newest])
                system = self.everything(made, fallen).system
                problem = self._problem_of(system, counts)
                pattern = suppress(problem, self.deadline)
                self.broken = list(self._broken(truth, system, pattern))
                if self.broken and best is not None:
                    continue
                made = replace(
                    made,
                    witnesses=witnesses_of(problem, pattern),
                    counts=tuple(
                        (system.cells[i], int(counts[i])) for i in np.flatnonzero(system.placed)
                    ),
                    alone=frozenset(),
                )
                unproven = self.unproven(made, problem, pattern, self.everything(made, fallen))
                made = made.with_verdicts({n: unproven.get(n, PROVEN) for n in made.tables})
                if not unproven:
                    return made, {}
                best = best or (made, unproven)
            if time.monotonic() > self.deadline:
                break
        if best is None:
            reasons = self._too_fine(truth, out)
            none = print_tables(
                self.tables, None, None, {**reasons, **withheld}, self.threshold, ()
            )
            return none, reasons
        return best

    def _truth(self) -> list[ReleaseGrids]:
        return [ReleaseGrids(NEW, tuple(t.grid for t in self.tables), self.threshold)]

    def _multiples(
        self, truth: System, steps: int, out: Collection[str], *, strict: bool = True
    ) -> Multiples:
        counts = truth.value.astype(np.int64)
        old = self._old_figures()
        kept = np.array([old.get(cell.lasting, -1) for cell in truth.cells])
        keep = (kept >= 0) & (abs(kept - counts) < self.base)
        told = self._told(out)
        return Multiples(
            truth,
            self.base,
            steps,
            np.where(keep, kept, counts),
            np.where(keep, KEEP, 1.0),
            np.array([cell in told for cell in truth.cells], dtype=bool),
            strict=strict,
        )

    def _too_fine(self, truth: System, out: Collection[str]) -> dict[str, str]:
        """The tables without which there are figures for the others, and why: their categories are
        listed because somebody is in them, and cannot all be rounded up. Where it is not that, all
        tables."""
        for steps in STEPS:
            choice = self._multiples(truth, steps, out, strict=False)
            figures = choice.solve(self.deadline - time.monotonic())
            if figures is not None:
                told = self._told(out)
                zero = {truth.cells[i] for i in np.flatnonzero(figures == 0)}
                reasons = {name: TOO_FINE for cell in zero for name in told.get(cell, ())}
                if reasons:
                    return reasons
        return {t.spec.name: NO_ROUNDING for t in self.tables if t.spec.name not in out}

    def _choices(self, truth: System, steps: int, out: Collection[str]) -> Iterator[IntArray]:
        """Figures to be tried, each after those before were found to be `broken`: then the broken
        counts have to go elsewhere, or what they are summed with."""
        choice = self._multiples(truth, steps, out)
        figures = choice.solve(self.deadline - time.monotonic())
        for _ in range(ROUNDS):
            if figures is None:
                return
            yield figures
            if not self.broken:
                return
            before, last = len(choice.cuts), figures
            for wider in (False, True):
                del choice.cuts[before:]
                for cells in self.broken:
                    choice.cut(choice.around(cells) if wider else cells, last)
                figures = choice.solve(self.deadline - time.monotonic())
                if figures is not None:
                    break

    def _old_figures(self) -> dict[Lasting, int]:
        """The rounded figures of the last release."""
        found: dict[Lasting, int] = {}
        for table in self.previous[-1].tables if self.previous else ():
            if table.ranges is None or table.withheld:
                continue
            for row in table.cells.to_dict("records"):
                coords = {d: str(row[d]) for d in table.spec.dimensions}
                for measure in table.spec.measures:
                    if not pd.isna(row[measure]):
                        cell = cell_of(table.spec, measure, coords, 0)
                        found[cell.lasting] = int(row[measure])
        return found

    def _told(self, out: Collection[str]) -> dict[Cell, set[str]]:
        """The cells of which a fact says by itself that they are not 0, each with the tables that
        say so, but those that are `out`: these print no figure that could contradict it."""
        specs = {t.spec.name: t.spec for t in self.tables}
        told: dict[Cell, set[str]] = {}
        for fact in self.facts:
            ref = fact.terms[0][1]
            if len(fact.terms) > 1 or (fact.low or 0) <= 0 or not isinstance(ref, CellRef):
                continue
            if ref.table not in out:
                cell = cell_of(specs[ref.table], ref.measure, dict(ref.coords), 0)
                told.setdefault(cell, set()).add(ref.table)
        return told

    def _printed(
        self,
        truth: System,
        figures: IntArray,
        withheld: Mapping[str, str],
        fallen: frozenset[Lasting],
    ) -> Protection:
        """The tables with their figures; what is told is how far the farthest one is, at most."""
        by_cell = dict(zip(truth.cells, map(int, figures), strict=True))
        shown = np.array([any(p.table not in withheld for p in at) for at in truth.places])
        far = np.abs(figures - truth.value)[shown].max(initial=0)
        rounding = Rounding(self.base, int(far) // self.base + 1)
        blank = print_tables(self.tables, None, None, withheld, self.threshold, fallen)
        tables = {name: _round(table, by_cell, rounding) for name, table in blank.tables.items()}
        return replace(blank, tables=tables, rounding=rounding, facts=self.facts)

    def _problem_of(self, system: System, counts: IntArray) -> Problem:
        """What must be left unsure: every small count and difference."""
        open_cells = np.isnan(system.value)
        hidden = system.exposed & open_cells & ~system.ranged
        targets = [target_for_hidden(system, counts, int(c)) for c in np.flatnonzero(hidden)]
        targets += targets_for_implied(system, counts, np.flatnonzero(open_cells & ~hidden))
        nothing = np.zeros(len(counts), dtype=bool)
        cost = costs(system, counts, log_weight, nothing)
        return Problem(system, counts, open_cells, open_cells, cost, tuple(targets), nothing)

    def _broken(self, truth: System, system: System, pattern: Pattern) -> Iterator[list[int]]:
        """The new cells (in `truth`) behind each count that is not left unsure."""
        at = {cell: i for i, cell in enumerate(truth.cells)}
        n = len(system.cells)
        for aim in pattern.failed:
            parts = [aim] if aim < n else system.parts_of(aim - n)
            cells = [
                system.cells[i]._replace(release=0)
                for i in parts
                if system.released[i] == self.newest
            ]
            if cells:
                yield [at[cell] for cell in cells]


def _round(table: ProtectedTable, figures: Figures, rounding: Rounding) -> ProtectedTable:
    spec = table.printed.spec
    frame = table.cells.copy()
    names = [
        {d: str(row[d]) for d in spec.dimensions}
        for row in frame[list(spec.dimensions)].to_dict("records")
    ]
    if not spec.dimensions:
        names = [{} for _ in range(len(frame))]
    for measure in spec.measures:
        said = [figures[cell_of(spec, measure, coords, 0)] for coords in names]
        frame[measure] = pd.array(said, dtype="Int64")
    printed = PrintedTable(spec, frame)
    return replace(table, printed=rounded(printed, rounding.base, "controlled", rounding.steps))
