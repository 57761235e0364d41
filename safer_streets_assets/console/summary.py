"""The readable summary at the end of a run: what was taken in, and what was published."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from safer_streets_assets.cohort.conformed import count_unknown
from safer_streets_assets.console.approval_words import approval_in_words
from safer_streets_assets.console.what_waits import Waits, everything_that_waits
from safer_streets_assets.intake.files_waiting import lying_about
from safer_streets_assets.intake.judged_again import count_uncertain
from safer_streets_assets.intake.ledger_counts import ledger_counts, set_aside_counts
from safer_streets_assets.policy import Policy
from safer_streets_assets.release.invented import INVENTED
from safer_streets_assets.release.report import REPORT
from safer_streets_assets.release.standing import read_standings
from safer_streets_assets.retention import Holding, read_register
from safer_streets_assets.retention.due import today_of
from safer_streets_assets.retention.holdings.on_record import openable
from safer_streets_assets.retention.holdings.register import NOT_SET_OFF, next_in_words
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.queries import one_number
from safer_streets_assets.stores.registers import ensure_registers

FOR_THE_UNIT = "Rows set aside (for the unit only)"
WAITING = "What waits for an operator (for the unit only)"
NUMBERS = {
    "how many",
    "rows",
    "people",
    "cells",
    "counts",
    "suppressed",
    "now",
    "needed",
    "drops",
    "rows loaded",
    "rows set aside",
    "bytes",
    "files",
    "loaded",
    "held",
    "quarantined",
    "refused",
    "% before",
    "% now",
    "releases",
    "hidden",
    "withheld",
    "derivable",
    "proven small",
    "differences",
    "open",
    "small",
    "with them",
}


def print_summary(console: Console, folder: DataFolder, policy: Policy) -> list[Holding]:
    """Prints drops, rows set aside, the funnel as published, tables, gates, what waits for an
    operator, what is due next, and where the release and its report are; returns the retention
    register.

    Figures about people come from the published store alone, so nothing is shown that is not
    printed there. What is counted of the unit's own work stands under a heading that says so.
    """
    holdings = read_register(folder, policy, today_of(policy))
    with open_stores(folder, write=["registers"], read=openable(folder)) as connection:
        ensure_registers(connection)
        print_ledger(console, policy, connection)
        waits = everything_that_waits(connection, folder, policy, holdings)
        standings = read_standings(folder, connection)
    print_lying(console, folder, policy)
    published = folder.published / "published.duckdb"
    if published.is_file():
        with duckdb.connect(str(published), read_only=True) as connection:
            _print_published(console, connection)
    _print_waiting(console, waits)
    when = next_in_words(holdings, today_of(policy)) or NOT_SET_OFF
    console.print(f"Next retention date: {when}", soft_wrap=True, markup=False)
    if standings.current is not None and published.is_file():
        current = folder.releases / standings.current.release_id
        console.print(f"Release: {current}")
        if (current / REPORT).is_file():
            console.print(f"Report:  {current / REPORT}", soft_wrap=True)
        console.print(f"Query:   {published}")
    if standings.candidate is not None:
        console.print(f"Candidate: {folder.releases / standings.candidate.release_id}")
    for sentence in approval_in_words(standings):
        console.print(f"Approval: {sentence}", soft_wrap=True, markup=False)
    console.print("Dagster: make ui, then open http://localhost:3000")
    return holdings


def print_ledger(console: Console, policy: Policy, connection: duckdb.DuckDBPyConnection) -> None:
    """Prints how many drops are in which state and why, and rows set aside by reason."""
    counts = ledger_counts(connection)
    usual = ("loaded", "quarantined", "refused")
    waiting = ("held", "released", "arrived", "erased")
    drops = {s: sum(c.drops for c in counts if c.state == s) for s in (*usual, *waiting)}
    drops = {state: number for state, number in drops.items() if number or state in usual}
    console.print("For the unit only (counts of its own work, not to be passed on):")
    console.print(
        "Drops on the ledger: " + ", ".join(f"{number} {state}" for state, number in drops.items())
    )
    for count in counts:
        for number, said in count.said:
            console.print(
                f"  {number} {count.state}, {count.source} ({count.reason}): {said}",
                soft_wrap=True,
            )
    set_aside = set_aside_counts(connection, policy)
    if set_aside:
        print_table(console, FOR_THE_UNIT, ("reason", "means", "rows"), set_aside)
    unknown = count_unknown(connection)
    if unknown:
        console.print(
            f"Words of no list: {unknown}, printed as other or not known (safer-streets words)."
        )
    doubtful = count_uncertain(connection)
    if doubtful:
        console.print(f"Texts that perhaps name somebody: {doubtful} (safer-streets names).")


def print_lying(console: Console, folder: DataFolder, policy: Policy) -> None:
    """Prints what lies in the landing folder and no run takes in, and what to do about it."""
    for lying in lying_about(folder, policy):
        console.print(
            f"Still arriving since {lying.since:%Y-%m-%d} in {lying.source}: {lying.what}; "
            f"{lying.remedy}.",
            soft_wrap=True,
        )


def _print_waiting(console: Console, found: list[Waits]) -> None:
    if found:
        print_table(console, WAITING, ("what", "how many", "what to do"), found)
    else:
        console.print("Nothing waits for anybody.")


def _print_published(console: Console, connection: duckdb.DuckDBPyConnection) -> None:
    if one_number(connection, 'SELECT count(*) FROM "release" WHERE invented'):
        console.print(f"{INVENTED}\n")
    funnel = connection.execute(
        "SELECT stage, coalesce(n::VARCHAR, n_marker) FROM funnel"
    ).fetchall()
    print_table(console, "Funnel, as published", ("stage", "people"), funnel)
    summary = connection.execute(
        "SELECT table_name, cells, suppressed, verdict FROM suppression_summary"
    ).fetchall()
    columns = ("table", "counts", "suppressed", "proof")
    print_table(console, "Published tables", columns, summary)
    gates = connection.execute(
        "SELECT gate, coalesce(n_now::VARCHAR, n_now_marker), n_needed, "
        "CASE WHEN open THEN 'open' ELSE 'closed' END FROM stage_gates"
    ).fetchall()
    print_table(console, "Stage gates, as published", ("gate", "now", "needed", "state"), gates)


def print_table(
    console: Console, title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]
) -> None:
    """Prints a plain table; columns of numbers are aligned to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        numeric = column in NUMBERS
        table.add_column(column, justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(escape(str(value)) for value in row))
    console.print(table)
    console.print()
