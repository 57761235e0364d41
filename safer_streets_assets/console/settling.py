"""Erasures that could not be verified: listed, and settled by a person who looked."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from safer_streets_assets.accountability.wording import refuse_identifying
from safer_streets_assets.console.confirming import Question
from safer_streets_assets.console.retention import print_certificates
from safer_streets_assets.console.screen import WAIT_SECONDS
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.policy import load_policy
from safer_streets_assets.retention.enforcement import resume
from safer_streets_assets.retention.open_erasures import SHOWN, find_open
from safer_streets_assets.retention.opening import readable
from safer_streets_assets.retention.settling import read_open, settle
from safer_streets_assets.retention.stored import today_of
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.registers import now_utc


def list_open(console: Console, data: Path | None) -> None:
    """Prints every erasure that is done and not verified, with the places."""
    folder = DataFolder.locate(data)
    ready_registers(folder)
    found = read_open(folder)
    if not found:
        console.print("Every erasure is verified.")
        return
    print_table(
        console,
        "Erasures that are not verified",
        ("id", "what", "begun (UTC)", "found since (UTC)", "where"),
        [
            (
                one.erasure.certificate_id[:SHOWN],
                one.erasure.what,
                one.erasure.begun_at,
                one.tried_at,
                "; ".join(one.places),
            )
            for one in found
        ],
    )


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
            one.erasure.certificate_id[:SHOWN],
            "Type the id again when you looked there and it is somebody or something else",
            yes=yes,
        ).ask()
        written = settle(folder, policy, erasure_id, why, by, today_of(policy), now_utc())
        print_certificates(console, [written])
