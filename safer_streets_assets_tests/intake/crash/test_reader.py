"""Runs with a reading child of their own that are killed around it, or whose child is killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from safer_streets_assets.intake import take_in as taking
from safer_streets_assets.intake.readers import DropReader, ReadRequest
from safer_streets_assets_tests.builders import CRC
from safer_streets_assets_tests.intake.crash.children import killed_in_child
from safer_streets_assets_tests.intake.crash.moments import Watch
from safer_streets_assets_tests.intake.crash.runs import AFTER, Crashes, crashes, whole_intake
from safer_streets_assets_tests.intake.crash.scenarios import CORRECTED, MORE, land, loaded

REAL_POLL = subprocess.Popen.poll
OF_THE_READER = ("ask", "start a child", "answered")
SECONDS = 20.0


@pytest.fixture(scope="module")
def made() -> Iterator[Crashes]:
    with crashes(loaded) as found:
        yield found


@pytest.fixture
def ready(made: Crashes) -> Crashes:
    made.restore()
    return made


class ToldReader(DropReader):
    """A reader that tells before it asks its child, and when it has an answer."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._tell = tell

    def read(self, request: ReadRequest) -> Any:
        """As a reader does."""
        self._tell("ask")
        try:
            return super().read(request)
        finally:
            self._tell("answered")


def run(made: Crashes, tell: Callable[[str], None], watch: Watch | None = None) -> None:
    """A run with a reading child of its own."""
    made.begin(AFTER, watch)
    setattr(subprocess.Popen, "poll", REAL_POLL)  # noqa: B010
    setattr(taking, "DropReader", lambda: ToldReader(tell))  # noqa: B010
    whole_intake(made.folder)


def reading_children(made: Crashes) -> list[int]:
    """The reading children of runs at this place, by the folder of temporary files they know."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            started = b"readers.child" in (process / "cmdline").read_bytes()
            ours = os.fsencode(made.place / "tmp") in (process / "environ").read_bytes()
            if started and ours:
                found.append(int(process.name))
    return found


def wait_for(what: Callable[[], Any]) -> Any:
    """What there is once there is something."""
    end = time.monotonic() + SECONDS
    while not (found := what()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.002)
    return found


@pytest.mark.thorough
def test_killed_around_its_reading_child_it_holds_the_same_and_the_child_ends(
    made: Crashes,
) -> None:
    def counted() -> list[tuple[int, str]]:
        watch = Watch(made.place)
        run(made, watch.step, watch)
        return [(m.number, m.kind) for m in watch.moments if m.kind in OF_THE_READER]

    made.restore()
    moments = made.child(counted, AFTER)
    expected = ["ask", "start a child", "answered", "ask", "answered"]
    assert [kind for _, kind in moments] == expected
    for number, _ in moments:
        made.restore()
        watch = Watch(made.place, number)
        assert killed_in_child(lambda w=watch: run(made, w.step, w), made.answer)
        wait_for(lambda: not reading_children(made))
        assert made.wrong_once_finished() == []


@pytest.mark.thorough
def test_a_reading_child_that_is_killed_between_drops_is_replaced(ready: Crashes) -> None:
    asked = []

    def tell(kind: str) -> None:
        asked.append(kind)
        if asked.count("ask") == 2 and kind == "ask":
            for child in reading_children(ready):
                os.kill(child, signal.SIGKILL)

    ready.child(lambda: run(ready, tell), AFTER)
    assert ready.wrong_once_finished() == []


@pytest.mark.thorough
def test_a_drop_whose_reading_child_is_killed_is_tried_again_with_a_new_one(ready: Crashes) -> None:
    asked = []

    def tell(kind: str) -> None:
        asked.append(kind)
        if asked.count("ask") == 2 and kind == "ask":
            (child,) = reading_children(ready)
            os.kill(child, signal.SIGSTOP)
            kill_soon(child)

    ready.child(lambda: run(ready, tell), AFTER)
    assert ready.wrong_once_finished() == []


def kill_soon(child: int) -> None:
    """Kills a process a little later, from another one."""
    if os.fork() == 0:
        time.sleep(0.2)
        os.kill(child, signal.SIGKILL)
        os._exit(0)


@pytest.mark.thorough
def test_a_drop_that_seems_to_end_a_new_child_is_quarantined_and_the_others_go_on(
    ready: Crashes,
) -> None:
    def tell(kind: str) -> None:
        if kind == "ask" and not reading_children(ready) and not asked:
            asked.append(kind)
            if os.fork() == 0:
                os.kill(wait_for(lambda: reading_children(ready))[0], signal.SIGKILL)
                os._exit(0)

    asked: list[str] = []
    ready.child(lambda: run(ready, tell), AFTER)
    held = ready.child(ready.held, AFTER)
    drops = held["registers.main.drops"]
    assert drops.count(b"'quarantined', 'F-CRASHED'") == 1
    assert drops.count(b"'loaded'") == 2
    assert not [name for name in held if name.startswith("landing/") and "filename" in name]

    for content in (CORRECTED, MORE):
        land(ready.folder, CRC, "sent again", content)
        ready.child(lambda: run(ready, lambda kind: None), AFTER)
    assert ready.child(ready.held, AFTER)["registers.main.drops"].count(b"'loaded'") == 3
