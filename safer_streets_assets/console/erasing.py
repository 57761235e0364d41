"""Erasing a drop or a person: what would go, a confirmation, and a wait until it is carried out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import typer
from rich.console import Console

from safer_streets_assets.cohort.person import as_crn
from safer_streets_assets.console.command_line import in_turn
from safer_streets_assets.console.confirming import CONFIRM, Question
from safer_streets_assets.console.erasure_plans import print_plan
from safer_streets_assets.console.quotes import withdraw_quotes_of
from safer_streets_assets.console.recording import Moment, record
from safer_streets_assets.console.retention import print_certificates
from safer_streets_assets.intake.files_waiting import waiting_files
from safer_streets_assets.intake.finding_drops import find_drop
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.retention import ErasureNotVerifiedError, resume
from safer_streets_assets.retention.due import erasure_in_words, today_of
from safer_streets_assets.retention.enforcement.after_waiting import erase_asked
from safer_streets_assets.retention.erasure.on_request import sentence_of_open
from safer_streets_assets.retention.erasure.planning import Plan, plan_drop, plan_person
from safer_streets_assets.retention.errors import ErasureError
from safer_streets_assets.retention.holdings.asked import (
    AskedErasure,
    ErasureSubject,
    asked_erasures,
    forget_subject,
    keep_subject,
    new_erasure_id,
    record_asked,
    waiting_of,
    withdraw_asked,
)
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.database import refuse_missing_registers
from safer_streets_assets.stores.ids import SHOWN_DIGITS
from safer_streets_assets.stores.preflight import preflight, ready_registers
from safer_streets_assets.stores.registers import now_utc, refuse_to_go_on_when_closed
from safer_streets_assets.stores.who import user_name

LONGEST_CRN = 100
INSTEAD = "Carried out at once instead"


@dataclass(frozen=True)
class How:
    """How an erasure is asked for: why, whether it is only looked at, whether it does not wait, and
    what confirms it without a terminal (`confirm` also where it does not wait)."""

    why: str | None
    dry_run: bool
    now: bool
    yes: bool
    confirm: str | None

    def check(self) -> None:
        """Raises `ErasureError` when why it is asked for is not said."""
        if self.why is None and not self.dry_run:
            raise ErasureError(
                "Say why it is to be erased with --why TEXT, in a line that names nobody: it stays "
                "on record."
            )


@dataclass(frozen=True)
class Wanted:
    """Whom or what an erasure is of, and what goes."""

    subject: ErasureSubject
    plan: Plan


Planned = Callable[[DataFolder, Policy], Wanted]


def erase_one_drop(console: Console, data: Path | None, drop: str, how: How) -> None:
    """Asks for the erasure of the drop whose id begins with a text of at least 8 digits."""
    how.check()

    def plan(folder: DataFolder, policy: Policy) -> Wanted:
        with open_stores(folder, read=["registers"]) as connection:
            waiting = {f.drop_id for f in waiting_files(folder, policy) if f.drop_id}
            drop_id = find_drop(connection, drop, waiting)
        found = plan_drop(folder, policy, drop_id)
        if found.is_empty:
            raise ErasureError("Nothing of this drop is held: it was erased, or is in no store.")
        return Wanted(ErasureSubject("drop", drop_id), found)

    _erase(console, DataFolder.locate(data), plan, "drop", how)


def erase_one_person(console: Console, data: Path | None, how: How, *, not_held: bool) -> None:
    """Asks for the erasure of the person whose CRN is typed (unseen) on the terminal or comes on
    standard input.

    Of a number under which nothing is held, most likely a slip, only with `not_held`.
    """
    how.check()
    if sys.stdin.isatty():
        called = load_policy().dpia.person_number.at_length
        crn = str(typer.prompt(f"{called} (not shown)", hide_input=True))
    else:
        crn = sys.stdin.readline(LONGEST_CRN)

    def plan(folder: DataFolder, policy: Policy) -> Wanted:
        found = plan_person(folder, policy, crn)
        if found.is_empty and not not_held:
            raise ErasureError(
                "Nothing is held under that number: check it, and give it again; --not-held goes "
                "on all the same, and rows about it are refused from then on."
            )
        return Wanted(ErasureSubject("person", as_crn(crn, policy.dpia.person_number)), found)

    _erase(console, DataFolder.locate(data), plan, "person", how)


def _erase(console: Console, folder: DataFolder, planned: Planned, what: str, how: How) -> None:
    """In its turn, prints what would go and when, asks, and records it or carries it out."""
    policy = load_policy()
    folder.prepare()
    refuse_missing_registers(folder)
    if not folder.database("registers").exists():
        raise ErasureError("Nothing was ever taken in here: there is nothing to erase.")
    with in_turn(folder, f"safer-streets erase-{what}"):
        if how.dry_run:
            print_plan(console, planned(folder, policy).plan)
            if not how.now:
                console.print(f"It would be erased on {_after_notice(policy)}.")
            console.print("Nothing was changed.")
            return
        resume(folder, policy, now_utc())
        ready_registers(folder, is_locked=True)
        with open_stores(folder, read=["registers"]) as connection:
            refuse_to_go_on_when_closed(connection)
        preflight(folder)
        wanted = planned(folder, policy)
        print_plan(console, wanted.plan)
        with open_stores(folder, read=["registers"]) as connection:
            listed = asked_erasures(connection)
        already = waiting_of(folder, listed, wanted.subject)
        if how.now:
            _at_once(console, folder, policy, wanted, how, already)
        elif already is not None:
            when = erasure_in_words(already.due_on, today_of(policy))
            console.print(
                f"This is recorded already: it {when}. To stop it: {already.stopped_by}",
                soft_wrap=True,
                markup=False,
            )
            _withdraw_quotes(console, folder, wanted.plan)
        else:
            _after_waiting(console, folder, policy, wanted, how)
            _withdraw_quotes(console, folder, wanted.plan)


def _after_waiting(
    console: Console, folder: DataFolder, policy: Policy, wanted: Wanted, how: How
) -> None:
    """Records the erasure: it is carried out by itself once the notice has passed."""
    asked = _asked(wanted, how, _after_notice(policy))

    def write(at: Moment) -> str:
        record_asked(at.connection, at.policy, asked)
        return (
            f"Recorded as {asked.erasure_id[:SHOWN_DIGITS]}. Until {asked.due_on} it is held and "
            "used as before, and what comes of it meanwhile goes too; --now erases at once, where "
            "waiting does harm."
        )

    _record(console, folder, policy, wanted, asked, write, _question(wanted.plan, how))


def _withdraw_quotes(console: Console, folder: DataFolder, plan: Plan) -> None:
    """No release prints what waits to be erased in somebody's own words."""
    withdraw_quotes_of(console, folder, plan.subject.crns, plan.subject.going_drops)


def _at_once(
    console: Console,
    folder: DataFolder,
    policy: Policy,
    wanted: Wanted,
    how: How,
    already: AskedErasure | None,
) -> None:
    """Records the erasure for today and carries it out; one that waits is taken back for it."""
    asked = _asked(wanted, how, today_of(policy))

    def write(at: Moment) -> str:
        record_asked(at.connection, at.policy, asked)
        if already is not None:
            withdraw_asked(folder, at.connection, at.policy, already, INSTEAD, now_utc())
        return f"Recorded as {asked.erasure_id[:SHOWN_DIGITS]}, to be erased now."

    _record(console, folder, policy, wanted, asked, write, _question(wanted.plan, how))
    if already is not None:
        forget_subject(folder, already.erasure_id)
    written = erase_asked(folder, policy, asked, now_utc())
    if not written:
        raise ErasureNotVerifiedError(sentence_of_open(folder, asked.erasure_id))
    print_certificates(console, written)
    console.print(
        "The research store is made anew as far as the linked cohort, and the newest release no "
        "longer stands for what is held: run safer-streets run.",
        soft_wrap=True,
    )
    console.print(
        "Backups made before still have it, and are not restored any more: make a new one "
        "(safer-streets backup make), then destroy the older ones and their keys.",
        soft_wrap=True,
    )


def _record(
    console: Console,
    folder: DataFolder,
    policy: Policy,
    wanted: Wanted,
    asked: AskedErasure,
    write: Callable[[Moment], str],
    question: Question,
) -> None:
    """Seals whom or what it is of, and records it, once that is confirmed."""
    record(
        console,
        folder.root,
        policy,
        write,
        question,
        texts=[asked.why],
        when_confirmed=lambda: keep_subject(folder, asked.erasure_id, wanted.subject),
    )


def _asked(wanted: Wanted, how: How, due_on: date) -> AskedErasure:
    return AskedErasure(
        erasure_id=new_erasure_id(),
        kind=wanted.subject.kind,
        row_count=sum(wanted.plan.rows.values()),
        tables=len(wanted.plan.rows),
        why=how.why or "",
        asked_by=user_name(),
        asked_at=now_utc(),
        due_on=due_on,
    )


def _after_notice(policy: Policy) -> date:
    return today_of(policy) + timedelta(days=policy.dpia.retention.notice_days)


def _question(plan: Plan, how: How) -> Question:
    """Asks for the drop's id again, or for a word: a CRN is typed once. Where nothing waits, the
    word is needed again without a terminal, too."""
    if plan.subject.kind == "drop":
        word = plan.subject.going_drops[0][:SHOWN_DIGITS]
        prompt = f"Type the first {SHOWN_DIGITS} digits of the drop's id"
    else:
        word, prompt = "erase", "Type erase to erase this person for good"
    if how.now:
        return Question(word, f"{prompt}, now", how.confirm, option=CONFIRM)
    return Question(word, prompt, how.confirm, yes=how.yes)
