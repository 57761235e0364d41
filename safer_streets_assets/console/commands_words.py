"""`safer-streets words`: texts that are on no list of the policy, so that they can be mapped."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safer_streets_assets.console.screen import Data, console


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("words")(words)


def words(
    out: Annotated[
        Path | None, typer.Option("--out", help="A new file for the texts, for its owner alone.")
    ] = None,
    data: Data = None,
) -> None:
    """Counts the boroughs, courts and sentences that are on no list, or writes them to a file."""
    from safer_streets_assets.console.words import hand_out_unknown_words, print_unknown_words

    if out is None:
        print_unknown_words(console, data)
    else:
        hand_out_unknown_words(console, data, out)
