"""`safer-streets drops list`: every drop by its id, which other commands take."""

from __future__ import annotations

from typing import Annotated

import typer

from safer_streets_assets.console.screen import Data, console


def register(drops: typer.Typer) -> None:
    """Adds the command to those of drops."""
    drops.command("list")(list_every_drop)


def list_every_drop(
    source: Annotated[
        str | None, typer.Option("--source", help="Only the drops of this source.")
    ] = None,
    data: Data = None,
) -> None:
    """Lists every drop by its id: loaded ones too, which drops alone only counts."""
    from safer_streets_assets.console.drops import list_drops

    list_drops(console, data, source)
