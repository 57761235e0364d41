"""Who runs this, for the registers."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

_LOGIN = Path("/proc/self/loginuid")
_NO_LOGIN = 2**32 - 1
"""What the kernel says of a process that no login began."""


@dataclass(frozen=True)
class SystemUser:
    """A user of the operating system: the number that tells users apart, and the name."""

    uid: int
    name: str


def user_name() -> str:
    """Who runs this, to the operating system; the environment has no say in it."""
    return _called(os.getuid())


def who_acts() -> SystemUser:
    """Who acts, where it matters that two are not the same: the user who logged in.

    The kernel keeps that number from the login on, and neither `sudo` nor `su` changes it: two
    people who both work as the user of the pipeline are told apart. Where no login began the
    process (a service, a container), it is the user that the process runs as. The environment has
    no say in it.
    """
    uid = _acting_uid()
    return SystemUser(uid, _called(uid))


def _acting_uid() -> int:
    try:
        login = int(_LOGIN.read_text(encoding="ascii"))
    except (OSError, ValueError):
        login = _NO_LOGIN
    return os.getuid() if login == _NO_LOGIN else login


def _called(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
