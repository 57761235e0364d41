"""The proof: the attacker's verdict on each table of a release, and the check of every witness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from safer_streets_assets.disclosure.core.attacker import attack
from safer_streets_assets.disclosure.core.evidence import Evidence
from safer_streets_assets.disclosure.core.model import Link, PublishedRelease
from safer_streets_assets.disclosure.core.problem import Move
from safer_streets_assets.disclosure.core.problems import ProofError
from safer_streets_assets.disclosure.core.system import IntArray, System
from safer_streets_assets.disclosure.core.witness import agrees, cell_is_safe, out_of_reach

PROVEN = "proven"
TIME = "not proven in the time given"
SMALL = "a small count is printed"
HIDDEN = "a hidden count is derivable or known to be below the threshold"
RANGED = "a rounded count, or one with a range, is known to be below the threshold"
IMPLIED = "a small difference of two counts is printed or derivable"
EARLIER = "an earlier release is not safe together with this one"
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
    is printed in all releases, and nothing else. Reasons carry no counts. Time that ran out, or a
    solver that failed, is no proof. `evidence` spares the attacker searches, see `attack`."""
    newest = len(releases) - 1
    names = [table.spec.name for table in releases[newest].tables]
    try:
        found = attack(
            releases,
            threshold=threshold,
            links=links,
            hidden_at_least=hidden_at_least,
            time_limit=time_limit,
            exact=False,
            evidence=evidence,
        )
    except ProofError as error:
        return {name: str(error) for name in names}
    verdicts = dict.fromkeys(names, PROVEN)
    for bounds in found:
        if bounds.safe:
            continue
        touched = [table for release, table in bounds.tables if release == newest]
        reason = _reason(bounds.kind) if bounds.proven else TIME
        for name in touched or names:
            if verdicts[name] == PROVEN:
                verdicts[name] = reason if touched else EARLIER
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
        safe = cell_is_safe if hidden else out_of_reach
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
    return {"printed": SMALL, "hidden": HIDDEN, "ranged": RANGED}.get(kind, IMPLIED)
