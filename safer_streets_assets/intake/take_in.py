"""Takes in drops: from the landing folder to the raw tables, the quarantine and the ledger.

Each drop ends loaded, held, quarantined or refused, and every other drop goes on. All drops of a
source are read and judged first and then loaded in the order of drops, so that what a drop is
compared with does not depend on the order in which they are read. The order of writes
makes each step safe to kill: rows (with the drop's own line) first, then the ledger, and the file
in the landing goes last.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import duckdb

from safer_streets_assets.intake.bulk_stores import bulk_stores
from safer_streets_assets.intake.decisions import Decision, decision_for, record_outcome
from safer_streets_assets.intake.drift import judge_drift
from safer_streets_assets.intake.drop_order import came_late, places_in_order
from safer_streets_assets.intake.erased_people import ErasedPeople, erased_people
from safer_streets_assets.intake.fields import define_macros
from safer_streets_assets.intake.footers import count_footers
from safer_streets_assets.intake.guidance import said_of_guidance
from safer_streets_assets.intake.headings import without_names
from safer_streets_assets.intake.held_drops import (
    clear_copies_of_held,
    decision_to_hold,
    hold_drop,
    put_back_released,
    reason_sentence,
    released_by_hand,
)
from safer_streets_assets.intake.intake_counts import TakenIn
from safer_streets_assets.intake.judged_again import judge_again
from safer_streets_assets.intake.landing import Look, look_at_landing
from safer_streets_assets.intake.landing_copies import clear_landing
from safer_streets_assets.intake.ledger import (
    Arrival,
    arrivals_of,
    register_arrivals,
)
from safer_streets_assets.intake.naming import identifying_rows
from safer_streets_assets.intake.outstanding_rows import SentFile
from safer_streets_assets.intake.passwords import with_passwords_in_mind
from safer_streets_assets.intake.quarantine import quarantine
from safer_streets_assets.intake.raw_tables import ensure_raw_tables, load_staged
from safer_streets_assets.intake.read_requests import request_of
from safer_streets_assets.intake.readers import (
    DropReader,
    ReadDrop,
    UnreadableDrop,
)
from safer_streets_assets.intake.reasons import ELSEWHERE, GUIDANCE, LATE, DropRefusedError
from safer_streets_assets.intake.refused_rows import keep_refused_rows
from safer_streets_assets.intake.several_folders import (
    leave,
    leave_to_others,
    refused_beside_others,
    taken_from_others,
)
from safer_streets_assets.intake.staged_drops import StagedDrop, read_unchanged
from safer_streets_assets.intake.staging import (
    STAGED,
    are_too_many_bad,
    in_file_order,
    position_of,
    put_at_hand,
    refuse_if_too_many_bad,
    rows_of_erased,
    rows_repeated,
    stage_rows,
    stated_position,
    unstage,
)
from safer_streets_assets.intake.swapped_dates import swapped_dates
from safer_streets_assets.intake.too_large import refuse_too_large
from safer_streets_assets.intake.wrong_folder import source_it_is_of
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.registers import (
    ensure_registers,
    evaluation_closed,
    now_utc,
    stopped_stages,
)


def register_landing(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> tuple[Look, TakenIn]:
    """Looks at the landing, puts settled drops on the ledger, refuses what no agreement covers.

    The connection has the restricted store and the registers attached for writing.
    """
    prepare_intake(connection, policy)
    look = look_at_landing(folder, *policy.dpia.intake.settling)
    now, sources = now_utc(), policy.dpia.sources
    most = policy.dpia.intake.limits.max_bytes
    files, too_large = refuse_too_large(
        connection, look.settled, sources, policy.sources, most, now
    )
    closed = evaluation_closed(connection)
    given_up = policy.dpia.gathered_for(stopped_stages(connection))
    codes = {source: _refusal(source, policy, closed, given_up) for source in (*sources, "unknown")}
    not_taken = {source: code for source, code in codes.items() if code is not None}
    unreadable = register_arrivals(connection, folder, files, sources, now)
    refused_beside_others(connection, not_taken, now)
    clear_copies_of_held(connection, folder)
    gone = 0 if closed else put_back_released(connection, folder)
    refused = TakenIn(unreadable=unreadable, refused=gone + too_large)
    for arrival in arrivals_of(connection, None, policy.sources):
        code = codes.get(arrival.source, "D-UNKNOWN-SOURCE")
        if code is not None:
            decision = decision_for(DropRefusedError(code))
            quarantine(connection, folder, arrival, decision)
            refused.add(decision)
    return look, refused


def prepare_intake(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Makes the tables and macros that intake needs."""
    ensure_registers(connection)
    ensure_raw_tables(connection, policy)
    define_macros(connection)


def take_in(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    policy: Policy,
    name: str,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> TakenIn:
    """Takes in the registered drops of one agreed source; returns counts.

    The connection has the restricted store and the registers attached for writing. `progress` is
    told after each drop how many of how many are done.
    """
    prepare_intake(connection, policy)
    source = policy.sources[name]
    arrivals = arrivals_of(connection, name)
    taken = TakenIn()
    if not arrivals:
        judge_again(connection, policy, name)
        return taken
    erased = erased_people(connection, folder)
    others = taken_from_others(connection, name)
    staged: list[StagedDrop] = []
    done = 0
    with DropReader() as reader, bulk_stores(folder) as new_store:
        for number, arrival in enumerate(arrivals, start=1):
            try:
                request = request_of(arrival, source, policy, new_store)
                drop = read_unchanged(reader, request, arrival.drop_id)
                identifying = identifying_rows(connection, policy, name, drop)
                one = _stage(connection, policy, name, arrival, drop, identifying, erased, number)
                if arrival.drop_id not in others:
                    staged.append(one)
                    continue
                unstage(connection, one.view)
                leave(connection, arrival.drop_id, name, ELSEWHERE.code, now_utc())
            except (UnreadableDrop, DropRefusedError) as found:
                other = source_it_is_of(reader, arrival, policy, new_store, found)
                error, now = other or found, now_utc()
                if not leave_to_others(
                    connection, arrival, others, policy.sources, error.code, now
                ):
                    decision = decision_for(other or with_passwords_in_mind(found))
                    quarantine(connection, folder, arrival, decision)
                    taken.add(decision)
            done += 1
            progress(done, len(arrivals))
        trusted = released_by_hand(connection) | _durable(connection, name)
        places = places_in_order(connection, policy, name, [one.waiting for one in staged])
        for one in sorted(staged, key=lambda found: places[found.arrival.drop_id]):
            put_at_hand(connection, one.view)
            judge = one.arrival.drop_id not in trusted
            taken.add(_load_or_hold(connection, folder, policy, name, one, judge=judge))
            unstage(connection, one.view)
            done += 1
            progress(done, len(arrivals))
    judge_again(connection, policy, name)
    return taken


def _stage(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    name: str,
    arrival: Arrival,
    drop: ReadDrop,
    identifying: set[int],
    erased: ErasedPeople,
    number: int,
) -> StagedDrop:
    """Judges the rows of a drop that was read. Raises DropRefusedError when too many are bad."""
    source = policy.sources[name]
    view = f"staged_{number}"
    rows, bad = stage_rows(connection, source, policy, drop, identifying, view, erased)
    position = position_of(connection, policy, source, drop, view, arrival.arrived_at)
    refused = rows_of_erased(connection, view)
    if refused == 0 or refused < rows:
        sent, broken = rows - refused, bad - refused - rows_repeated(connection, view)
        if are_too_many_bad(sent, broken, policy):
            footers = count_footers(connection, source, policy, drop, view)
            sent, broken = sent - footers, broken - footers
        try:
            refuse_if_too_many_bad(sent, broken, policy)
        except DropRefusedError:
            file = SentFile(position, arrival.saved_at, drop.sheet)
            keep_refused_rows(connection, arrival.drop_id, name, view, rows, file)
            raise
    decision = Decision(
        "loaded",
        position_date=position,
        format=drop.format,
        rows_read=rows,
        rows_loaded=rows - bad,
        columns_dropped=len(drop.dropped),
    )
    stated = stated_position(drop, policy, arrival.arrived_at)
    return StagedDrop(arrival, replace(drop, columns={}), view, decision, stated)


def _load_or_hold(
    connection: duckdb.DuckDBPyConnection,
    folder: DataFolder,
    policy: Policy,
    name: str,
    one: StagedDrop,
    *,
    judge: bool,
) -> Decision:
    """Loads the drop in `staged`, or holds it for an operator when it differs too much."""
    findings = judge_drift(connection, policy, name, one.waiting) if judge else []
    if judge:
        findings += swapped_dates(connection, policy, policy.sources[name])
    if findings:
        decision = decision_to_hold(findings, one.decision)
        hold_drop(connection, folder, one.arrival, decision, findings)
        return decision
    load_staged(
        connection,
        name,
        policy.sources[name],
        drop_id=one.arrival.drop_id,
        arrived_at=one.arrival.arrived_at,
        saved_at=one.arrival.saved_at,
        drop=without_names(connection, policy, one.drop, {STAGED: policy.sources[name].names}),
        position_date=one.decision.position_date,
        stated_position=one.stated,
        in_file_order=in_file_order(connection, one.view),
    )
    decision = one.decision
    guidance = one.drop.guidance
    if guidance:
        decision = replace(decision, reason=GUIDANCE.code, sentence=said_of_guidance(guidance))
    if came_late(connection, name, one.arrival):
        said = " ".join(filter(None, (reason_sentence(LATE), decision.sentence)))
        decision = replace(decision, reason=LATE.code, sentence=said)
    record_outcome(connection, one.arrival.drop_id, decision, now_utc(), name)
    clear_landing(connection, one.arrival.drop_id, name)
    return decision


def _durable(connection: duckdb.DuckDBPyConnection, name: str) -> set[str]:
    """Drops whose rows are in the tables already: only the ledger does not say so yet."""
    rows = connection.execute(
        "SELECT drop_id FROM restricted.loaded_drops WHERE source = ?", [name]
    ).fetchall()
    return {drop_id for (drop_id,) in rows}


def _refusal(source: str, policy: Policy, closed: bool, given_up: Collection[str]) -> str | None:
    if source not in policy.dpia.sources:
        return "D-UNKNOWN-SOURCE"
    if source not in policy.sources:
        return "D-NOT-AGREED"
    if closed:
        return "D-CLOSED"
    return "D-STOPPED" if source in given_up else None
