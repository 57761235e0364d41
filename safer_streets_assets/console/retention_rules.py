"""What the commands of the rules of retention do: decide, record, and say what follows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console

from safer_streets_assets.console.confirming import Question
from safer_streets_assets.console.publications import again
from safer_streets_assets.console.recording import Moment, record
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.policy import load_policy
from safer_streets_assets.retention import read_register
from safer_streets_assets.retention.due import today_of
from safer_streets_assets.retention.holdings.deciding import (
    find_holding,
    for_assessment,
    may_decide,
)
from safer_streets_assets.retention.records.conclusion import (
    ERASE,
    KEEP,
    HoldingDecision,
    conclusion_of,
    record_conclusion,
    record_decision,
    stop_stage,
    withdraw_conclusion,
    withdraw_decision,
    withdraw_stop,
)
from safer_streets_assets.retention.records.exceptions import (
    ExceptionRequest,
    add_exception,
    end_exception,
    exceptions,
)
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.registers import now_utc, stopped_stages


def conclude(
    console: Console, data: Path | None, day: date, by: str, *, confirm: str | None, dry_run: bool
) -> None:
    """Records the conclusion and lists what waits for a decision; asks as a publication does."""

    def write(at: Moment) -> str:
        record_conclusion(at.connection, at.policy, day, by, at.today, now_utc())
        return f"Recorded the conclusion of {day}. Decide about each holding:"

    policy = load_policy()
    record(console, data, policy, write, again(policy, day, confirm), dry_run=dry_run)
    if not dry_run:
        list_for_assessment(console, data)


def take_back(
    console: Console, data: Path | None, name: str | None, why: str, by: str, *, dry_run: bool
) -> None:
    """Takes back the conclusion, or what was decided about one holding."""

    def write(at: Moment) -> str:
        if name is None:
            found = withdraw_conclusion(at.connection, at.policy, why, by, now_utc())
            return f"The conclusion of {found.on_date} is taken back; it stays on record."
        holding = find_holding(at.holdings, name)
        withdraw_decision(at.connection, at.policy, holding.holding, why, by, now_utc())
        return f"{holding.what}: what was decided is taken back; it stays on record."

    record(console, data, load_policy(), write, None, dry_run=dry_run, texts=[why], is_brake=True)


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
    console: Console,
    data: Path | None,
    name: str,
    until: date | None,
    said: tuple[str, str],
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Records that a holding is erased, or kept until a date; `said` are why, and by which role."""
    why, by = said

    def write(at: Moment) -> str:
        holding = find_holding(at.holdings, name)
        concluded = conclusion_of(at.connection) is not None
        may_decide(at.policy, concluded, holding, until, at.today)
        decision = HoldingDecision(
            holding.holding, ERASE if until is None else KEEP, until, why, by, at.today
        )
        record_decision(at.connection, at.policy, decision, now_utc())
        return f"{holding.what}: {f'kept until {until}' if until else 'to be erased'}."

    question = Question(name.strip(), "Type the holding again", yes=yes)
    record(console, data, load_policy(), write, question, dry_run=dry_run, texts=[why])


def give_up_stage(
    console: Console,
    data: Path | None,
    gate: str,
    day: date,
    by: str,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Records that a stage will not go on, and says what is erased for it."""

    def write(at: Moment) -> str:
        is_stopped = gate in stopped_stages(at.connection)
        gathered = stop_stage(at.connection, at.policy, gate, day, by, at.today, now_utc())
        held = ", ".join(at.policy.dpia.sources[own].title for own in gathered) or "nothing"
        if is_stopped:
            return f"That the stage {gate} will not go on is recorded already: nothing was changed."
        return (
            f"The stage {gate} will not go on; gathered for it alone: {held}. From now on drops of "
            "it are refused; when it is erased, safer-streets run makes the other tables anew."
        )

    question = Question(gate.strip(), "Type the gate again", yes=yes)
    record(console, data, load_policy(), write, question, dry_run=dry_run)


def take_up_stage(
    console: Console, data: Path | None, gate: str, why: str, by: str, *, dry_run: bool
) -> None:
    """Takes back that a stage will not go on."""

    def write(at: Moment) -> str:
        withdraw_stop(at.connection, at.policy, gate, why, by, now_utc())
        return (
            f"The stage {gate} goes on. Drops of it that were refused meanwhile are to be sent "
            "again."
        )

    record(console, data, load_policy(), write, None, dry_run=dry_run, texts=[why], is_brake=True)


def add_an_exception(
    console: Console,
    data: Path | None,
    said: tuple[str, str, str, str, str],
    review_on: date,
    decided_on: date | None,
) -> None:
    """Records an exception: `said` are holding, why, least data, whereabouts, and the role."""
    name, why, least_data, whereabouts, by = said

    def write(at: Moment) -> str:
        holding = find_holding(at.holdings, name)
        day = decided_on or at.today
        asked = ExceptionRequest(holding.holding, why, least_data, whereabouts, by, day, review_on)
        found = add_exception(at.connection, at.policy, asked, at.today, now_utc())
        return f"Exception {found}: {holding.what} is kept longer; reviewed by {review_on}."

    texts = [why, least_data, whereabouts]
    record(console, data, load_policy(), write, None, texts=texts, is_brake=True)


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


def end_an_exception(
    console: Console, data: Path | None, exception_id: str, by: str, *, yes: bool, dry_run: bool
) -> None:
    """Ends an exception and says what its holding's state is now."""
    policy, held = load_policy(), []

    def write(at: Moment) -> str:
        ended = end_exception(at.connection, at.policy, exception_id, by, at.today)
        held.append(ended.holding)
        return f"Exception {ended.exception_id} is ended."

    question = Question(exception_id.strip(), "Type the id again", yes=yes, always=False)
    record(console, data, policy, write, question, dry_run=dry_run)
    if not dry_run:
        register = read_register(DataFolder.locate(data), policy, today_of(policy))
        state = next((one.state for one in register if one.holding in held), "nothing held")
        console.print(f"{held[0]}: {state}.")
