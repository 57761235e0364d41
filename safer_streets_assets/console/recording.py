"""Records what an operator decided, after saying what it would erase and when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from rich.console import Console

from safer_streets_assets.accountability.wording import refuse_identifying
from safer_streets_assets.console.confirming import Question
from safer_streets_assets.console.screen import WAIT_SECONDS
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.policy import Policy
from safer_streets_assets.retention import Holding, retention_register
from safer_streets_assets.retention.due import erasure_in_words, today_of
from safer_streets_assets.retention.holdings.notice import MovedHolding, moves, soon, waiting
from safer_streets_assets.retention.holdings.on_record import readable
from safer_streets_assets.retention.records.machine_clock import watch_clock
from safer_streets_assets.stores import DataFolder, StoreError, StoreName, open_stores
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.register_copy import keep_copy
from safer_streets_assets.stores.registers import now_utc


@dataclass(frozen=True)
class Moment:
    """The registers, open for writing, while no run goes on; and what is held before the record."""

    connection: duckdb.DuckDBPyConnection
    policy: Policy
    today: date
    holdings: Sequence[Holding]


Write = Callable[[Moment], str]
"""Writes the record and returns the sentence that says so."""


def record(
    console: Console,
    data: Path | None,
    policy: Policy,
    write: Write,
    question: Question | None,
    *,
    dry_run: bool = False,
    texts: Sequence[str] = (),
    is_brake: bool = False,
    when_confirmed: Callable[[], None] | None = None,
) -> None:
    """Writes a record in one transaction, when it is confirmed and this is no dry run.

    `texts` are what is kept of it in words, and must name nobody in the data. One that holds an
    erasure up (`is_brake`) is written though it cannot be told who is in it.
    `when_confirmed` is done before the record stands, or not at all.

    Raises:
        ClockError: the clock has jumped: what is recorded now would wait by the wrong days.
        StoreError: the restricted store is there and does not open, and there are `texts`.
        NotConfirmedError: it was asked for, and nobody confirmed it; nothing has changed then.
    """
    folder = DataFolder.locate(data)
    ready_registers(folder)
    with run_lock(folder.lock, WAIT_SECONDS):
        read = _readable(folder)
        with open_stores(folder, write=["registers"], read=read) as connection:
            watch_clock(connection, policy, now_utc())
            is_unread = "restricted" not in read
            if texts and not is_brake and is_unread and folder.database("restricted").exists():
                raise StoreError(
                    "The restricted store does not open, so it cannot be told whether the text "
                    "names somebody in it: put its key or its file back from the backup first."
                )
            refuse_identifying(connection, policy, texts)
            today = today_of(policy)
            before = retention_register(folder, connection, policy, today)
            connection.execute("BEGIN TRANSACTION")
            try:
                sentence = write(Moment(connection, policy, today, before))
                after = retention_register(folder, connection, policy, today)
                moved = moves(policy, before, after)
                near = soon(policy, moved, today)
                print_moves(console, policy, moved, near)
                if dry_run:
                    console.print("Nothing was changed.")
                elif question is not None and (question.always or _is_sooner(near)):
                    question.ask()
                if when_confirmed is not None and not dry_run:
                    when_confirmed()
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("ROLLBACK" if dry_run else "COMMIT")
        if not dry_run:
            keep_copy(folder)
    if not dry_run:
        console.print(sentence, soft_wrap=True)
        later = [move.holding for move in near if move.due is not None and move.due > today]
        print_waiting(console, policy, later)


def print_moves(
    console: Console, policy: Policy, moved: Sequence[MovedHolding], near: Sequence[MovedHolding]
) -> None:
    """What is erased soon, each by itself; and how the days of the rest move, in numbers."""
    if near:
        days = policy.dpia.retention.notice_within_days
        print_table(
            console,
            f"Would be erased within {days} days",
            ("what", "rows", "files", "bytes", "due before", "erased on"),
            [
                (
                    one.holding.what,
                    "" if one.holding.row_count is None else one.holding.row_count,
                    one.holding.files,
                    one.holding.bytes,
                    one.was_due or "",
                    one.due,
                )
                for one in near
            ],
        )
    groups: dict[tuple[date | None, date | None], int] = {}
    for one in moved:
        if one.due == one.was_due:
            continue
        key = (one.was_due, one.due)
        groups[key] = groups.get(key, 0) + 1
    for (was, due), count in groups.items():
        said = _moved_in_words(was, due, today_of(policy))
        console.print(f"{said} ({count} holdings).", soft_wrap=True)


def print_waiting(console: Console, policy: Policy, holdings: Sequence[Holding]) -> None:
    """What waits to be erased by what an operator recorded, and the commands that stop it."""
    for one in waiting(policy, holdings):
        console.print(one.sentence_on(today_of(policy)), soft_wrap=True, markup=False)


def _is_sooner(near: Sequence[MovedHolding]) -> bool:
    return any(move.is_sooner for move in near)


def _moved_in_words(was: date | None, due: date | None, today: date) -> str:
    if due is None:
        return f"Was to be erased on {was}, is not due any more"
    if was is None:
        return f"Was not due, {erasure_in_words(due, today)}"
    days = (due - was).days
    way = "moves on" if days > 0 else "comes forward"
    late = "" if due > today else f": {erasure_in_words(due, today)}"
    return f"Erasure {way} by {abs(days)} days, from {was} to {due}{late}"


def _readable(folder: DataFolder) -> list[StoreName]:
    """The stores whose rows can be counted: a record is made without those that are damaged."""
    return [store for store in readable(folder) if store != "registers"]
