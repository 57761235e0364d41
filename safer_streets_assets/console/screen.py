"""The screen, the option and the wait that commands share which stand in files of their own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

WIDTH_OF_FILES = 160
WAIT_SECONDS = 600.0
"""How long a function that is called by no command waits for the lock; a command has it already."""
console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_FILES)

Data = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder (default: SAFER_STREETS_DATA, ./data)."),
]

EXTRA = {"allow_extra_args": True, "ignore_unknown_options": True}
"""Settings of a command that takes no argument, so that one given is refused without a repeat."""
