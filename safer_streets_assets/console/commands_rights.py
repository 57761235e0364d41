"""`safer-streets subject-access` and `safer-streets objections`: thin, as all commands are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safer_streets_assets.console.command_line import AfterAsking
from safer_streets_assets.console.screen import EXTRA, Data, console

objections = typer.Typer(no_args_is_help=True, help="People who object to the use of their data.")

Received = Annotated[
    str | None,
    typer.Option("--received", help="Day of receipt, YYYY-MM-DD (default: today)."),
]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of people's rights."""
    app.command("subject-access", cls=AfterAsking, context_settings=EXTRA)(subject_access)
    app.add_typer(objections, name="objections")


def subject_access(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="A folder outside the data folder (default: sealed inside it)."),
    ] = None,
    received: Received = None,
    request: Annotated[
        str | None, typer.Option("--request", help="Answer a request that is logged already.")
    ] = None,
    open_request: Annotated[
        str | None,
        typer.Option(
            "--open", metavar="ID", help="Write out the sealed answer of a request (with --out)."
        ),
    ] = None,
    for_review: Annotated[
        bool,
        typer.Option("--for-review", help="Write texts that name others too, in a file apart."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether this is right.")] = False,
    data: Data = None,
) -> None:
    """Writes everything held on a person: a workbook and a JSON in a new private folder.

    Without --out they lie sealed in the data folder; --open ID --out DIR writes them out.

    Asks for the CRN on the terminal, where it is not shown, or reads one line of standard input:
    safer-streets subject-access --out DIR < FILE. Never give it as an argument or with echo.
    """
    from safer_streets_assets.console.rights import give_access, write_out
    from safer_streets_assets.console.secret_input import refuse_arguments

    refuse_arguments(context.args)
    if open_request is not None:
        write_out(console, data, open_request, out)
        return
    give_access(console, data, out, received, request, confirmed=yes, for_review=for_review)


@objections.command("record", cls=AfterAsking, context_settings=EXTRA)
def objections_record(context: typer.Context, received: Received = None, data: Data = None) -> None:
    """Records that a person objects; asks for the CRN as subject-access does."""
    from safer_streets_assets.console.rights import note_objection
    from safer_streets_assets.console.secret_input import refuse_arguments

    refuse_arguments(context.args)
    note_objection(console, data, received)


@objections.command("list")
def objections_list(data: Data = None) -> None:
    """Lists objections by random id, and what is to be done about each."""
    from safer_streets_assets.console.rights import print_objections

    print_objections(console, data)


@objections.command("decide")
def objections_decide(
    objection: Annotated[str, typer.Argument(metavar="ID", help="The id of the list.")],
    decision: Annotated[str, typer.Option("--decision", help="upheld or refused")],
    reasons: Annotated[str, typer.Option("--reasons", help="In general words; names nobody.")],
    data: Data = None,
) -> None:
    """Records what was decided. After upheld, erase the person: erase-person --now."""
    from safer_streets_assets.console.rights import decide

    decide(console, data, objection, decision, reasons)
