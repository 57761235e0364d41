"""Passwords of protected drops, from the file that `SAFER_STREETS_DROP_PASSWORDS` names."""

from __future__ import annotations

import os
from pathlib import Path

from safer_streets_assets.errors import SaferStreetsError

PASSWORDS_VARIABLE = "SAFER_STREETS_DROP_PASSWORDS"


class PasswordsUnreadableError(SaferStreetsError):
    """The file of drop passwords is named and cannot be read."""


def drop_passwords() -> tuple[str, ...]:
    """The passwords to try on a protected drop, one a line of the file; none when it is not set.

    Raises:
        PasswordsUnreadableError: the file cannot be read.
    """
    named = os.environ.get(PASSWORDS_VARIABLE)
    if not named:
        return ()
    try:
        text = Path(named).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise PasswordsUnreadableError(
            f"The file that {PASSWORDS_VARIABLE} names cannot be read; correct the variable or "
            "unset it."
        ) from None
    return tuple(line.strip() for line in text.splitlines() if line.strip())
