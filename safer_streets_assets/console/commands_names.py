"""`safer-streets names`: texts of anonymous material that perhaps name somebody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safer_streets_assets.console.screen import Data, console


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("names")(names)


def names(
    out: Annotated[
        Path | None, typer.Option("--out", help="A new file for the texts, for its owner alone.")
    ] = None,
    data: Data = None,
) -> None:
    """Counts the texts of forms and case studies that perhaps name somebody, or writes them."""
    from safer_streets_assets.console.names import hand_out_uncertain, print_uncertain

    if out is None:
        print_uncertain(console, data)
    else:
        hand_out_uncertain(console, data, out)
