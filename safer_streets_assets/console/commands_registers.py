"""`safer-streets registers ...`: thin commands on the accountability registers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safer_streets_assets.console.screen import Data, console

NAMES_NOBODY = "In general words: no CRN and no name of anybody in the data."

registers = typer.Typer(
    no_args_is_help=True, help="Breaches, requests, reviews of the DPIA, contacts."
)
breaches = typer.Typer(no_args_is_help=True, help="Breaches of personal data and their clocks.")
requests = typer.Typer(no_args_is_help=True, help="Requests of external agencies.")
rights = typer.Typer(no_args_is_help=True, help="Requests of the people in the data.")
reviews = typer.Typer(no_args_is_help=True, help="Reviews of the DPIA.")
contacts = typer.Typer(no_args_is_help=True, help="Primary and secondary contacts of the parties.")

Id = Annotated[str, typer.Argument(metavar="ID", help="The id that list shows.")]
Out = Annotated[Path, typer.Option("--out", help="A new file for the workbook.")]
RequiredReasons = Annotated[str, typer.Option("--reasons", help=NAMES_NOBODY)]

Severity = Annotated[
    str, typer.Option("--severity", help="How severe: a name of the policy's breach_severities.")
]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of the registers."""
    app.add_typer(registers, name="registers")
    for name, sub in (
        ("breaches", breaches),
        ("requests", requests),
        ("rights", rights),
        ("reviews", reviews),
        ("contacts", contacts),
    ):
        registers.add_typer(sub, name=name)
        _add_list_and_export(sub, name)


def _add_list_and_export(sub: typer.Typer, name: str) -> None:
    def list_entries(data: Data = None) -> None:
        from safer_streets_assets.console.registers import print_register

        print_register(console, data, name)

    def export_entries(out: Out, data: Data = None) -> None:
        from safer_streets_assets.console.registers import export

        export(console, data, out, [name])

    sub.command("list", help="Lists the register, and what waits in it.")(list_entries)
    sub.command("export", help="Writes the register as an accessible workbook.")(export_entries)


@registers.command("export")
def export_all(out: Out, data: Data = None) -> None:
    """Writes all registers as one accessible workbook."""
    from safer_streets_assets.console.registers import export

    export(console, data, out)


@breaches.command("add")
def breaches_add(
    detected: Annotated[
        str,
        typer.Option("--detected", help="YYYY-MM-DD HH:MM, in the time zone of the evaluation."),
    ],
    what: Annotated[str, typer.Option("--what", help=NAMES_NOBODY)],
    severity: Severity,
    data: Data = None,
) -> None:
    """Records a breach: its clocks start when it was detected."""
    from safer_streets_assets.console.breaches import add_breach

    add_breach(console, data, detected, what, severity)


@breaches.command("assess")
def breaches_assess(breach: Id, severity: Severity, data: Data = None) -> None:
    """Records how severe an open breach is, when that is seen otherwise than before.

    Each assessment stays in the register; the newest counts.
    """
    from safer_streets_assets.console.breaches import assess_breach

    assess_breach(console, data, breach, severity)


@breaches.command("escalate")
def breaches_escalate(
    breach: Id,
    to: Annotated[str, typer.Option("--to", help="A role of the policy, not a name.")],
    at: Annotated[
        str, typer.Option("--at", help="YYYY-MM-DD HH:MM, in the time zone of the evaluation.")
    ],
    data: Data = None,
) -> None:
    """Records to whom a breach was escalated, and when."""
    from safer_streets_assets.console.breaches import escalate_breach

    escalate_breach(console, data, breach, to, at)


@breaches.command("report")
def breaches_report(
    breach: Id,
    to: Annotated[str, typer.Option("--to", help="The clock: controllers, ico.")],
    at: Annotated[
        str, typer.Option("--at", help="YYYY-MM-DD HH:MM, in the time zone of the evaluation.")
    ],
    data: Data = None,
) -> None:
    """Records that somebody was told of a breach: their clock stops."""
    from safer_streets_assets.console.breaches import report_breach

    report_breach(console, data, breach, to, at)


@breaches.command("no-report")
def breaches_no_report(
    breach: Id,
    to: Annotated[str, typer.Option("--to", help="The clock: controllers, ico.")],
    reasons: RequiredReasons,
    data: Data = None,
) -> None:
    """Records the decision that somebody need not be told, with its reasons."""
    from safer_streets_assets.console.breaches import decide_not_to_report

    decide_not_to_report(console, data, breach, to, reasons)


@breaches.command("close")
def breaches_close(
    breach: Id,
    lessons: Annotated[str, typer.Option("--lessons", help=NAMES_NOBODY)],
    data: Data = None,
) -> None:
    """Closes a breach with what was learnt, when every clock is stopped and it was escalated."""
    from safer_streets_assets.console.breaches import close_breach

    close_breach(console, data, breach, lessons)


@requests.command("add")
def requests_add(
    asked_by: Annotated[str, typer.Option("--by", help="The agency.")],
    asked_for: Annotated[str, typer.Option("--for", help=NAMES_NOBODY)],
    gateway: Annotated[str, typer.Option("--gateway", help="The law it asks under.")],
    received: Annotated[
        str | None, typer.Option("--received", help="YYYY-MM-DD (default: today).")
    ] = None,
    data: Data = None,
) -> None:
    """Records a request of an external agency."""
    from safer_streets_assets.console.registers import add_agency_request

    add_agency_request(console, data, received, asked_by, asked_for, gateway)


@requests.command("close")
def requests_close(
    request: Id,
    decision: Annotated[
        str,
        typer.Option("--decision", help="disclosed, disclosed in part, refused or withdrawn."),
    ],
    decided_by: Annotated[str, typer.Option("--decided-by", help="Role of who decided.")],
    reasons: RequiredReasons,
    disclosed: Annotated[
        str | None, typer.Option("--disclosed", help=f"What was given. {NAMES_NOBODY}")
    ] = None,
    data: Data = None,
) -> None:
    """Records what was decided, by which role, and what was disclosed."""
    from safer_streets_assets.console.registers import close_agency_request

    close_agency_request(console, data, request, decision, decided_by, reasons, disclosed)


@rights.command("close")
def rights_close(
    request: Id,
    outcome: Annotated[
        str,
        typer.Option(
            "--outcome",
            help="answered, 'sent on to the controller', refused or withdrawn.",
        ),
    ] = "answered",
    data: Data = None,
) -> None:
    """Records how a person's request ended."""
    from safer_streets_assets.console.registers import close_rights_request

    close_rights_request(console, data, request, outcome)


@rights.command("extend")
def rights_extend(request: Id, reasons: RequiredReasons, data: Data = None) -> None:
    """Prolongs the time for an answer, once; the person is told the reasons."""
    from safer_streets_assets.console.registers import extend_rights_request

    extend_rights_request(console, data, request, reasons)


@reviews.command("add")
def reviews_add(
    held_by: Annotated[str, typer.Option("--by", help="Role of who held it.")],
    outcome: Annotated[str, typer.Option("--outcome", help=NAMES_NOBODY)],
    held: Annotated[str | None, typer.Option("--held", help="YYYY-MM-DD (default: today).")] = None,
    actions: Annotated[
        str | None, typer.Option("--actions", help="What is to be done; closed when it is.")
    ] = None,
    data: Data = None,
) -> None:
    """Records a review of the DPIA: the next is due a period of the policy later."""
    from safer_streets_assets.console.registers import add_review

    add_review(console, data, held, held_by, outcome, actions)


@reviews.command("close")
def reviews_close(review: Id, data: Data = None) -> None:
    """Records that the actions of a review are done."""
    from safer_streets_assets.console.registers import close_review

    close_review(console, data, review)


@contacts.command("add")
def contacts_add(
    party: Annotated[str, typer.Option("--party", help="A party of the policy, such as nps.")],
    rank: Annotated[str, typer.Option("--rank", help="primary or secondary")],
    role: Annotated[str, typer.Option("--role", help="Role, not a name.")],
    address: Annotated[str, typer.Option("--address", help="Work e-mail or telephone.")],
    data: Data = None,
) -> None:
    """Records a contact of a party: a role and a work address of staff.

    A new one takes the place of the party's contact of the same rank, which stays in the register.
    """
    from safer_streets_assets.console.registers import add_contact

    add_contact(console, data, party, rank, role, address)


@contacts.command("close")
def contacts_close(contact: Id, data: Data = None) -> None:
    """Records that a contact is none any more."""
    from safer_streets_assets.console.registers import close_contact

    close_contact(console, data, contact)
