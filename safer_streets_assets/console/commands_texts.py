"""`safer-streets words` and `names`: texts as they arrived that an operator has to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safer_streets_assets.console.command_line import given_folder, in_turn
from safer_streets_assets.console.screen import Data, console
from safer_streets_assets.stores import DataFolder

TextsOut = Annotated[
    Path | None, typer.Option("--out", help="A new file for the texts, for its owner alone.")
]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands."""
    of_names = typer.Typer(invoke_without_command=True)
    of_names.callback()(names)
    of_names.command("accept")(names_accept)
    of_names.command("withdraw")(names_withdraw)
    app.add_typer(of_names, name="names")
    app.command("words")(words)


def names(context: typer.Context, out: TextsOut = None, data: Data = None) -> None:
    """Counts the texts of forms and case studies that perhaps name somebody, or writes them."""
    from safer_streets_assets.console.names import hand_out_uncertain, print_uncertain

    if context.invoked_subcommand is not None:
        return
    folder = DataFolder.locate(given_folder(context)).required()
    with in_turn(folder, "safer-streets names"):
        if out is None:
            print_uncertain(console, folder.root)
        else:
            hand_out_uncertain(console, folder.root, out)


def names_accept(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The list with your decisions.")],
    data: Data = None,
) -> None:
    """Carries out the decisions in a list: what names somebody is set aside, the rest stands."""
    from safer_streets_assets.console.names import accept_names

    accept_names(console, data, file)


def names_withdraw(
    text: Annotated[str, typer.Argument(metavar="ID", help="The opaque id of the list.")],
    data: Data = None,
) -> None:
    """Takes back what was decided of a text: it is in doubt again."""
    from safer_streets_assets.console.names import withdraw_name_decision

    withdraw_name_decision(console, data, text)


def words(out: TextsOut = None, data: Data = None) -> None:
    """Counts the boroughs, courts and sentences that are on no list, or writes them to a file."""
    from safer_streets_assets.console.words import hand_out_unknown_words, print_unknown_words

    if out is None:
        print_unknown_words(console, data)
    else:
        hand_out_unknown_words(console, data, out)
