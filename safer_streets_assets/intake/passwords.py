"""Passwords of protected drops, from the file that `SAFER_STREETS_DROP_PASSWORDS` names.

A file of passwords that cannot be read stops nothing but the drops that need one.
"""

from __future__ import annotations

import os
from pathlib import Path

from safer_streets_assets.intake.readers import UnreadableDrop
from safer_streets_assets.intake.reasons import DropRefusedError

PASSWORDS_VARIABLE = "SAFER_STREETS_DROP_PASSWORDS"


def drop_passwords() -> tuple[str, ...]:
    """The passwords to try on a protected drop, one a line of the file; none when there are none.

    None too when the file cannot be read: `with_passwords_in_mind` then says so.
    """
    return _passwords() or ()


def with_passwords_in_mind(
    error: UnreadableDrop | DropRefusedError,
) -> UnreadableDrop | DropRefusedError:
    """The error, or F-NO-PASSWORDS when the drop needs a password and their file is unreadable."""
    if error.code == "F-ENCRYPTED" and _passwords() is None:
        return UnreadableDrop("F-NO-PASSWORDS")
    return error


def _passwords() -> tuple[str, ...] | None:
    """None when the file is named and is no readable text file."""
    named = os.environ.get(PASSWORDS_VARIABLE)
    if not named:
        return ()
    try:
        place = Path(named)
        # A pipe would hold us up for ever.
        text = place.read_text(encoding="utf-8-sig") if place.is_file() else None
    except (OSError, ValueError):
        return None
    if text is None:
        return None
    return tuple(line.strip() for line in text.splitlines() if line.strip())
