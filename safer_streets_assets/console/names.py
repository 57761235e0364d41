"""The command of names: how many anonymous texts perhaps name somebody, and a file of them."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from safer_streets_assets.console.handing_out import (
    csv_of_texts,
    personal_stores,
    write_new_private_file,
)
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.intake.judged_again import uncertain_texts
from safer_streets_assets.intake.raw_tables import ensure_raw_tables
from safer_streets_assets.policy import load_policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import ensure_registers

COLUMNS = ("source", "drop", "row", "field", "text")


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
        "safer-streets names --out FILE writes them to a file for you alone. Where one names "
        "somebody, erase its drop (safer-streets erase-drop) and ask for it without the name.",
        soft_wrap=True,
    )


def hand_out_uncertain(console: Console, data: Path | None, out: Path) -> None:
    """Writes the texts, as they arrived, to a new file that only its owner can read."""
    folder, policy = DataFolder.locate(data), load_policy()
    with personal_stores(folder) as connection:
        ensure_raw_tables(connection, policy)
        found = uncertain_texts(connection, policy)
    rows = ((one.source, one.drop_id, one.row_number, one.field, one.text) for one in found)
    write_new_private_file(out, csv_of_texts(COLUMNS, rows))
    console.print(
        f"Wrote {len(found)} texts. They stand as they arrived and may name people: erase the file "
        "when you have read it.",
        soft_wrap=True,
    )
