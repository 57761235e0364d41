"""A process that starts a child for each step of publishing and lets it die there by SIGKILL.

    python -m safer_streets_assets_tests.release.killed ROOT

copies the data folder ROOT/template to ROOT/<case> for each case, publishes into it the second
release in a child, and kills the child before or after the step the case names. Prints, as JSON,
the cases whose child did not die at its step.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safer_streets_assets.release import publishing, showing, writing
from safer_streets_assets.stores import DataFolder, files
from safer_streets_assets_tests.release import builders

STEPS: dict[str, tuple[Any, str]] = {
    "build the database": (writing, "build_database"),
    "write the CSV files": (writing, "_write_csv_files"),
    "take the checksums": (writing, "checksum_lines"),
    "write the release": (publishing, "write_release"),
    "put the folder in place": (files.os, "rename"),
    "register": (publishing, "_register"),
    "note the end of the chain": (publishing, "note_steps"),
    "open to readers": (showing, "_set_mode"),
    "copy the database": (showing.shutil, "copyfile"),
    "replace the database": (showing, "put_in_place"),
    "list the releases": (showing, "write_index"),
}
# After each step is before the next one.
CASES = ["before build the database", *(f"after {step}" for step in STEPS)]


def interrupted(
    step: Callable[..., Any], when: str, stop: Callable[[], None]
) -> Callable[..., Any]:
    """The step, stopped before or after it is done."""

    def run(*arguments: Any, **named: Any) -> Any:
        if when == "before":
            stop()
        result = step(*arguments, **named)
        stop()
        return result

    return run


def first_release() -> Any:
    """What the template has published."""
    return builders.content({"funnel": builders.funnel()}, notes={})


def second_release() -> Any:
    """What is published after that, with a quote."""
    frames = {"funnel": builders.funnel(*[50] * 7)}
    return builders.content(frames, notes={}, quotes=[builders.quote("Role play taught me a lot")])


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _died_at(root: Path, case: str) -> bool:
    shutil.copytree(root / "template", root / case)
    child = os.fork()
    if child == 0:
        when, step = case.split(" ", 1)
        module, name = STEPS[step]
        place = root / case
        folder = DataFolder(root=place, keys=place / "keys")
        content = second_release()
        with builders.open_registers(folder) as registers:
            setattr(module, name, interrupted(getattr(module, name), when, _die))
            publishing.publish_release(
                folder,
                registers,
                builders.POLICY,
                content,
                now=builders.NOW,
                code_version=builders.CODE_VERSION,
            )
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


if __name__ == "__main__":
    survivors = [case for case in CASES if not _died_at(Path(sys.argv[1]), case)]
    sys.stdout.write(json.dumps(survivors))
