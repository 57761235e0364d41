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
        content = place.read_bytes() if place.is_file() else None
        text = None if content is None else content.decode(_encoding(content))
    except (OSError, ValueError):
        return None
    if text is None:
        return None
    lines = [line.rstrip("\r") for line in text.split("\n")]
    # A blank at an end may be of the password, or of whoever wrote it down.
    both = (spelled for line in lines for spelled in (line, line.strip()))
    return tuple(dict.fromkeys(spelled for spelled in both if spelled.strip()))


def _encoding(content: bytes) -> str:
    """UTF-8, or UTF-16 where a byte order mark says so."""
    return "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
