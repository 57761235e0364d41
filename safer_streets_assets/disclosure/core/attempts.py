"""Protects the tables of a release together, and gives them back only with a proof."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from safer_streets_assets.disclosure.core.attacks.attacker import grids_of
from safer_streets_assets.disclosure.core.attacks.evidence import Evidence
from safer_streets_assets.disclosure.core.proof import (
    EARLIER,
    PROVEN,
    TIME,
    check_insiders,
    check_witnesses,
    prove,
)
from safer_streets_assets.disclosure.core.protection_result import Protection, print_tables
from safer_streets_assets.disclosure.core.suppression.cover import for_the_attack
from safer_streets_assets.disclosure.core.suppression.problem import (
    Pattern,
    Problem,
    Suppressor,
    target_for_hidden,
    targets_for_implied,
)
from safer_streets_assets.disclosure.core.suppression.suppressor import suppress
from safer_streets_assets.disclosure.core.suppression.weights import Weight, costs, log_weight
from safer_streets_assets.disclosure.core.system.builder import build_system
from safer_streets_assets.disclosure.core.system.completion import complete
from safer_streets_assets.disclosure.core.system.insiders import (
    Persons,
    alone_in,
    fallen_to_one,
    insiders_of,
)
from safer_streets_assets.disclosure.core.system.reading import ReleaseGrids
from safer_streets_assets.disclosure.core.system.system import Lasting, System
from safer_streets_assets.disclosure.core.tables.arrays import IntArray
from safer_streets_assets.disclosure.core.tables.grid import Grid
from safer_streets_assets.disclosure.core.tables.model import CountTable, Link, PublishedRelease
from safer_streets_assets.disclosure.core.tables.problems import ProofError, TableError

NEW = "new release"
ATTEMPTS = 8
HEADLINE = 100.0
"""How many times as much as another cell a headline cell weighs, once one has to be hidden."""
LESSER = 0.02
"""How many times as much as another cell a cell weighs that stands in lesser tables alone."""
Solved = tuple[Problem, Pattern]


def protect(
    tables: Sequence[CountTable],
    *,
    threshold: int,
    links: Sequence[Link] = (),
    previous: Sequence[PublishedRelease] = (),
    time_limit: float = 60.0,
    weights: Weight = log_weight,
    suppressor: Suppressor = suppress,
    insiders: bool = True,
    headline: Sequence[Collection[Lasting]] = (),
    lesser: Collection[str] = (),
    withheld: Mapping[str, str] = MappingProxyType({}),
    evidence: Evidence | None = None,
    start: Evidence | None = None,
    attacked: bool = True,
) -> Protection:
    """Hides what must not be told, over all tables jointly and with all earlier releases (oldest
    first), and proves it: each hidden count and each small implied count has witness tables
    verified by addition, and the attacker, from what is printed, finds nothing. With `insiders`
    that also holds for an attacker who knows to be alone in a hidden cell: they derive nobody else.

    A table that cannot be proven is withheld whole and the others are proven without it; if that
    fails again and again, all are withheld. Tables `withheld` (name to the reason) are so from the
    start. `weights` says what losing a cell costs. Counts of the `headline` (groups, the most
    important first) are hidden only when the solver proves that no safe pattern prints them all, or
    when the time runs out, those of later groups before others. Counts that stand in tables of
    `lesser` alone are hidden before any others. `evidence` is what the protection
    of the latest release gave: nothing is believed of it, but it spares searches. `start` is what a
    protection of nearly the same tables gave: a later release hides as it did, where that will do.
    `time_limit`
    (seconds) is for everything; when it runs out, what is not proven is withheld. Without
    `attacked` the attack is left to the caller, and what comes back is proven by its witnesses
    alone. Raises TableError when the tables or links contradict each other.
    """
    if threshold < 1:
        raise TableError("Give a threshold of at least one.")
    run = Run(
        tables,
        threshold,
        links,
        previous,
        time_limit,
        weights,
        suppressor,
        insiders,
        headline,
        evidence,
        start,
        attacked,
        lesser,
    )
    return until_proven(run, withheld)


def until_proven(run: Run, withheld: Mapping[str, str] = MappingProxyType({})) -> Protection:
    """What a run makes of its tables, but those `withheld` from the start: those it does not prove
    are withheld, and the rest proven without them, until the rest is proven; after `ATTEMPTS`, all
    are withheld."""
    withheld = dict(withheld)
    everything = {table.spec.name for table in run.tables}
    for _ in range(ATTEMPTS):
        try:
            protection, unproven = run.attempt(withheld)
        except ProofError:
            withheld = {**dict.fromkeys(everything, EARLIER), **withheld}
            break
        if not unproven or set(withheld) == everything:
            return protection
        withheld = {**unproven, **withheld}
    reasons = {name: withheld.get(name, TIME) for name in sorted(everything)}
    return print_tables(run.tables, None, None, reasons, run.threshold, ())


class AllPrinted(NamedTuple):
    """All releases (oldest first), the system of what they print, the hidden cells in which
    somebody is alone, and what these people know as their own (None: there is nobody)."""

    releases: list[PublishedRelease]
    system: System
    alone: frozenset[int]
    people: Persons | None


class Run:
    """One go at protecting tables: `attempt` is made until all that is printed is proven."""

    def __init__(
        self,
        tables: Sequence[CountTable],
        threshold: int,
        links: Sequence[Link],
        previous: Sequence[PublishedRelease],
        time_limit: float,
        weights: Weight,
        suppressor: Suppressor,
        insiders: bool,
        headline: Sequence[Collection[Lasting]] = (),
        evidence: Evidence | None = None,
        start: Evidence | None = None,
        attacked: bool = True,
        lesser: Collection[str] = (),
    ) -> None:
        self.tables = sorted(tables, key=lambda t: t.spec.name)
        self.threshold, self.links, self.previous = threshold, links, tuple(previous)
        self.deadline = time.monotonic() + time_limit
        self.weights, self.suppressor = weights, suppressor
        self.insiders, self.headline = insiders, tuple(map(frozenset, headline))
        nothing = Evidence({}, [])
        self.evidence = evidence or nothing
        # A first release is searched for with more care.
        self.start = start if start and self.previous else nothing
        self.attacked, self.newest = attacked, len(self.previous)
        self.lesser = frozenset(lesser)

    def attempt(self, withheld: dict[str, str]) -> tuple[Protection, dict[str, str]]:
        """A protection without the withheld tables, and the tables that it does not prove."""
        system, counts, fallen = self.settled(withheld)
        problem, pattern = self._choose(system, counts)
        protection = print_tables(
            self.tables, problem, pattern, withheld, self.threshold, fallen[self.newest]
        )
        out = self.everything(protection, fallen)
        if out.people is not None:
            spare = for_the_attack(
                problem, pattern, out.system, out.alone, out.people, self.deadline
            )
            protection = protection.with_changes(problem.system, spare)
        unproven = self.unproven(protection, problem, pattern, out)
        verdicts = {n: unproven.get(n, PROVEN) for n in protection.tables}
        return protection.with_verdicts(verdicts), unproven

    def settled(
        self, withheld: dict[str, str]
    ) -> tuple[System, IntArray, list[frozenset[Lasting]]]:
        """The system of the truth, whole counts for all of it (earlier hidden cells completed), and
        for each release the cells that cannot be assumed to have grown."""
        grids = tuple(_withhold(t.grid, t.spec.name in withheld) for t in self.tables)
        releases = [grids_of(release, self.threshold) for release in self.previous]
        before = self._hidden_whole(releases)
        releases.append(ReleaseGrids(NEW, grids, self.threshold, hidden_before=before))
        system = build_system(releases, self.links)
        alone = alone_in(system, self.previous) if self.insiders else frozenset()
        limit = max(self.deadline - time.monotonic(), 0.1)
        known = {**self.evidence.counts, **self.start.counts}
        counts, found = complete(system, time_limit=limit, alone=alone, known=known)
        fallen = [
            release.not_monotone | {key for at, key in found if at == r}
            for r, release in enumerate(releases)
        ]
        if self.insiders:
            fallen[self.newest] |= fallen_to_one(system, counts, self.previous)
        assumed = False
        for row, kind in enumerate(system.implied_kinds):
            if kind.kind == "change":
                release_at, lasting = system.changed_by(row)
                if kind.never_negative:
                    assumed |= lasting in fallen[release_at]
                else:
                    fallen[release_at] |= {lasting}
        if assumed:
            releases = [replace(one, not_monotone=fallen[r]) for r, one in enumerate(releases)]
            system = build_system(releases, self.links)
        return system, counts, fallen

    def _hidden_whole(self, releases: Sequence[ReleaseGrids]) -> frozenset[Lasting]:
        """The cells that the latest release had in rows hidden whole."""
        if not releases or all(t.spec.sensitive is None for t in self.tables):
            return frozenset()
        last = build_system(releases[-1:])
        return frozenset(last.cells[i].lasting for i in np.flatnonzero(last.in_whole_row))

    def _choose(self, system: System, counts: IntArray) -> Solved:
        problem = self._problem(system, counts)
        if self._unchanged(system, counts):
            same = _only(problem, problem.free | problem.keep)
            pattern = self.suppressor(same, self.deadline)
            if not pattern.failed:
                return same, pattern
        return problem, self.suppressor(problem, self.deadline)

    def _problem(self, system: System, counts: IntArray) -> Problem:
        new = system.released == self.newest
        small = (counts > 0) & (counts < system.threshold)
        open_cells = np.where(new & system.placed, ~system.exposed, np.isnan(system.value))
        whole_row = new & system.exposed & system.in_whole_row
        free = open_cells | (new & system.exposed & small) | whole_row
        keep = self._kept(system) & new & system.exposed & (counts > 0)
        cost = costs(system, counts, self.weights, keep)
        cost[self._only_in_lesser(system)] *= LESSER
        targets = [
            target_for_hidden(system, counts, int(c))
            for c in np.flatnonzero(free & system.exposed & ~system.ranged)
        ]
        unseen = np.flatnonzero(free & (~system.exposed | system.ranged) & small & system.placed)
        targets += targets_for_implied(system, counts, unseen)
        movable = open_cells | whole_row | (new & system.exposed & (counts > 0))
        insiders = None
        if self.insiders:
            alone = alone_in(system, self.previous)
            alone |= {int(c) for c in np.flatnonzero(new & free & (counts == 1))}
            insiders = insiders_of(system, counts, alone)
        named = [
            [c for c in np.flatnonzero(new & movable & ~free) if system.cells[c].lasting in g]
            for g in self.headline
        ]
        spared = tuple(np.array(own, dtype=np.int64) for own in named)
        for cells in spared:
            cost[cells] *= HEADLINE
        start = self.start.moves_in(system.cells)
        return Problem(
            system,
            counts,
            movable,
            free,
            cost,
            tuple(targets),
            keep,
            insiders,
            spared,
            (*self.evidence.moves_in(system.cells, carried=True), *start),
            tuple(start),
        )

    def _only_in_lesser(self, system: System) -> np.ndarray:
        """The cells that stand in lesser tables and in no other."""
        return np.array(
            [bool(at) and self.lesser.issuperset(p.table for p in at) for at in system.places],
            dtype=bool,
        )

    def _kept(self, system: System) -> np.ndarray:
        """New cells that were hidden when they were last in print."""
        last: dict[Lasting, bool] = {}
        for i, cell in enumerate(system.cells):
            if cell.release < self.newest and system.exposed[i]:
                last[cell.lasting] = bool(np.isnan(system.value[i]))
        return np.array([last.get(cell.lasting, False) for cell in system.cells], dtype=bool)

    def _unchanged(self, system: System, counts: IntArray) -> bool:
        """Whether no printed count of the latest release is another one now."""
        if not self.previous:
            return False
        latest = {
            c.lasting: int(system.value[i])
            for i, c in enumerate(system.cells)
            if c.release == self.newest - 1 and not np.isnan(system.value[i])
        }
        return all(
            latest.get(c.lasting, int(counts[i])) == counts[i]
            for i, c in enumerate(system.cells)
            if c.release == self.newest and system.placed[i]
        )

    def everything(self, protection: Protection, fallen: list[frozenset[Lasting]]) -> AllPrinted:
        """All that is printed, this release included, and what follows from it."""
        past = [replace(release, not_monotone=fallen[r]) for r, release in enumerate(self.previous)]
        releases = [*past, protection.release(NEW)]
        if not self.insiders:
            releases = [replace(release, alone=None) for release in releases]
        system = build_system([grids_of(r, self.threshold) for r in releases], self.links)
        alone = alone_in(system, releases)
        return AllPrinted(releases, system, alone, Persons(system, alone) if alone else None)

    def unproven(
        self,
        protection: Protection,
        problem: Problem,
        pattern: Pattern,
        out: AllPrinted,
    ) -> dict[str, str]:
        """The tables that witnesses and the attacker do not prove, and why, from what is `out`."""
        made, counts = protection.tables, problem.counts
        failed = check_witnesses(out.system, counts, pattern.witnesses, self.newest, made)
        moves = [*pattern.witnesses.values(), *pattern.more]
        failed |= check_insiders(out.system, counts, moves, out.alone, made, out.people)
        if self.attacked:
            verdicts = prove(
                out.releases,
                threshold=self.threshold,
                links=self.links,
                time_limit=max(self.deadline - time.monotonic(), 0.0),
                evidence=protection.evidence,
            )
            failed |= {name: reason for name, reason in verdicts.items() if reason != PROVEN}
        return {name: reason for name, reason in failed.items() if name in protection.tables}


def _withhold(grid: Grid, withheld: bool) -> Grid:
    return replace(grid, withheld=True) if withheld else grid


def _only(problem: Problem, cells: np.ndarray) -> Problem:
    """The problem when just these cells are hidden and no others may be."""
    aimed = {t.aim for t in problem.targets}
    system = problem.system
    more = [
        target_for_hidden(system, problem.counts, int(c))
        for c in np.flatnonzero(cells & system.exposed & ~system.ranged)
        if int(c) not in aimed
    ]
    return replace(problem, movable=cells, free=cells, targets=(*problem.targets, *more))
