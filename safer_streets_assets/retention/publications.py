"""Publications: the reports that set off the retention schedule's 12-month clock."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import duckdb

from safer_streets_assets.intake.crn import holds_crn
from safer_streets_assets.retention.due import local_date
from safer_streets_assets.retention.errors import PublicationError

MAXIMUM_TITLE = 200


def add_publication(
    registers: duckdb.DuckDBPyConnection,
    title: str,
    published_on: date,
    now: datetime,
    timezone: str,
) -> str:
    """Records that a report was published and returns its id; a second time changes nothing.

    `now` is the time in UTC, `timezone` the evaluation's, in which the date is judged. The
    registers are attached for writing and have their tables.

    Raises:
        PublicationError: the date lies in the future, or the title is empty, too long or holds
            something that reads as a CRN (registers hold no personal data).
    """
    words = " ".join(title.split())
    if not words or len(words) > MAXIMUM_TITLE or not words.isprintable():
        raise PublicationError(
            f"The title of a publication is a line of 1 to {MAXIMUM_TITLE} characters; give one."
        )
    if holds_crn(words):
        raise PublicationError(
            "The title holds something that reads as a Case Reference Number; leave it out."
        )
    if published_on > local_date(now, timezone):
        raise PublicationError(
            "The date of publication lies in the future; record it once the report is published."
        )
    identity = f"{words}\0{published_on.isoformat()}"
    publication_id = hashlib.sha256(identity.encode()).hexdigest()[:16]
    registers.execute(
        "INSERT INTO registers.publications VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [publication_id, words, published_on, now],
    )
    return publication_id


def last_publication(registers: duckdb.DuckDBPyConnection) -> date | None:
    """The date of the latest publication, or None.

    The policy says "12 months after publication". With several reports the clock starts at the
    latest date: each report needs the data for its time of challenge and correction.
    """
    found = registers.execute("SELECT max(published_on) FROM registers.publications").fetchone()
    latest: date | None = found[0] if found else None
    return latest
