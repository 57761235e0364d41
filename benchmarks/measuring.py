"""How a measurement is made: each piece of work in a process of its own, several times."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from tempfile import TemporaryFile

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Measured:
    """The shortest wall time in seconds of several tries, and the peak memory in MiB.

    The memory is that of the process and its largest child together. `parts` are the seconds of
    each part of the work in the shortest try, and `processor` the processor time of each, which
    others who use the machine lengthen less.
    """

    seconds: float
    mebibytes: float
    parts: Mapping[str, float] = field(default_factory=dict)
    processor: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Whole:
    """What a process took from start to end: wall and processor seconds, its children included,
    the peak memory in MiB of the largest of them, and the last line that it said."""

    seconds: float
    processor: float
    mebibytes: float
    said: str


def whole_process(words: Sequence[str], environment: Mapping[str, str]) -> Whole:
    """Runs this interpreter with these words, and `environment` beside this process's own.

    Raises:
        RuntimeError: it failed, with what it said last.
    """
    command = [sys.executable, "-W", "ignore", *words]
    with TemporaryFile() as out, TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 (this program's own interpreter and modules)
            command, stdout=out, stderr=errors, env={**os.environ, **environment}
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for stream in (errors, out):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", "replace"))
    said = ((texts[0] or texts[1]).splitlines() or ["nothing"])[-1]
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}: {said}")
    mebibytes = used.ru_maxrss * 1024 / MEBIBYTE
    return Whole(seconds, used.ru_utime + used.ru_stime, mebibytes, said)


def measured(module: str, arguments: Sequence[str], tries: int) -> Measured:
    """Runs `python -m module arguments` several times; the module ends with `report`.

    Raises:
        RuntimeError: it failed, with what it said last.
    """
    found = []
    for _ in range(tries):
        run = subprocess.run(  # noqa: S603 (this program's own interpreter and modules)
            [sys.executable, "-W", "ignore", "-m", module, *arguments],
            check=False,
            capture_output=True,
            text=True,
        )
        if run.returncode != 0:
            said = (run.stderr.splitlines() or ["nothing"])[-1]
            raise RuntimeError(f"{module} {arguments[0]} ended with {run.returncode}: {said}")
        found.append(json.loads(run.stdout.splitlines()[-1]))
    shortest = min(found, key=lambda one: one["seconds"])
    most = max(one["mebibytes"] for one in found)
    return Measured(shortest["seconds"], most, shortest["parts"], shortest["processor"])


def report(work: Callable[[], object]) -> None:
    """Does the work and prints its wall time and peak memory, for `measured`."""
    report_parts({"all": work})


def report_parts(parts: Mapping[str, Callable[[], object]]) -> None:
    """The same of several pieces of work, one after the other; each has its own time, too."""
    seconds, processor = {}, {}
    for name, work in parts.items():
        start, began = time.perf_counter(), time.process_time()
        work()
        seconds[name] = time.perf_counter() - start
        processor[name] = time.process_time() - began
    peaks = [
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    mebibytes = sum(peaks) * 1024 / MEBIBYTE
    found = {"seconds": sum(seconds.values()), "mebibytes": mebibytes}
    print(json.dumps({**found, "parts": seconds, "processor": processor}))
