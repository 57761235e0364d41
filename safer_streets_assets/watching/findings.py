"""What somebody has to know, found in the registers, the retention register and Dagster's history.

Each finding is a sentence of counts and opaque ids, and a key that is another once its state is
another: a holding that is due within 30 days and one that is due within 14 are two findings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import duckdb

from safer_streets_assets.accountability.breaches import RunningClock, running_clocks
from safer_streets_assets.accountability.requests import open_requests
from safer_streets_assets.accountability.reviews import next_review
from safer_streets_assets.intake.late_sources import late_sources
from safer_streets_assets.intake.ledger_counts import not_taken_in
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.alerts import AlertKind, AlertSeverity
from safer_streets_assets.release import ReleaseError
from safer_streets_assets.release.standing import read_standings
from safer_streets_assets.retention import Holding
from safer_streets_assets.retention.due import local_date
from safer_streets_assets.retention.holdings.holding import shown_name
from safer_streets_assets.retention.records.open_erasures import open_erasures
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.ids import SHOWN_DIGITS
from safer_streets_assets.stores.registers import stopped_stages

SEVERITIES: tuple[AlertSeverity, ...] = ("notice", "warning", "critical")
"""The least grave first."""
ERASED_LATELY = timedelta(days=14)
"""An erasure older than this is no news any more."""


@dataclass(frozen=True)
class Finding:
    """Something to know: what kind, what it is about and in which state, in a sentence."""

    kind: AlertKind
    about: str
    sentence: str

    @property
    def key(self) -> str:
        """A hash of what it is about, the same for as long as the state is."""
        return hashlib.sha256(f"{self.kind} {self.about}".encode()).hexdigest()

    def severity(self, policy: Policy) -> AlertSeverity:
        """How grave it is, by the policy."""
        return policy.dpia.alerts.tell[self.kind].severity


def find_everything(
    connection: duckdb.DuckDBPyConnection,
    policy: Policy,
    holdings: Sequence[Holding],
    now: datetime,
) -> list[Finding]:
    """Everything that the registers and the retention register say; the gravest first.

    The registers are attached for reading and all their tables are there. `holdings` is the
    retention register; `now` is in UTC.
    """
    today = local_date(now, policy.dpia.evaluation.timezone)
    found = [
        *_drops(connection),
        *_arrivals(connection, policy, today),
        *_breaches(connection, policy, now),
        *_requests(connection, policy, today),
        *_review(connection, policy, today),
        *_erasures(connection, now),
        *_holdings(holdings),
    ]
    return gravest_first(found, policy)


def find_releases(folder: DataFolder, registers: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """The release that waits for approval; or that its register was changed, which keeps nothing
    else from being told."""
    try:
        waiting = read_standings(folder, registers).candidate
    except ReleaseError as broken:
        yield Finding("release_register_broken", str(broken), str(broken))
        return
    if waiting is not None:
        yield Finding(
            "release_waits",
            waiting.release_id,
            f"Release {waiting.release_id} waits for approval: see safer-streets release list.",
        )


def gravest_first(found: Sequence[Finding], policy: Policy) -> list[Finding]:
    """Findings by how grave they are, and in the order they were found."""
    return sorted(found, key=lambda one: -SEVERITIES.index(one.severity(policy)))


_DROPS: dict[str, tuple[AlertKind, str]] = {
    "held": ("drop_held", "is held: release it or refuse it"),
    "quarantined": ("drop_quarantined", "is quarantined: ask its sender for another"),
    "refused": ("drop_refused", "is refused: move it to its source, or refuse it for good"),
}
"""State of a drop to what it is as a finding, and what it says."""


def _drops(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    for state, (kind, says) in _DROPS.items():
        for drop in not_taken_in(connection, state):
            reason = f" ({drop.reason})" if drop.reason else ""
            yield Finding(
                kind,
                f"{drop.drop_id} {drop.reason}",
                f"Drop {drop.drop_id[:SHOWN_DIGITS]} of {drop.source} {says}{reason}.",
            )


def _arrivals(
    connection: duckdb.DuckDBPyConnection, policy: Policy, today: date
) -> Iterator[Finding]:
    given_up = policy.dpia.gathered_for(stopped_stages(connection))
    for late in late_sources(connection, policy, today, given_up):
        yield Finding(
            "nothing_arrived",
            f"{late.source} {late.expected_by}",
            f"Nothing arrived of {late.sentence}: ask its sender.",
        )


def _breaches(
    connection: duckdb.DuckDBPyConnection, policy: Policy, now: datetime
) -> Iterator[Finding]:
    hours = {clock.name: clock.hours for clock in policy.dpia.accountability.breach_clocks}
    last_hours = timedelta(hours=policy.dpia.alerts.breach_hours_left)
    for clock in running_clocks(connection):
        kind = _kind_of_clock(clock, now, hours.get(clock.clock), last_hours)
        if kind is not None:
            yield Finding(kind, f"{clock.breach_id} {clock.clock}", f"Breach {clock.shown(now)}.")


def _kind_of_clock(
    clock: RunningClock, now: datetime, hours: int | None, last_hours: timedelta
) -> AlertKind | None:
    """How a clock stands; one that the policy no longer has is in its last hours or before them."""
    if clock.is_over(now):
        return "breach_past"
    left = clock.due_at - now
    if left <= last_hours:
        return "breach_last_hours"
    return "breach_half" if hours is not None and left <= timedelta(hours=hours) / 2 else None


def _requests(
    connection: duckdb.DuckDBPyConnection, policy: Policy, today: date
) -> Iterator[Finding]:
    days = timedelta(days=policy.dpia.alerts.request_days_left)
    for request in open_requests(connection):
        if request.due_on is not None and today >= request.due_on - days:
            kind: AlertKind = "request_overdue" if request.is_overdue(today) else "request_due"
            about = f"{request.request_id} {request.due_on}"
            yield Finding(kind, about, f"Request {request.shown(today)}.")


def _review(
    connection: duckdb.DuckDBPyConnection, policy: Policy, today: date
) -> Iterator[Finding]:
    review = next_review(connection, policy, today)
    if review.state in ("due", "overdue"):
        kind: AlertKind = "dpia_review_overdue" if review.state == "overdue" else "dpia_review_due"
        yield Finding(kind, str(review.due_on), f"Review of the DPIA: {review.shown}.")


def _erasures(connection: duckdb.DuckDBPyConnection, now: datetime) -> Iterator[Finding]:
    for one in open_erasures(connection):
        yield Finding(
            "erasure_unverified",
            one.erasure.certificate_id,
            f"Erasure {one.erasure.certificate_id[:SHOWN_DIGITS]} could not be verified: see "
            "safer-streets erasures list.",
        )
    rows = connection.execute(
        "SELECT certificate_id, holding, row_count FROM registers.deletion_certificates "
        "WHERE erased_at > $1 ORDER BY erased_at, certificate_id",
        [now - ERASED_LATELY],
    ).fetchall()
    for certificate_id, holding, row_count in rows:
        rows_gone = "" if row_count is None else f", {row_count} rows"
        yield Finding(
            "erasure_done",
            certificate_id,
            f"{shown_name(holding)} is erased{rows_gone}: certificate "
            f"{certificate_id[:SHOWN_DIGITS]}.",
        )


def _holdings(holdings: Sequence[Holding]) -> Iterator[Finding]:
    for holding in holdings:
        if not holding.is_held or holding.clock.due_on is None:
            continue
        about = f"{holding.holding} {holding.clock.due_on} {holding.state}"
        name = shown_name(holding.holding)
        if holding.is_due:
            yield Finding("erasure_overdue", about, f"{name} is {holding.state} for erasure.")
        elif holding.state.startswith("due within"):
            day = f"{holding.clock.due_on:%d/%m/%Y}"
            yield Finding("erasure_due", about, f"{name} is {holding.state}: erased on {day}.")
