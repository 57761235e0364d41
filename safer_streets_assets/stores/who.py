"""Who runs this, for the registers."""

from __future__ import annotations

import os
import pwd


def user_name() -> str:
    """Who runs this, to the operating system; the environment has no say in it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"
