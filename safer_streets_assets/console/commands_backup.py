"""`safer-streets backup`: make and restore backups, and export the certificates of erasures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from safer_streets_assets.console.command_line import RestoresDataFolder
from safer_streets_assets.console.screen import WAIT_SECONDS, Data

backup = typer.Typer(no_args_is_help=True, help="Backups of the data folder (docs/backup.md).")


def add_commands(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.add_typer(backup, name="backup")


@backup.command("make")
def make(
    place: Annotated[Path, typer.Argument(metavar="DEST", help="A new folder for the data.")],
    keys_to: Annotated[
        Path | None,
        typer.Option("--with-keys-to", help="A new folder elsewhere for a copy of the keys."),
    ] = None,
    data: Data = None,
) -> None:
    """Copies the data folder, and the keys only to another place; landing files are left out."""
    from safer_streets_assets.backup.making import make_backup
    from safer_streets_assets.policy import load_policy
    from safer_streets_assets.stores import DataFolder
    from safer_streets_assets.stores.lock import run_lock
    from safer_streets_assets.stores.registers import now_utc

    folder, console = DataFolder.locate(data).prepare(), Console(highlight=False)
    with run_lock(folder.lock, WAIT_SECONDS):
        made = make_backup(folder, load_policy(), place, keys_to, now_utc())
    console.print(f"Copied {made.files} files, {made.bytes} bytes, and {made.keys} keys.")
    if not made.keys:
        console.print(
            "The keys were not copied: without its keys the backup cannot be opened by anybody."
        )
    if made.waiting:
        console.print(
            f"{made.waiting} files of the landing folder are not in the backup: take them in with "
            "safer-streets run, and make it again.",
            soft_wrap=True,
        )
    console.print(
        "Keep the certificates of later erasures elsewhere too (safer-streets backup certificates "
        "--out FILE): without them the backup is not restored.",
        soft_wrap=True,
    )


@backup.command("certificates")
def certificates(
    out: Annotated[Path, typer.Option("--out", help="A new file.")], data: Data = None
) -> None:
    """Writes the certificates of all erasures to a file, to be kept away from the data folder."""
    from safer_streets_assets.backup.position import exported
    from safer_streets_assets.console.handing_out import write_new_private_file
    from safer_streets_assets.stores import DataFolder
    from safer_streets_assets.stores.lock import run_lock

    folder = DataFolder.locate(data).prepare()
    with run_lock(folder.lock, WAIT_SECONDS):
        write_new_private_file(out, exported(folder))
    Console(highlight=False).print("Wrote the certificates.")


@backup.command("restore", cls=RestoresDataFolder)
def restore(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="The folder of the backup.")],
    keys_from: Annotated[
        Path | None,
        typer.Option("--keys", help="The copy of its keys (default: the keys folder in use)."),
    ] = None,
    certificate_file: Annotated[
        Path | None,
        typer.Option(
            "--certificates", help="The newest certificates, or registers.duckdb that was in use."
        ),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option(help="Id or hash of the newest certificate by your own record, or none."),
    ] = None,
    data: Data = None,
) -> None:
    """Restores a backup into an empty data folder, and erases again what was erased since."""
    from safer_streets_assets.backup.restoring import restore_backup
    from safer_streets_assets.policy import load_policy
    from safer_streets_assets.stores import DataFolder
    from safer_streets_assets.stores.lock import passing_lock
    from safer_streets_assets.stores.registers import now_utc

    folder, console = DataFolder.locate(data), Console(highlight=False)
    lock = folder.root.with_name(f".{folder.root.name}.restore.lock")
    with passing_lock(lock, "safer-streets backup restore"):
        done = restore_backup(
            folder,
            load_policy(),
            source,
            now_utc(),
            keys_from=keys_from,
            certificates=certificate_file,
            last=last,
        )
    if done is None:
        console.print("Finished a restore that was interrupted.")
        return
    console.print(f"Restored {done.files} files of {done.made_at} UTC.")
    if done.erased_again:
        console.print(
            f"{done.erased_again} holdings were erased since and are erased again; the backup and "
            "its keys still have them: destroy both.",
            soft_wrap=True,
        )
    console.print(
        "Record again what happened since (publications, decisions, drops), then safer-streets run."
    )
