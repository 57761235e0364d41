"""The processes of `safer-streets ui` live and end together, however the end comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from safer_streets_assets.console.process_group import ENDING
from safer_streets_assets_tests.e2e.commands import REPOSITORY, is_gone

COMMAND = """
import signal, sys
from safer_streets_assets.console import process_group
from safer_streets_assets.console.process_group import PartEndedError, run_together
process_group.END_SECONDS = float(sys.argv[3])
how = getattr(signal, sys.argv[2])
signal.signal(signal.SIGINT, how)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
part = [sys.executable, "-c", sys.argv[1]]
try:
    run_together({
        "one": lambda end: [*part, "one", str(end)],
        "two": lambda end: [*part, "two", str(end)],
    }, lambda said: print(said, flush=True))
except PartEndedError as error:
    print(error, flush=True)
    sys.exit(1)
"""
PART = r"""
import os, signal, sys, threading
def end():
    os.read(int(sys.argv[2]), 1)
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=end, daemon=True).start()
os.write(1, f"{sys.argv[1]} {os.getpid()}\n".encode())
signal.pause()
"""
"""A process that lives as the parts of Dagster do: until it is ended, or its pipe is."""
STUBBORN = r"""
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if child := os.fork():
    os.write(1, f"{sys.argv[1]} {child}\n".encode())
time.sleep(600)
"""
"""A process that does not end when it is asked to, and has started another."""
Started = tuple[subprocess.Popen[bytes], dict[str, int]]
Start = Callable[..., Started]
"""Starts a command; returns it with the processes of its parts, or those that these started."""


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts two parts, under a command that heeds Ctrl-C or ignores it as behind a shell."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(on_interruption: str, part: str = PART, seconds: float = 60.0) -> Started:
        command = subprocess.Popen(
            [sys.executable, "-c", COMMAND, part, on_interruption, str(seconds)],
            stdout=subprocess.PIPE,
            cwd=REPOSITORY,
        )
        started.append(command)
        assert command.stdout is not None
        lines = [command.stdout.readline().split() for _ in range(2)]
        return command, {name.decode(): int(process) for name, process in lines}

    yield begin
    for command in started:
        command.kill()
        command.communicate()


@pytest.mark.parametrize(
    ("on_interruption", "number"),
    [
        ("default_int_handler", signal.SIGINT),
        ("default_int_handler", signal.SIGTERM),
        ("default_int_handler", signal.SIGHUP),
        ("SIG_IGN", signal.SIGTERM),
    ],
)
def test_whoever_asks_for_an_end_ends_all(
    start: Start,
    on_interruption: str,
    number: signal.Signals,
) -> None:
    command, parts = start(on_interruption)
    command.send_signal(number)
    assert command.wait(20) == 0
    assert all(map(is_gone, parts.values()))


def test_an_interruption_that_the_shell_has_it_ignore_is_ignored(
    start: Start,
) -> None:
    command, parts = start("SIG_IGN")
    command.send_signal(signal.SIGINT)
    assert not is_gone(parts["one"], 0.5)
    assert command.poll() is None


@pytest.mark.parametrize("name", ["one", "two"])
def test_when_one_dies_the_other_is_ended_and_that_is_said(start: Start, name: str) -> None:
    command, parts = start("default_int_handler")
    os.kill(parts[name], signal.SIGKILL)
    said, _ = command.communicate(timeout=20)
    assert command.returncode == 1
    assert said.decode().startswith(f"{name} ended by itself, so the rest was ended too")
    assert all(map(is_gone, parts.values()))


def test_when_the_command_itself_is_killed_the_others_end(
    start: Start,
) -> None:
    command, parts = start("default_int_handler")
    command.kill()
    assert all(map(is_gone, parts.values()))


def test_one_that_does_not_end_is_killed_with_what_it_started(
    start: Start,
) -> None:
    command, parts = start("default_int_handler", STUBBORN, 0.5)
    command.send_signal(signal.SIGTERM)
    said, _ = command.communicate(timeout=20)
    assert command.returncode == 0
    assert ENDING in said.decode()
    assert all(map(is_gone, parts.values()))
