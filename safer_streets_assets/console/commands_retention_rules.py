"""The commands of the rules of retention: the conclusion, stages given up, and exceptions."""

from __future__ import annotations

from typing import Annotated

import typer

from safer_streets_assets.console.commands_publications import typed_day
from safer_streets_assets.console.screen import Data, console
from safer_streets_assets.errors import SaferStreetsError

conclusion = typer.Typer(
    no_args_is_help=True, help="The project's conclusion, and what is decided about each holding."
)
stage = typer.Typer(no_args_is_help=True, help="Stages of the evaluation that will not go on.")
exceptions = typer.Typer(no_args_is_help=True, help="Exceptions to the retention schedule.")

Yes = Annotated[
    bool, typer.Option("--yes", help="Do not ask: needed where there is no terminal to ask on.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what it would erase; record nothing.")
]
By = Annotated[str, typer.Option("--by", help="The role that decided, as the policy lists it.")]
On = Annotated[str, typer.Option("--date", help="YYYY-MM-DD")]
HoldingName = Annotated[
    str, typer.Argument(metavar="HOLDING", help="As safer-streets retention lists it.")
]
GateName = Annotated[str, typer.Argument(metavar="GATE", help="A gate of the policy.")]
Why = Annotated[str, typer.Option("--why", help="The reason, in a line that names nobody.")]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.add_typer(conclusion, name="conclusion")
    app.add_typer(stage, name="stage")
    app.add_typer(exceptions, name="exceptions")


@conclusion.command("record")
def conclusion_record(
    on: On,
    by: By,
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
    """Records that the project has concluded: everything personal is listed for assessment."""
    from safer_streets_assets.console.retention_rules import conclude

    conclude(console, data, typed_day(on), by, confirm=confirm, dry_run=dry_run)


@conclusion.command("list")
def conclusion_list(data: Data = None) -> None:
    """Lists what waits for a decision, and by when it is erased without one."""
    from safer_streets_assets.console.retention_rules import list_for_assessment

    list_for_assessment(console, data)


@conclusion.command("decide")
def conclusion_decide(
    holding: HoldingName,
    decision: Annotated[str, typer.Argument(metavar="erase|keep-until")],
    until: Annotated[str | None, typer.Argument(metavar="[DATE]", help="YYYY-MM-DD")] = None,
    why: Why = "",
    by: By = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    data: Data = None,
) -> None:
    """Decides about a holding: erase it, or keep it until a date and erase it then.

    Says what will go and asks for the holding again. Nothing goes before the notice of the policy
    has passed: conclusion withdraw takes the decision back.
    """
    from safer_streets_assets.console.retention_rules import decide_holding

    if (decision, until is None) not in (("erase", True), ("keep-until", False)):
        raise SaferStreetsError("Give erase, or keep-until with a date as in 2021-03-31.")
    day = None if until is None else typed_day(until)
    decide_holding(console, data, holding, day, (why, by), yes=yes, dry_run=dry_run)


@conclusion.command("withdraw")
def conclusion_withdraw(
    why: Why,
    by: By,
    holding: Annotated[
        str | None,
        typer.Argument(metavar="[HOLDING]", help="Take back what was decided about it alone."),
    ] = None,
    dry_run: DryRun = False,
    data: Data = None,
) -> None:
    """Takes back the conclusion, or what was decided about one holding, before it is erased."""
    from safer_streets_assets.console.retention_rules import take_back

    take_back(console, data, holding, why, by, dry_run=dry_run)


@stage.command("stop")
def stage_stop(
    gate: GateName, on: On, by: By, yes: Yes = False, dry_run: DryRun = False, data: Data = None
) -> None:
    """Records that a stage will not go on: what was gathered for it alone is erased.

    Says what will go and asks for the gate again. Nothing goes before the notice of the policy has
    passed: stage withdraw takes it back.
    """
    from safer_streets_assets.console.retention_rules import give_up_stage

    give_up_stage(console, data, gate, typed_day(on), by, yes=yes, dry_run=dry_run)


@stage.command("withdraw")
def stage_withdraw(
    gate: GateName, why: Why, by: By, dry_run: DryRun = False, data: Data = None
) -> None:
    """Takes back that a stage will not go on, before what was gathered for it is erased."""
    from safer_streets_assets.console.retention_rules import take_up_stage

    take_up_stage(console, data, gate, why, by, dry_run=dry_run)


@exceptions.command("add")
def exceptions_add(
    holding: HoldingName,
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

    decided_on = typed_day(on) if on is not None else None
    add_an_exception(
        console, data, (holding, why, least_data, whereabouts, by), typed_day(review), decided_on
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
    yes: Yes = False,
    dry_run: DryRun = False,
    data: Data = None,
) -> None:
    """Ends an exception: what it kept falls under its rule again, after the policy's notice.

    Says what will go, and asks for the id again when that is soon.
    """
    from safer_streets_assets.console.retention_rules import end_an_exception

    end_an_exception(console, data, exception_id, by, yes=yes, dry_run=dry_run)
