"""`safer-streets ui`: Dagster's pages, sensor and schedules on one data folder."""

from __future__ import annotations

import errno
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import yaml
from rich.console import Console

from safer_streets_assets.console.command_line import make_private
from safer_streets_assets.console.instance import (
    begin_history,
    prepare_instance,
    project_file,
    refuse_damaged_history,
)
from safer_streets_assets.console.process_group import run_together
from safer_streets_assets.errors import SaferStreetsError
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.lock import AnotherRunError, holder_of, keep_until_exit

HOST = "127.0.0.1"
Part = Literal["pages", "daemon"]
FIRST_PORT, LAST_PORT = 1, 65535
LONGEST_PATH, SHORT_PATH = 60, "/tmp"  # noqa: S108
PAGES, DAEMON = "The web server", "Dagster's daemon"
PROCESS = (sys.executable, "-m", "safer_streets_assets.console.dagster_process")
ProcessCommand = Callable[[int], Sequence[str]]
"""What a process is run by, for the number of its lifeline."""


class UiError(SaferStreetsError):
    """Dagster cannot be opened as asked."""


def open_dagster(
    console: Console,
    folder: DataFolder,
    port: int,
    *,
    operate: bool,
    only: Part | None = None,
    listen: str = HOST,
) -> None:
    """Runs Dagster until it is asked to end: its pages, read-only unless an operator is to
    `operate` them, and the daemon with sensor and schedules; or `only` one of the two, where the
    other is in another container. `listen` is the address at which the pages answer.

    Raises:
        UiError: the port cannot be had, pages that change something are to answer elsewhere than
            here, or Dagster is open on this data folder already.
        HistoryError: Dagster's history is damaged.
        PartEndedError: the pages or the daemon ended by themselves.
        ProjectMissingError: a file of the project is missing.
    """
    if operate and listen != HOST:
        raise UiError(
            "Pages with --operate answer this computer alone: leave out --listen or --operate."
        )
    if only != "daemon":
        _refuse_port(port)
    workspace = project_file("workspace.yaml")
    make_private()
    if only != "pages":
        _refuse_second(folder, port)
    prepare_instance(folder)
    refuse_damaged_history(folder)
    begin_history(folder)
    os.chdir(workspace.parent)
    how = (
        "whoever reaches this port on this computer can start, stop and delete everything"
        if operate
        else "read-only; --operate lets runs be started there"
    )
    if only == "daemon":
        console.print("Starting Dagster's daemon, without pages.")
    else:
        console.print(f"Opening Dagster on http://localhost:{port} ({how}).", soft_wrap=True)
    with _meeting_place() as place:
        parts = _parts(place, workspace, port, listen, operate=operate)
        left_out = {"pages": DAEMON, "daemon": PAGES}.get(only or "")
        run_together({k: v for k, v in parts.items() if k != left_out}, console.print)
    console.print("Dagster is closed.")


def _refuse_second(folder: DataFolder, port: int) -> None:
    """Of daemons on a data folder there is to be one; pages may be several."""
    try:
        keep_until_exit(folder.ui_lock, f"safer-streets ui on http://localhost:{port}")
    except AnotherRunError:
        raise UiError(
            f"Dagster is open on the folder {folder.root} already: {holder_of(folder.ui_lock)}; "
            "use that one, or end it first."
        ) from None


@contextmanager
def _meeting_place() -> Iterator[Path]:
    """A folder of the user alone for the socket of the code server, which starts whatever it is
    asked to; the path of a socket has to be short.
    """
    usual = tempfile.gettempdir()
    with tempfile.TemporaryDirectory(
        prefix="safer-streets-", dir=usual if len(usual) < LONGEST_PATH else SHORT_PATH
    ) as place:
        yield Path(place)


def _parts(
    place: Path, workspace: Path, port: int, listen: str, *, operate: bool
) -> dict[str, ProcessCommand]:
    """The processes of Dagster, by what they are called when one ends by itself.

    The code is loaded once, by a server, and stays as it was loaded: left to themselves, the pages
    and the daemon would each load it, and the daemon again each minute.
    """
    code = yaml.safe_load(workspace.read_text())["load_from"][0]["python_module"]
    socket = str(place / "code")
    served = {"socket": socket, "location_name": code["location_name"]}
    meeting = place / "workspace.yaml"
    meeting.write_text(yaml.safe_dump({"load_from": [{"grpc_server": served}]}))

    def part(name: str, *options: str) -> ProcessCommand:
        return lambda lifeline: [*PROCESS, name, str(lifeline), socket, *options]

    return {
        "Dagster's code server": part("code", code["module_name"], code["location_name"]),
        PAGES: part("pages", str(meeting), listen, str(port), "operate" if operate else "read"),
        DAEMON: part("daemon", str(meeting)),
    }


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
