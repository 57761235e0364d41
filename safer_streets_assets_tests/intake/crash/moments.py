"""The moments at which a run can be killed, counted by themselves; at one of them it is.

A moment lies before each call that Python makes below the watched folder (a file opened for
writing, renamed, removed, synced, its mode changed, a folder made), before each statement of
DuckDB and around its close, before a child process is started, and where a test says so. Nothing
names the statements or files of intake: a new one is a new moment.
"""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

_OF_FILES = {
    "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "os.link",
    "os.symlink",
}  # fmt: skip
_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_RACY_SECONDS = 0.1


@dataclass(frozen=True)
class Moment:
    """What is about to happen: the kind of call, and its statement or paths."""

    number: int
    kind: str
    what: tuple[str, ...]
    disk: str = ""

    def __str__(self) -> str:
        """The call in one line."""
        texts = (" ".join(text.split())[:90] for text in self.what)
        return f"{self.number}: {self.kind} {' -> '.join(texts)}"


@dataclass
class Disk:
    """What lies below a folder, as one digest: paths, modes and bytes.

    Two moments of one run between which it did not change leave the same behind when the run is
    killed there, so that killing it at one of them is enough.
    """

    root: Path
    _known: dict[str, tuple[tuple[int, ...], str]] = field(default_factory=dict)

    def digest(self) -> str:
        """The digest now."""
        found = hashlib.sha256()
        for path in sorted(self.root.rglob("*")):
            details = path.lstat()
            found.update(f"{path}\0{details.st_mode}\0".encode("utf-8", "surrogateescape"))
            if stat.S_ISREG(details.st_mode):
                found.update(self._content(path, details).encode())
        return found.hexdigest()

    def _content(self, path: Path, details: os.stat_result) -> str:
        mark = (details.st_ino, details.st_size, details.st_mtime_ns, details.st_ctime_ns)
        known = self._known.get(str(path))
        if known is not None and known[0] == mark:
            return known[1]
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        if time.time() - details.st_mtime > _RACY_SECONDS:
            # Otherwise another write may come that leaves the same times.
            self._known[str(path)] = (mark, content)
        return content


class Watch:
    """Counts the moments of the process that it is begun in, and kills the process at one."""

    def __init__(self, root: Path, kill_at: int = 0, *, compare: bool = False) -> None:
        """`kill_at` 0 kills at none; `compare` looks at the disk at each moment."""
        self.moments: list[Moment] = []
        self._root = os.fspath(root)
        self._kill_at = kill_at
        self._disk = Disk(root) if compare else None
        self._busy = False

    def step(self, kind: str, *what: str) -> None:
        """One moment."""
        if self._busy:
            return
        self._busy = True
        number = len(self.moments) + 1
        disk = self._disk.digest() if self._disk else ""
        self.moments.append(Moment(number, kind, what, disk))
        if number == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self._busy = False

    def begin(self) -> None:
        """Watches the rest of this process: to be called in a forked child."""
        sys.addaudithook(self._audit)
        watched: Any = duckdb.DuckDBPyConnection
        real_execute, real_close, real_sync = watched.execute, watched.close, os.fsync

        def execute(connection: Any, query: str, *arguments: Any, **named: Any) -> Any:
            self.step("sql", query)
            return real_execute(connection, query, *arguments, **named)

        def close(connection: Any) -> None:
            self.step("close")
            real_close(connection)
            self.step("closed")

        def sync(descriptor: int) -> None:
            path = os.readlink(f"/proc/self/fd/{descriptor}")
            if path.startswith(self._root):
                self.step("sync", path)
            real_sync(descriptor)

        watched.execute, watched.close, os.fsync = execute, close, sync

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen":
            self.step("start a child")
        elif event == "open" or event in _OF_FILES:
            if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & _TO_WRITE):
                return
            paths = [os.fsdecode(a) for a in arguments[:2] if isinstance(a, str | bytes | Path)]
            if any(path.startswith(self._root) for path in paths):
                self.step(event.removeprefix("os."), *paths)


def distinct(moments: list[Moment]) -> list[Moment]:
    """The first moment of each state of the disk."""
    return [
        moment
        for before, moment in zip([None, *moments], moments, strict=False)
        if before is None or before.disk != moment.disk
    ]
