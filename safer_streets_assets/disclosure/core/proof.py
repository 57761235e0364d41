"""The proof: the attacker's verdict on each table of a release, and the check of every witness."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from safer_streets_assets.disclosure.core.attacks.attacker import bounds_by_count, open_attack
from safer_streets_assets.disclosure.core.attacks.blame import Blame
from safer_streets_assets.disclosure.core.attacks.evidence import Evidence
from safer_streets_assets.disclosure.core.attacks.insider_attack import insider_finds
from safer_streets_assets.disclosure.core.system.batch import (
    Move,
    agreeing,
    distinct,
    effects,
    stacked,
)
from safer_streets_assets.disclosure.core.system.insiders import Persons, alone_in, insiders_of
from safer_streets_assets.disclosure.core.system.system import System
from safer_streets_assets.disclosure.core.system.witness import agrees, hidden_is_safe, out_of_reach
from safer_streets_assets.disclosure.core.tables.arrays import IntArray
from safer_streets_assets.disclosure.core.tables.model import Link, PublishedRelease
from safer_streets_assets.disclosure.core.tables.problems import ProofError

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
    of the releases) knows it. A table that tells nothing of a count that is not shown to be safe,
    one of earlier releases alone or of a withheld table, is not at fault for it. Reasons carry no
    counts. Time that ran out, or a solver that failed, is no proof. `evidence` spares the attacker
    searches, see `attack`."""
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
    blame = Blame(system, newest, _open_tables(releases[newest]))
    for count, bounds in bounds_by_count(system, searches, [r.name for r in releases]):
        if bounds.safe:
            continue
        tables, inside = blame.of(count)
        reason = _reason(bounds.kind) if bounds.proven else TIME
        for name in tables:
            if verdicts[name] == PROVEN:
                verdicts[name] = reason if inside else EARLIER
    for find in insider_finds(system, searches, alone_in(system, releases), deadline):
        for name in blame.of(find.derived)[0]:
            if verdicts[name] == PROVEN:
                verdicts[name] = INSIDER if find.proven else TIME
    return verdicts


def check_witnesses(
    printed: System,
    counts: IntArray,
    witnesses: Mapping[int, Move],
    newest: int,
    open_tables: Collection[str],
) -> dict[str, str]:
    """Which of the `open_tables` of the newest release (those not withheld) lack a witness, by
    plain addition: none when `counts` and each witness agree with all that is printed, and show
    between them for every hidden cell and every implied count that it is safe. `witnesses` are by
    cell, or implied count from the number of cells on. When the fault lies with earlier releases
    alone, the tables that tell of it are at fault."""
    if not agrees(printed, counts):
        return dict.fromkeys(sorted(open_tables), WITNESS)
    by_count = _changes_shown(printed, counts, witnesses)
    blame = Blame(printed, newest, open_tables)
    failed: dict[str, str] = {}
    for count in _without_proof(printed, counts, by_count):
        tables, inside = blame.of(count)
        failed |= dict.fromkeys(tables, WITNESS if inside else EARLIER)
    return failed


def check_insiders(
    printed: System,
    counts: IntArray,
    moves: Sequence[Move],
    alone: Collection[int],
    open_tables: Collection[str],
    people: Persons | None = None,
) -> dict[str, str]:
    """Which of the `open_tables` of the newest release (those not withheld) hold a small count that
    somebody who is alone in one of the cells `alone` (`people`, where made already) may derive, as
    far as the changes do not show that they cannot: by plain addition. When the fault lies with
    earlier releases alone, the tables that tell of it are at fault."""
    if not alone:
        return {}
    newest = int(printed.released.max(initial=0))
    insiders = insiders_of(printed, counts, alone, people)
    effect = effects(printed, stacked(distinct(moves), len(counts)))
    effect = effect[:, agreeing(printed, counts, effect, np.isnan(printed.value))]
    open_pairs = insiders.wanted & ~(insiders.shown(effect) > 0)
    at_fault = insiders.aims[open_pairs.any(axis=1)]
    blame = Blame(printed, newest, open_tables)
    return {name: INSIDER for aim in at_fault for name in blame.of(int(aim))[0]}


def _changes_shown(printed: System, counts: IntArray, witnesses: Mapping[int, Move]) -> IntArray:
    """By how much the witness of each count, if it agrees with what is printed, changes it."""
    moves = list({id(move): move for move in witnesses.values()}.values())
    effect = effects(printed, stacked(moves, len(counts)))
    fine = agreeing(printed, counts, effect, np.isnan(printed.value))
    column = {id(move): k for k, move in enumerate(moves)}
    aims = np.array(list(witnesses), dtype=np.int64)
    own = np.array([column[id(move)] for move in witnesses.values()], dtype=np.int64)
    by = np.zeros(effect.shape[0], dtype=np.int64)
    if len(aims):
        shown = np.asarray(effect.tocsr()[aims, own]).ravel()
        by[aims] = np.where(fine[own], shown, 0)
    return by


def _without_proof(printed: System, counts: IntArray, by_count: IntArray) -> list[int]:
    n = len(counts)
    hidden = printed.exposed & (printed.marked | np.isnan(printed.value)) & ~printed.ranged
    other, limit = counts + by_count[:n], printed.threshold
    as_hidden = hidden_is_safe(counts, other, limit, printed.in_whole_row)
    safe = np.where(hidden, as_hidden, out_of_reach(counts, other, limit))
    now = printed.implied @ counts
    safe_implied = out_of_reach(now, now + by_count[n:], printed.implied_threshold)
    return np.flatnonzero(np.concatenate([printed.placed & ~safe, ~safe_implied])).tolist()


def _open_tables(release: PublishedRelease) -> frozenset[str]:
    return frozenset(table.spec.name for table in release.tables if not table.withheld)


def _reason(kind: str) -> str:
    reasons = {"printed": SMALL, "hidden": HIDDEN, "hidden row": HIDDEN}
    return {**reasons, "ranged": RANGED, "one category": ONE}.get(kind, IMPLIED)
