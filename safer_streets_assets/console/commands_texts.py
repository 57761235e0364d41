"""`safer-streets words` and `names`: texts as they arrived that a person has to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safer_streets_assets.console.screen import Data, console

Out = Annotated[
    Path | None, typer.Option("--out", help="A new file for the texts, for its owner alone.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("names")(names)
    app.command("words")(words)


def names(out: Out = None, data: Data = None) -> None:
    """Counts the texts of forms and case studies that perhaps name somebody, or writes them."""
    from safer_streets_assets.console.names import hand_out_uncertain, print_uncertain

    if out is None:
        print_uncertain(console, data)
    else:
        hand_out_uncertain(console, data, out)


def words(out: Out = None, data: Data = None) -> None:
    """Counts the boroughs, courts and sentences that are on no list, or writes them to a file."""
    from safer_streets_assets.console.words import hand_out_unknown_words, print_unknown_words

    if out is None:
        print_unknown_words(console, data)
    else:
        hand_out_unknown_words(console, data, out)
