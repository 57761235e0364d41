"""Publications: the reports that set off the retention schedule's 12-month clock.

A publication is never taken out of the registers: one that was withdrawn stays, with why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from safer_streets_assets.intake.crn import holds_crn
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import local_date
from safer_streets_assets.retention.errors import PublicationError
from safer_streets_assets.retention.records.recording import Record, record_withdrawal, recorded_now
from safer_streets_assets.stores.ids import the_one
from safer_streets_assets.stores.registers import has_table

MAXIMUM_TITLE = 200


@dataclass(frozen=True)
class Publication:
    """A publication on record; times are in UTC."""

    publication_id: str
    title: str
    published_on: date
    recorded_at: datetime
    withdrawn_at: datetime | None = None
    why: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it was not withdrawn."""
        return self.withdrawn_at is None


@dataclass(frozen=True)
class Counted:
    """The publication from which the clock runs, and the day since which it runs from there.

    That day is the one on which the last thing was recorded that moved the clock.
    """

    publication: Publication
    since: date


def add_publication(
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    title: str,
    published_on: date,
    now: datetime,
) -> str:
    """Records that a report was published and returns its id; a second time changes nothing.

    `now` is the time in UTC. A date that has not come counts from that day on. The registers are
    attached for writing and have their tables.

    Raises:
        PublicationError: the title is empty, too long or holds something that reads as a CRN
            (registers hold no personal data).
    """
    line = " ".join(title.split())
    if not line or len(line) > MAXIMUM_TITLE or not line.isprintable():
        raise PublicationError(
            f"The title of a publication is a line of 1 to {MAXIMUM_TITLE} characters; give one."
        )
    number = policy.dpia.person_number
    if holds_crn(line, number):
        raise PublicationError(
            f"The title holds something that reads as a {number.at_length}; leave it out."
        )
    same = [
        one
        for one in publications(registers)
        if (one.title, one.published_on) == (line, published_on)
    ]
    standing = [one for one in same if one.stands]
    if standing:
        return standing[0].publication_id
    again = f"\0{len(same)}" if same else ""
    identity = f"{line}\0{published_on.isoformat()}{again}"
    publication_id = hashlib.sha256(identity.encode()).hexdigest()[:16]
    registers.execute(
        "INSERT INTO registers.publications VALUES (?, ?, ?, ?)",
        [publication_id, line, published_on, recorded_now(registers, "publication", now)],
    )
    return publication_id


def withdraw_publication(
    registers: duckdb.DuckDBPyConnection,
    policy: Policy,
    publication_id: str,
    why: str,
    now: datetime,
) -> Publication:
    """Takes a publication back, as long as erasure has not begun; returns it as it was.

    Raises:
        PublicationError: no publication of that id stands.
        DecisionError: erasure has begun, or why is no line that names nobody.
    """
    found = find_publication(publications(registers), publication_id)
    record = Record(found.publication_id, found.published_on, None, found.recorded_at)
    record_withdrawal(registers, policy, "publication", record, why, None, now)
    return found


def find_publication(listed: Iterable[Publication], publication_id: str) -> Publication:
    """The publication that stands under an id, or under its first digits.

    Raises:
        PublicationError: there is none, or more than one.
    """
    found = the_one(
        (one for one in listed if one.stands), lambda one: one.publication_id, publication_id
    )
    if found is None:
        raise PublicationError(
            "No publication of that id stands; safer-streets publication list has their ids."
        )
    return found


def publications(registers: duckdb.DuckDBPyConnection) -> list[Publication]:
    """Every publication on record, in the order in which they were recorded."""
    back = "SELECT NULL AS subject, NULL AS recorded_at, NULL AS why, NULL AS withdrawn_at"
    if has_table(registers, "withdrawals"):
        back = "SELECT * FROM registers.withdrawals WHERE kind = 'publication'"
    rows = registers.execute(
        "SELECT p.publication_id, p.title, p.published_on, p.recorded_at, w.withdrawn_at, w.why "
        f"FROM registers.publications p LEFT JOIN ({back}) w "
        "ON w.subject = p.publication_id AND w.recorded_at = p.recorded_at "
        "ORDER BY p.recorded_at, p.rowid"
    ).fetchall()
    return [Publication(*row) for row in rows]


def counted(listed: Sequence[Publication], policy: Policy, today: date) -> Counted | None:
    """The publication that counts on a day, as the policy says, or None.

    One whose date has not come does not count yet.
    """
    zone = policy.dpia.evaluation.timezone
    come = [one for one in listed if one.published_on <= today]
    now: Publication | None = None
    since = date.min
    for day in sorted({day for one in come for day in _days_of_change(one, zone)}):
        then = _that_counts([one for one in come if _counts_on(one, day, zone)], policy)
        if (then and then.publication_id) != (now and now.publication_id):
            since = day
        now = then
    return None if now is None else Counted(now, since)


def _that_counts(standing: Sequence[Publication], policy: Policy) -> Publication | None:
    pick = max if policy.dpia.retention.publication_that_counts == "latest" else min
    return pick(standing, key=lambda one: one.published_on, default=None)


def _days_of_change(one: Publication, timezone: str) -> list[date]:
    begins = max(local_date(one.recorded_at, timezone), one.published_on)
    return [begins, *([local_date(one.withdrawn_at, timezone)] if one.withdrawn_at else [])]


def _counts_on(one: Publication, day: date, timezone: str) -> bool:
    begins, *ends = _days_of_change(one, timezone)
    return begins <= day and not any(end <= day for end in ends)
