"""The commands of names: how many anonymous texts perhaps name somebody, and what is decided."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from safer_streets_assets.console.handing_out import (
    csv_of_texts,
    personal_stores,
    read_list,
    write_new_private_file,
)
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.intake.decision_lists import DECISION, read_decisions
from safer_streets_assets.intake.judged_again import judge_again, uncertain_texts
from safer_streets_assets.intake.name_decisions import (
    IS_NAME,
    NameDecisionError,
    decide_names,
    withdraw_name,
)
from safer_streets_assets.intake.raw_tables import ensure_raw_tables
from safer_streets_assets.intake.run_requests import request_run
from safer_streets_assets.policy import load_policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import ensure_registers, now_utc
from safer_streets_assets.stores.who import user_name

ID = "text_id"
COLUMNS = (ID, DECISION, "source", "drop", "row", "rows", "field", "text")
_WRONG = (
    "This is not a list of texts in doubt; write one with safer-streets names --out, decide in its "
    f"column {DECISION}, and save it as CSV."
)


def print_uncertain(console: Console, data: Path | None) -> None:
    """Prints how many texts of each field perhaps name somebody: counts, no text."""
    with open_stores(DataFolder.locate(data), write=["registers"]) as connection:
        ensure_registers(connection)
        rows = connection.execute(
            "SELECT source, field, rows FROM registers.uncertain_texts ORDER BY source, field"
        ).fetchall()
    if not rows:
        console.print("No text of forms and case studies is in doubt.")
        return
    print_table(console, "Texts that perhaps name somebody", ("source", "field", "rows"), rows)
    console.print(
        "safer-streets names --out FILE writes them to a file for you alone, to be decided on: yes "
        "for one that names somebody. safer-streets names accept FILE carries the decisions out.",
        soft_wrap=True,
    )


def hand_out_uncertain(console: Console, data: Path | None, out: Path) -> None:
    """Writes the texts, as they arrived, to a new file that only its owner can read."""
    folder, policy = DataFolder.locate(data), load_policy()
    with personal_stores(folder) as connection:
        ensure_raw_tables(connection, policy)
        found = uncertain_texts(connection, policy)
    rows = (
        (o.text_id, "", o.source, o.drop_id, o.row_number, o.rows, o.field, o.text) for o in found
    )
    write_new_private_file(out, csv_of_texts(COLUMNS, rows))
    console.print(
        f"Wrote {len(found)} texts. They stand as they arrived and may name people: write yes in "
        f"the column {DECISION} of each that does, no where it does not, run safer-streets names "
        "accept with the file, and erase it.",
        soft_wrap=True,
    )


def accept_names(console: Console, data: Path | None, path: Path) -> None:
    """Carries out the decisions in a file, and records which user of the system decided."""
    verdicts = read_decisions(read_list(path), ID, "a text", _WRONG, NameDecisionError)
    folder, policy = DataFolder.locate(data), load_policy()
    with personal_stores(folder) as connection:
        ensure_raw_tables(connection, policy)
        texts = uncertain_texts(connection, policy)
        named, cleared = decide_names(connection, texts, verdicts, user_name(), now_utc())
        request_run(folder)
        aside = sum(judge_again(connection, policy, name) for name in policy.sources)
    console.print(
        f"{named} texts name somebody, {cleared} name nobody, "
        f"{len(verdicts) - named - cleared} were decided already. {aside} rows were set aside; the "
        "tables are made without them by the next run (safer-streets run). Erase the file.",
        soft_wrap=True,
    )


def withdraw_name_decision(console: Console, data: Path | None, text_id: str) -> None:
    """Takes back what was decided of a text, and records which user of the system did."""
    folder, policy = DataFolder.locate(data), load_policy()
    with personal_stores(folder) as connection:
        ensure_raw_tables(connection, policy)
        was = withdraw_name(connection, text_id.strip().lower(), user_name(), now_utc())
        for name in policy.sources:
            judge_again(connection, policy, name)
    more = (
        " A row that was set aside comes back when its file is sent again."
        if was == IS_NAME
        else ""
    )
    console.print(f"The text is no longer {was}: it is in doubt again.{more}", soft_wrap=True)
