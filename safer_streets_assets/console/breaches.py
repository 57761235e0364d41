"""The commands of breaches: add, assess, escalate, report, close."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from safer_streets_assets.accountability import breaches
from safer_streets_assets.accountability.clocks import utc_of
from safer_streets_assets.console.registers import at_the_desk
from safer_streets_assets.stores.registers import now_utc


def add_breach(
    console: Console, data: Path | None, detected: str, what: str, severity: str
) -> None:
    """Records a breach, and says by when who has to hear of it."""
    with at_the_desk(data, what) as desk:
        at = utc_of(detected, desk.timezone)
        breach_id = breaches.add_breach(
            desk.connection, desk.policy, at, what, severity, desk.entry
        )
        running = breaches.running_clocks(desk.connection)
    console.print(f"Breach {breach_id} is recorded.")
    for clock in running:
        if clock.breach_id == breach_id:
            console.print(clock.shown(now_utc()), soft_wrap=True)


def assess_breach(console: Console, data: Path | None, breach_id: str, severity: str) -> None:
    """Records how severe an open breach is."""
    with at_the_desk(data) as desk:
        breaches.assess_breach(desk.connection, desk.policy, breach_id, severity, desk.entry)
    console.print(f"Breach {breach_id}: its severity is {severity}.")


def escalate_breach(console: Console, data: Path | None, breach_id: str, to: str, at: str) -> None:
    """Records to whom a breach was escalated."""
    with at_the_desk(data) as desk:
        time = utc_of(at, desk.timezone)
        breaches.escalate_breach(desk.connection, desk.policy, breach_id, to, time, desk.entry)
    console.print(f"Breach {breach_id}: its escalation is recorded.")


def report_breach(console: Console, data: Path | None, breach_id: str, to: str, at: str) -> None:
    """Records that somebody was told of a breach."""
    with at_the_desk(data) as desk:
        time = utc_of(at, desk.timezone)
        breaches.report_breach(desk.connection, breach_id, to, time, desk.entry)
    console.print(f"Breach {breach_id}: the clock {to} is stopped.")


def decide_not_to_report(
    console: Console, data: Path | None, breach_id: str, to: str, reasons: str
) -> None:
    """Records why somebody need not be told of a breach."""
    with at_the_desk(data, reasons) as desk:
        breaches.decide_not_to_report(desk.connection, breach_id, to, reasons, desk.entry)
    console.print(f"Breach {breach_id}: the clock {to} is stopped, with the reasons on record.")


def close_breach(console: Console, data: Path | None, breach_id: str, lessons: str) -> None:
    """Closes a breach with its lessons."""
    with at_the_desk(data, lessons) as desk:
        breaches.close_breach(desk.connection, breach_id, lessons, desk.entry)
    console.print(f"Breach {breach_id} is closed.")
