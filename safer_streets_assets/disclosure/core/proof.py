"""The proof: the attacker's verdict on each table of a release, and the check of every witness."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from safer_streets_assets.disclosure.core.attacker import bounds_of, open_attack
from safer_streets_assets.disclosure.core.evidence import Evidence
from safer_streets_assets.disclosure.core.insider_attack import insider_finds
from safer_streets_assets.disclosure.core.insiders import alone_in, insiders_of
from safer_streets_assets.disclosure.core.model import Link, PublishedRelease
from safer_streets_assets.disclosure.core.problem import Move
from safer_streets_assets.disclosure.core.problems import ProofError
from safer_streets_assets.disclosure.core.system import IntArray, System
from safer_streets_assets.disclosure.core.witness import (
    agrees,
    cell_is_safe,
    cell_of_row_is_safe,
    out_of_reach,
)

PROVEN = "proven"
TIME = "not proven in the time given"
SMALL = "a small count is printed"
ONE = "a row prints everybody in one category of a sensitive attribute"
HIDDEN = "a hidden count is derivable or known to be below the threshold"
RANGED = "a rounded count, or one with a range, is known to be below the threshold"
IMPLIED = "a small difference of two counts is printed or derivable"
EARLIER = "an earlier release is not safe together with this one"
INSIDER = "somebody alone in a hidden cell may derive others"
WITNESS = "a hidden count has no two witness tables"


def prove(
    releases: Sequence[PublishedRelease],
    *,
    threshold: int,
    links: Sequence[Link] = (),
    hidden_at_least: int = 1,
    time_limit: float = 60.0,
    evidence: Evidence | None = None,
) -> dict[str, str]:
    """The verdict on each table of the newest (last) release: "proven", or why not, from all that
    is printed in all releases, and nothing else but that somebody who is alone in a cell (`alone`
    of the releases) knows it. Reasons carry no counts. Time that ran out, or a solver that failed,
    is no proof. `evidence` spares the attacker searches, see `attack`."""
    deadline = time.monotonic() + time_limit
    newest = len(releases) - 1
    names = [table.spec.name for table in releases[newest].tables]
    try:
        system, searches = open_attack(
            releases,
            threshold=threshold,
            links=links,
            hidden_at_least=hidden_at_least,
            deadline=deadline,
            exact=False,
            evidence=evidence,
        )
    except ProofError as error:
        return {name: str(error) for name in names}
    verdicts = dict.fromkeys(names, PROVEN)
    for bounds in bounds_of(system, searches, [r.name for r in releases], exact=False):
        if bounds.safe:
            continue
        touched = [table for release, table in bounds.tables if release == newest]
        reason = _reason(bounds.kind) if bounds.proven else TIME
        for name in touched or names:
            if verdicts[name] == PROVEN:
                verdicts[name] = reason if touched else EARLIER
    for find in insider_finds(system, searches, alone_in(system, releases), deadline):
        for name in _touched(system, find.derived, newest):
            if verdicts.get(name) == PROVEN:
                verdicts[name] = INSIDER if find.proven else TIME
    return verdicts


def check_witnesses(
    printed: System, counts: IntArray, witnesses: Mapping[int, Move], newest: int
) -> dict[str, str]:
    """Which tables of the newest release lack a witness, by plain addition: none when `counts` and
    each witness agree with all that is printed, and show between them for every hidden cell and
    every implied count that it is safe. `witnesses` are by cell, or implied count from the number
    of cells on. When the fault lies with earlier releases alone, every table is at fault."""
    if not agrees(printed, counts):
        return dict.fromkeys(_tables(printed, newest), WITNESS)
    valid: dict[int, IntArray] = {}
    agreed: dict[int, bool] = {}
    for count, move in witnesses.items():
        other = counts.copy()
        other[move.cells] += move.amounts
        if id(move) not in agreed:
            agreed[id(move)] = agrees(printed, other)
        if agreed[id(move)]:
            valid[count] = other
    failed: dict[str, str] = {}
    for count in _without_proof(printed, counts, valid):
        n = len(counts)
        places = printed.places[count] if count < n else printed.places_of_implied(count - n)
        touched = [p.table for p in places if p.release == newest]
        for name in touched or _tables(printed, newest):
            failed[name] = WITNESS if touched else EARLIER
    return failed


def check_insiders(
    printed: System, counts: IntArray, moves: Sequence[Move], alone: Collection[int]
) -> dict[str, str]:
    """Which tables of the newest release hold a small count that somebody who is alone in one of
    the cells `alone` may derive, as far as the changes do not show that they cannot: by plain
    addition. Every table is at fault when it lies with earlier releases alone."""
    if not alone:
        return {}
    newest = int(printed.released.max(initial=0))
    insiders = insiders_of(printed, counts, alone)
    open_pairs = insiders.wanted.copy()
    for move in moves:
        other = counts.copy()
        other[move.cells] += move.amounts
        if agrees(printed, other):
            change = other - counts
            effect = np.concatenate([change, printed.implied @ change])
            open_pairs &= ~insiders.shown_by(effect)
    at_fault = insiders.aims[open_pairs.any(axis=1)]
    return {name: INSIDER for aim in at_fault for name in _touched(printed, int(aim), newest)}


def _touched(printed: System, count: int, newest: int) -> list[str]:
    """The tables of the newest release that a count stands in; all when it stands in none."""
    n = len(printed.cells)
    places = printed.places[count] if count < n else printed.places_of_implied(count - n)
    return [p.table for p in places if p.release == newest] or _tables(printed, newest)


def _without_proof(printed: System, counts: IntArray, valid: dict[int, IntArray]) -> list[int]:
    n = len(counts)
    unproven = []
    for cell in range(n):
        if not printed.placed[cell]:
            continue
        threshold = int(printed.threshold[cell])
        hidden = bool(
            printed.exposed[cell] and (printed.marked[cell] or np.isnan(printed.value[cell]))
        )
        hidden = hidden and not printed.ranged[cell]
        values = np.array([counts[cell], valid.get(cell, counts)[cell]])
        safe = out_of_reach
        if hidden:
            safe = cell_of_row_is_safe if printed.in_whole_row[cell] else cell_is_safe
        if not safe(values, threshold):
            unproven.append(cell)
    now = printed.implied @ counts
    for row in np.flatnonzero((now != 0) & (abs(now) < printed.implied_threshold)):
        other = valid.get(n + int(row))
        then = now[row] if other is None else (printed.implied[row] @ other)[0]
        if not out_of_reach(np.array([now[row], then]), int(printed.implied_threshold[row])):
            unproven.append(n + int(row))
    return unproven


def _tables(system: System, release: int) -> list[str]:
    return sorted({p.table for places in system.places for p in places if p.release == release})


def _reason(kind: str) -> str:
    reasons = {"printed": SMALL, "hidden": HIDDEN, "hidden row": HIDDEN}
    return {**reasons, "ranged": RANGED, "one category": ONE}.get(kind, IMPLIED)
