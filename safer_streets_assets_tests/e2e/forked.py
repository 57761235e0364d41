"""A process that imports everything once and then runs each command line in a forked child.

    python -m safer_streets_assets_tests.e2e.forked

Reads one request a line (JSON) from standard input, prints the process id of its child, and its
exit status once it has ended. Importing Dagster and Great Expectations costs 12 s of CPU, which
is most of a command: so the tests pay it once.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
import traceback
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations  # noqa: F401

from safer_streets_assets import cli, definitions  # noqa: F401
from safer_streets_assets.console import evaluation, running_jobs, summary  # noqa: F401


def answer(request: dict[str, Any]) -> None:
    """Runs the command of a request as the process that this is; never returns."""
    status = 1
    try:
        os.setsid()
        for number, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        tempfile.tempdir = None
        # The consoles have looked at the streams of the parent: look at the new ones.
        cli.console.__init__(highlight=False)  # type: ignore[misc]
        cli.errors.__init__(stderr=True, highlight=False)  # type: ignore[misc]
        sys.argv = ["safer-streets", *request["arguments"]]
        if request["first"] is not None:
            module, name = request["first"].split(":")
            getattr(importlib.import_module(module), name)()
        cli.main()
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    """Answers requests until standard input ends."""
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            answer(request)
        print(child, flush=True)  # noqa: T201
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
