"""Called in a command before it runs: takes from it what it needs, or interrupts it."""

from __future__ import annotations

import ctypes
import os
import signal

from safer_streets_assets.cohort import assets as cohort


def without_privileges() -> None:
    """A super-user no longer reads and writes what modes forbid, as everybody else."""
    version, nobody_elses = 0x20080522, 0
    header = (ctypes.c_uint32 * 2)(version, nobody_elses)
    nothing = (ctypes.c_uint32 * 6)()
    if os.geteuid() == 0 and ctypes.CDLL(None, use_errno=True).capset(header, nothing):
        raise OSError(ctypes.get_errno(), "capset")


def interrupted_in_a_step() -> None:
    """A person presses Ctrl-C while people are linked."""
    real = cohort.link_cohort

    def interrupting(*arguments: object) -> int:
        os.killpg(0, signal.SIGINT)
        return real(*arguments)  # type: ignore[arg-type]

    cohort.link_cohort = interrupting  # type: ignore[assignment]
