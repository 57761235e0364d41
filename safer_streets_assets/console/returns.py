"""The command of returns: which rows wait for a correction, and the workbook for their sender."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from safer_streets_assets.console.handing_out import (
    HandingOutError,
    personal_stores,
    write_new_private_file,
)
from safer_streets_assets.console.summary import print_table
from safer_streets_assets.intake.raw_tables import ensure_raw_tables
from safer_streets_assets.intake.returns import opened_return, write_returns
from safer_streets_assets.policy import Policy, load_policy
from safer_streets_assets.stores import DataFolder


def print_returns(console: Console, data: Path | None) -> None:
    """Prints how many rows of each source wait for a correction: counts, no values."""
    policy = load_policy()
    rows = _brought_up_to_date(DataFolder.locate(data), policy)
    lines = [(name, policy.sources[name].sender, count) for name, count in rows.items() if count]
    if not lines:
        console.print("No row waits for a correction.")
        return
    print_table(console, "Rows to send back", ("source", "sender", "rows"), lines)
    console.print("safer-streets returns SOURCE --out FILE writes the workbook for the sender.")


def hand_out_return(console: Console, data: Path | None, source: str, out: Path) -> None:
    """Writes the workbook of a source, opened, to a new file that only its owner can read."""
    folder, policy = DataFolder.locate(data), load_policy()
    if out.suffix.lower() != ".xlsx":
        raise HandingOutError("What is written is a workbook; give a name that ends in .xlsx.")
    rows = _brought_up_to_date(folder, policy)
    write_new_private_file(out, opened_return(folder, policy, source))
    console.print(
        f"Wrote the workbook: {rows[source]} rows of {source} to correct. It holds personal data "
        "in the open: send it protected, and erase it as soon as it is sent.",
        soft_wrap=True,
    )


def _brought_up_to_date(folder: DataFolder, policy: Policy) -> dict[str, int]:
    """Makes the sealed workbooks anew; rows by source."""
    with personal_stores(folder) as connection:
        ensure_raw_tables(connection, policy)
        return write_returns(connection, folder, policy)
