"""`safer-streets drops list` and `drops show`: every drop by its id, and what is known of one."""

from __future__ import annotations

from typing import Annotated

import typer

from safer_streets_assets.console.screen import Data, console


def register(drops: typer.Typer) -> None:
    """Adds the commands to those of drops."""
    drops.command("list")(list_every_drop)
    drops.command("show")(show_one_drop)


def list_every_drop(
    source: Annotated[
        str | None, typer.Option("--source", help="Only the drops of this source.")
    ] = None,
    data: Data = None,
) -> None:
    """Lists every drop by its id: loaded ones too, which drops alone only counts."""
    from safer_streets_assets.console.drops import list_drops

    list_drops(console, data, source)


def show_one_drop(
    drop: Annotated[str, typer.Argument(help="At least 8 digits of the drop's id.")],
    data: Data = None,
) -> None:
    """Shows what is on record of a drop: rules that its rows break, columns left out; no values."""
    from safer_streets_assets.console.drops import show_drop

    show_drop(console, data, drop)
