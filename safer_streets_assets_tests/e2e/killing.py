"""Called in a command before it runs: makes it end by SIGKILL at a moment of its own choosing."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from safer_streets_assets.intake import ledger
from safer_streets_assets.intake.landing import drop_id_of
from safer_streets_assets.release import publishing

FILES_REGISTERED = 11
"""Some of the files of NPS, whose names are not in the order of their months."""


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def while_registering() -> None:
    """Dies when some of the settled drops are on the ledger and others are not."""
    seen = 0

    def counting(path: Path) -> str:
        nonlocal seen
        seen += 1
        if seen > FILES_REGISTERED:
            _die()
        return drop_id_of(path)

    setattr(ledger, "drop_id_of", counting)  # noqa: B010 - the module does not export it


def while_publishing() -> None:
    """Dies when the release is on the register, and nobody can read it yet."""
    real = publishing._register

    def last(*arguments: Any) -> None:
        real(*arguments)
        _die()

    publishing._register = last  # type: ignore[assignment]
