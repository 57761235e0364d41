"""`safer-streets drops list`, `drops show` and `drops move`: every drop by its id, what is known of
one, and bringing one to the source it is of."""

from __future__ import annotations

from typing import Annotated

import typer

from safer_streets_assets.console.screen import Data, console


def register(drops: typer.Typer) -> None:
    """Adds the commands to those of drops."""
    drops.command("list")(list_every_drop)
    drops.command("show")(show_one_drop)
    drops.command("move")(move_one_drop)


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


def move_one_drop(
    drop: Annotated[str, typer.Argument(metavar="DROP_ID", help="At least 8 digits of its id.")],
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The source it is of.")],
    data: Data = None,
) -> None:
    """Brings a sealed drop to the source it is of: the next run judges it as that source's.

    With its own source it is judged again.
    """
    from safer_streets_assets.console.drops import move_to_source

    move_to_source(console, data, drop, source)
