"""The commands of drops: the ledger, and what an operator decides about one drop."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from safer_streets_assets.console.screen import WAIT_SECONDS
from safer_streets_assets.console.summary import print_ledger, print_lying, print_table
from safer_streets_assets.intake.corrections import header_of, rule_broken
from safer_streets_assets.intake.decisions import elsewhere_of
from safer_streets_assets.intake.files_waiting import WaitingFile, register_waiting, waiting_files
from safer_streets_assets.intake.finding_drops import find_drop, on_the_ledger
from safer_streets_assets.intake.guidance import listed_guidance
from safer_streets_assets.intake.headings import headings_to_show
from safer_streets_assets.intake.held_drops import ByHand, decide_by_hand
from safer_streets_assets.intake.ledger_counts import (
    drop_facts,
    dropped_headers,
    every_drop,
    held_findings,
    intake_by_day,
    ledger_counts,
    said_of,
    sealed_drops,
    set_aside_of,
)
from safer_streets_assets.intake.raw_tables import guidance_sheets
from safer_streets_assets.intake.refused_rows import refused_rows
from safer_streets_assets.intake.take_in import prepare_intake
from safer_streets_assets.intake.wrong_folder import move_drop
from safer_streets_assets.policy import load_policy
from safer_streets_assets.release.drop_references import drop_called
from safer_streets_assets.retention.enforcement.agreement import begin_command
from safer_streets_assets.stores import DataFolder, StoreName, open_stores
from safer_streets_assets.stores.ids import SHOWN_DIGITS
from safer_streets_assets.stores.lock import run_lock
from safer_streets_assets.stores.preflight import ready_registers
from safer_streets_assets.stores.registers import (
    ensure_registers,
    now_utc,
    refuse_to_go_on_when_closed,
)
from safer_streets_assets.stores.who import user_name

SHOWN_ROWS = 10
DONE = {
    "hold": "is held: it is sealed and in no table until it is released.",
    "release": "is released: the next run takes it in (the sensor's, or safer-streets run).",
    "refuse": "is refused: it stays sealed until retention erases it, and is not taken in.",
}


def print_drops(console: Console, data: Path | None) -> None:
    """Prints the ledger in counts: by state, by day, drops in no table, and why some are held.

    Files that wait in the landing folder are listed first, by the id they can be held under.
    """
    folder = DataFolder.locate(data).prepare()
    policy = load_policy()
    _print_waiting(console, waiting_files(folder, policy))
    print_lying(console, folder, policy)
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        counts = ledger_counts(connection)
        days = intake_by_day(connection)
        sealed = sealed_drops(connection)
        held = held_findings(connection)
        print_table(
            console,
            "Drops",
            ("source", "state", "reason", "drops", "rows loaded", "rows set aside"),
            [
                (c.source, c.state, c.reason or "", c.drops, c.rows_loaded, c.rows_set_aside)
                for c in counts
            ],
        )
        print_table(
            console,
            "By day",
            ("arrived", "source", "drops", "loaded", "held", "quarantined", "refused"),
            [(d.day, d.source, d.drops, d.loaded, d.held, d.quarantined, d.refused) for d in days],
        )
        if sealed:
            print_table(
                console,
                "In no table",
                ("drop", "source", "state", "reason", "arrived"),
                [
                    (d.drop_id[:SHOWN_DIGITS], d.source, d.state, d.reason or "", d.arrived_at)
                    for d in sealed
                ],
            )
        if held:
            print_table(
                console,
                "Held for an operator: release or refuse each",
                ("drop", "source", "reason", "column", "% before", "% now"),
                [
                    (
                        finding.drop_id[:SHOWN_DIGITS],
                        finding.source,
                        finding.reason,
                        finding.column or "",
                        "" if finding.percent_before is None else finding.percent_before,
                        "" if finding.percent_now is None else finding.percent_now,
                    )
                    for finding in held
                ],
            )
        print_ledger(console, load_policy(), connection)


def list_drops(console: Console, data: Path | None, source: str | None) -> None:
    """Prints every drop on the ledger, or those of one source, by the id that commands take."""
    folder = DataFolder.locate(data).prepare()
    with open_stores(folder, write=["registers"]) as connection:
        ensure_registers(connection)
        rows = every_drop(connection, source)
    print_table(
        console,
        "Drops (the id is the SHA-256 of the file)",
        ("drop", "source", "state", "reason", "position", "rows loaded", "arrived (UTC)"),
        [
            (
                drop_id[:SHOWN_DIGITS],
                *("" if value is None else value for value in rest[:-1]),
                f"{rest[-1]:%Y-%m-%d %H:%M}",
            )
            for drop_id, *rest in rows
        ],
    )


def show_drop(console: Console, data: Path | None, drop: str) -> None:
    """Prints what is on record of one drop: rules broken by column and row, columns left out.

    `drop` is the beginning of its id, or what a release calls it.

    Counts, row numbers and names of columns, no values.
    """
    folder, policy = DataFolder.locate(data), load_policy()
    ready_registers(folder)
    stores: list[StoreName] = ["registers"]
    if folder.database("restricted").exists():
        stores.append("restricted")
    with run_lock(folder.lock, WAIT_SECONDS), open_stores(folder, write=stores) as connection:
        ensure_registers(connection)
        drop_id = drop_called(folder, connection, drop) or find_drop(connection, drop)
        facts = drop_facts(connection, drop_id)
        aside = set_aside_of(connection, drop_id)
        elsewhere = elsewhere_of(connection, drop_id)
        wrong = {facts.source: refused_rows(connection, drop_id)}
        wrong |= {other: refused_rows(connection, drop_id, other) for other, _ in elsewhere}
        recorded = dropped_headers(connection, drop_id) if facts.state == "loaded" else []
        left_out = headings_to_show(connection, policy, recorded)
        guidance = guidance_sheets(connection, drop_id) if facts.state == "loaded" else []
    lines = [
        f"{name.replace('_', ' ')}: {said_of(drop_id, str(value))}"
        for name, value in asdict(facts).items()
        if value is not None
    ]
    for folder_of, reason in elsewhere:
        lines.append(f"also in the folder of {folder_of}, which did not take it in: {reason}")
    if guidance:
        lines.append(f"sheets left out as guidance, counted from 1: {listed_guidance(guidance)}")
    if left_out:
        lines.append(f"columns left out: {', '.join(left_out)}")
    for line in lines:
        console.print(line, soft_wrap=True, markup=False)
    if aside:
        counts = [(reason, rule_broken(policy, reason), count) for reason, count in aside]
        print_table(console, "Rows set aside", ("reason", "means", "rows"), counts)
    for name, rows in wrong.items():
        source = policy.dpia.sources.get(name)
        if rows and source is not None:
            for_whom = "" if name == facts.source else f" for {name}"
            print_table(
                console,
                f"Rows that break a rule{for_whom}, of {rows[0].of_rows}",
                ("reason", "means", "column", "rows", "first rows"),
                [
                    (
                        found.reason,
                        rule_broken(policy, found.reason),
                        header_of(source, found.field),
                        found.rows,
                        _first(found.first_rows),
                    )
                    for found in rows
                ],
            )


def _first(rows: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, rows[:SHOWN_ROWS]))
    return shown + (" ..." if len(rows) > SHOWN_ROWS else "")


def _print_waiting(console: Console, files: list[WaitingFile]) -> None:
    if files:
        print_table(
            console,
            "In the landing folder: a run takes each in unless it is held",
            ("drop", "source", "bytes", "saved (UTC)"),
            [
                (
                    f.drop_id[:SHOWN_DIGITS] if f.drop_id else "cannot be read",
                    f.source,
                    f.file.size,
                    f.saved_at,
                )
                for f in files
            ],
        )


def move_to_source(console: Console, data: Path | None, drop: str, source: str) -> None:
    """Moves a sealed drop to a source, and records which user of the system did."""
    folder, policy = DataFolder.locate(data), load_policy()
    ready_registers(folder)
    with run_lock(folder.lock, WAIT_SECONDS):
        with open_stores(folder, write=["registers"]) as connection:
            refuse_to_go_on_when_closed(connection)
            drop_id = find_drop(connection, drop)
        begin_command(folder, policy, now_utc())
        with open_stores(folder, write=["restricted", "registers"]) as connection:
            prepare_intake(connection, policy)
            move_drop(connection, folder, policy, drop_id, source, user_name(), now_utc())
    console.print(
        f"Drop {drop_id[:SHOWN_DIGITS]} is moved to {source}: the next run judges it as a drop of "
        "that source (the sensor's, or safer-streets run).",
        soft_wrap=True,
    )


def decide_drop(console: Console, data: Path | None, decision: ByHand, drop: str) -> None:
    """Holds, releases or refuses a drop, and records which user of the system decided it.

    A file that waits in the landing folder and is on no ledger yet can be held too.
    """
    folder = DataFolder.locate(data)
    policy = load_policy()
    ready_registers(folder)
    with run_lock(folder.lock, WAIT_SECONDS):
        with open_stores(folder, write=["registers"]) as connection:
            refuse_to_go_on_when_closed(connection)
            files = waiting_files(folder, policy) if decision == "hold" else []
            drop_id = find_drop(connection, drop, {f.drop_id for f in files if f.drop_id})
        begin_command(folder, policy, now_utc())
        with open_stores(folder, write=["restricted", "registers"]) as connection:
            prepare_intake(connection, policy)
            if not on_the_ledger(connection, drop_id):
                register_waiting(connection, folder, policy, drop_id, now_utc())
            decide_by_hand(connection, folder, decision, drop_id, user_name(), now_utc())
    console.print(f"Drop {drop_id[:SHOWN_DIGITS]} {DONE[decision]}")
