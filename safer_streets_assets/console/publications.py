"""The commands of publications: record one, list them, take one back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console

from safer_streets_assets.console.confirming import CONFIRM, Question
from safer_streets_assets.console.recording import Moment, print_waiting, record
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.retention import add_publication, publications, read_register
from safer_streets_assets.retention.due import local_date, today_of
from safer_streets_assets.retention.holdings.register import next_in_words
from safer_streets_assets.retention.records.publications import (
    Publication,
    counted,
    find_publication,
    withdraw_publication,
)
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.registers import now_utc

THAT_COUNTS = {"latest": "the latest", "first": "the first"}


def record_publication(
    console: Console,
    data: Path | None,
    title: str,
    day: date,
    *,
    confirm: str | None,
    dry_run: bool,
) -> None:
    """Records that the report was published, and says what that moves.

    A date that is not today is asked for again, and so is one that makes something due soon.
    """
    policy = load_policy()

    def write(at: Moment) -> str:
        standing = {one.publication_id for one in publications(at.connection) if one.stands}
        found = add_publication(at.connection, policy, title, day, now_utc())
        _say_which_counts(console, at)
        if found in standing:
            return f"The publication of {day} is recorded already, as {found}: nothing was changed."
        return f"Recorded the publication of {day}."

    question = again(policy, day, confirm)
    record(console, data, policy, write, question, dry_run=dry_run, texts=[title])
    if dry_run:
        return
    today = today_of(policy)
    due = next_in_words(read_register(DataFolder.locate(data), policy, today), today)
    if due is not None:
        console.print(f"Next retention date: {due}", soft_wrap=True, markup=False)


def withdraw(
    console: Console,
    data: Path | None,
    publication_id: str,
    why: str,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Takes a publication back, and says what that moves; asks when something is then due soon."""

    def write(at: Moment) -> str:
        listed = publications(at.connection)
        found = find_publication(listed, publication_id)
        withdraw_publication(at.connection, at.policy, found.publication_id, why, now_utc())
        _say_which_counts(console, at)
        return f"Withdrew the publication of {found.published_on}; it stays on record."

    question = Question(publication_id.strip(), "Type the id again", yes=yes, always=False)
    record(
        console, data, load_policy(), write, question, dry_run=dry_run, texts=[why], is_brake=True
    )


def again(policy: Policy, day: date, confirm: str | None) -> Question:
    """Asks for a date again, where it is not today or `confirm` repeats it."""
    always = day != today_of(policy) or confirm is not None
    return Question(f"{day}", "Type the date again", confirm, option=CONFIRM, always=always)


def list_publications(console: Console, data: Path | None) -> None:
    """Prints every publication with its id, which one counts, and what waits because of it."""
    folder, policy = DataFolder.locate(data), load_policy()
    ready_registers(folder)
    today = today_of(policy)
    with open_stores(folder, read=["registers"]) as connection:
        listed = publications(connection)
    counts = counted(listed, policy, today)
    if not listed:
        console.print("No publication is on record.")
        return
    print_table(
        console,
        "Publications",
        ("id", "title", "published", "recorded", "state"),
        [
            (
                one.publication_id,
                one.title,
                one.published_on,
                local_date(one.recorded_at, policy.dpia.evaluation.timezone),
                _state(one, counts is not None and one == counts.publication, policy, today),
            )
            for one in listed
        ],
    )
    console.print(_rule_in_words(policy), soft_wrap=True)
    print_waiting(console, policy, read_register(folder, policy, today))


def _state(one: Publication, counts: bool, policy: Policy, today: date) -> str:
    if one.withdrawn_at is not None:
        return (
            f"withdrawn {local_date(one.withdrawn_at, policy.dpia.evaluation.timezone)}: {one.why}"
        )
    if one.published_on > today:
        return "stands, counts from its date on"
    return "counts" if counts else "stands, another counts"


def _rule_in_words(policy: Policy) -> str:
    retention = policy.dpia.retention
    return (
        f"Of several publications {THAT_COUNTS[retention.publication_that_counts]} counts "
        f"(dpia.yaml, retention.publication_that_counts): {retention.publication_reason}"
    )


def _say_which_counts(console: Console, at: Moment) -> None:
    """Where there are several, or none counts: which one does now, by the policy."""
    listed = [one for one in publications(at.connection) if one.stands]
    counts = counted(publications(at.connection), at.policy, at.today)
    for one in listed:
        if one.published_on > at.today:
            console.print(
                f"That of {one.published_on} counts from its day on where the policy says so, and "
                "erasure is then reckoned from it.",
                soft_wrap=True,
            )
    if counts is None:
        console.print("No publication counts now.")
        return
    if len(listed) > 1:
        which = THAT_COUNTS[at.policy.dpia.retention.publication_that_counts]
        console.print(
            f"{len(listed)} publications stand, of which {which} that has come counts by the "
            f"policy: that of {counts.publication.published_on}."
        )
