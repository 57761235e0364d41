"""One run at a time, between processes and after a crash."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from safer_streets_assets.stores.lock import AnotherRunError, run_lock

HOLD = """
import sys
from pathlib import Path
from safer_streets_assets.stores.lock import run_lock
with run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "data" / ".run.lock"


def holder_of(place: Path) -> subprocess.Popen[bytes]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    return holder


def test_another_process_is_turned_away_until_the_first_has_ended(place: Path) -> None:
    holder = holder_of(place)
    try:
        with pytest.raises(AnotherRunError, match=r"^The folder .* is being used by .*; try"):
            run_lock(place).__enter__()
    finally:
        holder.communicate(b"\n", timeout=30)
    with run_lock(place):
        pass


def test_the_lock_of_a_killed_process_is_free(place: Path) -> None:
    holder = holder_of(place)
    holder.send_signal(signal.SIGKILL)
    holder.communicate(timeout=30)
    with run_lock(place):
        pass


def test_a_run_that_waits_goes_on_when_the_first_has_ended(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = holder_of(place)

    def end_the_first(seconds: float) -> None:
        holder.communicate(b"\n", timeout=30)

    waiting = SimpleNamespace(monotonic=time.monotonic, sleep=end_the_first)
    monkeypatch.setattr("safer_streets_assets.stores.lock.time", waiting)
    with run_lock(place, wait_seconds=60):
        assert holder.returncode == 0


def test_a_wait_ends_after_its_seconds(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safer_streets_assets.stores.lock.POLL_SECONDS", 0.01)
    began = time.monotonic()
    with run_lock(place), pytest.raises(AnotherRunError):
        run_lock(place, wait_seconds=0.1).__enter__()
    assert time.monotonic() - began >= 0.1


def test_the_lock_is_let_go_after_an_error(place: Path) -> None:
    with pytest.raises(ZeroDivisionError), run_lock(place):
        raise ZeroDivisionError
    with run_lock(place):
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
