"""Reads a CRN where nobody sees it: from the terminal without an echo, or from standard input.

It is never an argument: those stand in the shell's history and in the list of processes.
"""

from __future__ import annotations

import getpass
import sys
import warnings

from safer_streets_assets.cohort.person import as_crn
from safer_streets_assets.rights.errors import RightsError

MOST_CHARACTERS = 200


def refuse_arguments(given: list[str]) -> None:
    """Raises `RightsError` when anything stands behind a command, which may be a CRN."""
    if given:
        raise RightsError(
            "This command takes no such argument: it asks for the CRN itself. If you gave one, "
            "remove that line from the history of your shell."
        )


def read_crn() -> str:
    """A normalised CRN, from the terminal (not shown) or the first line of standard input.

    Raises:
        RightsError: nothing was given, or the terminal would show it.
        PersonError: it is no CRN.
    """
    return as_crn(_from_terminal() if sys.stdin.isatty() else _from_input())


def _from_terminal() -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass("CRN (not shown): ")
    except (getpass.GetPassWarning, EOFError):
        raise RightsError(
            "This terminal would show the CRN; use another, or standard input from a file."
        ) from None


def _from_input() -> str:
    try:
        line = sys.stdin.readline(MOST_CHARACTERS)
    except (OSError, UnicodeDecodeError):
        raise RightsError("Standard input cannot be read; give one line with the CRN.") from None
    if not line.strip():
        raise RightsError(
            "No CRN was given: run the command on a terminal, or give one line on standard input."
        )
    return line
