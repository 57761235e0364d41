"""`safer-streets upgrade`: a thin command that brings the stores to today's layout."""

from __future__ import annotations

from typing import Annotated

import typer

from safer_streets_assets.console.screen import Data, console


def add_commands(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(upgrade)


def upgrade(
    data: Data = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")
    ] = False,
) -> None:
    """Brings the stores of an earlier version to today's layout, step by step."""
    from safer_streets_assets.console.upgrading import upgrade_stores

    upgrade_stores(console, data, dry_run=dry_run)
