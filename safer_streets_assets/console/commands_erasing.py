"""`safer-streets erase-drop` and `erase-person`: the commands of erasures on request.

A CRN is read from the terminal or from standard input, never from an argument: arguments stand in
the shell's history and in the list of processes.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from safer_streets_assets.console.command_line import AfterAsking
from safer_streets_assets.console.screen import Data

DropId = Annotated[
    str, typer.Argument(metavar="DROP_ID", help="The drop's id, or its first 8 digits or more.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would go, in numbers; change nothing.")
]
Yes = Annotated[
    bool, typer.Option("--yes", help="Do not ask: needed where there is no terminal to ask on.")
]
NotHeld = Annotated[
    bool,
    typer.Option(
        "--not-held",
        help="Go on though nothing is held under that number: rows about it are refused then.",
    ),
]


def register(app: typer.Typer, console: Console) -> None:
    """Adds the commands to the program; they print to `console`."""

    @app.command("erase-drop")
    def erase_drop(
        drop: DropId, data: Data = None, dry_run: DryRun = False, yes: Yes = False
    ) -> None:
        """Erases one drop everywhere, with a certificate; the same file is refused afterwards."""
        from safer_streets_assets.console.erasing import erase_one_drop

        erase_one_drop(console, data, drop, dry_run=dry_run, yes=yes)

    @app.command("erase-person", cls=AfterAsking)
    def erase_person(
        data: Data = None, dry_run: DryRun = False, yes: Yes = False, not_held: NotHeld = False
    ) -> None:
        """Erases one person everywhere, with a certificate; rows about them are refused afterwards.

        Asks for their Case Reference Number on the terminal, or reads it from standard input.
        """
        from safer_streets_assets.console.erasing import erase_one_person

        erase_one_person(console, data, dry_run=dry_run, yes=yes, not_held=not_held)

    erasures = typer.Typer(
        no_args_is_help=True, help="Erasures that are done and could not be verified."
    )
    app.add_typer(erasures, name="erasures")

    @erasures.command("list")
    def erasures_list(data: Data = None) -> None:
        """Lists them: what was erased, and where something equal to a part of it stands."""
        from safer_streets_assets.console.settling import list_open

        list_open(console, data)

    @erasures.command("settle")
    def erasures_settle(
        erasure: Annotated[str, typer.Argument(metavar="ID", help="Its id, or its first digits.")],
        why: Annotated[
            str, typer.Option("--why", help="What you found at the places, naming nobody.")
        ],
        by: Annotated[str, typer.Option("--by", help="The role that decided it.")],
        data: Data = None,
        yes: Yes = False,
    ) -> None:
        """Looks again, and certifies one with your statement when something is still found.

        Look at the places that the list names first: what stands there must be somebody or
        something else.
        """
        from safer_streets_assets.console.settling import settle_one

        settle_one(console, data, erasure, why, by, yes=yes)
