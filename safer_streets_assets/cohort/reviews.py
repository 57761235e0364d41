"""Reviews of near misses: what operators decided, in force until withdrawn, and the audit of it.

Links stand in the restricted store, with the CRNs. The audit in the registers has the opaque id of
the near miss, the decision, who and when. A link is written first and its line in the audit after
it; `complete_audit` writes lines that a killed command left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

import duckdb

from safer_streets_assets.cohort.person import links_in_force, objected_under, own_crns
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.policy import Policy
from safer_streets_assets.stores.queries import one_row, transaction
from safer_streets_assets.stores.sql_files import read_sql

ACCEPTED: Final = "accepted"
REJECTED: Final = "rejected"
WITHDRAWN: Final = "withdrawn"
OPEN: Final = "open"
Verdict = Literal["accepted", "rejected"]


class ReviewError(SaferStreetsError):
    """A decision on a near miss cannot be carried out."""


@dataclass(frozen=True)
class NearMiss:
    """A near miss and what was decided about it: open, accepted or rejected.

    The repr holds no CRN.
    """

    near_miss_id: str
    crn_sent: str = field(repr=False)
    crn_meant: str = field(repr=False)
    sources: Sequence[str]
    row_count: int
    agrees_on: Sequence[str]
    state: str


@dataclass(frozen=True)
class Decided:
    """How many decisions of a list were new, by verdict, and how many stood already."""

    accepted: int
    rejected: int
    standing: int


def ensure_review_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables of the review; the restricted store is attached for writing."""
    connection.execute(read_sql("cohort", "review_tables"))


def near_misses(connection: duckdb.DuckDBPyConnection) -> list[NearMiss]:
    """The near misses of the last run, in the order of their ids.

    The restricted store and the registers are attached.
    """
    rows = connection.execute(
        "SELECT near_miss_id, crn_sent, crn_meant, sources, row_count, agrees_on "
        "FROM restricted.near_misses ORDER BY near_miss_id"
    ).fetchall()
    states = _states(connection)
    return [
        NearMiss(name, sent, meant, sources, row_count, agrees_on, states.get(name, OPEN))
        for name, sent, meant, sources, row_count, agrees_on in rows
    ]


def record_verdicts(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    verdicts: Mapping[str, Verdict],
    who: str,
    now: datetime,
) -> Decided:
    """Carries out verdicts on near misses by id: all of them, or none.

    A verdict that stands already changes nothing, so a list can be accepted again. Rejecting a near
    miss that was accepted withdraws its link. Links count from the next run on. The restricted
    store and the registers are attached for writing.

    Raises:
        ReviewError: an id is not on the list of the last run, or a CRN that would be accepted is
            accepted as another one, or somebody's own by now.
    """
    complete_audit(connection)
    known = {found.near_miss_id: found for found in near_misses(connection)}
    states = _states(connection)
    new = {name: v for name, v in verdicts.items() if states.get(name) != v}
    if not new.keys() <= known.keys():
        raise ReviewError(
            "The list has an id that is not among the near misses of the last run; write a new "
            "list with safer-streets review list --out, decide in it, and accept that one."
        )
    accepted = [known[name] for name, verdict in new.items() if verdict == ACCEPTED]
    rejected = [name for name, verdict in new.items() if verdict == REJECTED]
    _refuse_two_meanings(connection, accepted)
    _refuse_own_crns(connection, policy, accepted)
    now = _after_what_stands(connection, now)
    with transaction(connection):
        for found in accepted:
            connection.execute(
                "INSERT INTO restricted.accepted_links VALUES (?, ?, ?, ?, ?, NULL, NULL)",
                [found.near_miss_id, found.crn_sent, found.crn_meant, who, now],
            )
        for name in rejected:
            _withdraw_link(connection, name, who, now)
    complete_audit(connection)
    _write_audit(connection, rejected, REJECTED, who, now)
    return Decided(len(accepted), len(rejected), len(verdicts) - len(new))


def withdraw(
    connection: duckdb.DuckDBPyConnection, near_miss_id: str, who: str, now: datetime
) -> str:
    """Takes back what was decided about a near miss, which is open again; returns what it was.

    Raises:
        ReviewError: nothing stands that could be withdrawn.
    """
    complete_audit(connection)
    standing = _states(connection).get(near_miss_id, OPEN)
    if standing == OPEN:
        raise ReviewError(
            "Nothing stands about a near miss of this id; safer-streets review list shows the ids."
        )
    now = _after_what_stands(connection, now)
    with transaction(connection):
        _withdraw_link(connection, near_miss_id, who, now)
    complete_audit(connection)
    if standing == REJECTED:
        _write_audit(connection, [near_miss_id], WITHDRAWN, who, now)
    return standing


def complete_audit(connection: duckdb.DuckDBPyConnection) -> None:
    """Writes the lines of the audit that links call for and that are not there yet."""
    for decision, by, at in (
        (ACCEPTED, "accepted_by", "accepted_at"),
        (WITHDRAWN, "withdrawn_by", "withdrawn_at"),
    ):
        connection.execute(
            "INSERT INTO registers.review_decisions "
            f"SELECT near_miss_id, ?, {by}, {at} FROM restricted.accepted_links "
            f"WHERE {at} IS NOT NULL ORDER BY {at} ON CONFLICT DO NOTHING",
            [decision],
        )


def links_digest(
    connection: duckdb.DuckDBPyConnection, renamed: Mapping[str, str] | None = None
) -> str:
    """SHA-256 over the ids of the links in force by the audit, or over what they are renamed to.

    The registers are attached.
    """
    named = renamed or {}
    states = _states(connection).items()
    accepted = sorted(named.get(name, name) for name, state in states if state == ACCEPTED)
    return hashlib.sha256("\n".join(accepted).encode()).hexdigest()


def _states(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Id to what stands about it; what was withdrawn is open again.

    Rejecting a link withdraws it at the same moment: then the rejection stands.
    """
    rows = connection.execute(
        "SELECT near_miss_id, decision FROM registers.review_decisions "
        "QUALIFY row_number() OVER "
        "(PARTITION BY near_miss_id ORDER BY decided_at DESC, decision = ? DESC) = 1",
        [REJECTED],
    ).fetchall()
    return {name: OPEN if last == WITHDRAWN else last for name, last in rows}


def _after_what_stands(connection: duckdb.DuckDBPyConnection, now: datetime) -> datetime:
    """The time now, or just after the last decision where a clock was set back: the last counts."""
    (last,) = one_row(connection, "SELECT max(decided_at) FROM registers.review_decisions")
    return now if last is None else max(now, last + timedelta(microseconds=1))


def _refuse_two_meanings(
    connection: duckdb.DuckDBPyConnection, accepted: Sequence[NearMiss]
) -> None:
    meant = links_in_force(connection)
    for found in accepted:
        if meant.setdefault(found.crn_sent, found.crn_meant) != found.crn_meant:
            raise ReviewError(
                f"The CRN of near miss {found.near_miss_id} is accepted as another one already; "
                "withdraw that link first with safer-streets review withdraw."
            )


def _refuse_own_crns(
    connection: duckdb.DuckDBPyConnection, policy: Policy, accepted: Sequence[NearMiss]
) -> None:
    own = own_crns(connection, policy)
    own |= objected_under(connection, [found.crn_sent for found in accepted])
    for found in accepted:
        if found.crn_sent in own:
            raise ReviewError(
                f"The CRN of near miss {found.near_miss_id} is somebody's own: they were sent as a "
                "person under it, or have objected under it; decide no on it, and accept the list "
                "again."
            )


def _withdraw_link(
    connection: duckdb.DuckDBPyConnection, near_miss_id: str, who: str, now: datetime
) -> None:
    connection.execute(
        "UPDATE restricted.accepted_links SET withdrawn_by = ?, withdrawn_at = ? "
        "WHERE near_miss_id = ? AND withdrawn_at IS NULL",
        [who, now, near_miss_id],
    )


def _write_audit(
    connection: duckdb.DuckDBPyConnection,
    names: Sequence[str],
    decision: str,
    who: str,
    now: datetime,
) -> None:
    with transaction(connection):
        for name in names:
            connection.execute(
                "INSERT INTO registers.review_decisions VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [name, decision, who, now],
            )
