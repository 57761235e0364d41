"""Processes that live and end together: with the command that started them, and with each other."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from safer_streets_assets.errors import SaferStreetsError

LOOK_SECONDS = 0.2
END_SECONDS = 60.0
ENDING = (
    "Ending: a run that goes on is finished first, or is stopped after a minute; the next one "
    "takes up what it left."
)


class PartEndedError(SaferStreetsError):
    """One of the processes ended by itself."""


def run_together(
    commands: Mapping[str, Callable[[int], Sequence[str]]], say: Callable[[str], None]
) -> None:
    """Runs named commands until a signal asks for an end (TERM, or Ctrl-C or a terminal that is
    closed where these are not ignored), and then ends all of them; `say` is told when that begins.

    Each command is made for the number of a pipe that is at its end when this process is gone,
    however it went: the command is to end then. All are in sessions of their own, so that Ctrl-C
    reaches this process alone.

    Raises:
        PartEndedError: one ended by itself; the others were ended.
    """
    there, here = os.pipe()
    running: dict[str, subprocess.Popen[bytes]] = {}
    with _asked_to_end() as asked:
        try:
            for name, command in commands.items():
                running[name] = subprocess.Popen(  # noqa: S603
                    command(there),
                    stdin=subprocess.DEVNULL,
                    pass_fds=[there],
                    start_new_session=True,
                )
            while not asked:
                _refuse_ended(running)
                time.sleep(LOOK_SECONDS)
            say(ENDING)
        finally:
            _end(list(running.values()))
            os.close(here)
            os.close(there)


def _refuse_ended(running: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for name, process in running.items():
        if process.poll() is not None:
            raise PartEndedError(
                f"{name} ended by itself, so the rest was ended too: what it said stands above; "
                "see to that and start again."
            )


@contextmanager
def _asked_to_end() -> Iterator[list[int]]:
    """The signals that asked for an end; those that are ignored stay so."""
    asked: list[int] = []
    before = {}
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if number == signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, lambda got, _: asked.append(got))
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Asks each to end, and kills what has not after a while, with what it started."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + END_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
