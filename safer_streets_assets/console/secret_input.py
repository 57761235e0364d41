"""Reads a CRN where nobody sees it: from the terminal without an echo, or from standard input.

It is never an argument: those stand in the shell's history and in the list of processes.
"""

from __future__ import annotations

import getpass
import sys
import warnings

from safer_streets_assets.cohort.person import as_crn
from safer_streets_assets.policy.person_number import PersonNumber
from safer_streets_assets.rights.errors import RightsError

MOST_CHARACTERS = 200


def refuse_arguments(given: list[str]) -> None:
    """Raises `RightsError` when anything stands behind a command, which may be a CRN."""
    if given:
        raise RightsError(
            "This command takes no such argument: it asks for the CRN itself. If you gave one, "
            "remove that line from the history of your shell."
        )


def read_crn(number: PersonNumber) -> str:
    """A normalised CRN, from the terminal (not shown) or the first line of standard input.

    Raises:
        RightsError: nothing was given, or the terminal would show it.
        PersonError: it is no CRN.
    """
    text = _from_terminal(number) if sys.stdin.isatty() else _from_input(number)
    return as_crn(text, number)


def _from_terminal(number: PersonNumber) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(f"{number.called} (not shown): ")
    except (getpass.GetPassWarning, EOFError):
        raise RightsError(
            f"This terminal would show the {number.called}; use another, or standard input from a "
            "file."
        ) from None


def _from_input(number: PersonNumber) -> str:
    try:
        line = sys.stdin.readline(MOST_CHARACTERS)
    except (OSError, UnicodeDecodeError):
        raise RightsError(
            f"Standard input cannot be read; give one line with the {number.called}."
        ) from None
    if not line.strip():
        raise RightsError(
            f"No {number.called} was given: run the command on a terminal, or give one line on "
            "standard input."
        )
    return line
