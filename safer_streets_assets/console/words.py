"""The command of words: how many texts are on no list, and a file of them for the unit alone."""

from __future__ import annotations

from pathlib import Path

import duckdb
from rich.console import Console

from safer_streets_assets.cohort.unknown_words import unknown_words
from safer_streets_assets.console.handing_out import (
    csv_of_texts,
    personal_stores,
    write_new_private_file,
)
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.intake.raw_tables import ensure_raw_tables
from safer_streets_assets.policy import load_policy
from safer_streets_assets.stores import DataFolder, open_stores
from safer_streets_assets.stores.registers import ensure_registers

COLUMNS = ("source", "field", "list", "rows", "text")


def print_unknown_words(console: Console, data: Path | None) -> None:
    """Prints how many texts of each field are on no list: counts, no text."""
    with open_stores(DataFolder.locate(data), write=["registers"]) as connection:
        ensure_registers(connection)
        rows = counts_of_unknown(connection)
    if not rows:
        console.print("Every text is a word of its list.")
        return
    print_table(console, "Words of no list", ("source", "field", "texts", "rows"), rows)
    console.print(
        "safer-streets words --out FILE writes them to a file for you alone; add each to its list "
        "as a spelling (boroughs and courts in policy/places.yaml, others in "
        "policy/vocabulary.yaml), and run again.",
        soft_wrap=True,
    )


def counts_of_unknown(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, int, int]]:
    """Source, field, different texts and rows; the registers are attached."""
    return connection.execute(
        "SELECT source, field, texts, rows FROM registers.unknown_words ORDER BY source, field"
    ).fetchall()


def hand_out_unknown_words(console: Console, data: Path | None, out: Path) -> None:
    """Writes the texts, as they arrived, to a new file that only its owner can read."""
    folder, policy = DataFolder.locate(data), load_policy()
    with personal_stores(folder) as connection:
        ensure_raw_tables(connection, policy)
        found = unknown_words(connection, policy)
    rows = ((one.source, one.field, one.words, one.rows, one.text) for one in found)
    write_new_private_file(out, csv_of_texts(COLUMNS, rows))
    console.print(
        f"Wrote {len(found)} texts. They stand as they arrived and may name people: erase the file "
        "when they are mapped.",
        soft_wrap=True,
    )
