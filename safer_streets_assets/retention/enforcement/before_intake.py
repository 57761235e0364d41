"""Before anything is taken in: certificates are whole, the clock is right, nobody is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from safer_streets_assets.policy import Policy
from safer_streets_assets.retention.due import local_date
from safer_streets_assets.retention.enforcement.after_waiting import carry_out_asked, due_erasures
from safer_streets_assets.retention.enforcement.agreement import begin_run
from safer_streets_assets.retention.erasure.beginning import is_enforced
from safer_streets_assets.retention.errors import OverdueError
from safer_streets_assets.retention.holdings import rules
from safer_streets_assets.retention.holdings.holding import Holding
from safer_streets_assets.retention.holdings.register import read_register
from safer_streets_assets.retention.records.chain import refuse_tampered_certificates
from safer_streets_assets.retention.records.machine_clock import watch_clock
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.preflight import ready_registers


def begin_intake(folder: DataFolder, policy: Policy, now: datetime) -> None:
    """What a run does before it takes anything in: no certificate was tampered with, its stores are
    brought to the policy, nothing personal is overdue, and erasures whose day has come are carried
    out. One that cannot be stays due, which a check says. `now` is in UTC; the caller holds the
    run's lock.

    Raises:
        BrokenChainError: a certificate is not as it was written, or is missing.
        ClockError, OverdueError: as `refuse_when_overdue`.
        KeyMissingError, StoreError, ErasureNotVerifiedError: as `begin_run`.
    """
    # Before anything is written: what a run erases is certified in the same chain.
    ready_registers(folder, is_locked=True)
    refuse_tampered_certificates(folder)
    begin_run(folder, policy, now)
    refuse_when_overdue(folder, policy, now)
    today = local_date(now, policy.dpia.evaluation.timezone)
    carry_out_asked(folder, policy, due_erasures(folder, policy, today), now)


def refuse_when_overdue(folder: DataFolder, policy: Policy, now: datetime) -> list[Holding]:
    """Notes the time, and returns what is due of files that were never taken in, or were already.

    `now` is in UTC. The caller holds the run's lock, has finished what was begun, and has made the
    registers ready.

    Raises:
        ClockError: the clock has jumped.
        OverdueError: rows about people are due to be erased and are still held.
    """
    with open_stores(folder, write=["registers"]) as connection:
        watch_clock(connection, policy, now)
    today = local_date(now, policy.dpia.evaluation.timezone)
    due = [one for one in read_register(folder, policy, today) if is_enforced(one)]
    rows = [one for one in due if _is_about_people(policy, one)]
    if rows:
        raise OverdueError(_sentence(rows))
    return due


def _is_about_people(policy: Policy, one: Holding) -> bool:
    """Whether it is due with the data, rather than as a file of its own."""
    governing = (rules.personal_rule(policy), rules.CONCLUSION, rules.STAGE_STOPPED)
    return one.clock.rule in governing


def _sentence(rows: Sequence[Holding]) -> str:
    due_on = min(one.clock.due_on for one in rows if one.clock.due_on is not None)
    return (
        f"Personal data has been due to be erased since {due_on} and is still held "
        f"({len(rows)} holdings), so nothing is taken in: run safer-streets retention --enforce "
        "first."
    )
