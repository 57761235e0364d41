"""The commands of people's rights: subject access and objections."""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from rich.console import Console

from safer_streets_assets.accountability.clocks import day_of, days_until
from safer_streets_assets.accountability.tables import Entry, ensure_accountability
from safer_streets_assets.accountability.wording import refuse_identifying
from safer_streets_assets.console.command_line import in_turn
from safer_streets_assets.console.handing_out import personal_stores
from safer_streets_assets.console.quotes import say_withdrawn
from safer_streets_assets.console.screen import WAIT_SECONDS
from safer_streets_assets.console.secret_input import read_crn
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.policy import load_policy
from safer_streets_assets.quotes.deciding import settle
from safer_streets_assets.retention.due import today_of
from safer_streets_assets.retention.enforcement.after_waiting import people_to_be_erased
from safer_streets_assets.rights.answering import answer_request, folder_for_answers, open_answer
from safer_streets_assets.rights.errors import RightsError
from safer_streets_assets.rights.objections import (
    complete_log,
    decide_objection,
    ensure_objections,
    objections,
    record_objection,
)
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.who import user_name, who_acts

_IN_THE_OPEN = (
    "It holds personal data in the open: send it protected, and erase it as soon as it is sent."
)


def give_access(
    console: Console,
    data: Path | None,
    out: Path | None,
    received: str | None,
    request_id: str | None,
    *,
    confirmed: bool,
    for_review: bool,
) -> None:
    """Reads a CRN and writes everything held on the person into a folder of its own."""
    folder, policy = DataFolder.locate(data), load_policy()
    folder_for_answers(folder, policy, out)
    received_on = day_of(received) if received else today_of(policy)
    crn = read_crn(policy.dpia.person_number)
    if sys.stdin.isatty() and not confirmed:
        typer.confirm("Was it checked that this person is who asks?", abort=True)
    with in_turn(folder, "safer-streets subject-access"):
        ready_registers(folder)
        done = answer_request(
            folder,
            policy,
            crn,
            out=out,
            received_on=received_on,
            request_id=request_id,
            for_review=for_review,
            entry=_entry(),
        )
    where = (
        f"Read it with safer-streets subject-access --open {done.asked.request_id} --out DIR: it "
        "is sealed here until retention erases it. "
        if out is None
        else f"{_IN_THE_OPEN} "
    )
    left = days_until(done.asked.due_on, today_of(policy))
    found = (
        "Nothing is held under this CRN in what was searched"
        if done.nothing_is_held
        else "What is held, and what may be theirs, is written"
    )
    console.print(f"{found}: {done.place}", soft_wrap=True)
    console.print(
        f"Request {done.asked.request_id}, to be answered by {done.asked.due_on} ({left}). "
        f"{where}Heed what it says of other controllers and of what could not be searched, and "
        f"when it is sent run safer-streets registers rights close {done.asked.request_id}.",
        soft_wrap=True,
    )
    if done.withheld and not for_review:
        console.print(
            "Texts that name or may name somebody else are kept back: --for-review writes them, to "
            f"be read and given without others (with --request {done.asked.request_id} and another "
            "--out).",
            soft_wrap=True,
        )


def write_out(console: Console, data: Path | None, request_id: str, out: Path | None) -> None:
    """Opens a sealed answer and writes it into a folder of its own, outside the data folder."""
    if out is None:
        raise RightsError("Say with --out into which folder the opened answer is to go.")
    folder = DataFolder.locate(data)
    ready_registers(folder)
    with run_lock(folder.lock, WAIT_SECONDS):
        place = open_answer(folder, load_policy(), request_id, out)
    console.print(f"Wrote the answer: {place}. {_IN_THE_OPEN}", soft_wrap=True)


def note_objection(console: Console, data: Path | None, received: str | None) -> None:
    """Reads a CRN and records that the person objects."""
    folder, policy = DataFolder.locate(data), load_policy()
    today = today_of(policy)
    received_on = day_of(received) if received else today
    crn = read_crn(policy.dpia.person_number)
    with personal_stores(folder) as connection:
        ensure_objections(connection)
        ensure_accountability(connection)
        objection_id = record_objection(connection, policy, crn, received_on, today, _entry())
        doubts = [
            one.in_doubt
            for one in objections(connection, policy, {})
            if one.objection_id == objection_id and one.in_doubt is not None
        ]
        withdrawn = settle(connection, policy, who_acts(), now_utc())
    console.print(
        f"Objection {objection_id} is recorded. Nothing changes by itself: the rows are used until "
        "an operator decides (safer-streets objections decide).",
        soft_wrap=True,
    )
    say_withdrawn(console, withdrawn)
    for doubt in doubts:
        console.print(doubt, soft_wrap=True)


def decide(
    console: Console, data: Path | None, objection_id: str, decision: str, reasons: str
) -> None:
    """Records what was decided about an objection."""
    folder, policy = DataFolder.locate(data), load_policy()
    with personal_stores(folder) as connection:
        ensure_objections(connection)
        ensure_accountability(connection)
        refuse_identifying(connection, policy, [reasons])
        decide_objection(connection, objection_id, decision, reasons, _entry())
        erasing = people_to_be_erased(connection, folder, policy)
        listed = objections(connection, policy, erasing)
        found = {one.objection_id: one.state for one in listed}
    console.print(f"Objection {objection_id}: {found[objection_id]}.", soft_wrap=True)


def print_objections(console: Console, data: Path | None) -> None:
    """Prints the objections by random id."""
    folder, policy = DataFolder.locate(data), load_policy()
    with personal_stores(folder) as connection:
        ensure_objections(connection)
        ensure_accountability(connection)
        complete_log(connection)
        found = objections(connection, policy, people_to_be_erased(connection, folder, policy))
    if not found:
        console.print("There are no objections.")
        return
    print_table(
        console,
        "Objections",
        ("id", "received", "answer due", "state"),
        [(one.objection_id, one.received_on, one.due_on, one.state) for one in found],
    )


def _entry() -> Entry:
    return Entry(user_name(), now_utc())
