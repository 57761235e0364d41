"""`safer-streets keys`: rotate the keys, and say how each stands. No key is ever shown."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from safer_streets_assets.console.screen import Data
from safer_streets_assets.errors import SaferStreetsError

keys = typer.Typer(no_args_is_help=True, help="The keys of the stores and of sealed files.")
WAIT_SECONDS = 600.0


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.add_typer(keys, name="keys")


@keys.command("rotate")
def rotate_keys(
    data: Data = None,
    pseudonyms: Annotated[
        bool, typer.Option("--pseudonyms", help="Give everybody a new pseudonym as well.")
    ] = False,
    store: Annotated[
        str | None,
        typer.Option(
            help="Only restricted, research, quarantine, returns or bundles (default: all)."
        ),
    ] = None,
) -> None:
    """Puts stores and sealed files under new keys and destroys the old ones."""
    from safer_streets_assets.policy import load_policy
    from safer_streets_assets.retention.rotating import PARTS, rotate
    from safer_streets_assets.stores import DataFolder
    from safer_streets_assets.stores.lock import run_lock
    from safer_streets_assets.stores.registers import now_utc

    part = next((name for name in PARTS if name == store), None)
    if store is not None and part is None:
        raise SaferStreetsError(f"There is no such store; use one of {', '.join(PARTS)}.")
    folder = DataFolder.locate(data).prepare()
    with run_lock(folder.lock, WAIT_SECONDS):
        done = rotate(folder, load_policy(), now_utc(), part=part, pseudonyms=pseudonyms)
    console = Console(highlight=False)
    for name, files in done.items():
        console.print(f"{name}: {files} files under new keys, the old keys destroyed")
    if pseudonyms:
        console.print("Everybody has a new pseudonym; decisions and releases stand.")
    console.print(
        "Copies of the old keys open only old copies of the data: make a new backup of both "
        "(safer-streets backup make), then destroy the old ones.",
        soft_wrap=True,
    )


@keys.command("check")
def check_keys(data: Data = None) -> None:
    """Says of each key whether it is there and opens what is under it; exit 1 if one does not.

    A rotation that was interrupted is finished or undone before, and that is said.
    """
    from safer_streets_assets.console.summary import print_table
    from safer_streets_assets.retention.key_states import INTERRUPTED, TO_DO, key_states
    from safer_streets_assets.stores import DataFolder
    from safer_streets_assets.stores.lock import run_lock
    from safer_streets_assets.stores.preflight import keys_beside_data
    from safer_streets_assets.stores.using import interrupted_rotation

    folder = DataFolder.locate(data).prepare()
    console = Console(highlight=False)
    with run_lock(folder.lock, WAIT_SECONDS):
        lines = key_states(folder)
        waiting = interrupted_rotation(folder)
    rows = [(one.name, one.under, one.state, TO_DO[one.state]) for one in lines]
    rows += [(name, "a rotation", INTERRUPTED, TO_DO[INTERRUPTED]) for name in waiting]
    print_table(console, "Keys", ("key", "of", "state", "what to do"), rows)
    if (warning := keys_beside_data(folder)) is not None:
        console.print(warning, soft_wrap=True)
    if waiting or not all(one.is_good for one in lines):
        raise SaferStreetsError("A key does not serve: the table says which and what to do.")
