"""What the commands of the rules of retention do: decide, record, and say what follows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from rich.console import Console

from safer_streets_assets.console.retention import WAIT_SECONDS
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.retention.conclusion import (
    ERASE,
    KEEP,
    HoldingDecision,
    concluded_on,
    record_conclusion,
    record_decision,
    stop_stage,
)
from safer_streets_assets.retention.deciding import find_holding, for_assessment, may_decide
from safer_streets_assets.retention.exceptions import (
    Asked,
    add_exception,
    end_exception,
    exceptions,
)
from safer_streets_assets.retention.holdings import Holding
from safer_streets_assets.retention.register import read_register
from safer_streets_assets.retention.stored import today_of
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.registers import now_utc

ENFORCE = "safer-streets retention --enforce"


@dataclass(frozen=True)
class _Now:
    """The data folder at the moment of a decision, while no run goes on."""

    folder: DataFolder
    policy: Policy
    today: date

    def register(self) -> list[Holding]:
        return read_register(self.folder, self.policy, self.today)


@contextmanager
def _registers(data: Path | None) -> Iterator[tuple[_Now, duckdb.DuckDBPyConnection]]:
    """The registers for writing, when nothing else has to be looked at first."""
    with _locked(data) as now, open_stores(now.folder, write=["registers"]) as connection:
        yield now, connection


@contextmanager
def _locked(data: Path | None) -> Iterator[_Now]:
    folder, policy = DataFolder.locate(data), load_policy()
    ready_registers(folder)
    with run_lock(folder.lock, WAIT_SECONDS):
        yield _Now(folder, policy, today_of(policy))


def conclude(console: Console, data: Path | None, day: date, by: str) -> None:
    """Records the conclusion and lists what waits for a decision."""
    with _registers(data) as (now, connection):
        record_conclusion(connection, now.policy, day, by, now.today, now_utc())
    console.print(f"Recorded the conclusion of {day}. Decide about each holding:")
    list_for_assessment(console, data)


def list_for_assessment(console: Console, data: Path | None) -> None:
    """Prints what waits for a decision, and by when it is erased without one."""
    folder, policy = DataFolder.locate(data), load_policy()
    ready_registers(folder)
    listed = for_assessment(policy, read_register(folder, policy, today_of(policy)))
    print_table(
        console,
        "For assessment",
        ("holding", "what", "classification", "erased by", "state", "rows"),
        [
            (
                one.holding,
                one.what,
                one.legal.classification,
                one.clock.due_on or "",
                one.state,
                "" if one.row_count is None else one.row_count,
            )
            for one in listed
        ],
    )


def decide_holding(
    console: Console, data: Path | None, name: str, until: date | None, why: str, by: str
) -> None:
    """Records that a holding is erased now, or kept until a date."""
    with _locked(data) as now:
        holding = find_holding(now.register(), name)
        with open_stores(now.folder, write=["registers"]) as connection:
            concluded = concluded_on(connection) is not None
            may_decide(now.policy, concluded, holding, until, now.today)
            decision = HoldingDecision(
                holding.holding, ERASE if until is None else KEEP, until, why, by, now.today
            )
            record_decision(connection, now.policy, decision, now_utc())
    if until is None:
        console.print(f"{holding.what}: due now; {ENFORCE} erases it, or the next daily run.")
    else:
        console.print(f"{holding.what}: kept until {until}.")


def give_up_stage(console: Console, data: Path | None, gate: str, day: date, by: str) -> None:
    """Records that a stage will not go on, and says what is due."""
    with _registers(data) as (now, connection):
        gathered = stop_stage(connection, now.policy, gate, day, by, now.today, now_utc())
    held = ", ".join(now.policy.dpia.sources[name].title for name in gathered) or "nothing"
    console.print(
        f"The stage {gate} will not go on; gathered for it alone: {held}. {ENFORCE} erases that, "
        "then safer-streets run makes the other tables anew."
    )


def add_an_exception(
    console: Console,
    data: Path | None,
    said: tuple[str, str, str, str, str],
    review_on: date,
    decided_on: date | None,
) -> None:
    """Records an exception: `said` are holding, why, least data, whereabouts, and the role."""
    name, why, least_data, whereabouts, by = said
    with _locked(data) as now:
        holding = find_holding(now.register(), name)
        day = decided_on or now.today
        asked = Asked(holding.holding, why, least_data, whereabouts, by, day, review_on)
        with open_stores(now.folder, write=["registers"]) as connection:
            found = add_exception(connection, now.policy, asked, now.today, now_utc())
    console.print(f"Exception {found}: {holding.what} is held back; reviewed by {review_on}.")


def list_exceptions(console: Console, data: Path | None) -> None:
    """Prints every exception; one whose review is due is amber."""
    folder, policy = DataFolder.locate(data), load_policy()
    ready_registers(folder)
    today = today_of(policy)
    with open_stores(folder, write=["registers"]) as connection:
        found = exceptions(connection)
    print_table(
        console,
        "Exceptions",
        ("id", "holding", "why", "least data", "whereabouts", "by", "decided", "review", "state"),
        [
            (
                one.exception_id,
                one.holding,
                one.why,
                one.least_data,
                one.whereabouts,
                one.decided_by,
                one.decided_on,
                one.review_on,
                "ended"
                if not one.stands
                else "amber: review due"
                if one.review_is_due(today)
                else "stands",
            )
            for one in found
        ],
    )


def end_an_exception(console: Console, data: Path | None, exception_id: str, by: str) -> None:
    """Ends an exception and says what its holding's state is now."""
    with _registers(data) as (now, connection):
        ended = end_exception(connection, now.policy, exception_id, by, now.today)
    after = [one for one in now.register() if one.holding == ended.holding]
    state = after[0].state if after else "nothing held"
    console.print(f"Exception {ended.exception_id} is ended; {ended.holding}: {state}.")
