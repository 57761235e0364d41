"""The commands of the rules of retention: the conclusion, stages given up, and exceptions."""

from __future__ import annotations

import sys
from datetime import date
from typing import Annotated

import typer
from rich.console import Console

from safer_streets_assets.console.screen import Data
from safer_streets_assets.errors import SaferStreetsError

conclusion = typer.Typer(
    no_args_is_help=True, help="The project's conclusion, and what is decided about each holding."
)
stage = typer.Typer(no_args_is_help=True, help="Stages of the evaluation that will not go on.")
exceptions = typer.Typer(no_args_is_help=True, help="Exceptions to the retention schedule.")

WIDTH_OF_FILES = 160
console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_FILES)

By = Annotated[str, typer.Option("--by", help="The role that decided, as the policy lists it.")]
On = Annotated[str, typer.Option("--date", help="YYYY-MM-DD")]
Name = Annotated[
    str, typer.Argument(metavar="HOLDING", help="As safer-streets retention lists it.")
]
Why = Annotated[str, typer.Option("--why", help="The reason, in a line that names nobody.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.add_typer(conclusion, name="conclusion")
    app.add_typer(stage, name="stage")
    app.add_typer(exceptions, name="exceptions")


@conclusion.command("record")
def conclusion_record(on: On, by: By, data: Data = None) -> None:
    """Records that the project has concluded: everything personal is listed for assessment."""
    from safer_streets_assets.console.retention_rules import conclude

    conclude(console, data, _day(on), by)


@conclusion.command("list")
def conclusion_list(data: Data = None) -> None:
    """Lists what waits for a decision, and by when it is erased without one."""
    from safer_streets_assets.console.retention_rules import list_for_assessment

    list_for_assessment(console, data)


@conclusion.command("decide")
def conclusion_decide(
    holding: Name,
    decision: Annotated[str, typer.Argument(metavar="erase|keep-until")],
    until: Annotated[str | None, typer.Argument(metavar="[DATE]", help="YYYY-MM-DD")] = None,
    why: Why = "",
    by: By = "",
    data: Data = None,
) -> None:
    """Decides about a holding: erase it, or keep it until a date and erase it then."""
    from safer_streets_assets.console.retention_rules import decide_holding

    if (decision, until is None) not in (("erase", True), ("keep-until", False)):
        raise SaferStreetsError("Give erase, or keep-until with a date as in 2021-03-31.")
    decide_holding(console, data, holding, None if until is None else _day(until), why, by)


@stage.command("stop")
def stage_stop(
    gate: Annotated[str, typer.Argument(metavar="GATE", help="A gate of the policy.")],
    on: On,
    by: By,
    data: Data = None,
) -> None:
    """Records that a stage will not go on: what was gathered for it is due at once."""
    from safer_streets_assets.console.retention_rules import give_up_stage

    give_up_stage(console, data, gate, _day(on), by)


@exceptions.command("add")
def exceptions_add(
    holding: Name,
    why: Why,
    least_data: Annotated[
        str, typer.Option("--least-data", help="The least data that serves the purpose.")
    ],
    whereabouts: Annotated[str, typer.Option("--whereabouts", help="Where it is kept.")],
    by: By,
    review: Annotated[str, typer.Option("--review", help="YYYY-MM-DD: looked at again then.")],
    on: Annotated[
        str | None, typer.Option("--date", help="YYYY-MM-DD of the decision (default: today).")
    ] = None,
    data: Data = None,
) -> None:
    """Holds a holding back: it is not erased while the exception stands."""
    from safer_streets_assets.console.retention_rules import add_an_exception

    decided_on = _day(on) if on is not None else None
    add_an_exception(
        console, data, (holding, why, least_data, whereabouts, by), _day(review), decided_on
    )


@exceptions.command("list")
def exceptions_list(data: Data = None) -> None:
    """Lists the exceptions; those whose review is due are marked."""
    from safer_streets_assets.console.retention_rules import list_exceptions

    list_exceptions(console, data)


@exceptions.command("end")
def exceptions_end(
    exception_id: Annotated[str, typer.Argument(metavar="ID", help="The id of the list.")],
    by: By,
    data: Data = None,
) -> None:
    """Ends an exception: what it held back falls under its rule again."""
    from safer_streets_assets.console.retention_rules import end_an_exception

    end_an_exception(console, data, exception_id, by)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SaferStreetsError("The date is not YYYY-MM-DD; give it as in 2021-03-31.") from None
