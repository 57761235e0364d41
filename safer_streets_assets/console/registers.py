"""The commands of the accountability registers: add, list, close, export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from rich.console import Console

from safer_streets_assets.accountability import contacts, requests, reviews
from safer_streets_assets.accountability.clocks import day_of
from safer_streets_assets.accountability.export import registers_workbook, rows_of, what_waits
from safer_streets_assets.accountability.tables import (
    AGENCY_REQUESTS,
    ASSESSMENTS,
    BREACHES,
    CLOCKS,
    CONTACTS,
    ESCALATIONS,
    REGISTERS,
    REVIEWS,
    RIGHTS_REQUESTS,
    Entry,
    ensure_accountability,
)
from safer_streets_assets.accountability.wording import refuse_identifying
from safer_streets_assets.console.handing_out import write_new_private_file
from safer_streets_assets.console.screen import WAIT_SECONDS
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.retention import Holding, read_register
from safer_streets_assets.retention.due import today_of
from safer_streets_assets.retention.holdings.on_record import openable
from safer_streets_assets.retention.records.chain import refuse_broken_chain
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.registers import now_utc
from safer_streets_assets.stores.who import user_name

SHOWN = {
    "breaches": (BREACHES, ASSESSMENTS, CLOCKS, ESCALATIONS),
    "requests": (AGENCY_REQUESTS,),
    "rights": (RIGHTS_REQUESTS,),
    "reviews": (REVIEWS,),
    "contacts": (CONTACTS,),
}
"""Name of a register on the command line to its tables."""

WAITING = {
    "breaches": "breach_clocks",
    "requests": "requests_are_answered",
    "rights": "requests_are_answered",
    "reviews": "dpia_review_is_current",
    "contacts": "contacts_are_named",
}


@dataclass(frozen=True)
class Desk:
    """What a command on a register works with."""

    connection: duckdb.DuckDBPyConnection
    policy: Policy
    entry: Entry

    @property
    def timezone(self) -> str:
        """The evaluation's time zone."""
        return self.policy.dpia.evaluation.timezone


@contextmanager
def at_the_desk(data: Path | None, *texts: str | None) -> Iterator[Desk]:
    """The registers, for writing, while no run goes on; `texts` must name nobody in the data."""
    folder, policy = DataFolder.locate(data), load_policy()
    ready_registers(folder)
    with run_lock(folder.lock, WAIT_SECONDS):
        read = [store for store in openable(folder) if store == "restricted"]
        with open_stores(folder, write=["registers"], read=read) as connection:
            ensure_accountability(connection)
            refuse_identifying(connection, policy, texts)
            yield Desk(connection, policy, Entry(user_name(), now_utc()))


def add_agency_request(
    console: Console,
    data: Path | None,
    received: str | None,
    asked_by: str,
    asked_for: str,
    gateway: str,
) -> None:
    """Records a request of an external agency."""
    with at_the_desk(data, asked_by, asked_for, gateway) as desk:
        today = today_of(desk.policy)
        request_id = requests.add_agency_request(
            desk.connection,
            received_on=day_of(received) if received else today,
            today=today,
            asked_by=asked_by,
            asked_for=asked_for,
            legal_gateway=gateway,
            entry=desk.entry,
        )
    console.print(f"Request {request_id} is recorded.")


def close_agency_request(
    console: Console,
    data: Path | None,
    request_id: str,
    decision: str,
    decided_by: str,
    reasons: str,
    disclosed: str | None,
) -> None:
    """Records what was decided about a request of an external agency."""
    with at_the_desk(data, decided_by, reasons, disclosed) as desk:
        requests.close_agency_request(
            desk.connection,
            request_id,
            decision=decision,
            decided_role=decided_by,
            reasons=reasons,
            disclosed=disclosed,
            entry=desk.entry,
        )
    console.print(f"Request {request_id} is closed.")


def close_rights_request(
    console: Console, data: Path | None, request_id: str, outcome: str
) -> None:
    """Records how a person's request ended."""
    with at_the_desk(data) as desk:
        requests.close_rights_request(desk.connection, request_id, outcome, desk.entry)
    console.print(f"Request {request_id} is closed. Erase what was written for it.")


def extend_rights_request(
    console: Console, data: Path | None, request_id: str, reasons: str
) -> None:
    """Prolongs the time for the answer to a person's request."""
    with at_the_desk(data, reasons) as desk:
        today = today_of(desk.policy)
        due = requests.extend_rights_request(
            desk.connection, desk.policy, request_id, reasons, today
        )
    console.print(f"Request {request_id} is to be answered by {due}; tell the person why.")


def add_review(
    console: Console,
    data: Path | None,
    held: str | None,
    held_by: str,
    outcome: str,
    actions: str | None,
) -> None:
    """Records a review of the DPIA, and says when the next is due."""
    with at_the_desk(data, held_by, outcome, actions) as desk:
        today = today_of(desk.policy)
        review_id = reviews.add_review(
            desk.connection,
            held_on=day_of(held) if held else today,
            today=today,
            held_by=held_by,
            outcome=outcome,
            actions=actions,
            entry=desk.entry,
        )
        due = reviews.next_review(desk.connection, desk.policy, today)
    console.print(f"Review {review_id} is recorded; the next: {due.shown}.")


def close_review(console: Console, data: Path | None, review_id: str) -> None:
    """Records that the actions of a review are done."""
    with at_the_desk(data) as desk:
        reviews.close_review(desk.connection, review_id, desk.entry)
    console.print(f"Review {review_id} is closed.")


def add_contact(
    console: Console, data: Path | None, party: str, rank: str, role: str, address: str
) -> None:
    """Records a contact of a party."""
    with at_the_desk(data, role, address) as desk:
        added = contacts.add_contact(
            desk.connection,
            desk.policy,
            party=party,
            rank=rank,
            role=role,
            work_address=address,
            since=today_of(desk.policy),
            entry=desk.entry,
        )
    console.print(f"Contact {added.contact_id} is recorded.")
    if added.replaced is not None:
        console.print(
            f"It takes the place of {added.replaced}, the party's {rank} contact until now, which "
            "is closed and stays in the register.",
            soft_wrap=True,
        )


def close_contact(console: Console, data: Path | None, contact_id: str) -> None:
    """Records that a contact is none any more."""
    with at_the_desk(data) as desk:
        contacts.close_contact(desk.connection, contact_id, desk.entry)
    console.print(f"Contact {contact_id} is closed.")


def print_register(console: Console, data: Path | None, name: str) -> None:
    """Prints the tables of a register, and what waits in it."""
    with at_the_desk(data) as desk:
        tables = [(r, *rows_of(desk.connection, desk.policy, r)) for r in SHOWN[name]]
        waiting = what_waits(desk.connection, desk.policy, desk.entry.at)[WAITING[name]]
    for register, columns, rows in tables:
        if rows:
            print_table(console, register.title, columns, rows)
        else:
            console.print(f"{register.title}: nothing on record.")
    ids = tuple(f"{register.prefix}-" for register, _, _ in tables if register.prefix)
    for _, what, state in waiting:
        # Requests of agencies and of people share a check.
        if name in ("requests", "rights") and not what.startswith(ids):
            continue
        console.print(f"{state}: {what}", soft_wrap=True)


def export(console: Console, data: Path | None, out: Path, names: Sequence[str] = ()) -> None:
    """Writes registers as an accessible workbook into a new file; when none is named all of them,
    with the holdings and the exceptions of retention.

    Raises:
        BrokenChainError: a certificate is not as it was written, or is missing.
    """
    chosen = [register for name in names for register in SHOWN[name]] or list(REGISTERS)
    held = [] if names else _holdings(data)
    with at_the_desk(data) as desk:
        refuse_broken_chain(DataFolder.locate(data), desk.connection)
        content = registers_workbook(desk.connection, desk.policy, desk.entry.at, chosen, held)
    write_new_private_file(out, content)
    console.print("Wrote the registers. They hold no personal data on offenders.")


def _holdings(data: Path | None) -> list[Holding]:
    """The retention register as it is now; it opens the stores by itself."""
    folder, policy = DataFolder.locate(data), load_policy()
    ready_registers(folder)
    return read_register(folder, policy, today_of(policy))
