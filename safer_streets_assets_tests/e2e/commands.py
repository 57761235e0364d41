"""Runs the command line as people do: in a process of its own, with nothing of this one's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 180.0


@dataclass(frozen=True)
class Finished:
    """How a command ended; a negative code is the signal that killed it."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Surroundings:
    """Where a command runs: its home, its temporary folder and its working folder, all its own."""

    root: Path

    @property
    def folders(self) -> list[Path]:
        """Home, temporary folder, working folder."""
        return [self.root / name for name in ("home", "tmp", "work")]

    def prepare(self) -> Surroundings:
        """Makes the folders."""
        for folder in self.folders:
            folder.mkdir(parents=True, exist_ok=True)
        return self

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a command: what finds the code and these folders, and no more."""
        home, tmp, _ = self.folders
        path = os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])
        return {
            "HOME": str(home),
            "TMPDIR": str(tmp),
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": path,
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "200",
            "LANG": "C.UTF-8",
            **more,
        }


def run_command(
    around: Surroundings, *arguments: str, typed: str = "", **environment: str
) -> Finished:
    """`safer-streets ARGUMENTS` in a fresh interpreter, with a text on its standard input."""
    done = subprocess.run(
        [sys.executable, "-c", "from safer_streets_assets.cli import main; main()", *arguments],
        cwd=around.folders[2],
        env=around.environment(**environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        input=typed,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def is_gone(process: int, seconds: float = 20.0) -> bool:
    """Whether a process has ended, or does so within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if "\nState:\tZ" in Path(f"/proc/{process}/status").read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


class Command:
    """A command that is going on in a child of the forking process."""

    def __init__(self, parent: subprocess.Popen[str], out: Path, err: Path) -> None:
        """Read the child's process id."""
        self._parent, self._out, self._err = parent, out, err
        self.process = int(_line(parent))

    def wait_for(self, text: str, patience: float = PATIENCE) -> bool:
        """Whether the text was printed before the command ended."""
        return self._wait_for(text, self._out, patience)

    def wait_for_error(self, text: str, patience: float = PATIENCE) -> bool:
        """Whether the text was said on standard error before the command ended."""
        return self._wait_for(text, self._err, patience)

    def _wait_for(self, text: str, place: Path, patience: float) -> bool:
        end = time.monotonic() + patience
        while text not in _text(place):
            if not Path(f"/proc/{self.process}").exists() or time.monotonic() > end:
                return text in _text(place)
            time.sleep(0.02)
        return True

    def kill(self) -> None:
        """Ends it by SIGKILL, as a power cut would."""
        os.kill(self.process, signal.SIGKILL)

    def finish(self) -> Finished:
        """Waits until it has ended."""
        return Finished(int(_line(self._parent)), _text(self._out), _text(self._err))


class Commands:
    """Runs commands in children of one process that has imported everything before."""

    def __init__(self, parent: subprocess.Popen[str]) -> None:
        """`parent` runs `forked.py`."""
        self._parent = parent
        self._number = 0

    def start(
        self, around: Surroundings, *arguments: str, first: str | None = None, **environment: str
    ) -> Command:
        """Starts `safer-streets ARGUMENTS`; `first` (module:function) is called before it."""
        self._number += 1
        around.prepare()
        out, err = (around.root / f"{self._number}.{name}" for name in ("out", "err"))
        for place in (out, err):
            place.write_text("")
        request: dict[str, Any] = {
            "arguments": arguments,
            "environment": around.environment(**environment),
            "folder": str(around.folders[2]),
            "stdout": str(out),
            "stderr": str(err),
            "first": first,
        }
        assert self._parent.stdin is not None
        self._parent.stdin.write(json.dumps(request) + "\n")
        self._parent.stdin.flush()
        return Command(self._parent, out, err)

    def run(
        self, around: Surroundings, *arguments: str, first: str | None = None, **environment: str
    ) -> Finished:
        """`safer-streets ARGUMENTS`, to its end."""
        return self.start(around, *arguments, first=first, **environment).finish()


@contextmanager
def forking_process(around: Surroundings) -> Iterator[Commands]:
    """The process that the commands are children of, for as long as the block goes on."""
    around.prepare()
    with subprocess.Popen(
        [sys.executable, "-m", "safer_streets_assets_tests.e2e.forked"],
        cwd=around.folders[2],
        env=around.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        try:
            yield Commands(parent)
        finally:
            assert parent.stdin is not None
            parent.stdin.close()


def _line(parent: subprocess.Popen[str]) -> str:
    assert parent.stdout is not None
    line = parent.stdout.readline()
    if not line:
        raise AssertionError("the forking process has ended; run it by hand to see why")
    return line


def _text(place: Path) -> str:
    return place.read_text(encoding="utf-8", errors="replace")
