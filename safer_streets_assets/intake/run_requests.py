"""What an operator has asked for that needs a run though no new file lies in the landing.

The time of the last such request is kept in the restricted store, where the sensor reads it: a
look at a file, where the registers may be held by a run. It is never taken back: a run that
began later has done what was asked.
"""

from __future__ import annotations

from pathlib import Path

from safer_streets_assets.intake.landing import clock_ns
from safer_streets_assets.stores import DataFolder
from safer_streets_assets.stores.files import write_whole


def request_run(folder: DataFolder) -> None:
    """Asks for a run, before what it is to do is recorded: at worst a run has nothing to do."""
    write_whole(_place(folder), str(clock_ns()).encode())


def run_requested_ns(folder: DataFolder) -> int | None:
    """When a run was last asked for, in ns since 1970; None when it never was."""
    try:
        return int(_place(folder).read_text())
    except (FileNotFoundError, ValueError):
        return None


def _place(folder: DataFolder) -> Path:
    return folder.restricted / "run_requested"
