"""`safer-streets release` and `share`: who approves a release, which is current, who gets it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safer_streets_assets.console.command_line import AfterAsking
from safer_streets_assets.console.screen import Data, console

release = typer.Typer(no_args_is_help=True, help="Releases: which one is current, and why.")

ReleaseId = Annotated[
    str, typer.Argument(metavar="ID", help="The id of the list; r0002 is enough.")
]
OtherId = Annotated[str, typer.Argument(metavar="OTHER", help="The id of the later one.")]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.add_typer(release, name="release")
    app.command("share")(share)


@release.command("list")
def release_list(data: Data = None) -> None:
    """Lists every release: how it stands, who made that so, and with whom it was shared."""
    from safer_streets_assets.console.releases import list_releases

    list_releases(console, data)


@release.command("approve")
def release_approve(release_id: ReleaseId, data: Data = None) -> None:
    """Makes a candidate the current release.

    By the policy (releases.approval: two-person) not by who built it; who that is tells the system,
    by the login.
    """
    from safer_streets_assets.console.releases import approve_release

    approve_release(console, data, release_id)


@release.command("reject")
def release_reject(
    release_id: ReleaseId,
    reason: Annotated[str, typer.Option("--reason", help="Why, in a line that names nobody.")],
    data: Data = None,
) -> None:
    """Rejects a candidate. It stays on record, and later releases are protected against it."""
    from safer_streets_assets.console.releases import reject_release

    reject_release(console, data, release_id, reason)


@release.command("rollback", cls=AfterAsking)
def release_rollback(
    release_id: ReleaseId,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why, in a line that names nobody.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask: needed where there is no terminal to ask on.")
    ] = False,
    data: Data = None,
) -> None:
    """Makes an earlier release the current one again; those after it are withdrawn for good."""
    from safer_streets_assets.console.releases import roll_back_release

    roll_back_release(console, data, release_id, reason, yes=yes)


@release.command("diff")
def release_diff(release_id: ReleaseId, other: OtherId, data: Data = None) -> None:
    """Says in words what the second release prints otherwise than the first (for the unit only)."""
    from safer_streets_assets.console.releases import print_difference

    print_difference(console, data, release_id, other)


def share(
    recipient: Annotated[str, typer.Argument(help="A recipient of the policy, as mtc_novo.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new or empty folder.")],
    release_id: Annotated[
        str | None, typer.Option("--release", help="Its id: refused unless it is the current one.")
    ] = None,
    data: Data = None,
) -> None:
    """Writes the tables of the current release for a recipient of the policy, and records it."""
    from safer_streets_assets.console.releases import share_release

    share_release(console, data, recipient, out, release_id)
