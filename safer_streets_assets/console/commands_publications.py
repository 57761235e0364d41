"""`safer-streets publication`: reports published, which start the clock of the schedule."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from safer_streets_assets.console.screen import Data, console
from safer_streets_assets.errors import SaferStreetsError

publication = typer.Typer(no_args_is_help=True, help="Reports published: they start the clock.")

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what it would move; record nothing.")
]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.add_typer(publication, name="publication")


@publication.command("add")
def publication_add(
    title: Annotated[str, typer.Option(help="Title of the report; it names nobody.")],
    published_on: Annotated[str, typer.Option("--date", help="YYYY-MM-DD")],
    confirm: Annotated[
        str | None,
        typer.Option(
            help="The date again: needed without a terminal when it is not today, or something "
            "would be erased soon."
        ),
    ] = None,
    dry_run: DryRun = False,
    data: Data = None,
) -> None:
    """Records that the report was published: the clock of the retention schedule starts.

    Says what that would erase and when, and asks for the date again where it is not today. Nothing
    is erased before the notice of the policy has passed: publication withdraw takes it back.
    """
    from safer_streets_assets.console.publications import record_publication

    day = typed_day(published_on)
    record_publication(console, data, title, day, confirm=confirm, dry_run=dry_run)


@publication.command("list")
def publication_list(data: Data = None) -> None:
    """Lists the publications on record, which one counts, and what waits to be erased."""
    from safer_streets_assets.console.publications import list_publications

    list_publications(console, data)


@publication.command("withdraw")
def publication_withdraw(
    publication_id: Annotated[str, typer.Argument(metavar="ID", help="The id of the list.")],
    why: Annotated[str, typer.Option("--why", help="The reason, in a line that names nobody.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask, where something would be erased soon.")
    ] = False,
    dry_run: DryRun = False,
    data: Data = None,
) -> None:
    """Takes a publication back, as long as erasure has not begun; it stays on record with why."""
    from safer_streets_assets.console.publications import withdraw

    withdraw(console, data, publication_id, why, yes=yes, dry_run=dry_run)


def typed_day(text: str) -> date:
    """A date as it is typed.

    Raises:
        SaferStreetsError: it is not YYYY-MM-DD.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SaferStreetsError("The date is not YYYY-MM-DD; give it as in 2021-03-31.") from None
