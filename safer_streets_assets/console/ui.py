"""`safer-streets ui`: Dagster's pages, sensor and schedules on one data folder."""

from __future__ import annotations

import errno
import os
import socket
import sys

from rich.console import Console

from safer_streets_assets.console.command_line import make_private
from safer_streets_assets.console.instance import prepare_instance, project_file
from safer_streets_assets.console.together import run_together
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.lock import AnotherRunError, holder_of, keep_until_exit

HOST = "127.0.0.1"
FIRST_PORT, LAST_PORT = 1, 65535
PART = (sys.executable, "-m", "safer_streets_assets.console.dagster_part")


class UiError(SaferStreetsError):
    """Dagster cannot be opened as asked."""


def open_dagster(console: Console, folder: DataFolder, port: int, *, operate: bool) -> None:
    """Runs Dagster until it is asked to end: its pages, read-only unless somebody is to `operate`
    them, and the daemon with sensor and schedules.

    Raises:
        UiError: the port cannot be had, or Dagster is open on this data folder already.
        PartEndedError: the pages or the daemon ended by themselves.
        ProjectMissingError: a file of the project is missing.
    """
    _refuse_port(port)
    workspace = project_file("workspace.yaml")
    make_private()
    try:
        keep_until_exit(folder.ui_lock, f"safer-streets ui on http://localhost:{port}")
    except AnotherRunError:
        raise UiError(
            f"Dagster is open on the folder {folder.root} already: {holder_of(folder.ui_lock)}; "
            "use that one, or end it first."
        ) from None
    prepare_instance(folder)
    os.chdir(workspace.parent)
    how = (
        "whoever reaches this port on this computer can start, stop and delete everything"
        if operate
        else "read-only; --operate lets runs be started there"
    )
    console.print(f"Opening Dagster on http://localhost:{port} ({how}).", soft_wrap=True)
    run_together(
        {
            "The web server": lambda lifeline: [
                *PART,
                "pages",
                str(workspace),
                str(lifeline),
                str(port),
                "operate" if operate else "read",
            ],
            "Dagster's daemon": lambda lifeline: [*PART, "daemon", str(workspace), str(lifeline)],
        }
    )
    console.print("Dagster is closed.")


def _refuse_port(port: int) -> None:
    if not FIRST_PORT <= port <= LAST_PORT:
        raise UiError(
            f"There is no port {port} to be had: give one from {FIRST_PORT} to {LAST_PORT} with "
            "--port."
        )
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise UiError(
                    f"The port {port} cannot be had: give another one with --port."
                ) from None
            raise UiError(
                f"The port {port} is being used by another program: end that, or give another "
                "port with --port."
            ) from None
