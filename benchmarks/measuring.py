"""How a measurement is made: each piece of work in a process of its own, several times."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Measured:
    """The shortest wall time in seconds of several tries, and the peak memory in MiB.

    The memory is that of the process and its largest child together.
    """

    seconds: float
    mebibytes: float


def measured(module: str, arguments: Sequence[str], tries: int) -> Measured:
    """Runs `python -m module arguments` several times; the module ends with `report`."""
    found = []
    for _ in range(tries):
        run = subprocess.run(  # noqa: S603 (this program's own interpreter and modules)
            [sys.executable, "-W", "ignore", "-m", module, *arguments],
            check=True,
            capture_output=True,
            text=True,
        )
        found.append(json.loads(run.stdout.splitlines()[-1]))
    return Measured(min(one["seconds"] for one in found), max(one["mebibytes"] for one in found))


def report(work: Callable[[], object]) -> None:
    """Does the work and prints its wall time and peak memory, for `measured`."""
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    peaks = [
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    print(json.dumps({"seconds": seconds, "mebibytes": sum(peaks) * 1024 / MEBIBYTE}))
