"""The commands of retention: the register, and its enforcement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console

from safer_streets_assets.console.confirming import Question
from safer_streets_assets.console.instance import open_instance, open_whole_instance
from safer_streets_assets.console.recording import print_waiting
from safer_streets_assets.console.screen import WAIT_SECONDS
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.retention import (
    Certificate,
    Holding,
    RetentionError,
    enforce,
    read_register,
)
from safer_streets_assets.retention.due import today_of
from safer_streets_assets.retention.enforcement.after_waiting import (
    due_erasures,
    not_carried_out,
    what_is_stuck,
)
from safer_streets_assets.retention.enforcement.agreement import held_without_agreement
from safer_streets_assets.retention.erasure.beginning import is_enforced
from safer_streets_assets.retention.holdings.holding import shown_name
from safer_streets_assets.retention.holdings.on_record import readable
from safer_streets_assets.retention.holdings.register import store_register
from safer_streets_assets.retention.records.chain import refuse_tampered_certificates
from safer_streets_assets.retention.records.machine_clock import (
    clock_jumped,
    confirm_clock,
    watch_clock,
)
from safer_streets_assets.retention.records.open_erasures import read_open
from safer_streets_assets.stores import STORE_NAMES, DataFolder, open_stores
from safer_streets_assets.stores.history import (
    HistoryError,
    has_history,
    is_lost,
    lost_sentence,
    says_postgres,
)
from safer_streets_assets.stores.ids import SHOWN_DIGITS
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.register_copy import heal_registers, keep_copy
from safer_streets_assets.stores.registers import now_utc


def print_retention_register(console: Console, data: Path | None) -> None:
    """Prints the register: one line a holding, with when it is due.

    Raises:
        BrokenChainError: a certificate is not as it was written; the register is printed before.
    """
    folder, policy = DataFolder.locate(data), load_policy()
    ready_registers(folder)
    holdings = read_register(folder, policy, today_of(policy))
    print_table(
        console,
        "Retention register",
        ("holding", "what", "rule", "due", "state", "rows", "bytes"),
        [
            (
                shown_name(holding.holding),
                holding.what,
                holding.clock.rule,
                holding.clock.due_on or "",
                holding.state,
                "" if holding.row_count is None else holding.row_count,
                holding.bytes,
            )
            for holding in holdings
        ],
    )
    print_waiting(console, policy, holdings)
    print_open_and_unread(console, folder)
    print_in_the_way(console, folder, policy, holdings)
    _print_clock(console, folder, policy)
    refuse_tampered_certificates(folder)
    _print_what_is_off(console, folder, policy)


def print_in_the_way(
    console: Console, folder: DataFolder, policy: Policy, holdings: Sequence[Holding]
) -> None:
    """Says what is in the way of each erasure of a drop or a person whose day has come."""
    if (sentence := what_is_stuck(folder, policy, holdings)) is not None:
        console.print(sentence, soft_wrap=True, markup=False)


def _print_clock(console: Console, folder: DataFolder, policy: Policy) -> None:
    """Says when the clock has jumped, by which nothing is erased."""
    with open_stores(folder, read=["registers"]) as connection:
        jumped = clock_jumped(connection, policy, now_utc())
    if jumped is not None:
        console.print(jumped, soft_wrap=True)


def print_open_and_unread(console: Console, folder: DataFolder) -> None:
    """Says which erasures are not verified, and which stores do not open."""
    for one in read_open(folder):
        console.print(one.sentence, soft_wrap=True, markup=False)
    opens = readable(folder)
    for store in STORE_NAMES:
        if folder.database(store).exists() and store not in opens:
            console.print(
                f"The {store} store does not open: its rows are not counted, and it is erased "
                "whole when it is due; put its key or its file back from the backup.",
                soft_wrap=True,
            )


def enforce_retention(console: Console, data: Path | None, *, yes: bool) -> None:
    """Erases what is due now, when it is confirmed, and prints the certificates.

    Raises:
        RetentionError: something that is due is still held: its store does not open.
        BrokenChainError: a certificate is not as it was written; what is due is erased before.
    """
    folder, policy, now = DataFolder.locate(data).prepare(), load_policy(), now_utc()
    today = today_of(policy)
    with run_lock(folder.lock, WAIT_SECONDS):
        if heal_registers(folder, now):
            console.print(
                "The registers were damaged and are taken from their copy: what was recorded since "
                "it was made is to be recorded again.",
                soft_wrap=True,
            )
        ready_registers(folder, is_locked=True)
        with open_stores(folder, write=["registers"]) as connection:
            watch_clock(connection, policy, now_utc())
        due = [h for h in read_register(folder, policy, today) if h.is_held and h.is_due]
        if due:
            print_due_now(console, due)
            Question("erase", "Type erase to erase it for good", yes=yes).ask()
        written = enforce(folder, policy, today, now)
        holdings = read_register(folder, policy, today)
        with open_stores(folder, write=["registers"]) as connection:
            store_register(connection, holdings)
        unread = forget_in_dagster(folder)
        keep_copy(folder)
    print_certificates(console, written)
    if unread is not None:
        console.print(unread, soft_wrap=True)
    print_open_and_unread(console, folder)
    left = [holding for holding in holdings if holding.is_held and is_enforced(holding)]
    if late := due_erasures(folder, policy, today):
        refuse_tampered_certificates(folder)
        raise RetentionError(not_carried_out(folder, policy, late))
    if left:
        raise RetentionError(
            f"{len(left)} holdings that are due are still held: rows of a store that does not open "
            "can only be erased when it does; put its key or its file back and run safer-streets "
            "retention --enforce again."
        )
    if not written:
        console.print("Nothing is due.")
    refuse_tampered_certificates(folder)


def say_that_the_clock_is_right(console: Console, data: Path | None, day: date) -> None:
    """Notes the time after the clock jumped, when the day that an operator gives is its own."""
    folder, policy = DataFolder.locate(data), load_policy()
    ready_registers(folder)
    with (
        run_lock(folder.lock, WAIT_SECONDS),
        open_stores(folder, write=["registers"]) as connection,
    ):
        confirm_clock(connection, policy, day, now_utc())
    console.print("The clock is taken to be right; the retention schedule goes by it again.")


def print_due(console: Console, data: Path | None) -> None:
    """Prints what --enforce would erase now; changes nothing.

    Raises:
        BrokenChainError: a certificate is not as it was written; what is due is printed before.
    """
    folder, policy = DataFolder.locate(data), load_policy()
    holdings = read_register(folder, policy, today_of(policy))
    due = [h for h in holdings if h.is_held and h.is_due]
    if due:
        print_due_now(console, due)
    else:
        console.print("Nothing is due.")
    gone = held_without_agreement(folder, policy).names
    if gone:
        console.print(
            f"Held and no longer agreed, erased by the next command that writes: {', '.join(gone)}",
            soft_wrap=True,
        )
    _print_clock(console, folder, policy)
    console.print("Nothing was changed.")
    refuse_tampered_certificates(folder)


def print_due_now(console: Console, due: Sequence[Holding]) -> None:
    """Prints what is due now, with how much of it there is."""
    print_table(
        console,
        "Due now",
        ("store", "what", "rule", "due", "rows", "files", "bytes"),
        [
            (h.store, h.what, h.clock.rule, h.clock.due_on, h.row_count or 0, h.files, h.bytes)
            for h in due
        ],
    )


def _print_what_is_off(console: Console, folder: DataFolder, policy: Policy) -> None:
    """Says when nothing is erased by itself: the schedule or Dagster's daemon is off."""
    from safer_streets_assets.retention.schedule_state import NEVER_SEEN, what_is_off

    off = [NEVER_SEEN]
    if says_postgres(folder) or any(folder.dagster.rglob("schedules.db")):
        with open_whole_instance(folder) as instance:
            off = (
                [lost_sentence()]
                if instance is None
                else what_is_off(instance, policy.dpia.evaluation.timezone, now_utc())
            )
    for sentence in off:
        console.print(sentence, soft_wrap=True, markup=False)


def forget_in_dagster(folder: DataFolder) -> str | None:
    """Prunes what Dagster's history still says of what was erased, where there is a history.

    Where it cannot be had, returns the sentence that says so: what is erased is erased, and the
    next call prunes what a whole history says of it.
    """
    if not has_history(folder):
        return None
    from safer_streets_assets.retention.history.pruning import forget_erased

    try:
        with open_instance(folder) as instance:
            forget_erased(instance, folder)
    except HistoryError as error:
        return str(error)
    except Exception as error:
        if not is_lost(error):
            raise
        return lost_sentence()
    return None


def print_certificates(console: Console, written: list[Certificate]) -> None:
    """Prints certificates: what was erased, how, how that was verified, what was not reached.

    Of none nothing is printed.
    """
    if not written:
        return
    rows = [
        (c.what, c.files, c.bytes, c.due_on, c.rule, c.certificate_id[:SHOWN_DIGITS])
        for c in written
    ]
    columns = ("what", "files", "bytes", "due", "rule", "certificate")
    print_table(console, "Erased and certified", columns, rows)
    for label, attribute in (
        ("Method", "method"),
        ("Verification", "verification"),
        ("Not reached", "not_reached"),
        ("Answers for it", "role"),
        ("Verified by", "verified_by"),
    ):
        for text in dict.fromkeys(str(getattr(one, attribute)) for one in written):
            console.print(f"{label}: {text}", soft_wrap=True)
