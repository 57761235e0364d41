"""Objections (UK GDPR Article 21): kept with the CRN in the restricted store, decided by operators.

The DPIA does not say that an objection takes somebody out of the cohort by itself, so nothing does:
a check shows what waits for a decision, and of an upheld objection that rows are still held until
the person is erased. The register of requests has the random id alone. The restricted store is
written first; `complete_log` writes what a killed command left out of the register.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb

from safer_streets_assets.accountability.requests import OBJECTION
from safer_streets_assets.accountability.tables import (
    RIGHTS_REQUESTS,
    Entry,
    new_id,
    refuse_a_day_to_come,
)
from safer_streets_assets.cohort.person import InDoubtError, find_person
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import add_months, erasure_in_words, today_of
from safer_streets_assets.retention.erasure.subjects import ErasureScope, going, rows_going
from safer_streets_assets.rights.errors import RightsError
from safer_streets_assets.stores.catalogue import Catalogue
from safer_streets_assets.stores.queries import one_number, tables_in
from safer_streets_assets.stores.sql_files import read_sql

UPHELD, REFUSED = "upheld", "refused"
DECISIONS = (UPHELD, REFUSED)


@dataclass(frozen=True)
class Objection:
    """An objection by its random id; `is_held` says whether rows of the person are still there.

    `erasure` says when the person is erased, where that was asked for and waits; `in_doubt` what is
    to be settled first, where it is in doubt whose the rows under the CRN are.
    """

    objection_id: str
    received_on: date
    due_on: date
    decision: str | None
    is_held: bool
    crn: str = field(repr=False)
    erasure: str | None = None
    in_doubt: str | None = None

    @property
    def state(self) -> str:
        """What is to be done about it, in words."""
        if self.in_doubt is not None and not self.is_honoured:
            return f"{self.decision or 'waits for a decision'}. {self.in_doubt}"
        if self.decision is None:
            said = "waits for a decision; the rows are used until then"
            return said if self.erasure is None else f"{said}. The person {self.erasure}"
        if self.is_honoured:
            return self.decision
        if self.erasure is not None:
            return f"upheld; the rows are held and used until then: the person {self.erasure}"
        return "upheld, and the rows are still held: run safer-streets erase-person --now"

    @property
    def is_honoured(self) -> bool:
        """Whether nothing is to be done about it: refused, or upheld and no rows are there, of
        which it is clear whose they are."""
        if self.decision != UPHELD:
            return self.decision == REFUSED
        return not self.is_held and self.in_doubt is None


def ensure_objections(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the table; the restricted store is attached for writing."""
    connection.execute(read_sql("rights", "objections"))


def record_objection(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    crn: str,
    received_on: date,
    today: date,
    entry: Entry,
) -> str:
    """Records that the person of a normalised CRN objects; returns the random id.

    The restricted store and the registers are attached for writing, their tables made.

    Raises:
        RegisterError: the day lies in the future.
        RightsError: an objection of this person waits for a decision already.
    """
    refuse_a_day_to_come(received_on, today)
    waiting = "SELECT count(*) FROM restricted.objections WHERE crn_key = ? AND decision IS NULL"
    if one_number(connection, waiting, [crn]):
        raise RightsError("An objection of this person waits for a decision already.")
    objection_id = new_id(RIGHTS_REQUESTS)
    connection.execute(
        "INSERT INTO restricted.objections VALUES (?, ?, ?, ?, NULL, NULL, NULL, NULL, ?, ?)",
        [
            objection_id,
            crn,
            received_on,
            add_months(received_on, policy.dpia.rights.answer_within.months),
            entry.by,
            entry.at,
        ],
    )
    complete_log(connection)
    return objection_id


def decide_objection(
    connection: duckdb.DuckDBPyConnection,
    objection_id: str,
    decision: str,
    reasons: str,
    entry: Entry,
) -> None:
    """Records what was decided about an objection, with reasons in general words; once.

    Raises:
        RightsError: there is no such objection that waits, or no such decision.
    """
    if decision not in DECISIONS:
        raise RightsError(f"The decision is none of {', '.join(DECISIONS)}; give one of them.")
    waiting = (
        "SELECT count(*) FROM restricted.objections WHERE objection_id = ? AND decision IS NULL"
    )
    if not one_number(connection, waiting, [objection_id]):
        raise RightsError(
            "No objection of this id waits for a decision; safer-streets objections list shows "
            "the ids."
        )
    connection.execute(
        "UPDATE restricted.objections SET decision = ?, reasons = ?, decided_by = ?, "
        "decided_at = ? WHERE objection_id = ?",
        [decision, reasons, entry.by, entry.at, objection_id],
    )
    complete_log(connection)


def complete_log(connection: duckdb.DuckDBPyConnection) -> None:
    """Writes the lines of the register of requests that objections call for."""
    rows = connection.execute(
        "SELECT objection_id, received_on, due_on, decision, decided_at, recorded_by, recorded_at "
        "FROM restricted.objections ORDER BY recorded_at"
    ).fetchall()
    for objection_id, received_on, due_on, decision, decided_at, by, at in rows:
        connection.execute(
            "INSERT INTO registers.rights_requests "
            "(request_id, kind, received_on, due_on, recorded_by, recorded_at) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [objection_id, OBJECTION, received_on, due_on, by, at],
        )
        if decision is not None:
            connection.execute(
                "UPDATE registers.rights_requests SET outcome = ?, closed_at = ? "
                "WHERE request_id = ? AND closed_at IS NULL",
                ["answered" if decision == UPHELD else decision, decided_at, objection_id],
            )


def objections(
    connection: duckdb.DuckDBPyConnection, policy: Policy, erasing: Mapping[str, date]
) -> list[Objection]:
    """Every objection, oldest first; none where the restricted store is not attached.

    `erasing` has the CRNs of people whose erasure waits, and for which day.
    """
    if "objections" not in tables_in(connection, "restricted"):
        return []
    rows = connection.execute(
        "SELECT objection_id, received_on, due_on, decision, crn_key "
        "FROM restricted.objections ORDER BY recorded_at, objection_id"
    ).fetchall()
    today = today_of(policy)
    found = []
    for objection_id, received_on, due_on, decision, crn in rows:
        crns, in_doubt = frozenset({crn}), None
        try:
            crns = find_person(connection, policy, crn).crns
        except InDoubtError as doubt:
            in_doubt = str(doubt)
        is_held = _is_held(connection, policy, crns)
        when = erasure_in_words(erasing[crn], today) if crn in erasing else None
        found.append(
            Objection(objection_id, received_on, due_on, decision, is_held, crn, when, in_doubt)
        )
    return found


def _is_held(connection: duckdb.DuckDBPyConnection, policy: Policy, crns: Collection[str]) -> bool:
    """Whether a row that an agreed source sent of the person is there, loaded or set aside. (What
    is no longer agreed is erased without being asked for.)"""
    as_sent = {
        name
        for name, table in Catalogue(policy).of_store("restricted").items()
        if table.as_sent and (not table.sources or set(table.sources) & policy.sources.keys())
    }
    scope = ErasureScope("person", sorted(crns), ())
    conditions = going(connection, policy, scope, "restricted")
    sent = {table: where for table, where in conditions.items() if table in as_sent}
    return bool(rows_going(connection, sent, "restricted"))


@dataclass(frozen=True)
class ObjectionsToDo:
    """What operators have to do about objections, and whether an upheld one is not honoured."""

    lines: list[str]
    is_late: bool


def judged(found: list[Objection]) -> ObjectionsToDo:
    """The objections about which something is to be done; those upheld and not honoured first."""
    ignored = [one for one in found if one.decision == UPHELD and not one.is_honoured]
    waiting = [one for one in found if one.decision is None]
    lines = [f"{one.objection_id}: {one.state}" for one in [*ignored, *waiting]]
    return ObjectionsToDo(lines, any(one.erasure is None for one in ignored))
