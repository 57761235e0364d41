"""Carries out the erasures of drops and people that were asked for, once their day has come.

What goes is looked for on that day: what has come of them meanwhile goes too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime

import duckdb

from safer_streets_assets.cohort.person import PersonError, find_person
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.erasure.on_request import erase_planned
from safer_streets_assets.retention.erasure.planning import Plan, plan_drop, plan_person
from safer_streets_assets.retention.errors import ErasureError, RetentionError
from safer_streets_assets.retention.holdings.asked import (
    AskedErasure,
    asked_erasures,
    forget_others,
    kept_ids,
    subject_of,
    waiting_erasures,
)
from safer_streets_assets.retention.holdings.holding import ASKED_PREFIX, Holding
from safer_streets_assets.retention.holdings.intent import read_intent
from safer_streets_assets.retention.holdings.register import read_register
from safer_streets_assets.retention.records.certificates import Certificate
from safer_streets_assets.stores import DataFolder, StoreError, check_stores_open, open_stores
from safer_streets_assets.stores.ids import SHOWN_DIGITS
from safer_streets_assets.stores.keys import KeyMissingError
from safer_streets_assets.stores.sealed import SealError

_STANDS_IN_THE_WAY = (
    RetentionError,
    ErasureError,
    PersonError,
    KeyMissingError,
    StoreError,
    SealError,
)

INTERRUPTED = (
    "An erasure was interrupted: run safer-streets retention --enforce, which finishes it first."
)
NOTHING_MORE = "Nothing stands in its way any more: run safer-streets retention --enforce again."


def due_erasures(folder: DataFolder, policy: Policy, today: date) -> list[AskedErasure]:
    """Erasures that were asked for whose day has come, oldest first; `today` is the date in the
    policy's time zone.

    One that an exception keeps is none, nor is one that went with all personal data.
    """
    with open_stores(folder, read=["registers"]) as connection:
        come = [one for one in asked_erasures(connection) if one.waits and one.due_on <= today]
    if not come:
        return []
    return due_among(come, read_register(folder, policy, today))


def due_among(asked: Iterable[AskedErasure], holdings: Iterable[Holding]) -> list[AskedErasure]:
    """Erasures that are due by their lines of the register, which is read already."""
    due = {one.holding for one in holdings if one.is_due}
    return [one for one in asked if one.waits and f"{ASKED_PREFIX}{one.erasure_id}" in due]


def carry_out_asked(
    folder: DataFolder, policy: Policy, due: Sequence[AskedErasure], now: datetime
) -> list[Certificate]:
    """Carries out erasures whose day has come; `now` is in UTC. Returns the certificates written.

    The caller holds the run's lock and has finished what was begun before. One that cannot be
    carried out stays due (`not_carried_out`), and keeps nothing else from going on.
    """
    written: list[Certificate] = []
    for asked in due:
        with suppress(*_STANDS_IN_THE_WAY):
            written += erase_asked(folder, policy, asked, now)
    return written


def not_carried_out(folder: DataFolder, policy: Policy, left: Sequence[AskedErasure]) -> str:
    """What is said of erasures whose day has come and that could not be carried out, with why."""
    said = [
        f"{one.erasure_id[:SHOWN_DIGITS]}. {in_the_way(folder, policy, one) or NOTHING_MORE}"
        for one in left
    ]
    return (
        f"Due and not carried out: {' '.join(said)} Put right what stands in the way "
        "(safer-streets keys check), or take the erasure back (safer-streets erasures withdraw) "
        "and ask for it again."
    )


def what_is_stuck(folder: DataFolder, policy: Policy, holdings: Iterable[Holding]) -> str | None:
    """What is said of erasures that are due by the register and have something in their way; None
    where none has."""
    with open_stores(folder, read=["registers"]) as connection:
        late = due_among(asked_erasures(connection), holdings)
    stuck = [one for one in late if in_the_way(folder, policy, one) is not None]
    return not_carried_out(folder, policy, stuck) if stuck else None


def in_the_way(folder: DataFolder, policy: Policy, asked: AskedErasure) -> str | None:
    """What keeps an erasure from being carried out, in sentences; None where nothing does now."""
    try:
        begun = read_intent(folder)
        check_stores_open(folder)
        if begun is None or begun.erasure_id != asked.erasure_id:
            _plan(folder, policy, asked)
    except _STANDS_IN_THE_WAY as error:
        return str(error)
    return None if begun is None else INTERRUPTED


def erase_asked(
    folder: DataFolder, policy: Policy, asked: AskedErasure, now: datetime
) -> list[Certificate]:
    """Carries out one erasure; returns its certificate, or none where it is left open.

    Raises:
        RetentionError: what it is of is not there any more.
        ErasureError: another erasure is under way.
        PersonError: whose the rows are is to be settled first.
        KeyMissingError, StoreError, SealError: a store does not open, or what it is of.
    """
    plan = _plan(folder, policy, asked)
    return erase_planned(folder, policy, plan, now, asked.due_on, asked.erasure_id)


def _plan(folder: DataFolder, policy: Policy, asked: AskedErasure) -> Plan:
    subject = subject_of(folder, asked.erasure_id)
    if subject.kind == "person":
        return plan_person(folder, policy, subject.name)
    return plan_drop(folder, policy, subject.name)


def people_to_be_erased(
    connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy
) -> dict[str, date]:
    """The CRNs of everybody whose erasure waits, and the day; the registers are attached, and the
    restricted store where it opens.

    Who cannot be told, because what says so does not open or whose rows they are is in doubt, is
    left out.
    """
    found: dict[str, date] = {}
    for asked in waiting_erasures(connection):
        with suppress(RetentionError, PersonError, KeyMissingError, SealError):
            subject = subject_of(folder, asked.erasure_id)
            if subject.kind == "person":
                crns = find_person(connection, policy, subject.name).crns
                found |= {crn: min(asked.due_on, found.get(crn, asked.due_on)) for crn in crns}
    return found


def forget_left_over(folder: DataFolder) -> None:
    """Destroys what a killed command left of erasures that do not wait, or never were recorded."""
    if kept_ids(folder):
        with open_stores(folder, read=["registers"]) as connection:
            listed = asked_erasures(connection)
        forget_others(folder, listed)
