"""`safer-streets status` and `safer-streets alerts ...`: thin commands on how things stand."""

from __future__ import annotations

import typer

from safer_streets_assets.console.command_line import BesideRuns, Watches
from safer_streets_assets.console.screen import Data, console

alerts = typer.Typer(no_args_is_help=True, help="Tells somebody what waits (docs/alerts.md).")


def add_commands(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(cls=Watches)(status)
    app.add_typer(alerts, name="alerts")


def status(data: Data = None) -> None:
    """Says in ten lines how things stand.

    The exit code is 0 when all is well, 1 for a warning, 2 for what is critical, 3 for not known.
    """
    from safer_streets_assets.console.watching import print_status

    raise typer.Exit(print_status(console, data))


@alerts.command("send")
def send_alerts(data: Data = None) -> None:
    """Tells what is new through every channel that is set up; for a timer, without a daemon."""
    from safer_streets_assets.console.watching import send_alerts as send

    send(console, data)


@alerts.command("try", cls=BesideRuns)
def try_channels() -> None:
    """Sends one line through every channel that is set up, and says which took it."""
    from safer_streets_assets.console.watching import try_channels as try_each

    try_each(console)
