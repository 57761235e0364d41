"""`safer-streets erase-drop`, `erase-person` and `erasures`: the commands of erasures on request.

A CRN is read from the terminal or from standard input, never from an argument: arguments stand in
the shell's history and in the list of processes.
"""

from __future__ import annotations

from typing import Annotated

import typer

from safer_streets_assets.console.command_line import AfterAsking
from safer_streets_assets.console.screen import Data, console

DropId = Annotated[
    str, typer.Argument(metavar="DROP_ID", help="The drop's id, or its first 8 digits or more.")
]
OptionalWhy = Annotated[
    str | None,
    typer.Option("--why", help="Why it is to be erased, in a line that names nobody."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would go, in numbers; change nothing.")
]
Yes = Annotated[
    bool, typer.Option("--yes", help="Do not ask: needed where there is no terminal to ask on.")
]
Now = Annotated[
    bool,
    typer.Option(
        "--now", help="Erase at once: where waiting does harm (docs/retention.md says when)."
    ),
]
Confirm = Annotated[
    str | None,
    typer.Option(
        "--confirm",
        metavar="WORD",
        help="What would be typed to confirm it: needed with --now where there is no terminal.",
    ),
]
NotHeld = Annotated[
    bool,
    typer.Option(
        "--not-held",
        help="Go on though nothing is held under that number: rows about it are refused then.",
    ),
]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands to the command line."""

    @app.command("erase-drop")
    def erase_drop(
        drop: DropId,
        why: OptionalWhy = None,
        now: Now = False,
        confirm: Confirm = None,
        yes: Yes = False,
        dry_run: DryRun = False,
        data: Data = None,
    ) -> None:
        """Asks for the erasure of one drop everywhere; the same file is refused afterwards.

        It waits for the notice of the policy, which erasures withdraw can stop; then it is carried
        out by itself, with --now at once, and certified.
        """
        from safer_streets_assets.console.erasing import How, erase_one_drop

        how = How(why, dry_run=dry_run, now=now, yes=yes, confirm=confirm)
        erase_one_drop(console, data, drop, how)

    @app.command("erase-person", cls=AfterAsking)
    def erase_person(
        why: OptionalWhy = None,
        now: Now = False,
        confirm: Confirm = None,
        yes: Yes = False,
        not_held: NotHeld = False,
        dry_run: DryRun = False,
        data: Data = None,
    ) -> None:
        """Asks for the erasure of one person everywhere; rows about them are refused afterwards.

        Asks for their Case Reference Number on the terminal, or reads it from standard input. It
        waits for the notice of the policy, which erasures withdraw can stop; then it is carried out
        by itself, with --now at once.
        """
        from safer_streets_assets.console.erasing import How, erase_one_person

        how = How(why, dry_run=dry_run, now=now, yes=yes, confirm=confirm)
        erase_one_person(console, data, how, not_held=not_held)

    erasures = typer.Typer(
        no_args_is_help=True, help="Erasures that wait, and those that could not be verified."
    )
    app.add_typer(erasures, name="erasures")

    @erasures.command("list")
    def erasures_list(data: Data = None) -> None:
        """Lists those that were asked for, and what of those done could not be verified."""
        from safer_streets_assets.console.settling import list_erasures

        list_erasures(console, data)

    @erasures.command("withdraw")
    def erasures_withdraw(
        erasure: Annotated[str, typer.Argument(metavar="ID", help="Its id, or its first digits.")],
        why: Annotated[str, typer.Option("--why", help="The reason, in a line that names nobody.")],
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Only say what it would do; record nothing.")
        ] = False,
        data: Data = None,
    ) -> None:
        """Takes back an erasure that waits, as long as it has not begun; it stays on record."""
        from safer_streets_assets.console.settling import withdraw_one

        withdraw_one(console, data, erasure, why, dry_run=dry_run)

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
