"""Erasing a drop or a person: what would go, a confirmation, the certificate."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import typer
from rich.console import Console

from safer_streets_assets.console.command_line import in_turn
from safer_streets_assets.console.confirming import Question
from safer_streets_assets.console.retention import print_certificates
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.intake.holding import find_drop
from safer_streets_assets.intake.waiting import waiting_files
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.retention.enforcement import resume
from safer_streets_assets.retention.on_request import erase_on_request
from safer_streets_assets.retention.planning import ErasureError, Plan, plan_drop, plan_person
from safer_streets_assets.retention.stored import today_of
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.database import refuse_missing_registers
from safer_streets_assets.stores.preflight import preflight, ready_registers
from safer_streets_assets.stores.registers import now_utc, refuse_to_go_on_when_closed

LONGEST_CRN = 100
DIGITS_SHOWN = 12
Planned = Callable[[DataFolder, Policy], Plan]


def erase_one_drop(
    console: Console, data: Path | None, drop: str, *, dry_run: bool, yes: bool
) -> None:
    """Erases the drop whose id begins with a text of at least 8 digits."""

    def plan(folder: DataFolder, policy: Policy) -> Plan:
        with open_stores(folder, read=["registers"]) as connection:
            waiting = {f.drop_id for f in waiting_files(folder, policy) if f.drop_id}
            drop_id = find_drop(connection, drop, waiting)
        return plan_drop(folder, policy, drop_id)

    _erase(console, DataFolder.locate(data), plan, "drop", dry_run=dry_run, yes=yes)


def erase_one_person(
    console: Console, data: Path | None, *, dry_run: bool, yes: bool, not_held: bool
) -> None:
    """Erases the person whose CRN is typed (unseen) on the terminal or comes on standard input.

    Of a number under which nothing is held, most likely a slip, only with `not_held`.
    """
    if sys.stdin.isatty():
        crn = str(typer.prompt("Case Reference Number (not shown)", hide_input=True))
    else:
        crn = sys.stdin.readline(LONGEST_CRN)

    def plan(folder: DataFolder, policy: Policy) -> Plan:
        found = plan_person(folder, policy, crn)
        if found.is_empty and not not_held:
            raise ErasureError(
                "Nothing is held under that number: check it, and give it again; --not-held goes "
                "on all the same, and rows about it are refused from then on."
            )
        return found

    _erase(console, DataFolder.locate(data), plan, "person", dry_run=dry_run, yes=yes)


def _erase(
    console: Console, folder: DataFolder, planned: Planned, what: str, *, dry_run: bool, yes: bool
) -> None:
    """In its turn, prints what would go, asks, erases, prints the certificate."""
    policy = load_policy()
    folder.prepare()
    refuse_missing_registers(folder)
    if not folder.database("registers").exists():
        raise ErasureError("Nothing was ever taken in here: there is nothing to erase.")
    with in_turn(folder, f"safer-streets erase-{what}"):
        if dry_run:
            print_plan(console, planned(folder, policy))
            console.print("Nothing was changed.")
            return
        resume(folder, policy, now_utc())
        ready_registers(folder, is_locked=True)
        with open_stores(folder, read=["registers"]) as connection:
            refuse_to_go_on_when_closed(connection)
        preflight(folder)
        plan = planned(folder, policy)
        print_plan(console, plan)
        _question(plan, yes=yes).ask()
        written = erase_on_request(folder, policy, plan, now_utc(), today_of(policy))
        print_certificates(console, [written])
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


def _question(plan: Plan, *, yes: bool) -> Question:
    """Asks for the drop's id again, or for a word: a CRN is typed once."""
    if plan.subject.kind == "drop":
        word = plan.subject.going_drops[0][:DIGITS_SHOWN]
        return Question(word, f"Type the first {DIGITS_SHOWN} digits of the drop's id", yes=yes)
    return Question("erase", "Type erase to erase this person for good", yes=yes)


def print_plan(console: Console, plan: Plan) -> None:
    """What would go, in numbers: no identifier and no name of a file."""
    rows = [("restricted", table, count) for table, count in plan.rows.items()]
    rows += [("research", "rows about people who go", plan.research_rows)]
    rows += [("registers", "lines of the review's audit", len(plan.near_misses))]
    rows += [("quarantine", "sealed files", len(plan.sealed))]
    rows += [("landing", "files", len(plan.landed))]
    print_table(console, "What goes", ("where", "what", "number"), rows)
    console.print(
        "All workbooks for senders are erased and made anew, and every store is rebuilt under a "
        "new key.",
        soft_wrap=True,
    )
    if plan.sealed and plan.subject.kind == "person":
        console.print(
            f"{len(plan.sealed)} sealed files in which the CRN stands go whole: what else is in "
            "them has to be sent again.",
            soft_wrap=True,
        )
    if plan.undecided:
        console.print(
            f"{plan.undecided} near misses of this CRN wait for a decision: what came under the "
            "mistyped CRN stays unless it is accepted as theirs before (safer-streets review).",
            soft_wrap=True,
        )
    if plan.not_searched:
        console.print(
            f"{plan.not_searched} sealed files cannot be opened here and are not searched: they "
            "are erased by their own rule.",
            soft_wrap=True,
        )
