"""Drops that wait for an operator: held by drift or by hand, released, refused.

A held drop is sealed like a quarantined one. A released drop is put back into the landing from its
sealed file, under its own id, by the run that takes it in. Each step can be killed and run again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import duckdb

from safer_streets_assets.intake.decisions import Decision, record_outcome
from safer_streets_assets.intake.drift import DriftFinding, worst
from safer_streets_assets.intake.finding_drops import (
    DropDecisionError,
    source_on_ledger,
    state_of_drop,
)
from safer_streets_assets.intake.landing_copies import clear_landing
from safer_streets_assets.intake.ledger import Arrival, arrivals_of
from safer_streets_assets.intake.quarantine import (
    is_sealed,
    key_name,
    put_back_name,
    quarantine,
    seal_copy,
    sealed_path_name,
)
from safer_streets_assets.intake.reasons import (
    DECIDED_FOR_GOOD,
    ERASED_DROP,
    GONE,
    HELD_BY_HAND,
    HELD_REASONS,
    REFUSED_BY_HAND,
    Reason,
)
from safer_streets_assets.intake.run_requests import request_run
from safer_streets_assets.stores import DataFolder, Keys
from safer_streets_assets.stores.files import overwrite_and_unlink, put_in_place
from safer_streets_assets.stores.keys import KeyMissingError
from safer_streets_assets.stores.queries import transaction
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.sealed import SealError, unseal

ByHand = Literal["hold", "release", "refuse"]

# What an operator may decide, of a drop in which states, and the state and reason that follow.
_RULES: dict[ByHand, tuple[tuple[str, ...], str, str | None]] = {
    "hold": (("arrived", "quarantined", "released"), "held", HELD_BY_HAND),
    "release": (("held", "refused"), "released", None),
    "refuse": (("held", "released", "quarantined", "refused"), "refused", REFUSED_BY_HAND),
}
_WHAT_TO_DO = {
    "hold": "only one that waits in the landing folder, is quarantined or released can be held",
    "release": "only one that is held, or that an operator refused, can be released",
    "refuse": "only one that is held, released, quarantined or refused can be refused",
}


def decide_by_hand(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    decision: ByHand,
    drop_id: str,
    decided_by: str,
    now: datetime,
) -> None:
    """Carries out what an operator decided about a drop, and records who and when.

    The restricted store and the registers are attached for writing. The clock of the quarantine
    goes on from when the drop was sealed.

    Raises:
        DropDecisionError: the drop is in a state in which this cannot be decided, or is gone.
    """
    states, becomes, code = _RULES[decision]
    before, reason = state_of_drop(connection, drop_id)
    if decision == "release" and reason == ERASED_DROP:
        _let_back_in(connection, drop_id, before, decided_by, now)
        return
    if before not in states or (before == "refused" and not _may(decision, reason)):
        raise DropDecisionError(f"This drop is {before}; {_WHAT_TO_DO[decision]}.")
    copies = [found for found in arrivals_of(connection, None) if found.drop_id == drop_id]
    if not is_sealed(folder, drop_id):
        if decision == "release":
            raise DropDecisionError(reason_sentence(HELD_REASONS[GONE]))
        for arrival in copies:
            seal_copy(connection, folder, arrival)
    if decision == "release":
        request_run(folder)
    with transaction(connection):
        connection.execute(
            "INSERT INTO registers.drop_decisions VALUES (?, ?, ?, ?, ?)",
            [drop_id, decision, before, decided_by, now],
        )
        connection.execute(
            "UPDATE registers.drops SET state = ?, reason = ?, sentence = ?, "
            "decided_at = coalesce(decided_at, ?) WHERE drop_id = ?",
            [becomes, code, reason_sentence(HELD_REASONS[code]) if code else None, now, drop_id],
        )
    if decision != "release":
        clear_landing(connection, drop_id)
        erase_put_back(folder, source_on_ledger(connection, drop_id), drop_id)


def erase_put_back(folder: DataFolder, source: str, drop_id: str) -> None:
    """Erases what a run put back of a released drop and did not take in."""
    place = _put_back_place(folder, source, drop_id)
    for path in (place, _building(place)):
        overwrite_and_unlink(path)


def _may(decision: ByHand, reason: str | None) -> bool:
    """Whether something can be decided about a drop that is refused, by the reason of that."""
    if decision == "release":
        return reason == REFUSED_BY_HAND
    return reason not in DECIDED_FOR_GOOD


def _let_back_in(
    connection: duckdb.DuckDBPyConnection, drop_id: str, before: str, who: str, now: datetime
) -> None:
    """An erased drop may be taken in when it is sent again: here there is nothing to put back."""
    with transaction(connection):
        connection.execute(
            "INSERT INTO registers.drop_decisions VALUES (?, 'release', ?, ?, ?)",
            [drop_id, before, who, now],
        )
        connection.execute(
            "UPDATE registers.drops SET reason = ?, sentence = ? WHERE drop_id = ?",
            [GONE, reason_sentence(HELD_REASONS[GONE]), drop_id],
        )


def hold_drop(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    arrival: Arrival,
    decision: Decision,
    findings: Sequence[DriftFinding],
) -> None:
    """Records why a drop is held, and seals it; nothing of it is in any table."""
    with transaction(connection):
        connection.execute(
            "DELETE FROM registers.drift_findings WHERE drop_id = ?", [arrival.drop_id]
        )
        for found in findings:
            connection.execute(
                "INSERT INTO registers.drift_findings VALUES (?, ?, ?, ?, ?)",
                [
                    arrival.drop_id,
                    found.code,
                    found.column,
                    found.percent_before,
                    found.percent_now,
                ],
            )
    quarantine(connection, folder, arrival, decision, arrival.source)


def decision_to_hold(findings: Sequence[DriftFinding], judged: Decision) -> Decision:
    """The ledger's line for a drop that is held; `judged` is what it would have been loaded as."""
    reason = HELD_REASONS[worst(findings).code]
    return Decision(
        "held",
        reason.code,
        reason_sentence(reason),
        position_date=judged.position_date,
        format=judged.format,
        rows_read=judged.rows_read,
    )


def clear_copies_of_held(connection: duckdb.DuckDBPyConnection, folder: DataFolder) -> None:
    """Drops that an operator decides on and that came again: the copy goes, their state stays."""
    rows = connection.execute(
        "SELECT drop_id, list(DISTINCT arrivals.source ORDER BY arrivals.source) "
        "FROM registers.drops AS drops JOIN restricted.arrivals AS arrivals USING (drop_id) "
        "LEFT JOIN registers.drops_elsewhere AS judged "
        "ON judged.drop_id = drops.drop_id AND judged.source = arrivals.source "
        "WHERE state = 'refused' AND drops.reason = ? OR state = 'held' "
        "AND (arrivals.source = drops.source OR judged.source IS NOT NULL) GROUP BY drop_id",
        [REFUSED_BY_HAND],
    ).fetchall()
    decided = dict(rows)
    for arrival in arrivals_of(connection, None) if decided else ():
        sources = decided.get(arrival.drop_id, [])
        if sources and not is_sealed(folder, arrival.drop_id):
            seal_copy(connection, folder, arrival)
        for source in sources:
            clear_landing(connection, arrival.drop_id, source)


def put_back_released(connection: duckdb.DuckDBPyConnection, folder: DataFolder) -> int:
    """Puts released drops back into the landing from their sealed files; returns how many are gone.

    A drop keeps its place in the order of drops: it arrives when the copy arrived that was sealed.
    The name it lies under begins with a full stop, so that no look at the landing sees it.
    """
    waiting = connection.execute(
        "SELECT drop_id, source, coalesce((SELECT max(seen_at) FROM registers.sends AS sends "
        "WHERE sends.drop_id = drops.drop_id AND seen_at <= decided_at), arrived_at) "
        "FROM registers.drops AS drops WHERE state = 'released' AND NOT EXISTS "
        "(FROM restricted.arrivals WHERE drop_id = drops.drop_id AND source = drops.source) "
        "ORDER BY drop_id"
    ).fetchall()
    gone = 0
    for drop_id, source, arrived_at in waiting:
        place = _put_back_place(folder, source, drop_id)
        try:
            content = unseal(
                folder.quarantine / sealed_path_name(drop_id),
                Keys(folder.keys).read(key_name(drop_id)),
            )
        except (OSError, KeyMissingError, SealError):
            reason = HELD_REASONS[GONE]
            decision = Decision("refused", reason.code, reason_sentence(reason))
            record_outcome(connection, drop_id, decision, now_utc())
            gone += 1
            continue
        place.parent.mkdir(mode=0o700, exist_ok=True)
        building = _building(place)
        building.touch(mode=0o600)
        building.write_bytes(content)
        put_in_place(building, place)
        connection.execute(
            "INSERT OR REPLACE INTO restricted.arrivals VALUES (?, ?, ?, ?, 0)",
            [drop_id, source, os.fsencode(place).hex(), arrived_at],
        )
    return gone


def released_by_hand(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Drops that an operator released last: their drift is not judged again."""
    rows = connection.execute(
        "SELECT drop_id FROM registers.drop_decisions GROUP BY drop_id "
        "HAVING arg_max(decision, rowid) = 'release'"
    ).fetchall()
    return {drop_id for (drop_id,) in rows}


def reason_sentence(reason: Reason) -> str:
    """A reason as one sentence."""
    return f"{reason.sentence}; {reason.remedy}."


def _building(place: Path) -> Path:
    return place.with_suffix(".part")


def _put_back_place(folder: DataFolder, source: str, drop_id: str) -> Path:
    return folder.landing / source / put_back_name(drop_id)
