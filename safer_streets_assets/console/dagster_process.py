"""A process of `safer-streets ui`: Dagster's code server, its daemon, or its pages.

    python -m safer_streets_assets.console.dagster_process PART LIFELINE SOCKET ...

    code    ... MODULE LOCATION         loads the definitions once, and runs what is started
    daemon  ... WORKSPACE               the sensor and the schedules
    pages   ... WORKSPACE ADDRESS PORT read|operate

LIFELINE is the number of an open pipe: at its end the process ends too, as it does on a signal.
SOCKET is where the code server answers the other two, which wait for it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

from dagster._utils.interrupts import setup_interrupt_handlers

LOGGED = "warning"
LOOK_SECONDS = 0.2
CLOSING_SECONDS = 5
"""How long pages that are open in a browser are waited for at the end."""


def main(part: str, lifeline: str, socket: str, *options: str) -> None:
    """Runs a part until it is ended."""
    # A shell that starts a command behind itself has it ignore interruptions, and Dagster takes an
    # end that is asked for to be one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    setup_interrupt_handlers()
    threading.Thread(target=_end_with, args=(int(lifeline),), daemon=True).start()
    try:
        if part == "code":
            module, location = options
            _serve_code(socket, module, location)
            return
        _wait_for_code(socket)
        if part == "daemon":
            _run_daemon(*options)
        else:
            workspace, address, port, mode = options
            _serve_pages(workspace, address, int(port), operate=mode == "operate")
    except KeyboardInterrupt:
        return


def _end_with(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _serve_code(socket: str, module: str, location: str) -> None:
    from dagster._cli.api import grpc_command

    words = ["--socket", socket, "--module-name", module, "--location-name", location]
    grpc_command.main([*words, "--log-level", LOGGED], standalone_mode=False)


def _wait_for_code(socket: str) -> None:
    """Until the code server answers; when it ends instead, so does this process."""
    from dagster._core.errors import DagsterUserCodeUnreachableError
    from dagster._grpc.client import DagsterGrpcClient

    client = DagsterGrpcClient(socket=socket)
    while True:
        try:
            client.ping("")
            return
        except DagsterUserCodeUnreachableError:
            time.sleep(LOOK_SECONDS)


def _run_daemon(workspace: str) -> None:
    from dagster._daemon.cli import run_command

    run_command.main(["-w", workspace, "--log-level", LOGGED], standalone_mode=False)


def _serve_pages(workspace: str, address: str, port: int, *, operate: bool) -> None:
    import dagster as dg
    import uvicorn
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget
    from dagster_webserver.cli import (
        DEFAULT_DB_STATEMENT_TIMEOUT,
        DEFAULT_POOL_MAX_OVERFLOW,
        DEFAULT_POOL_RECYCLE,
    )

    from safer_streets_assets.console.pages import Pages

    with dg.DagsterInstance.get() as instance:
        instance.optimize_for_webserver(
            DEFAULT_DB_STATEMENT_TIMEOUT, DEFAULT_POOL_RECYCLE, DEFAULT_POOL_MAX_OVERFLOW
        )
        with WorkspaceProcessContext(
            instance,
            workspace_load_target=WorkspaceFileTarget(paths=[workspace]),
            version=dg.__version__,
            read_only=not operate,
            code_server_log_level=LOGGED,
        ) as context:
            uvicorn.run(
                Pages(context, live_data_poll_rate=2000).create_asgi_app(),
                host=address,
                port=port,
                log_level=LOGGED,
                proxy_headers=False,
                timeout_graceful_shutdown=CLOSING_SECONDS,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
