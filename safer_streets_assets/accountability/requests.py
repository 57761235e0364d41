"""The registers of requests: those of external agencies, and those of the people in the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from safer_streets_assets.accountability.clocks import days_until
from safer_streets_assets.accountability.errors import RegisterError
from safer_streets_assets.accountability.tables import (
    AGENCY_REQUESTS,
    RIGHTS_REQUESTS,
    Entry,
    close,
    insert,
    new_id,
    refuse_a_day_to_come,
    refuse_unless_open,
)
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import add_months
from safer_streets_assets.stores.queries import one_number

DECISIONS = ("disclosed", "disclosed in part", "refused", "withdrawn")
OUTCOMES = ("answered", "sent on to the controller", "refused", "withdrawn")
SUBJECT_ACCESS, OBJECTION = "subject access", "objection"


@dataclass(frozen=True)
class OpenRequest:
    """A request that is not closed; one of an agency has no due day."""

    request_id: str
    kind: str
    due_on: date | None

    def is_overdue(self, today: date) -> bool:
        """Whether its day has passed."""
        return self.due_on is not None and today > self.due_on

    def shown(self, today: date) -> str:
        """What is open, and how long it may be."""
        until = "open" if self.due_on is None else days_until(self.due_on, today)
        return f"{self.request_id}, {self.kind}: {until}"


def add_agency_request(
    connection: duckdb.DuckDBPyConnection,
    *,
    received_on: date,
    today: date,
    asked_by: str,
    asked_for: str,
    legal_gateway: str,
    entry: Entry,
) -> str:
    """Records what an external agency asked for, and under which law; returns the id.

    Raises:
        RegisterError: the day lies in the future.
    """
    refuse_a_day_to_come(received_on, today)
    request_id = new_id(AGENCY_REQUESTS)
    insert(
        connection,
        AGENCY_REQUESTS,
        request_id=request_id,
        received_on=received_on,
        asked_by=asked_by,
        asked_for=asked_for,
        legal_gateway=legal_gateway,
        recorded_by=entry.by,
        recorded_at=entry.at,
    )
    return request_id


def close_agency_request(
    connection: duckdb.DuckDBPyConnection,
    request_id: str,
    *,
    decision: str,
    decided_role: str,
    reasons: str,
    disclosed: str | None,
    entry: Entry,
) -> None:
    """Records what was decided about a request of an agency, by which role, and what was given.

    Raises:
        RegisterError: there is no such open request, the decision is not one of `DECISIONS`, or
            what was disclosed is missing, or is given though nothing was.
    """
    if decision not in DECISIONS:
        raise RegisterError(f"The decision is none of {', '.join(DECISIONS)}; give one of them.")
    if (disclosed is not None) != decision.startswith("disclosed"):
        raise RegisterError(
            "Say what was disclosed where something was, and only there (--disclosed)."
        )
    close(
        connection,
        AGENCY_REQUESTS,
        request_id,
        decision=decision,
        decided_role=decided_role,
        reasons=reasons,
        disclosed=disclosed,
        closed_at=entry.at,
    )


def add_rights_request(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    kind: str,
    received_on: date,
    today: date,
    entry: Entry,
) -> str:
    """Logs that somebody in the data, or who may be, asked; returns the random id.

    The answer is due on the same day of the month some months later, as the policy says, or on
    the last of a shorter month (UK GDPR Article 12(3)). Weekends do not prolong it here.

    Raises:
        RegisterError: the day lies in the future.
    """
    refuse_a_day_to_come(received_on, today)
    request_id = new_id(RIGHTS_REQUESTS)
    insert(
        connection,
        RIGHTS_REQUESTS,
        request_id=request_id,
        kind=kind,
        received_on=received_on,
        due_on=add_months(received_on, policy.dpia.rights.answer_within.months),
        recorded_by=entry.by,
        recorded_at=entry.at,
    )
    return request_id


def extend_rights_request(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    request_id: str,
    reasons: str,
    today: date,
) -> date:
    """Prolongs the time for an answer once, with the reasons the person is told; the new due day.

    Raises:
        RegisterError: there is no such open request, it was prolonged before, or its time is over.
    """
    refuse_unless_open(connection, RIGHTS_REQUESTS, request_id)
    received_on, due_on, before = connection.execute(
        "SELECT received_on, due_on, extended_because FROM registers.rights_requests "
        "WHERE request_id = ?",
        [request_id],
    ).fetchall()[0]
    if before is not None or today > due_on:
        raise RegisterError(
            "The time for an answer is prolonged once, and before it is over; answer the request."
        )
    rights = policy.dpia.rights
    later = add_months(received_on, rights.answer_within.months + rights.extension.months)
    connection.execute(
        "UPDATE registers.rights_requests SET due_on = ?, extended_because = ? "
        "WHERE request_id = ?",
        [later, reasons, request_id],
    )
    return later


def close_rights_request(
    connection: duckdb.DuckDBPyConnection, request_id: str, outcome: str, entry: Entry
) -> None:
    """Records how a person's request ended.

    Raises:
        RegisterError: there is no such open request, it is an objection (which is decided, not
            closed), or the outcome is not one of `OUTCOMES`.
    """
    kind = "SELECT count(*) FROM registers.rights_requests WHERE request_id = ? AND kind = ?"
    if one_number(connection, kind, [request_id, OBJECTION]):
        raise RegisterError("This is an objection: safer-streets objections decide closes it.")
    if outcome not in OUTCOMES:
        raise RegisterError(f"The outcome is none of {', '.join(OUTCOMES)}; give one of them.")
    close(connection, RIGHTS_REQUESTS, request_id, outcome=outcome, closed_at=entry.at)


def open_requests(connection: duckdb.DuckDBPyConnection) -> list[OpenRequest]:
    """Requests that are not closed, the one due first first, those of agencies last."""
    rows = connection.execute(
        "SELECT request_id, kind, due_on FROM registers.rights_requests WHERE closed_at IS NULL "
        "UNION ALL SELECT request_id, 'agency request', NULL FROM registers.agency_requests "
        "WHERE closed_at IS NULL ORDER BY due_on NULLS LAST, request_id"
    ).fetchall()
    return [OpenRequest(*row) for row in rows]
