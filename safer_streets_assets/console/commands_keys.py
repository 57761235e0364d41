"""`safer-streets keys`: rotate the keys, and say how each stands. No key is ever shown."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from safer_streets_assets.console.screen import WAIT_SECONDS, Data
from safer_streets_assets.errors import SaferStreetsError

keys = typer.Typer(no_args_is_help=True, help="The keys of the stores and of sealed files.")
_WHAT_GOES = (
    "The old keys are destroyed, which cannot be undone. What is held is put under new ones, and "
    "stays. A backup made before opens only with a copy of the keys that was made with it; without "
    "one nobody can open it afterwards."
)
_PSEUDONYMS_GO = (
    " The old pseudonyms go too: what was noted or extracted under them cannot be joined with what "
    "is held afterwards."
)


def add_commands(app: typer.Typer) -> None:
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
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask: needed where there is no terminal to ask on.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would go; change nothing.")
    ] = False,
) -> None:
    """Puts stores and sealed files under new keys and destroys the old ones.

    Says first what goes, and asks. Nothing that is held is lost; a backup without a copy of its
    keys is: nobody can open it any more.
    """
    from safer_streets_assets.console.confirming import Question
    from safer_streets_assets.console.summary import print_table
    from safer_streets_assets.policy import load_policy
    from safer_streets_assets.retention.enforcement.rotating import PARTS, rotate, to_rotate
    from safer_streets_assets.stores import DataFolder
    from safer_streets_assets.stores.lock import run_lock
    from safer_streets_assets.stores.registers import now_utc

    part = next((name for name in PARTS if name == store), None)
    if store is not None and part is None:
        raise SaferStreetsError(f"There is no such store; use one of {', '.join(PARTS)}.")
    folder = DataFolder.locate(data).prepare()
    console = Console(highlight=False)
    with run_lock(folder.lock, WAIT_SECONDS):
        going = to_rotate(folder, part=part, pseudonyms=pseudonyms)
        print_table(console, "Keys that go", ("of", "files"), list(going.items()))
        console.print(_WHAT_GOES + (_PSEUDONYMS_GO if pseudonyms else ""), soft_wrap=True)
        if dry_run:
            console.print("Nothing was changed.")
            return
        Question("rotate", "Type rotate to destroy the old keys for good", yes=yes).ask()
        done = rotate(folder, load_policy(), now_utc(), part=part, pseudonyms=pseudonyms)
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
    from safer_streets_assets.retention.holdings.key_states import INTERRUPTED, TO_DO, key_states
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
