"""`safer-streets drops`: the ledger in counts, each drop by its id, what an operator decides."""

from __future__ import annotations

from typing import Annotated

import typer

from safer_streets_assets.console.command_line import given_folder, in_turn
from safer_streets_assets.console.screen import Data, console
from safer_streets_assets.stores import DataFolder

drops = typer.Typer(help="The ledger of drops, and what an operator decides about a drop.")

DropId = Annotated[
    str, typer.Argument(metavar="DROP_ID", help="The drop's id, or its first 8 digits or more.")
]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.add_typer(drops, name="drops")


@drops.callback(invoke_without_command=True)
def count_drops(context: typer.Context, data: Data = None) -> None:
    """Lists the drops on the ledger: by source, state and reason, by day, and those that wait."""
    from safer_streets_assets.console.drops import print_drops

    if context.invoked_subcommand is None:
        folder = DataFolder.locate(given_folder(context)).required()
        with in_turn(folder, "safer-streets drops"):
            print_drops(console, folder.root)


@drops.command("hold")
def hold_one_drop(drop: DropId, data: Data = None) -> None:
    """Holds a drop that waits in the landing folder, is quarantined or was released.

    `safer-streets drops` gives the id of each file that waits, before any run has seen it.
    """
    from safer_streets_assets.console.drops import decide_drop

    decide_drop(console, data, "hold", drop)


@drops.command("release")
def release_one_drop(drop: DropId, data: Data = None) -> None:
    """Releases a drop that is held or was refused by an operator: the next run takes it in."""
    from safer_streets_assets.console.drops import decide_drop

    decide_drop(console, data, "release", drop)


@drops.command("refuse")
def refuse_one_drop(drop: DropId, data: Data = None) -> None:
    """Refuses a drop that is held or released: it stays sealed until retention erases it."""
    from safer_streets_assets.console.drops import decide_drop

    decide_drop(console, data, "refuse", drop)


@drops.command("list")
def list_every_drop(
    source: Annotated[
        str | None, typer.Option("--source", help="Only the drops of this source.")
    ] = None,
    data: Data = None,
) -> None:
    """Lists every drop by its id: loaded ones too, which drops alone only counts."""
    from safer_streets_assets.console.drops import list_drops

    list_drops(console, data, source)


@drops.command("show")
def show_one_drop(
    drop: Annotated[str, typer.Argument(help="At least 8 digits of the drop's id.")],
    data: Data = None,
) -> None:
    """Shows what is on record of a drop: rules that its rows break, columns left out; no values."""
    from safer_streets_assets.console.drops import show_drop

    show_drop(console, data, drop)


@drops.command("move")
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
