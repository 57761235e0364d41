"""How things stand, in ten lines, with the exit code that monitoring plug-ins use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import dagster as dg
import duckdb

from safer_streets_assets.accountability.clocks import local_time
from safer_streets_assets.accountability.reviews import next_review
from safer_streets_assets.policy import Policy
from safer_streets_assets.policy.alerts import AlertKind, Channel
from safer_streets_assets.release import ReleaseError
from safer_streets_assets.release.approving import IS
from safer_streets_assets.release.up_to_date import newest_release
from safer_streets_assets.retention.due import local_date
from safer_streets_assets.retention.holdings.register import NOT_SET_OFF, next_in_words
from safer_streets_assets.retention.schedule_state import was_seen
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.watching.dagster_findings import ended_at, last_ended
from safer_streets_assets.watching.findings import Finding
from safer_streets_assets.watching.looking import Looked, open_registers

OK, WARNING, CRITICAL, UNKNOWN = 0, 1, 2, 3
STATES = ("OK", "WARNING", "CRITICAL")
NOT_KNOWN = "not known while something is damaged"
_IN_REGISTERS = ("Drops", "Release", "Erasure", "Breaches", "Requests", "DPIA review")
_SHOWN: dict[str, tuple[AlertKind, ...]] = {
    "Drops": ("drop_held", "drop_quarantined", "drop_refused", "nothing_arrived"),
    "Runs": ("store_damaged", "run_failed"),
    "Release": ("release_register_broken", "release_waits"),
    "Erasure": ("erasure_overdue", "erasure_unverified", "erasure_due", "erasure_done"),
    "Breaches": ("breach_past", "breach_last_hours", "breach_half"),
    "Requests": ("request_overdue", "request_due"),
    "DPIA review": ("dpia_review_overdue", "dpia_review_due"),
    "Daemon": ("daemon_stopped",),
}
"""Line to the kinds of findings that it is about, in the order in which they are shown."""


@dataclass(frozen=True)
class Status:
    """How things stand: the exit code, and each line as a label and what it says."""

    code: int
    lines: Sequence[tuple[str, str]]


def status_of(
    folder: DataFolder,
    policy: Policy,
    looked: Looked,
    instance: dg.DagsterInstance | None,
    channels: Mapping[Channel, object],
    now: datetime,
) -> Status:
    """How a data folder stands after a look at it; `now` is in UTC, and `instance` None where it
    cannot be opened.

    The caller holds the folder's lock.

    Raises:
        KeyMissingError, StoreError: the registers do not open.
    """
    found, timezone = looked.found, policy.dpia.evaluation.timezone
    usual = {
        "Drops": "every drop was taken in or decided on, and none is late",
        "Breaches": "no clock is past its half",
        "Requests": "none is due",
        **_of_history(instance if looked.history else None, policy),
        **_of_registers(folder, policy, looked, local_date(now, timezone)),
    }
    code = max((_code(one, policy) for one in found), default=OK)
    lines = [(STATES[code], f"{policy.dpia.evaluation.name}, {local_time(now, timezone)}")]
    lines += [(label, _line(found, policy, label, usual)) for label in _SHOWN]
    through = ", ".join(channels) or "this environment sets no channel up (docs/alerts.md)"
    return Status(code, [*lines, ("Alerts", through)])


def _code(finding: Finding, policy: Policy) -> int:
    return {"notice": OK, "warning": WARNING, "critical": CRITICAL}[finding.severity(policy)]


def _line(found: Sequence[Finding], policy: Policy, label: str, usual: Mapping[str, str]) -> str:
    """The first of what waits there and how much more; what is usual where nothing does."""
    own = [one for one in found if one.kind in _SHOWN[label] and one.severity(policy) != "notice"]
    if not own:
        return usual[label]
    more = f" And {len(own) - 1} more." if len(own) > 1 else ""
    return f"{own[0].sentence}{more}"


def _of_history(instance: dg.DagsterInstance | None, policy: Policy) -> dict[str, str]:
    """What Dagster's history says when nothing waits; None: it is damaged, which is a finding."""
    if instance is None:
        return {"Runs": NOT_KNOWN}
    running = "running" if was_seen(instance) else "never ran here: runs are started otherwise"
    return {"Runs": _last_run(instance, policy), "Daemon": running}


def _last_run(instance: dg.DagsterInstance, policy: Policy) -> str:
    records = [*last_ended(instance).values()]
    if not records:
        return "none on record"
    last = max(records, key=ended_at)
    at = local_time(ended_at(last), policy.dpia.evaluation.timezone)
    word = last.dagster_run.status.value.lower()
    return f"the last, {last.dagster_run.job_name}, ended {at}: {word}"


def _of_registers(
    folder: DataFolder, policy: Policy, looked: Looked, today: date
) -> dict[str, str]:
    """What the registers say when nothing waits."""
    if looked.holdings is None and any(one.kind == "store_damaged" for one in looked.found):
        return dict.fromkeys(_IN_REGISTERS, NOT_KNOWN)
    if looked.holdings is None:
        nothing = "nothing has arrived yet"
        return {"Release": "none yet", "Erasure": nothing, "DPIA review": nothing}
    with open_registers(folder) as connection:
        return {
            "Release": _release(connection, folder, policy),
            "Erasure": f"next {next_in_words(looked.holdings, today) or NOT_SET_OFF}",
            "DPIA review": next_review(connection, policy, today).shown,
        }


def _release(connection: duckdb.DuckDBPyConnection, folder: DataFolder, policy: Policy) -> str:
    try:
        newest = newest_release(connection, folder, policy)
    except ReleaseError as broken:
        return str(broken)
    if newest is None:
        return "none yet"
    state = "up to date" if newest.is_up_to_date else "not of what is there now: the next run looks"
    if newest.release_id == newest.current:
        return f"{newest.release_id}, {state}"
    return f"{newest.current or 'none'} is current; {newest.release_id} {IS[newest.state]}, {state}"
