"""Erasures that wait, which can be taken back, and those that could not be verified, which an
operator settles who looked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console

from safer_streets_assets.accountability.wording import refuse_identifying
from safer_streets_assets.console.confirming import Question
from safer_streets_assets.console.recording import Moment, print_waiting, record
from safer_streets_assets.console.retention import print_certificates, print_in_the_way
from safer_streets_assets.console.screen import WAIT_SECONDS
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.policy import load_policy
from safer_streets_assets.retention import resume
from safer_streets_assets.retention.due import erasure_in_words, local_date, today_of
from safer_streets_assets.retention.erasure.settling import settle
from safer_streets_assets.retention.holdings.asked import (
    AskedErasure,
    asked_erasures,
    find_waiting,
    forget_subject,
    withdraw_asked,
)
from safer_streets_assets.retention.holdings.holding import ASKED_PREFIX, EXCEPTED, REVIEW_DUE
from safer_streets_assets.retention.holdings.on_record import readable
from safer_streets_assets.retention.holdings.register import read_register
from safer_streets_assets.retention.records.chain import refuse_tampered_certificates
from safer_streets_assets.retention.records.open_erasures import OpenErasure, find_open, read_open
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.ids import SHOWN_DIGITS
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.registers import now_utc


def list_erasures(console: Console, data: Path | None) -> None:
    """Prints every erasure that was asked for with what became of it, or what is in its way, and
    every one that is done and not verified, with the places.

    Raises:
        BrokenChainError: a certificate is not as it was written; the list is printed before.
    """
    folder, policy = DataFolder.locate(data), load_policy()
    ready_registers(folder)
    with open_stores(folder, read=["registers"]) as connection:
        asked = asked_erasures(connection)
    today = today_of(policy)
    holdings = read_register(folder, policy, today)
    if asked:
        states = {one.holding: one.state for one in holdings}
        zone = policy.dpia.evaluation.timezone
        print_table(
            console,
            "Erasures that were asked for",
            ("id", "what", "asked", "by", "why", "state"),
            [
                (
                    one.erasure_id[:SHOWN_DIGITS],
                    one.what,
                    local_date(one.asked_at, zone),
                    one.asked_by,
                    one.why,
                    _state(one, states.get(f"{ASKED_PREFIX}{one.erasure_id}"), zone, today),
                )
                for one in asked
            ],
        )
    print_waiting(console, policy, holdings)
    print_in_the_way(console, folder, policy, holdings)
    found = read_open(folder)
    if found:
        _print_open(console, found)
    else:
        console.print("Every erasure that is done is verified.")
    refuse_tampered_certificates(folder)


def _print_open(console: Console, found: Sequence[OpenErasure]) -> None:
    print_table(
        console,
        "Erasures that are not verified",
        ("id", "what", "begun (UTC)", "found since (UTC)", "where"),
        [
            (
                one.erasure.certificate_id[:SHOWN_DIGITS],
                one.erasure.what,
                one.erasure.begun_at,
                one.tried_at,
                "; ".join(one.places),
            )
            for one in found
        ],
    )


def _state(asked: AskedErasure, held: str | None, zone: str, today: date) -> str:
    """What became of an erasure; `held` is the state of its line of the register, if it has one."""
    if asked.withdrawn_at is not None:
        return f"taken back {local_date(asked.withdrawn_at, zone)}: {asked.why_withdrawn}"
    if asked.done_at is not None:
        return f"erased {local_date(asked.done_at, zone)}"
    if held is None:
        return "went with all personal data"
    if held in (EXCEPTED, REVIEW_DUE):
        return held
    return f"waits, {erasure_in_words(asked.due_on, today)}"


def withdraw_one(
    console: Console, data: Path | None, erasure_id: str, why: str, *, dry_run: bool
) -> None:
    """Takes back an erasure that waits, and destroys what said whom or what it was of."""
    folder = DataFolder.locate(data)
    found: list[AskedErasure] = []

    def write(at: Moment) -> str:
        one = find_waiting(asked_erasures(at.connection), erasure_id)
        withdraw_asked(folder, at.connection, at.policy, one, why, now_utc())
        found.append(one)
        return (
            f"Took the erasure {one.erasure_id[:SHOWN_DIGITS]} back: nothing is erased; that it "
            "was asked for stays on record."
        )

    record(console, data, load_policy(), write, None, dry_run=dry_run, texts=[why], is_brake=True)
    if not dry_run:
        forget_subject(folder, found[0].erasure_id)


def settle_one(
    console: Console, data: Path | None, erasure_id: str, why: str, by: str, *, yes: bool
) -> None:
    """Certifies one of them, by what was found at the places or by the statement about it."""
    folder, policy = DataFolder.locate(data), load_policy()
    ready_registers(folder)
    with run_lock(folder.lock, WAIT_SECONDS):
        resume(folder, policy, now_utc())
        one = find_open(read_open(folder), erasure_id)
        with open_stores(folder, read=readable(folder)) as connection:
            refuse_identifying(connection, policy, [why])
        console.print(one.sentence, soft_wrap=True, markup=False)
        Question(
            one.erasure.certificate_id[:SHOWN_DIGITS],
            "Type the id again when you looked there and it is somebody or something else",
            yes=yes,
        ).ask()
        written = settle(folder, policy, erasure_id, why, by, today_of(policy), now_utc())
        print_certificates(console, [written])
