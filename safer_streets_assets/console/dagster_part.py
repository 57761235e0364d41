"""A process of `safer-streets ui`: Dagster's pages, or its daemon with the sensor and schedules.

    python -m safer_streets_assets.console.dagster_part pages WORKSPACE LIFELINE PORT read|operate
    python -m safer_streets_assets.console.dagster_part daemon WORKSPACE LIFELINE

LIFELINE is the number of an open pipe: at its end the process ends too, as it does on a signal.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from dagster._utils.interrupts import setup_interrupt_handlers

HOST = "127.0.0.1"
LOGGED = "warning"
CLOSING_SECONDS = 5
"""How long pages that are open in a browser are waited for at the end."""


def main(part: str, workspace: str, lifeline: str, *options: str) -> None:
    """Runs a part until it is ended."""
    # A shell that starts a command behind itself has it ignore interruptions, and Dagster takes an
    # end that is asked for to be one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    setup_interrupt_handlers()
    threading.Thread(target=_end_with, args=(int(lifeline),), daemon=True).start()
    try:
        if part == "daemon":
            _run_daemon(workspace)
        else:
            port, mode = options
            _serve(workspace, int(port), operate=mode == "operate")
    except KeyboardInterrupt:
        return


def _end_with(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _run_daemon(workspace: str) -> None:
    from dagster._daemon.cli import run_command

    run_command.main(["-w", workspace, "--log-level", LOGGED], standalone_mode=False)


def _serve(workspace: str, port: int, *, operate: bool) -> None:
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
                host=HOST,
                port=port,
                log_level=LOGGED,
                proxy_headers=False,
                timeout_graceful_shutdown=CLOSING_SECONDS,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
